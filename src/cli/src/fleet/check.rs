//! `antiphon fleet check`, and what `antiphon check` and `antiphon doctor` find of a fleet.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::ExitCode;

use antiphon_core::disk::fleet_home::{FOLDER, FleetFile};
use antiphon_core::disk::{Walk, fleet_files};
use antiphon_core::fleet::RelayAddress;
use antiphon_core::shell;
use antiphon_core::wire::{FLEET_VERSION, FromFleet, ToFleet};
use serde::Serialize;

use super::dial::{self, Shown};
use super::home::{Home, daemon_group};
use super::relay::{self, Unasked, refusal};
use super::signer::Signer;
use super::standing;
use crate::check::severity_in_words;
use crate::clock;
use crate::failure::{Failure, Kind};
use crate::finding::{Finding, Findings, Severity};
use crate::folders;
use crate::house::House;
use crate::progress::Progress;
use crate::screen::Screen;

/// How many seconds before its end something is reported: what only root can do with the root key; a certificate, which
/// is renewed long before; a person's record.
const KEYS_SOON: u64 = 60 * 86_400;
const CERTIFICATE_SOON: u64 = 100 * 86_400;
const RECORD_SOON: u64 = 10 * 86_400;
/// Present if systemd starts the timer.
const TIMER: &str = "/etc/systemd/system/timers.target.wants/antiphon-fleet-renew.timer";

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    /// Whether there is no fault.
    ok: bool,
    findings: Vec<Finding>,
}

pub(super) fn run(house: &House, screen: &mut Screen) -> Result<ExitCode, Failure> {
    // A computer in no fleet has no faults of one.
    Home::of_member()?;
    let mut findings = Findings::default();
    look_at_files(house, &mut findings);
    look(house, &mut findings);
    let findings = findings.sorted();
    let faults = findings.count(Severity::Fault);
    if screen.is_json() {
        screen.object(&Object {
            ok: faults == 0,
            findings: findings.into_list(),
        })?;
    } else {
        for finding in findings.iter() {
            let severity = severity_in_words(finding.severity, screen);
            screen.line(&format!("{severity}  {}", finding.whole()))?;
        }
        let warnings = findings.count(Severity::Warning);
        screen.line(&format!("Faults: {faults}. Warnings: {warnings}."))?;
    }
    Ok(if faults == 0 {
        ExitCode::SUCCESS
    } else {
        Kind::Config.exit_code()
    })
}

/// What this computer's own files tell.
pub(crate) fn look_at_files(house: &House, findings: &mut Findings) {
    let is_configured = house.config.fleet.is_some() || house.config.relay.is_some();
    let home = match Home::find() {
        Ok(Some(home)) => home,
        Ok(None) => {
            if is_configured && let Err(trouble) = fleet_files::pinned(&Walk::default()) {
                findings.fault(trouble.detail);
            }
            return;
        }
        Err(failure) => return findings.fault(failure),
    };
    if !is_configured {
        let says = format!(
            "this computer is {} of the fleet {}, but antiphon.toml has neither [fleet] nor [relay], so that no phone of the \
             fleet counts here; add [fleet], or run: antiphon edit",
            home.pinned.host, home.pinned.fleet
        );
        findings.warning(says);
    }
    files(&home, findings);
    certificate(&home, findings);
    keys(&home, house, findings);
    match home.has(FleetFile::RecordsKey) {
        Ok(true) => enrolment_host(house, findings),
        Ok(false) => {}
        Err(distrust) => findings.fault(distrust),
    }
}

/// Whether the daemon can read what it needs, and nobody else what they must not.
fn files(home: &Home, findings: &mut Findings) {
    let group = daemon_group().as_raw();
    for file in [FleetFile::Key, FleetFile::AuthorityKey] {
        let path = Path::new(FOLDER).join(file.name());
        let Ok(metadata) = fs::metadata(&path) else {
            if file == FleetFile::Key {
                findings.fault(super::home::damaged(file, "is not there"));
            }
            continue;
        };
        let shown = shell::word(&path);
        if metadata.mode() & 0o007 != 0 {
            findings.fault(format_args!(
                "{shown}: everybody can read this key; run: chmod o= {shown}"
            ));
        }
        if metadata.gid() != group || metadata.mode() & 0o040 == 0 {
            let name = folders::daemon_group_name();
            findings.fault(format_args!(
                "{shown}: antiphond cannot read it; run: chgrp {name} {shown} && chmod 0640 {shown}"
            ));
        }
    }
    if let Err(failure) = home.text(FleetFile::Authority) {
        findings.fault(failure);
    }
}

fn certificate(home: &Home, findings: &mut Findings) {
    let own = match standing::own(home) {
        Ok(own) => own.certificate,
        Err(failure) => return findings.fault(failure),
    };
    let (now, ends) = (clock::now(), own.ends());
    let signs_itself = home.has(FleetFile::AuthorityKey).unwrap_or_default();
    let (renew, again) = if signs_itself {
        ("antiphon fleet renew", "antiphon fleet renew")
    } else {
        ("systemctl restart antiphond", "antiphon join TOKEN")
    };
    if now > ends {
        findings.fault(format_args!(
            "this computer's certificate in the fleet expired at {ends}: the others close its connections; run: {again}"
        ));
    } else if now < own.begins() {
        findings.fault(format_args!(
            "this computer's certificate in the fleet is valid from {} only: look at the clock, and run: timedatectl set-ntp true",
            own.begins()
        ));
    } else if now.until(ends) < CERTIFICATE_SOON {
        findings.warning(format_args!(
            "this computer's certificate in the fleet expires at {ends}, and should have been renewed long ago; run: {renew}"
        ));
    }
}

fn keys(home: &Home, house: &House, findings: &mut Findings) {
    let keys = match standing::keys(home, house) {
        Ok(keys) => keys,
        Err(failure) => return findings.fault(failure),
    };
    let (now, until) = (clock::now(), keys.until);
    let how =
        "fetch the root key, and run on the enrolment host: antiphon fleet renew --root-key FILE";
    if now >= until {
        findings.fault(format_args!(
            "the keys of the fleet {} expired at {until}: nobody who is known to the fleet alone can sign in; {how}",
            home.pinned.fleet
        ));
    } else if now.until(until) < KEYS_SOON {
        findings.warning(format_args!(
            "the keys of the fleet {} expire at {until}; {how}",
            home.pinned.fleet
        ));
    }
}

fn enrolment_host(house: &House, findings: &mut Findings) {
    if let Err(failure) = Signer::find() {
        findings.fault(failure);
    }
    let people = match standing::people(house) {
        Ok(people) => people,
        Err(failure) => return findings.fault(failure),
    };
    let now = clock::now();
    for person in people.iter().filter(|person| person.phones > 0) {
        let (name, until) = (&person.name, person.until);
        let word = name.shell_word();
        if now >= until {
            findings.fault(format_args!(
                "{name}'s record in the fleet expired at {until}; run: antiphon fleet renew {word}"
            ));
        } else if now.until(until) < RECORD_SOON {
            findings.warning(format_args!(
                "{name}'s record in the fleet expires at {until}, and should have been signed again; run: antiphon fleet renew {word}"
            ));
        }
    }
    if Path::new("/run/systemd/system").exists() && Path::new(TIMER).symlink_metadata().is_err() {
        findings.warning(
            "records of the fleet expire after 30 days, and nothing signs them again; run: systemctl enable --now \
             antiphon-fleet-renew.timer",
        );
    }
}

/// What the relays tell.
pub(crate) fn look(house: &House, findings: &mut Findings) {
    let Ok(Some(home)) = Home::find() else { return };
    if house.config.is_host_of_fleet() {
        relays(&home, findings);
    }
    let question = ToFleet::Record {
        user: String::new(),
        keys: u32::MAX,
    };
    if house.config.relay.is_some() || house.config.fleet.is_some() {
        match relay::ask(house, question) {
            Ok(_) => {}
            Err(unasked @ Unasked::Odd) => findings.fault(unasked),
            Err(unasked) => findings.fault(format_args!(
                "{unasked}: people who are known to the fleet alone cannot be asked on their phones; or run: systemctl restart \
                 antiphond"
            )),
        }
    }
}

fn relays(home: &Home, findings: &mut Findings) {
    let relays = &home.pinned.relays;
    let mut progress = Progress::new(relays.len());
    let mut lost = Vec::new();
    for relay in relays {
        progress.step(&relay.to_string());
        if let Err(Unwelcome::ShutOut(why) | Unwelcome::Away(why)) = greet(home, relay) {
            lost.push(format!(
                "the relay {relay} cannot be used by this host: {why}"
            ));
        }
    }
    let is_any_left = lost.len() < relays.len();
    for says in lost {
        if is_any_left {
            findings.warning(says);
        } else {
            findings.fault(says);
        }
    }
}

/// Why a relay does not welcome this computer.
enum Unwelcome {
    /// It has closed the connection that it had taken.
    ShutOut(String),
    /// It cannot be asked.
    Away(String),
}

/// What the relays say of this computer.
pub(crate) enum Standing {
    /// One lets it in.
    LetIn,
    /// None does, and not because all are away.
    ShutOut,
    /// None can be asked; why, of the last.
    Unknown(String),
}

/// Asks the relays until one lets this computer in.
pub(crate) fn standing_at_relays(home: &Home) -> Standing {
    let mut standing = Standing::Unknown(String::new());
    for relay in &home.pinned.relays {
        match greet(home, relay) {
            Ok(()) => return Standing::LetIn,
            Err(Unwelcome::ShutOut(_)) => standing = Standing::ShutOut,
            Err(Unwelcome::Away(why)) => {
                if let Standing::Unknown(last) = &mut standing {
                    *last = why;
                }
            }
        }
    }
    standing
}

fn greet(home: &Home, relay: &RelayAddress) -> Result<(), Unwelcome> {
    let said = |failure: Failure| Unwelcome::Away(failure.to_string());
    let own = standing::own(home).map_err(said)?;
    let authority = home.text(FleetFile::Authority).map_err(said)?;
    let key = home.text(FleetFile::Key).map_err(said)?;
    let (Some(authority), Some(key)) = (authority, key) else {
        let why = "files of this computer are missing".to_owned();
        return Err(Unwelcome::Away(why));
    };
    let shown = Shown {
        authority: &authority,
        certificate: &own.pem,
        key: &key,
    };
    let mut conversation = dial::as_host(relay, &shown).map_err(Unwelcome::Away)?;
    let hello = ToFleet::Hello {
        version: FLEET_VERSION,
        name: home.pinned.host.clone(),
    };
    match conversation.say(hello) {
        Ok(FromFleet::Welcome { .. }) => Ok(()),
        Ok(FromFleet::Refused { reason }) => Err(Unwelcome::Away(refusal(reason).to_owned())),
        Ok(_) => Err(Unwelcome::Away("it says no welcome".to_owned())),
        // It closes the connection of whomever it does not let in.
        Err(why) => Err(Unwelcome::ShutOut(format!(
            "it does not let this host in ({why}); was it revoked? Its log says why; with a token, after antiphon hosts revoke \
             there, it can join again"
        ))),
    }
}
