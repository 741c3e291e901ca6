//! The order of lines: first the password, then our line, once, and not after a wrong password.

use antiphon_core::config::{Config, Mode};

use super::edit::{Change, Edit};
use super::module::{OURS, Role};
use super::repair::{Include, Repair};
use super::service::Service;
use super::stack::Step;
use super::view::{Group, View};
use crate::clock;
use crate::finding::{Finding, Findings};

pub(super) fn look(view: &View<'_>, findings: &mut Findings) {
    look_for_early(view, findings);
    look_for_alone(view, findings);
    look_for_twice(view, findings);
    look_for_wrong_passwords(view, findings);
    look_for_exempt(view, findings);
}

/// Our line comes before the lines that ask for a password.
fn look_for_early(view: &View<'_>, findings: &mut Findings) {
    let early = |service: &Service| {
        let is_early = service.ways.unasked && service.has_first_factor();
        first_of_ours(service)
            .filter(|_| is_early)
            .into_iter()
            .collect()
    };
    for group in view.lines(early) {
        let repair = view.repair(group.service);
        let fix = repair.better(&moved_behind(&repair, &group));
        let at_sshd = if group.names.iter().any(|name| name == "sshd") {
            ", and sshd refuses everybody there"
        } else {
            ""
        };
        findings.add(group.finished(Finding::fault(format_args!(
                "`{}` comes before the lines that ask for a password: people who do not know it can guess codes and \
                 lock others out ({}){at_sshd}",
                view.text(&group.at),
                group.services()
            )), fix));
    }
}

/// Our line with nothing that asks for a password, which is right only after a key.
fn look_for_alone(view: &View<'_>, findings: &mut Findings) {
    let alone = |service: &Service| {
        let is_alone = service.has_ours() && !service.has_first_factor() && service.name != "sshd";
        let is_open = is_alone && service.ways.is_open();
        first_of_ours(service)
            .filter(|_| is_open)
            .into_iter()
            .collect()
    };
    for group in view.lines(alone) {
        let repair = view.repair(group.service);
        let include = if view.folder.knows_at_include {
            "@include common-auth"
        } else {
            "auth include system-auth"
        };
        let insert = Edit::new(&group.at, Change::Insert(include.to_owned()));
        let fix = repair.asking(&[vec![insert]]);
        findings.add(group.finished(Finding::warning(format_args!(
                "nothing asks for a password before {OURS}: the second factor is the only one at {}",
                group.services()
            )), fix));
    }
}

fn look_for_twice(view: &View<'_>, findings: &mut Findings) {
    for group in view.lines(|service| service.ways.twice.iter().copied().collect()) {
        let repair = view.repair(group.service);
        // Prefer to delete the service's own line to one that others share, and the last to the first.
        let mut ours: Vec<&Step> = group.service.ours().collect();
        ours.reverse();
        ours.sort_by_key(|step| step.through.len());
        let deleted = ours.iter().filter_map(|step| repair.deleted(&step.at));
        let own_first: Vec<_> = deleted.map(|edit| vec![edit]).collect();
        let fix = repair.better(&own_first);
        findings.add(group.finished(Finding::fault(format_args!(
                "`{}` calls {OURS} a second time in one sign-in: people are asked for two codes at {}",
                view.text(&group.at),
                group.services()
            )), fix));
    }
}

/// The module notices a wrong password in `pam_unix` and refuses by itself; it cannot see other modules' results.
fn look_for_wrong_passwords(view: &View<'_>, findings: &mut Findings) {
    for group in view.lines(|service| service.ways.after_wrong.iter().copied().collect()) {
        let repair = view.repair(group.service);
        let fix = repair.better(&ended_by_wrong_password(&repair, &group));
        let is_seen = group
            .step
            .module()
            .is_some_and(|module| module.name() == "pam_unix");
        if group.service.ways.instead {
            findings.add(group.finished(Finding::fault(format_args!(
                    "after `{}` a wrong password goes on to {OURS}, and a code alone is then enough for {}",
                    view.text(&group.at),
                    group.services()
                )), fix));
        } else if fix.is_some() || !is_seen {
            findings.add(group.finished(Finding::warning(format_args!(
                    "after `{}` a wrong password goes on to {OURS}: people who do not know it are asked for a second \
                     factor at {}",
                    view.text(&group.at),
                    group.services()
                )), fix));
        }
    }
}

/// An exemption is no success by itself: another line must succeed.
fn look_for_exempt(view: &View<'_>, findings: &mut Findings) {
    if !view.config.is_some_and(exempts_somebody) {
        return;
    }
    let alone = |service: &Service| {
        let is_alone = service.ways.accepts && !service.ways.exempts;
        first_of_ours(service)
            .filter(|_| is_alone)
            .into_iter()
            .collect()
    };
    for group in view.lines(alone) {
        let permit = Change::Append("auth required pam_permit.so".to_owned());
        let edits = [Edit::new(&group.at, permit)];
        let fix = Edit::command(&edits).filter(|_| group.step.rows == 1);
        findings.add(group.finished(Finding::warning(format_args!(
                "`{}` is the only line that can succeed: people whom the configuration exempts are refused at {}",
                view.text(&group.at),
                group.services()
            )), fix));
    }
}

fn exempts_somebody(config: &Config) -> bool {
    let exempt = &config.exempt;
    config.mode != Mode::Enforce
        || config.allows_somebody(clock::now())
        || !exempt.groups.is_empty()
        || !exempt.network.is_empty()
        || !exempt.services.is_empty()
}

fn first_of_ours(service: &Service) -> Option<usize> {
    service.stack.steps.iter().position(Step::is_ours)
}

/// Candidates: our line moved after each later line of its file, the last one first.
fn moved_behind(repair: &Repair<'_>, group: &Group<'_>) -> Vec<Vec<Edit>> {
    let Some(line) = repair.folder.line(&group.at) else {
        return Vec::new();
    };
    let in_file = |step: &Step| {
        let mut lines = step.through.iter().chain([&step.at]);
        let behind = |at: &&crate::finding::At| at.file == group.at.file && at.line > group.at.line;
        lines.find(behind).cloned()
    };
    let mut lines: Vec<_> = group
        .service
        .stack
        .steps
        .iter()
        .filter_map(in_file)
        .collect();
    lines.sort();
    lines.dedup();
    lines
        .iter()
        .rev()
        .filter(|_| line.rows == 1)
        .map(|at| {
            vec![
                Edit::new(&group.at, Change::Delete),
                Edit::new(at, Change::Append(line.text.clone())),
            ]
        })
        .collect()
}

/// Candidates that make a wrong password end the stack.
fn ended_by_wrong_password(repair: &Repair<'_>, group: &Group<'_>) -> Vec<Vec<Edit>> {
    let steps = &group.service.stack.steps;
    let mut edits = Vec::new();
    edits.extend(repair.control(&group.at, |word| {
        if word.contains('=') {
            word.replace("default=bad", "default=die")
        } else {
            "requisite".to_owned()
        }
    }));
    for at in &group.step.through {
        edits.extend(repair.include(at, Include::Plain));
    }
    let behind = steps.iter().skip(group.index + 1);
    let before_ours = behind.take_while(|step| !step.is_ours());
    let bystanders = before_ours.filter(|step| step.role() == Some(Role::Bystander));
    for step in bystanders {
        edits.extend(repair.control(&step.at, |_| "requisite".to_owned()));
    }
    edits.into_iter().map(|edit| vec![edit]).collect()
}
