//! `antiphon join`: makes this computer a host of a fleet.
//!
//! The relay must show the key that the token names before it is told the token's secret. From its answer, the root key is
//! believed by the token's fingerprint, and the rest by the root key.

use std::io::{self, Read};

use antiphon_certificate::Certificate;
use antiphon_certificate::authority::OwnKey;
use antiphon_core::disk::FleetHome;
use antiphon_core::disk::fleet_files::{self, NotKept};
use antiphon_core::disk::fleet_home::{FleetFile, pin};
use antiphon_core::fleet::{
    JoinToken, Pinned, PublicKey, RelayAddress, TrustedKeys, Use, is_host_name, is_name,
};
use antiphon_core::logline::LogLine;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{self, FleetRefusal, FromFleet, Joined, ToFleet};
use antiphon_link::host_name;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::arguments;
use crate::failure::{Failure, Kind};
use crate::fleet::{
    Home, Standing, Unasked, certificate_ends, daemon_group, of_token, standing_at_relays,
};
use crate::folders;
use crate::house::House;
use crate::lock::patience;
use crate::screen::Screen;
use crate::{clock, log};

/// The longest token on standard input, in bytes.
const LONGEST_TOKEN: u64 = 1024;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    fleet: &'a str,
    host: &'a str,
    relays: Vec<String>,
    /// Whether it joined now; else it had before.
    joined: bool,
}

/// What a relay has given to a new host, verified.
struct Verified {
    pinned: Pinned,
    joined: Joined,
}

pub(crate) fn run(
    wanted: &arguments::Join,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let token = token(&wanted.token)?;
    if house.config.relay.is_some() {
        let what = "this computer is a relay ([relay] in antiphon.toml), and relays do not join";
        return Err(Failure::new(Kind::Config, what));
    }
    let known = Home::find()?;
    if let Some(home) = &known {
        if !token.is_for_root(&home.pinned.root) {
            return Err(in_another(&home.pinned));
        }
        if certificate_ends(home).is_some_and(|ends| clock::now() < ends) {
            match standing_at_relays(home) {
                Standing::LetIn => return tell(&home.pinned, false, house, screen),
                Standing::Unknown(why) => {
                    screen.note(&format!(
                        "Whether the relay lets this computer in cannot be asked: {why}"
                    ));
                    return tell(&home.pinned, false, house, screen);
                }
                // It was revoked: it is a new host from now on, with a new key.
                Standing::ShutOut => {}
            }
        }
    }
    let name = name(wanted, known.as_ref())?;
    let home = FleetHome::of(folders::of_fleet()?);
    // First: whoever cannot keep what a relay gives does not ask for it.
    folders::make_ready(&house.config.paths)?;
    let (key, joined) = ask_with_key(&token, &name, &home)?;
    let verified = verify(joined, &token, &name, &key, clock::now()).map_err(|why| {
        let what = format!(
            "the relay {} gave what this host cannot believe: {why}",
            token.relay
        );
        Failure::new(Kind::Data, what)
    })?;
    keep(&verified, &key, &home, house)?;
    let Pinned { fleet, host, .. } = &verified.pinned;
    log::log_by_caller(
        LogLine::new()
            .with("fleet", "joined")
            .with("detail", &format!("{fleet} as {host}")),
    );
    tell(&verified.pinned, true, house, screen)
}

/// The token as it was typed, or on standard input.
fn token(typed: &str) -> Result<JoinToken, Failure> {
    let mut read = Zeroizing::new(String::new());
    let text = if typed == "-" {
        let stdin = io::stdin().lock();
        stdin
            .take(LONGEST_TOKEN)
            .read_to_string(&mut read)
            .map_err(|error| Failure::new(Kind::NoInput, format!("standard input: {error}")))?;
        read.trim()
    } else {
        typed.trim()
    };
    JoinToken::read(text).ok_or_else(|| {
        let what = "that is no token; make one on the enrolment host (antiphon fleet token), and copy all of it";
        Failure::new(Kind::Data, what)
    })
}

fn in_another(pinned: &Pinned) -> Failure {
    let what = format!(
        "this computer is {} of the fleet {}, and the token is for another; to leave that one, run: rm {}",
        pinned.host,
        pinned.fleet,
        Pinned::FILE
    );
    Failure::new(Kind::CannotCreate, what)
}

/// The name that is asked for: one that was had before stays.
fn name(wanted: &arguments::Join, known: Option<&Home>) -> Result<String, Failure> {
    let before = known.map(|home| home.pinned.host.clone());
    let name = wanted.name.clone().or(before);
    let name = name.unwrap_or_else(|| host_name().to_ascii_lowercase());
    if is_host_name(&name) {
        return Ok(name);
    }
    let what = "this host's name in the fleet must be of small letters, digits, hyphens and dots, of 64 characters at most, and \
                no address; say one with --name";
    Err(Failure::new(Kind::Data, what))
}

/// Asks with the key of an attempt that was cut short, which a relay may know by this name; else with a new one. What this
/// computer had before it was revoked, somebody else may have too, and no relay takes it.
fn ask_with_key(
    token: &JoinToken,
    name: &str,
    home: &FleetHome,
) -> Result<(OwnKey, Joined), Failure> {
    if let Some(key) = key_before(home)? {
        match ask(token, name, &key)? {
            FromFleet::Refused {
                reason: FleetRefusal::Key,
            } => {}
            said => return joined(said, token).map(|joined| (key, joined)),
        }
    }
    // Kept first: whoever has a certificate must have its key.
    let key = OwnKey::new().map_err(|why| Failure::new(Kind::Unavailable, why))?;
    write(home, FleetFile::JoiningKey, &key.pem)?;
    let said = ask(token, name, &key)?;
    joined(said, token).map(|joined| (key, joined))
}

fn key_before(home: &FleetHome) -> Result<Option<OwnKey>, Failure> {
    let bytes = home.read(FleetFile::JoiningKey)?;
    let pem = bytes
        .as_ref()
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    Ok(pem.and_then(|pem| OwnKey::read(pem).ok()))
}

fn joined(said: FromFleet, token: &JoinToken) -> Result<Joined, Failure> {
    match said {
        FromFleet::Joined(joined) => Ok(joined),
        FromFleet::Refused { reason } => Err(Unasked::Refused(reason).into()),
        _ => {
            let what = format!("the relay {} speaks of something else", token.relay);
            Err(Failure::new(Kind::Unavailable, what))
        }
    }
}

fn ask(token: &JoinToken, name: &str, key: &OwnKey) -> Result<FromFleet, Failure> {
    let away = |why: String| {
        let what = format!("the relay {} cannot be asked: {why}", token.relay);
        Failure::new(Kind::Unavailable, what)
    };
    // It has shown its key before this returns.
    let mut relay = of_token(token).map_err(away)?;
    let join = ToFleet::Join(wire::Join {
        secret: token.secret.to_text().to_string(),
        name: name.to_owned(),
        key: key.public.spki().to_vec(),
    });
    relay.say(join).map_err(away)
}

/// Believes nothing but what leads to the root key of the token.
fn verify(
    joined: Joined,
    token: &JoinToken,
    name: &str,
    key: &OwnKey,
    now: UnixTime,
) -> Result<Verified, String> {
    let root = PublicKey::from_spki(&joined.root).ok_or("the root key is none")?;
    if !token.is_for_root(&root) {
        return Err("the root key is not the one that the token is for".to_owned());
    }
    if !is_name(&joined.fleet) {
        return Err("the fleet has no name".to_owned());
    }
    let keys = TrustedKeys::verify(&joined.keys, &joined.fleet, &root, now);
    let keys = keys.map_err(|why| format!("which keys sign: {why}"))?;
    let authority = Certificate::read_pem(joined.authority.as_bytes())?;
    let mut named = keys.keys().keys.iter();
    let is_named = named.any(|named| {
        named.purpose == Use::Certificates && named.public_key.spki() == authority.key()
    });
    if !is_named {
        return Err("the root key has not named its authority".to_owned());
    }
    let own = Certificate::read_pem(joined.certificate.as_bytes())?;
    if own.names() != [name] || own.key() != key.public.spki() {
        return Err("the certificate is for another name or key".to_owned());
    }
    let relays: Option<Vec<_>> = joined
        .relays
        .iter()
        .map(|relay| RelayAddress::read(relay))
        .collect();
    let relays = relays
        .filter(|relays| !relays.is_empty())
        .ok_or("it names no relays")?;
    let pinned = Pinned {
        fleet: joined.fleet.clone(),
        host: name.to_owned(),
        root,
        relays,
    };
    // As it will be read.
    Pinned::parse(&pinned.to_toml()).map_err(|fault| fault.to_string())?;
    Ok(Verified { pinned, joined })
}

/// Writes it all; [`Pinned::FILE`] last, without which this computer is in no fleet.
fn keep(verified: &Verified, key: &OwnKey, home: &FleetHome, house: &House) -> Result<(), Failure> {
    let Verified { pinned, joined } = verified;
    let keys = joined
        .keys
        .to_text()
        .map_err(|why| Failure::new(Kind::Data, why))?;
    for (file, text) in [
        (FleetFile::Authority, joined.authority.as_str()),
        (FleetFile::Keys, &keys),
        (FleetFile::Key, &key.pem),
        (FleetFile::Certificate, &joined.certificate),
    ] {
        write(home, file, text)?;
    }
    let begun = fleet_files::begin(
        &house.config.paths,
        pinned,
        &joined.keys,
        clock::now(),
        &mut patience(),
    );
    begun.map_err(|why| match why {
        NotKept::Untrusted(untrusted) => Failure::new(Kind::Data, untrusted),
        NotKept::Trouble(trouble) => trouble.into(),
    })?;
    pin(pinned).map_err(|distrust| Failure::new(Kind::CannotCreate, distrust))?;
    Ok(home.remove(FleetFile::JoiningKey)?)
}

fn write(home: &FleetHome, file: FleetFile, text: &str) -> Result<(), Failure> {
    let written = home.write(file, text.as_bytes(), daemon_group());
    written.map_err(|distrust| Failure::new(Kind::CannotCreate, distrust))
}

fn tell(pinned: &Pinned, is_new: bool, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let Pinned { fleet, host, .. } = pinned;
    if screen.is_json() {
        return screen.object(&Object {
            fleet,
            host,
            relays: pinned.relays.iter().map(ToString::to_string).collect(),
            joined: is_new,
        });
    }
    if is_new {
        screen.say(&format!("This computer is {host} of the fleet {fleet}."))?;
    } else {
        screen.say(&format!(
            "This computer is {host} of the fleet {fleet} already; the token was not used."
        ))?;
    }
    if house.config.fleet.is_none() {
        screen.say(
            "Next, add the line [fleet] to antiphon.toml (antiphon edit), and set unenrolled = \"deny\"; then: systemctl restart \
             antiphond",
        )
    } else if is_new {
        screen.say("Next: systemctl restart antiphond && antiphon fleet check")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
