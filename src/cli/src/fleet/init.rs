//! `antiphon fleet init`: sets a fleet up on its first relay.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use antiphon_certificate::DocumentKey;
use antiphon_certificate::authority::{Authority, OwnKey, Side};
use antiphon_core::disk::FleetHome;
use antiphon_core::disk::fleet_home::{FleetFile, pin};
use antiphon_core::fleet::{Keys, NamedKey, Pinned, PublicKey, RelayAddress, Use, is_name};
use antiphon_core::logline::LogLine;
use antiphon_core::shell;
use antiphon_core::time::UnixTime;
use antiphon_link::host_name;
use serde::Serialize;
use zeroize::Zeroizing;

use super::home::{Home, write};
use super::keys;
use crate::arguments::FleetInit;
use crate::failure::{Failure, Kind};
use crate::folders;
use crate::house::House;
use crate::plain_file;
use crate::screen::Screen;
use crate::{clock, log};

/// Where relays listen for hosts, unless the address says otherwise.
const PORT: u16 = 8471;
/// The names of the keys in the document.
const RECORDS: &str = "records";
const CERTIFICATES: &str = "certificates";
/// The largest accepted file of a root key, in bytes.
const MAX_KEY: u64 = 16 * 1024;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    fleet: &'a str,
    host: &'a str,
    relay: String,
    root_key: &'a Path,
    keys_until: String,
    /// Whether it was done now; else it was before.
    set_up: bool,
}

pub(super) fn run(wanted: &FleetInit, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let relay = address(&wanted.relay)?;
    if !is_name(&wanted.name) {
        let what = "the fleet's name must be of small letters, digits, hyphens and dots";
        return Err(Failure::new(Kind::Data, what));
    }
    if let Some(home) = Home::find()? {
        return known(&home, wanted, screen);
    }
    let root_key = std::path::absolute(&wanted.root_key)
        .map_err(|error| Failure::new(Kind::CannotCreate, error))?;
    let root = root_key_at(&root_key)?;
    let now = clock::now();
    let pinned = Pinned {
        fleet: wanted.name.clone(),
        host: name_of_relay(&relay),
        root: root.public().map_err(no_key)?,
        relays: vec![relay],
    };
    let until = make(&pinned, &root, now)?;
    // Last: without it there is no fleet, and the command begins again.
    pin(&pinned).map_err(|distrust| Failure::new(Kind::CannotCreate, distrust))?;
    log::log_by_caller(
        LogLine::new()
            .with("fleet", "set-up")
            .with("detail", &pinned.fleet),
    );
    tell(&pinned, &root_key, until, house, screen)
}

/// Reads `HOST` or `HOST:PORT`.
pub(super) fn address(typed: &str) -> Result<RelayAddress, Failure> {
    let with_port = || RelayAddress::read(&format!("{typed}:{PORT}"));
    RelayAddress::read(typed).or_else(with_port).ok_or_else(|| {
        let what = format!(
            "a relay must be a name or address, such as relay1.example.org or [2001:db8::7]:{PORT}"
        );
        Failure::new(Kind::Data, what)
    })
}

/// By its address, for which its certificate is; an address of version 6 is no name.
pub(super) fn name_of_relay(relay: &RelayAddress) -> String {
    if is_name(relay.host()) {
        return relay.host().to_owned();
    }
    let own = host_name().to_ascii_lowercase();
    if is_name(&own) {
        own
    } else {
        "relay".to_owned()
    }
}

/// The fleet that there is.
fn known(home: &Home, wanted: &FleetInit, screen: &mut Screen) -> Result<(), Failure> {
    let Pinned { fleet, host, .. } = &home.pinned;
    if *fleet != wanted.name || !home.has(FleetFile::AuthorityKey)? {
        let what = format!(
            "this computer is {host} of the fleet {fleet} already; to take it out, run: rm -r {} {}",
            Pinned::FILE,
            antiphon_core::disk::fleet_home::FOLDER
        );
        return Err(Failure::new(Kind::CannotCreate, what));
    }
    if screen.is_json() {
        let keys = Keys::parse(&home.keys()?.body).ok();
        return screen.object(&Object {
            fleet,
            host,
            relay: home
                .pinned
                .relays
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
            root_key: &wanted.root_key,
            keys_until: keys.map(|keys| keys.until.to_string()).unwrap_or_default(),
            set_up: false,
        });
    }
    screen.say(&format!(
        "The fleet {fleet} is set up on this computer already; nothing was changed. See: antiphon fleet status"
    ))
}

/// The key in the file at `path`, or a new one, which is written there.
fn root_key_at(path: &Path) -> Result<DocumentKey, Failure> {
    let shown = path.display();
    match plain_file::text(path, MAX_KEY) {
        Ok(text) => {
            let text = Zeroizing::new(text);
            DocumentKey::read(&text).map_err(|why| {
                let what = format!("{shown}: is no P-256 key ({why}); name another --root-key");
                Failure::new(Kind::Data, what)
            })
        }
        Err(plain_file::Unread::Absent) => {
            let key = DocumentKey::new().map_err(no_key)?;
            store(path, &key.to_pem()).map_err(|error| {
                let fix = match error.kind() {
                    ErrorKind::NotFound => "; mount the disk, or make the folder first",
                    _ => "",
                };
                Failure::new(Kind::CannotCreate, format!("{shown}: {error}{fix}"))
            })?;
            Ok(key)
        }
        Err(why) => Err(Failure::new(Kind::CannotCreate, format!("{shown}: {why}"))),
    }
}

/// Whole and durable, also on a disk that is pulled out at once.
fn store(path: &Path, pem: &str) -> std::io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    let _ = fs::remove_file(&temporary);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    fs::rename(&temporary, path)?;
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// Makes what this computer keeps; until when its keys sign.
fn make(pinned: &Pinned, root: &DocumentKey, now: UnixTime) -> Result<UnixTime, Failure> {
    let home = FleetHome::of(folders::of_fleet()?);
    let authority = Authority::new(&pinned.fleet).map_err(no_key)?;
    let own = OwnKey::new().map_err(no_key)?;
    let records = DocumentKey::new().map_err(no_key)?;
    let relay = pinned.relays.first().map_or("", RelayAddress::host);
    let certificate = authority.sign(relay, &own.public, Side::Relay, now);
    let named = |name: &str, purpose, public_key: PublicKey| NamedKey {
        name: name.to_owned(),
        purpose,
        public_key,
    };
    let keys = vec![
        named(RECORDS, Use::Records, records.public().map_err(no_key)?),
        named(
            CERTIFICATES,
            Use::Certificates,
            authority.public_key().map_err(no_key)?,
        ),
    ];
    let keys = keys::of(0, keys, now)?;
    let document = keys::sign(&keys, &pinned.fleet, root)?;
    let document = document
        .to_text()
        .map_err(|why| Failure::new(Kind::Data, why))?;
    let own_certificate = authority.certificate(now).map_err(no_key)?;
    for (file, text) in [
        (FleetFile::AuthorityKey, authority.key().as_str()),
        (FleetFile::Authority, &own_certificate),
        (FleetFile::Key, &own.pem),
        (FleetFile::Certificate, &certificate.map_err(no_key)?),
        (FleetFile::RecordsKey, &records.to_pem()),
        (FleetFile::Keys, &document),
    ] {
        write(&home, file, text)?;
    }
    Ok(keys.until)
}

fn tell(
    pinned: &Pinned,
    root_key: &Path,
    until: UnixTime,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let Pinned { fleet, host, .. } = pinned;
    let relay = pinned
        .relays
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    if screen.is_json() {
        return screen.object(&Object {
            fleet,
            host,
            relay,
            root_key,
            keys_until: until.to_string(),
            set_up: true,
        });
    }
    let shown = shell::word(root_key);
    let day = screen.zone().show(&until.to_string());
    screen.say(&format!(
        "The fleet {fleet} is set up, and {host} is its first relay."
    ))?;
    screen.line("")?;
    screen.say(&format!(
        "The root key is in {shown}. Whoever has it decides who may sign in on every host: take it off this computer, keep a \
         second copy, and lock both away. It is needed again before {day}."
    ))?;
    screen.line("")?;
    screen.say("Next:")?;
    if house.config.relay.is_none() {
        screen.say(&format!(
            "  1. antiphon edit                     and add the line [relay], and origin in [page]; hosts reach {relay}"
        ))?;
    } else {
        screen.say(&format!(
            "  1. let hosts reach {relay} through your firewall"
        ))?;
    }
    screen.say(
        "  2. systemctl restart antiphond && systemctl enable --now antiphon-fleet-renew.timer",
    )?;
    screen.say("  3. antiphon fleet token              for the first host, where you run: antiphon join TOKEN")?;
    screen.say("  4. antiphon enroll NAME --phone      once for each person, here")
}

fn no_key(why: String) -> Failure {
    Failure::new(Kind::Unavailable, why)
}
