//! `antiphon fleet relay`: what another relay of the fleet needs.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use antiphon_certificate::authority::{Authority, OwnKey, Side};
use antiphon_core::disk::fleet_home::{FleetFile, pin};
use antiphon_core::fleet::{Pinned, RelayAddress};
use antiphon_core::logline::LogLine;
use antiphon_core::shell;
use serde::Serialize;

use super::home::{Home, damaged};
use super::init::{address, name_of_relay};
use crate::arguments::FleetRelay;
use crate::failure::{Failure, Kind};
use crate::folders;
use crate::screen::Screen;
use crate::{clock, log};

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    relay: String,
    folder: &'a Path,
    relays: Vec<String>,
}

pub(super) fn run(wanted: &FleetRelay, screen: &mut Screen) -> Result<(), Failure> {
    let home = Home::of_member()?;
    let relay = address(&wanted.relay)?;
    let key = home.text(FleetFile::AuthorityKey)?.ok_or_else(|| {
        let what = "certificates of relays are signed where the fleet was set up: run this there";
        Failure::new(Kind::Config, what)
    })?;
    let fleet = &home.pinned.fleet;
    let authority =
        Authority::read(fleet, &key).map_err(|why| damaged(FleetFile::AuthorityKey, &why))?;
    let own = OwnKey::new().map_err(no_key)?;
    let certificate = authority.sign(relay.host(), &own.public, Side::Relay, clock::now());
    let certificate = certificate.map_err(no_key)?;
    let here = with(&home.pinned, &relay);
    let there = Pinned {
        host: name_of_relay(&relay),
        ..here.clone()
    };
    let text = |file| Ok::<_, Failure>(home.text(file)?.unwrap_or_default());
    let (authority, keys) = (text(FleetFile::Authority)?, text(FleetFile::Keys)?);
    let files = [
        ("fleet/ca.pem", authority.as_str()),
        ("fleet/keys", &keys),
        ("fleet/host.key", &own.pem),
        ("fleet/host.pem", &certificate),
        ("fleet.toml", &there.to_toml()),
    ];
    write(&wanted.out, &files).map_err(|error| {
        let shown = wanted.out.display();
        Failure::new(Kind::CannotCreate, format!("{shown}: {error}"))
    })?;
    if here != home.pinned {
        pin(&here).map_err(|distrust| Failure::new(Kind::CannotCreate, distrust))?;
    }
    let line = LogLine::new().with("fleet", "relay-made");
    log::log_by_caller(line.with("detail", &relay.to_string()));
    tell(&relay, &here, &wanted.out, screen)
}

/// The same with `relay` among the relays.
fn with(pinned: &Pinned, relay: &RelayAddress) -> Pinned {
    let mut pinned = pinned.clone();
    if !pinned.relays.contains(relay) {
        pinned.relays.push(relay.clone());
    }
    pinned
}

/// Writes the folder, for root alone.
fn write(folder: &Path, files: &[(&str, &str)]) -> io::Result<()> {
    let mut maker = DirBuilder::new();
    maker.mode(0o700);
    maker.create(folder)?;
    maker.create(folder.join("fleet"))?;
    for (name, text) in files {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
    }
    for folder in [&folder.join("fleet"), folder] {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn tell(
    relay: &RelayAddress,
    pinned: &Pinned,
    folder: &Path,
    screen: &mut Screen,
) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.object(&Object {
            relay: relay.to_string(),
            folder,
            relays: pinned.relays.iter().map(ToString::to_string).collect(),
        });
    }
    let shown = shell::word(folder);
    let group = folders::daemon_group_name();
    screen.say(&format!(
        "What {relay} needs is in {shown}. As root there, from here:"
    ))?;
    screen.line("")?;
    // Not the folder itself: tar would give its mode to /etc/antiphon.
    screen.say(&format!(
        "  tar -C {shown} -c fleet fleet.toml | ssh root@{} 'tar -C /etc/antiphon --no-same-owner -x && cd /etc/antiphon && chmod 755 fleet && chmod 644 \
         fleet.toml fleet/*.pem fleet/keys && chgrp {group} fleet/host.key && chmod 640 fleet/host.key'",
        relay.host()
    ))?;
    screen.say(&format!("  rm -r {shown}"))?;
    screen.line("")?;
    screen.say(
        "Then add [relay] with the same engine there, start antiphond, and restart this one: systemctl restart antiphond",
    )
}

fn no_key(why: String) -> Failure {
    Failure::new(Kind::Unavailable, why)
}
