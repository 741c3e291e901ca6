//! Whether the daemon answers, and whether anybody needs it.

use std::path::Path;
use std::time::{Duration, Instant};

use antiphon_core::config::Paths;
use antiphon_core::wire::{FromPerson, ToPerson};
use antiphon_link::{Away, DAEMON, Link, Never};

use super::pam::listed;
use super::people::Account;
use crate::finding::{Finding, Findings};
use crate::house::House;

/// Present if systemd starts it at boot.
const WANTED: &str = "/etc/systemd/system/multi-user.target.wants/antiphond.service";
/// Possible places of its unit.
const UNITS: [&str; 3] = [
    "/etc/systemd/system/antiphond.service",
    "/usr/lib/systemd/system/antiphond.service",
    "/lib/systemd/system/antiphond.service",
];

/// The time limit for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The facts that the findings are based on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Facts {
    pub(crate) socket: String,
    /// Why it does not answer, if it does not.
    pub(crate) away: Option<String>,
    /// Whether codes are sent by text message or call.
    pub(crate) sends_codes: bool,
    pub(crate) has_unit: bool,
    pub(crate) is_enabled: bool,
    /// Whether the running program's file has been replaced since.
    pub(crate) is_replaced: bool,
}

/// Reads it.
pub(crate) fn read(house: &House) -> Facts {
    let socket = &house.config.paths.socket;
    let telephone = &house.config.telephone;
    let asked = if house.config.is_host_of_fleet() {
        // It serves nobody else there, and what is behind it is looked at with the fleet.
        Link::open(socket).map(drop)
    } else {
        asked(&house.config.paths)
    };
    Facts {
        socket: socket.display().to_string(),
        away: asked.err().map(|away| away.0),
        sends_codes: telephone.sms || telephone.call,
        has_unit: UNITS.iter().any(|unit| Path::new(unit).exists()),
        is_enabled: Path::new(WANTED).symlink_metadata().is_ok(),
        is_replaced: is_replaced(),
    }
}

/// Has it answer a question that changes nothing: a process that is stopped or stuck still takes connections.
fn asked(paths: &Paths) -> Result<(), Away> {
    drop(Link::open(&paths.socket)?);
    let mut link = Link::open(&paths.person_socket())?;
    link.send(&FromPerson::Ways {})?;
    // Whatever it answers, it is alive.
    link.wait::<ToPerson>(Instant::now() + PATIENCE, &Never)?;
    Ok(())
}

/// Linux marks the path of a running program whose file was deleted or replaced.
fn is_replaced() -> bool {
    let processes = Path::new("/proc")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten();
    processes
        .filter_map(|process| process.path().join("exe").read_link().ok())
        .any(|program| {
            let name = program.file_name().unwrap_or_default();
            name == "antiphond (deleted)"
        })
}

pub(crate) fn look(facts: &Facts, people: &[Account], findings: &mut Findings) {
    if facts.is_replaced {
        findings.add(
            Finding::warning(
                "the running antiphond is not the installed one: it was replaced and not restarted",
            )
            .fix("systemctl restart antiphond"),
        );
    }
    let Some(why) = &facts.away else { return };
    let pick = |is_so: fn(&Account) -> bool| -> Vec<String> {
        let those = people.iter().filter(|account| is_so(account));
        those.map(|account| account.name.clone()).collect()
    };
    let with_phone = pick(|account| account.has_phone);
    let with_phone_alone = pick(|account| account.has_phone_alone);
    if with_phone.is_empty() && !facts.sends_codes && !facts.is_enabled {
        // Codes do not need the daemon.
        return;
    }
    let says = format!(
        "antiphond does not answer at {} ({why}): no phone is asked and no code is sent",
        facts.socket
    );
    let finding = if with_phone_alone.is_empty() {
        Finding::warning(format_args!("{says}; codes of an app still work"))
    } else {
        Finding::fault(format_args!(
            "{says}, and {} cannot sign in: they have no other method",
            listed(&with_phone_alone)
        ))
    };
    findings.add(finding.fix(fix(facts, why)));
}

fn fix(facts: &Facts, why: &str) -> String {
    if why.contains(&format!("no user {DAEMON}")) {
        "systemd-sysusers antiphon.conf && systemctl restart antiphond".to_owned()
    } else if facts.has_unit && !facts.is_enabled {
        "systemctl enable --now antiphond".to_owned()
    } else {
        "systemctl restart antiphond".to_owned()
    }
}
