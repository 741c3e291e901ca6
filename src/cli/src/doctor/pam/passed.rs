//! Lines by which people skip ours: they end the stack before it, jump over it, or ignore its refusal.

use super::edit::{Change, Edit};
use super::line::Module;
use super::module::{OURS, Role};
use super::repair::{Include, Repair};
use super::service::Service;
use super::stack::Step;
use super::view::{Group, View};
use crate::finding::{At, Finding, Findings};

pub(super) fn look(view: &View<'_>, findings: &mut Findings) {
    for group in view.lines(jumps) {
        let tried = ways_out_of_jump(&view.repair(group.service), &group);
        let fix = view.repair(group.service).better(&tried);
        let text = view.text(&group.at);
        let is_condition = group.step.role() == Some(Role::Condition);
        let finding = if is_condition {
            Finding::warning(format_args!(
                "`{text}` lets the people it names skip {OURS} at {}: they get in without a second factor; if that is \
                 not intended, remove it",
                group.services()
            ))
        } else {
            Finding::fault(format_args!(
                "`{text}` ends the stack before {OURS} or jumps over it: people get in by {} without a second factor",
                group.services()
            ))
        };
        findings.add(group.finished(finding, fix));
    }
    for group in view.lines(|service| service.ways.pardons.iter().copied().collect()) {
        let repair = view.repair(group.service);
        let required = repair.control(&group.at, |_| "required".to_owned());
        let tried = [required, repair.deleted(&group.at)];
        let fix = repair.better(
            &tried
                .into_iter()
                .flatten()
                .map(|edit| vec![edit])
                .collect::<Vec<_>>(),
        );
        let finding = Finding::fault(format_args!(
            "`{}` ignores a refusal by {OURS}: people without a second factor get in by {}",
            view.text(&group.at),
            group.services()
        ));
        findings.add(group.finished(finding, fix));
    }
}

fn jumps(service: &Service) -> Vec<usize> {
    let pardons = &service.ways.pardons;
    service
        .passes()
        .filter(|index| !pardons.contains(index))
        .collect()
}

/// Candidates that stop a line from skipping ours.
fn ways_out_of_jump(repair: &Repair<'_>, group: &Group<'_>) -> Vec<Vec<Edit>> {
    let Some(module) = group.step.module() else {
        return Vec::new();
    };
    let kept_inside = substack(repair, group);
    let tightened = tightened(repair, group, module);
    let mut tried = Vec::new();
    match group.step.role() {
        // Another password may be asked for after it, so it should still end its own file.
        Some(Role::FirstFactor | Role::Unknown) => {
            tried.extend(kept_inside);
            tried.extend(tightened);
        }
        Some(Role::Condition) => tried.push(vec![Edit::new(&group.at, Change::Delete)]),
        _ => {
            tried.extend(tightened);
            tried.extend(kept_inside);
        }
    }
    tried
}

/// Turns each include of its file into a substack.
fn substack(repair: &Repair<'_>, group: &Group<'_>) -> Option<Vec<Edit>> {
    let mut edits: Vec<Edit> = Vec::new();
    for member in &group.members {
        let ours = member.service.ours().next()?;
        let outside = |at: &&At| !ours.through.contains(at);
        let at = member.step.through.iter().find(outside)?;
        let edit = repair.include(at, Include::Substack)?;
        // `su-l` shares the line of `su`.
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    Some(edits)
}

/// The line continues instead of ending the stack; a `pam_deny` after it is removed if needed.
fn tightened(repair: &Repair<'_>, group: &Group<'_>, module: &Module) -> Vec<Vec<Edit>> {
    let is_first_factor = group.step.role() == Some(Role::FirstFactor);
    let on_success = if is_first_factor {
        "requisite"
    } else {
        "required"
    };
    let mut edits = Vec::new();
    if module.word.eq_ignore_ascii_case("sufficient") {
        edits.extend(repair.control(&group.at, |_| on_success.to_owned()));
    }
    if module.word.contains("=done") {
        edits.extend(repair.control(&group.at, |word| word.replace("=done", "=ok")));
    }
    for shorter in shorter(&module.word) {
        edits.extend(repair.control(&group.at, |_| shorter.clone()));
    }
    let denies = deny_behind(group).and_then(|deny| repair.deleted(&deny.at));
    let alone = edits.iter().map(|edit| vec![edit.clone()]);
    let with = edits
        .iter()
        .filter_map(|edit| Some(vec![edit.clone(), denies.clone()?]));
    alone.chain(with).collect()
}

/// The same control with a jump over fewer lines.
fn shorter(word: &str) -> Vec<String> {
    let Some((before, after)) = word.split_once("success=") else {
        return Vec::new();
    };
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    let lines: usize = digits.parse().unwrap_or_default();
    let rest = after.get(digits.len()..).unwrap_or_default();
    (1..lines)
        .rev()
        .map(|fewer| format!("{before}success={fewer}{rest}"))
        .collect()
}

/// `pam_deny` in the next line of the same file.
fn deny_behind<'s>(group: &Group<'s>) -> Option<&'s Step> {
    let next = group.service.stack.steps.get(group.index + 1)?;
    let is_deny = next.module()?.name() == "pam_deny";
    (is_deny && next.at.file == group.at.file).then_some(next)
}
