//! Lines that libpam cannot parse, and missing modules and files.

use std::collections::BTreeMap;

use antiphon_core::shell;

use super::control::{Action, Control, KEYWORDS};
use super::edit::{Change, Edit};
use super::folder::Folder;
use super::line::{Kind, Module, Says};
use super::module::{OURS, Role};
use super::nearest::nearest;
use super::repair::{Repair, by_hand};
use super::returns;
use super::service::{Service, Verdict};
use super::stack::{Cut, Does, Step};
use super::view::{Group, View, listed};
use crate::doctor::package::{Package, Part};
use crate::finding::{At, Finding, Findings, Severity};

pub(super) fn look(view: &View<'_>, findings: &mut Findings) {
    look_for_unknown(view, findings);
    look_for_cut(view, findings);
    look_for_jumps_beyond(view, findings);
    let senseless = view.all_lines(|service| {
        // Services without us are not our business while they work.
        if !view.is_meant(service) && service.verdict != Verdict::LocksOut {
            return Vec::new();
        }
        let steps = service.stack.steps.iter().enumerate();
        steps
            .filter(|(_, step)| is_senseless(step, view.folder))
            .map(|(index, _)| index)
            .collect()
    });
    for group in senseless.into_iter().chain(view.blocking_lines()) {
        if !returns::is_one(view, &group.at) {
            findings.add(finding(view, &group));
        }
    }
}

/// Lines that make libpam give up, each reported once for all its services.
fn look_for_cut(view: &View<'_>, findings: &mut Findings) {
    let mut cuts: BTreeMap<&Cut, Vec<&Service>> = BTreeMap::new();
    for service in view.services {
        if let Some(cut) = &service.stack.cut
            && !returns::is_one(view, &cut.at)
        {
            cuts.entry(cut).or_default().push(service);
        }
    }
    for (cut, services) in cuts {
        let names: Vec<String> = services
            .iter()
            .map(|service| service.name.clone())
            .collect();
        let near: Vec<_> = included_by_another_name(view, &cut.at)
            .into_iter()
            .collect();
        let first = services.first();
        let fix = first.and_then(|service| view.repair(service).better(&near));
        let severity = severity(services.iter().any(|service| view.matters(service)));
        findings.add(
            Finding::new(
                severity,
                format_args!(
                    "{}: libpam gives up on the whole file here, and nobody gets in by {}",
                    cut.why,
                    listed(&names)
                ),
            )
            .fix(fix.unwrap_or_else(|| by_hand(&cut.at)))
            .at(cut.at.clone())
            .of(names),
        );
    }
}

/// A service that has nothing to do with us deserves only a warning.
fn severity(matters: bool) -> Severity {
    if matters {
        Severity::Fault
    } else {
        Severity::Warning
    }
}

/// Lines that skip more lines than there are.
fn look_for_jumps_beyond(view: &View<'_>, findings: &mut Findings) {
    let groups = view.all_lines(|service| {
        let is_ours = view.matters(service);
        let beyond = service.ways.beyond.iter().copied();
        beyond.filter(|_| is_ours).collect()
    });
    for group in groups {
        let finding = Finding::fault(format_args!(
            "`{}` jumps past the end of its stack, which libpam takes as a failure: whom it is for does not get in by {}",
            view.text(&group.at),
            group.services()
        ));
        findings.add(group.finished(finding, None));
    }
}

/// Services that could not be followed, by reason.
fn look_for_unknown(view: &View<'_>, findings: &mut Findings) {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for service in view.services {
        if let Some(why) = &service.stack.unknown {
            reasons.entry(why).or_default().push(service.name.clone());
        }
    }
    for (why, names) in reasons {
        let path = why.split(':').next().unwrap_or_default();
        findings.add(
            Finding::fault(format_args!(
                "{why}: what becomes of sign-ins by {} is not known",
                listed(&names)
            ))
            .fix(format!("ls -l {}", shell::word(path)))
            .of(names),
        );
    }
}

/// Whether a line cannot work, and that has an effect.
pub(super) fn is_senseless(step: &Step, folder: &Folder) -> bool {
    let refuses = |control: &Control, value: &str| {
        !matches!(
            control.action(value),
            Action::Ignore | Action::Jump(_) | Action::Reset
        )
    };
    match &step.does {
        Does::Begins => false,
        Does::Fails { control, .. } => refuses(control, "perm_denied"),
        Does::Calls(module) => {
            let is_ours = module.role == Role::Ours;
            module.slip.is_some()
                || (!folder.has(&module.path)
                    && (is_ours || refuses(&module.control, "module_unknown")))
                || (is_ours && module.unknown_arguments().next().is_some())
                || (is_ours && module.absent_configuration(folder).is_some())
        }
    }
}

fn finding(view: &View<'_>, group: &Group<'_>) -> Finding {
    let (why, tried) = why(view, group);
    let locked: Vec<String> = group
        .locked_out()
        .map(|service| service.name.clone())
        .collect();
    let whom = if locked.is_empty() {
        format!("{} do not work as they appear to", group.services())
    } else {
        format!("nobody gets in by {}", listed(&locked))
    };
    let severity =
        severity(group.step.is_ours() || group.locked_out().any(|service| view.matters(service)));
    let fix = match &group.step.does {
        Does::Calls(module) if module.role == Role::Ours && tried.is_empty() => {
            Some(brought_back(view, &module.path))
        }
        _ => {
            let repair = view.repair(group.service);
            repair.better(&tried)
        }
    };
    let text = view.text(&group.at);
    let finding = Finding::new(severity, format_args!("`{text}`: {why}: {whom}"));
    group.finished(finding, fix)
}

/// The command that restores our module; the package installs it only in the folder of modules.
fn brought_back(view: &View<'_>, path: &str) -> String {
    let own = format!("{}/{OURS}.so", view.folder.modules_at);
    // /lib may be a link to /usr/lib.
    let bare = |path: &str| path.trim_start_matches("/usr").to_owned();
    if path.starts_with('/') && bare(path) != bare(&own) {
        Package::ByHand.brings(Part::Module, path)
    } else {
        view.package.brings(Part::Module, &own)
    }
}

/// What is wrong with a line, and candidates for a fix.
fn why(view: &View<'_>, group: &Group<'_>) -> (String, Vec<Vec<Edit>>) {
    let at = &group.at;
    let repair = view.repair(group.service);
    let comment = vec![Edit::new(at, Change::Comment)];
    let mut tried: Vec<Vec<Edit>> = Vec::new();
    let why = match &group.step.does {
        Does::Begins => String::new(),
        Does::Fails { why, .. } => {
            tried.extend(kind_that_was_meant(&repair, at));
            tried.extend(included_by_another_name(view, at));
            tried.push(comment);
            why.clone()
        }
        Does::Calls(module) if module.slip.is_some() => {
            tried.extend(control_that_was_meant(&repair, at));
            tried.push(comment);
            let slip = module.slip.as_deref().unwrap_or_default();
            format!("its control is invalid ({slip}), so it always fails")
        }
        Does::Calls(module) if !view.folder.has(&module.path) => {
            tried.extend(module_that_was_meant(&repair, at, module));
            if module.role != Role::Ours {
                tried.push(comment);
            }
            let whence = if module.path.starts_with('/') {
                String::new()
            } else {
                format!(" in {}", view.folder.modules_at)
            };
            format!("there is no {}{whence}", module.path)
        }
        Does::Calls(module) => {
            tried.extend(argument_that_was_meant(&repair, at, module));
            if let Some(argument) = module.unknown_arguments().next() {
                format!("{OURS} has no argument {argument} and refuses every sign-in")
            } else {
                let absent = module.absent_configuration(view.folder).unwrap_or_default();
                tried.extend(without(&repair, at, &format!("config={absent}")));
                format!("there is no {absent}, and {OURS} refuses every sign-in")
            }
        }
    };
    (why, tried)
}

fn kind_that_was_meant(repair: &Repair<'_>, at: &At) -> Option<Vec<Edit>> {
    let edit = repair.written(at, |line| {
        let word = line.text.split([' ', '\t']).next()?;
        let kinds = [Kind::Auth, Kind::Account, Kind::Password, Kind::Session].map(Kind::word);
        let known = kinds.into_iter().chain(["@include"]);
        Some(line.text.replacen(word, nearest(word, known)?, 1))
    })?;
    Some(vec![edit])
}

fn control_that_was_meant(repair: &Repair<'_>, at: &At) -> Option<Vec<Edit>> {
    let edit = repair.control(at, |word| {
        nearest(word, KEYWORDS).unwrap_or(word).to_owned()
    })?;
    Some(vec![edit])
}

fn module_that_was_meant(repair: &Repair<'_>, at: &At, module: &Module) -> Option<Vec<Edit>> {
    let folder = repair.folder;
    // Our module may be named by a wrong path.
    let ours = format!("{OURS}.so");
    let is_ours = module.role == Role::Ours && folder.has(&ours);
    let known = folder.modules.iter().map(String::as_str);
    let meant = if is_ours {
        ours.as_str()
    } else {
        nearest(&module.path, known)?
    };
    let edit = repair.written(at, |line| Some(line.text.replacen(&module.path, meant, 1)))?;
    Some(vec![edit])
}

/// `debug` if the argument resembles it; else the argument removed.
fn argument_that_was_meant(repair: &Repair<'_>, at: &At, module: &Module) -> Vec<Vec<Edit>> {
    let Some(argument) = module.unknown_arguments().next() else {
        return Vec::new();
    };
    let lower = argument.to_ascii_lowercase();
    let meant = nearest(&lower, ["debug"])
        .and_then(|meant| repair.written(at, |line| last_replaced(&line.text, argument, meant)));
    meant
        .map(|edit| vec![edit])
        .into_iter()
        .chain(without(repair, at, argument))
        .collect()
}

fn without(repair: &Repair<'_>, at: &At, argument: &str) -> Option<Vec<Edit>> {
    let argument = format!(" {argument}");
    let edit = repair.written(at, |line| last_replaced(&line.text, &argument, ""))?;
    Some(vec![edit])
}

fn last_replaced(text: &str, old: &str, new: &str) -> Option<String> {
    let (before, after) = text.rsplit_once(old)?;
    Some(format!("{before}{new}{after}"))
}

/// A missing file with a similar name to an existing one.
fn included_by_another_name(view: &View<'_>, at: &At) -> Option<Vec<Edit>> {
    let line = view.folder.line(at)?;
    let (Says::Include(name) | Says::AtInclude(name) | Says::Substack(name)) = &line.says else {
        return None;
    };
    let known = view.folder.files.keys().map(String::as_str);
    let meant = nearest(name, known)?;
    let text = last_replaced(&line.text, name, meant).filter(|_| line.rows == 1)?;
    Some(vec![Edit::new(at, Change::Write(text))])
}
