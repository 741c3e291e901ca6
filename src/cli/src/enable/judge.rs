//! Follows sign-ins through the files as they would be, as `antiphon doctor` does, and says what forbids the change.

use antiphon_core::config::Unenrolled;

use super::{Plan, Towards};
use crate::caller::Caller;
use crate::check::Looked;
use crate::doctor::{self, Host, Service, Verdict};
use crate::failure::{Failure, Kind};
use crate::finding::{Finding, Findings, Severity};

/// What was found.
pub(super) struct Judged {
    /// Why the change is not made.
    pub(super) refusals: Vec<Finding>,
    /// What else concerns its services, or everybody.
    pub(super) shown: Vec<Finding>,
}

impl Judged {
    pub(super) fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }
}

/// Whoever switches it on must be able to sign in afterwards, and somebody must.
pub(super) fn enrolled(looked: &Looked, host: &Host) -> Result<(), Failure> {
    let Some(house) = &looked.house else {
        // The judgement has the fault.
        return Ok(());
    };
    let missing = |name: &str| {
        let what = format!(
            "{name} has no second factor and would be locked out; nothing was changed, run: antiphon enroll {}",
            antiphon_core::shell::word(name)
        );
        Failure::new(Kind::Config, what)
    };
    let caller = Caller::of_process().sudo_user;
    if let Some(name) = caller.as_ref().filter(|name| host.named.contains(name)) {
        return Err(missing(name));
    }
    if looked.people == Some(0) && house.config.unenrolled == Unenrolled::Deny {
        return Err(missing(caller.as_deref().unwrap_or("root")));
    }
    Ok(())
}

/// Follows the services before and after.
pub(super) fn judge(towards: Towards, plan: &Plan, found: Findings, mut host: Host) -> Judged {
    let mut before = found.clone();
    let services_before = doctor::look(&host, &mut before);
    host.folder = plan.folder.clone();
    let mut after = found;
    let services_after = doctor::look(&host, &mut after);
    // A fix names lines as they are now.
    let as_now = |finding: Finding| {
        let known = before.iter().find(|known| known.says == finding.says);
        known.cloned().unwrap_or(finding)
    };
    let is_known = |finding: &Finding| before.iter().any(|known| known.says == finding.says);
    let concerns = |finding: &Finding| plan.services.iter().any(|name| finding.is_about(name));
    let (mut refusals, mut shown) = (Vec::new(), Vec::new());
    for finding in after.sorted().into_list() {
        let is_fault = finding.severity == Severity::Fault;
        // Taking the line out mends nothing, and is not forbidden by what was wrong before.
        let forbids =
            towards == Towards::On && is_fault && (concerns(&finding) || !is_known(&finding));
        if forbids {
            refusals.push(as_now(finding));
        } else if concerns(&finding) && (towards == Towards::On || !finding.services.is_empty()) {
            shown.push(as_now(finding));
        }
    }
    for service in &services_after {
        let old = services_before.iter().find(|old| old.name == service.name);
        let is_wanted = plan.services.contains(&service.name);
        let why = match towards {
            Towards::On => why_not_on(service, is_wanted, &refusals),
            Towards::Off => why_not_off(service, old, is_wanted),
        };
        if let Some(why) = why {
            refusals.push(Finding::fault(why).of(vec![service.name.clone()]));
        }
    }
    Judged { refusals, shown }
}

/// What no finding has said.
fn why_not_on(service: &Service, is_wanted: bool, refusals: &[Finding]) -> Option<String> {
    let is_right = match service.verdict {
        Verdict::Asks => true,
        // By a rule of the configuration, such as mode = "observe".
        Verdict::DoesNotAsk => service.has_ours(),
        Verdict::CanBeJumpedOver | Verdict::LocksOut | Verdict::NotKnown => false,
    };
    let is_said = refusals
        .iter()
        .any(|finding| finding.is_about(&service.name));
    (is_wanted && !is_right && !is_said).then(|| said(service))
}

fn why_not_off(service: &Service, old: Option<&Service>, is_wanted: bool) -> Option<String> {
    let is_closed =
        |service: &Service| matches!(service.verdict, Verdict::LocksOut | Verdict::NotKnown);
    if is_closed(service) && !old.is_some_and(is_closed) {
        return Some(said(service));
    }
    (is_wanted && !service.has_first_factor()).then(|| {
        format!(
            "nothing else in the stack of {} asks for anything: without the line, everybody would get in; write another \
             one first",
            service.name
        )
    })
}

fn said(service: &Service) -> String {
    let at = service.at.as_ref().map(|at| format!(" ({at})"));
    let note = service.note.as_ref().map(|note| format!(": {note}"));
    format!(
        "with this change, {} {}{}{}",
        service.name,
        service.verdict.in_words(),
        at.unwrap_or_default(),
        note.unwrap_or_default()
    )
}
