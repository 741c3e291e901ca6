//! `antiphon check`: finds problems and their fix before a sign-in does.

mod certificate;
mod disks;
mod files;
mod folders;
mod people;
mod rules;

use std::path::Path;
use std::process::ExitCode;

use antiphon_core::disk::Walk;
use antiphon_core::visible::visible;
use antiphon_gateway::Gateways;
use serde::Serialize;

use crate::arguments::Check;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::screen::Screen;

pub(crate) use certificate::look as look_at_certificate;
pub(crate) use rules::not_enrolled_though_needed;

/// The longest displayed finding, in bytes.
const LONGEST: usize = 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    /// Sign-ins are refused because of it.
    Fault,
    /// Somebody should look at it.
    Warning,
}

/// A finding.
#[derive(Debug, Serialize)]
struct Finding {
    severity: Severity,
    /// What is wrong, where, and the fix.
    says: String,
}

/// All findings.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn fault(&mut self, says: impl std::fmt::Display) {
        self.add(Severity::Fault, &says.to_string());
    }

    fn warning(&mut self, says: impl std::fmt::Display) {
        self.add(Severity::Warning, &says.to_string());
    }

    fn add(&mut self, severity: Severity, says: &str) {
        let says = visible(says, LONGEST);
        // A file can be reported twice: with its person and with its folder.
        if !self.0.iter().any(|found| found.says == says) {
            self.0.push(Finding { severity, says });
        }
    }

    fn count(&self, severity: Severity) -> usize {
        self.0
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }
}

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    /// Whether there is no fault.
    ok: bool,
    /// How many people have a record; null if unknown.
    people: Option<usize>,
    findings: Vec<Finding>,
}

/// Checks everything and reports the findings. Changes nothing, except the people's summaries if requested.
pub(crate) fn run(
    wanted: &Check,
    named: Option<&Path>,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let mut findings = Findings::default();
    let mut people = None;
    match House::new(named) {
        Ok(house) => {
            disks::look(&house, &mut findings);
            rules::look(&house, &mut findings);
            gateways(named, &house, &mut findings);
            certificate(&house, &mut findings);
            if folders::look(&house, &mut findings) {
                people = people::look(&house, wanted.fix, screen.zone(), &mut findings);
            } else if matches!(house.users(), Ok(None)) {
                people = Some(0);
            }
            files::look(&house, &mut findings);
        }
        // Without a configuration the folders are unknown. A missing file given by --config is an error of the caller.
        Err(failure) if failure.kind() == Kind::Config => findings.fault(failure),
        Err(failure) => return Err(failure),
    }
    let faults = findings.count(Severity::Fault);
    if screen.is_json() {
        screen.object(&Object {
            ok: faults == 0,
            people,
            findings: findings.0,
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
    for finding in &findings.0 {
        let severity = match finding.severity {
            Severity::Fault => screen.red("fault  "),
            Severity::Warning => screen.yellow("warning"),
        };
        screen.line(&format!("{severity}  {}", finding.says))?;
    }
    let faults = findings.count(Severity::Fault);
    let warnings = findings.count(Severity::Warning);
    let people = people.map_or_else(|| "not known".to_owned(), |people| people.to_string());
    screen.line(&format!(
        "Enrolled: {people}. Faults: {faults}. Warnings: {warnings}."
    ))
}
