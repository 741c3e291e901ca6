//! `antiphon check`: finds problems and their fix before a sign-in does.

mod certificate;
mod configuration;
mod disks;
mod files;
mod folders;
mod people;
mod rollout;
mod rules;

use std::path::Path;
use std::process::ExitCode;

use antiphon_core::disk::Walk;
use antiphon_gateway::Gateways;
use serde::Serialize;

use crate::arguments::Check;
use crate::failure::{Failure, Kind};
use crate::finding::{Finding, Findings, Severity};
use crate::fleet;
use crate::house::House;
use crate::providers;
use crate::screen::Screen;
use crate::zone::Zone;

pub(crate) use certificate::look as look_at_certificate;
pub(crate) use rules::{PAM_FOLDERS, member_of, not_enrolled_though_needed};

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    /// Whether there is no fault.
    ok: bool,
    /// How many people have a record; null if unknown.
    people: Option<usize>,
    findings: Vec<Finding>,
}

/// What came of looking.
pub(crate) struct Looked {
    /// `None` if the configuration cannot be used.
    pub(crate) house: Option<House>,
    /// How many people have a record, if known.
    pub(crate) people: Option<usize>,
    pub(crate) findings: Findings,
}

/// Checks everything and reports the findings. Changes nothing, except the people's summaries if requested.
pub(crate) fn run(
    wanted: &Check,
    named: Option<&Path>,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let Looked {
        people, findings, ..
    } = look(wanted, named, screen.zone())?;
    let faults = findings.count(Severity::Fault);
    if screen.is_json() {
        screen.object(&Object {
            ok: faults == 0,
            people,
            findings: findings.into_list(),
        })?;
    } else {
        show(people, &findings, screen)?;
    }
    Ok(if faults == 0 {
        ExitCode::SUCCESS
    } else {
        Kind::Config.exit_code()
    })
}

/// Checks everything.
pub(crate) fn look(wanted: &Check, named: Option<&Path>, zone: &Zone) -> Result<Looked, Failure> {
    let mut findings = Findings::default();
    let mut people = None;
    let house = match House::new(named) {
        Ok(house) => house,
        // Without a configuration the folders are unknown. A missing file given by --config is an error of the caller.
        Err(failure) if failure.kind() == Kind::Config => {
            findings.add(configuration::finding(named, &failure));
            return Ok(Looked {
                house: None,
                people,
                findings,
            });
        }
        Err(failure) => return Err(failure),
    };
    disks::look(&house, &mut findings);
    rules::look(&house, named, &mut findings);
    rollout::look(&house, zone, &mut findings);
    gateways(named, &house, &mut findings);
    certificate(&house, &mut findings);
    providers::look_at_files(&house, &mut findings);
    if folders::look(&house, &mut findings) {
        people = people::look(&house, wanted.fix, zone, &mut findings);
    } else if matches!(house.users(), Ok(None)) {
        people = Some(0);
    }
    files::look(&house, &mut findings);
    fleet::look_at_files(&house, &mut findings);
    Ok(Looked {
        house: Some(house),
        people,
        findings,
    })
}

/// The page's certificate.
fn certificate(house: &House, findings: &mut Findings) {
    for found in certificate::look(house) {
        if found.is_refused {
            findings.fault(found.says);
        } else {
            findings.warning(found.says);
        }
    }
}

/// The gateways for codes to telephones.
fn gateways(named: Option<&Path>, house: &House, findings: &mut Findings) {
    match Gateways::load(named, &Walk::default()) {
        Ok(gateways) => {
            if let Some(fault) = gateways.fault(&house.config) {
                findings.fault(fault);
            }
        }
        Err(trouble) => findings.fault(trouble.detail),
    }
}

fn show(people: Option<usize>, findings: &Findings, screen: &mut Screen) -> Result<(), Failure> {
    for finding in findings.iter() {
        let severity = severity_in_words(finding.severity, screen);
        screen.line(&format!("{severity}  {}", finding.whole()))?;
    }
    screen.line(&summary(people, findings))
}

/// In eight letters.
pub(crate) fn severity_in_words(severity: Severity, screen: &Screen) -> String {
    match severity {
        Severity::Fault => screen.red("fault  "),
        Severity::Warning => screen.yellow("warning"),
    }
}

/// The last line.
pub(crate) fn summary(people: Option<usize>, findings: &Findings) -> String {
    let faults = findings.count(Severity::Fault);
    let warnings = findings.count(Severity::Warning);
    let people = people.map_or_else(|| "not known".to_owned(), |people| people.to_string());
    format!("Enrolled: {people}. Faults: {faults}. Warnings: {warnings}.")
}
