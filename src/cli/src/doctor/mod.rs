//! `antiphon doctor`: follows sign-ins through PAM and sshd, and finds what is wrong.
//!
//! [`host`] reads the computer once, into a value, and everything else decides on that value: [`pam`] and [`sshd`] say
//! whether people are asked, the others what else locks them out. [`play`] shows what one person would be asked. Nothing
//! is changed, and PAM is never called.

mod accounts;
mod clock;
mod daemon;
mod denials;
mod host;
mod host_name;
mod package;
mod page;
mod pam;
mod people;
mod play;
mod polkit;
pub(crate) mod program;
mod providers;
mod report;
mod sshd;
#[cfg(test)]
mod table;
mod unconfirmed;
mod versions;

use std::path::Path;
use std::process::ExitCode;

use antiphon_core::config::{Config, Mode};

use crate::arguments::{Check, Doctor};
use crate::check;
use crate::failure::Failure;
use crate::finding::{Findings, Severity};
use crate::fleet;
use crate::house::House;
use crate::person;
use crate::screen::Screen;
use crate::zone::Zone;
pub(crate) use host::Host;
pub(crate) use package::Part;
pub(crate) use pam::{
    Edit, File, Folder, OURS, Service, Verdict, listed, off, on, read as read_pam, services,
    why_unable,
};
use pam::{Tries, View};
use report::Report;
pub(crate) use report::show_findings;

/// The exit statuses with warnings, and with faults.
const WARNINGS: u8 = 1;
const FAULTS: u8 = 2;

/// Examines this computer and reports.
pub(crate) fn run(
    wanted: &Doctor,
    named: Option<&Path>,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let Diagnosis {
        house,
        people,
        mut services,
        mut findings,
        host,
    } = diagnose(named, screen.zone())?;
    let user = match (&wanted.user, &house) {
        (Some(typed), Some(house)) => Some(person::canonical_or_on_file(typed, house)?),
        _ => None,
    };
    let mut played = None;
    if let Some(name) = wanted.service.as_deref().map(str::to_ascii_lowercase) {
        findings = findings.about(&name);
        let service = services
            .into_iter()
            .find(|service| service.name == name)
            .unwrap_or_else(|| without_file(&name, &host));
        if let (Some(user), Some(house)) = (&user, &house) {
            played = Some(play::play(user, &service, house, screen.zone()));
        }
        services = vec![service];
    }
    let findings = findings.sorted();
    let code = if findings.count(Severity::Fault) > 0 {
        ExitCode::from(FAULTS)
    } else if findings.count(Severity::Warning) > 0 {
        ExitCode::from(WARNINGS)
    } else {
        ExitCode::SUCCESS
    };
    let report = Report {
        services,
        is_one: wanted.service.is_some(),
        played,
        people,
        findings,
        folder: &host.folder,
    };
    report.show(screen)?;
    Ok(code)
}

/// What came of examining this computer.
pub(crate) struct Diagnosis {
    /// `None` if the configuration cannot be used.
    pub(crate) house: Option<House>,
    /// How many people have a record, if known.
    people: Option<usize>,
    services: Vec<Service>,
    pub(crate) findings: Findings,
    host: Host,
}

/// Examines this computer.
pub(crate) fn diagnose(named: Option<&Path>, zone: &Zone) -> Result<Diagnosis, Failure> {
    let check::Looked {
        house,
        people,
        mut findings,
    } = check::look(&Check { fix: false }, named, zone)?;
    if let Some(house) = &house {
        fleet::look(house, &mut findings);
    }
    let host = Host::read(house.as_ref(), named);
    let services = look(&host, &mut findings);
    Ok(Diagnosis {
        house,
        people,
        services,
        findings,
        host,
    })
}

/// A service that has no file of its own.
fn without_file(name: &str, host: &Host) -> Service {
    let mut service = Service::of(name, &host.folder);
    service.note = Some(match &service.stack.file {
        Some(file) => format!("no file of its own: {file} applies"),
        None => "no file".to_owned(),
    });
    service
}

/// Reports what is wrong with `host`, and returns its services.
pub(crate) fn look(host: &Host, findings: &mut Findings) -> Vec<Service> {
    let mut services = pam::services(&host.folder);
    let config = host.config.as_ref();
    let view = View {
        tries: &Tries::default(),
        folder: &host.folder,
        services: &services,
        config,
        settings: &host.settings,
        package: host.package,
        has_profile: host.has_profile,
    };
    pam::look(&view, findings);
    let is_asked = services.iter().any(Service::has_ours);
    if let Some(facts) = &host.sshd {
        let beside = sshd::Beside {
            config,
            people: &host.people,
        };
        sshd::look(facts, &beside, &mut services, findings);
    }
    for service in &mut services {
        by_rule(service, config);
    }
    let everybody = people::Everybody {
        accounts: &host.people,
        config,
        is_asked,
        known: &host.named,
    };
    people::look(&everybody, findings);
    if let Some(facts) = &host.daemon {
        daemon::look(facts, &host.people, findings);
    }
    if let Some(facts) = &host.page {
        page::look(facts, findings);
    }
    providers::look(&host.providers, findings);
    polkit::look(host.polkit, &services, findings);
    clock::look(host.clock, findings);
    host_name::look(&host.name, findings);
    versions::look(&host.versions, host.package, findings);
    denials::look(&host.denials, findings);
    unconfirmed::look(&host.unconfirmed, findings);
    services
}

/// Corrects the verdict by the configuration and the program's abilities.
fn by_rule(service: &mut Service, config: Option<&Config>) {
    if !matches!(service.verdict, Verdict::Asks | Verdict::CanBeJumpedOver) {
        return;
    }
    let exempt = config.is_some_and(|config| config.exempt.services.contains(&service.name));
    let rule = if exempt {
        Some("exempt.services")
    } else if config.is_some_and(|config| config.mode == Mode::Observe) {
        Some("mode = \"observe\"")
    } else if config.is_some_and(|config| config.mode == Mode::Rehearse) {
        Some("mode = \"rehearse\", which asks but lets everybody in")
    } else {
        None
    };
    if let Some(rule) = rule {
        service.verdict = Verdict::DoesNotAsk;
        service.note = Some(format!("by {rule}"));
    } else if config.is_none() {
        service.verdict = Verdict::LocksOut;
        service.note = Some("the configuration cannot be used".to_owned());
    } else if let Some(why) = pam::why_unable(&service.name) {
        service.verdict = Verdict::LocksOut;
        service.note = Some(why.to_owned());
    }
}
