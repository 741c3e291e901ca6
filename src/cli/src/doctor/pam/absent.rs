//! Services that lack our line although it seems intended.

use std::path::Path;

use antiphon_core::shell;

use super::module::OURS;
use super::names::LOGIN_SHELLS;
use super::repair::by_hand;
use super::service::Service;
use super::switch::with_ours;
use super::view::View;
use crate::doctor::package::Part;
use crate::finding::{At, Finding, Findings};

/// The services to begin with.
const FIRST: [&str; 3] = ["sshd", "sudo", "login"];

pub(super) fn look(view: &View<'_>, findings: &mut Findings) {
    if view.meant_to_ask().next().is_none() {
        return nobody_asks(view, findings);
    }
    for pair in LOGIN_SHELLS {
        let find = |name: &str| view.services.iter().find(|service| service.name == name);
        let (Some(service), Some(shell)) = (find(pair.service), find(pair.shell)) else {
            continue;
        };
        for (asks, other) in [(service, shell), (shell, service)] {
            if asks.has_ours() && !other.has_ours() && other.ways.is_open() {
                one_of_two(view, asks, other, pair.typed, findings);
            }
        }
    }
}

fn one_of_two(
    view: &View<'_>,
    asks: &Service,
    other: &Service,
    typed: &str,
    findings: &mut Findings,
) {
    let fix = enabling(view, other);
    let at = own_line(other);
    findings.add(
        Finding::warning(format_args!(
            "{} asks and {} does not (`{typed}` has a file of its own): one of the two needs no second factor",
            asks.name, other.name
        ))
        .fix(fix.unwrap_or_else(|| by_hand(&at)))
        .at(at)
        .of(vec![asks.name.clone(), other.name.clone()]),
    );
}

fn nobody_asks(view: &View<'_>, findings: &mut Findings) {
    let find = |name: &&str| view.services.iter().find(|service| service.name == **name);
    let Some(first) = FIRST.iter().find_map(find) else {
        return;
    };
    let module = format!("{OURS}.so");
    let fix = if !view.folder.has(&module) {
        let path = format!("{}/{module}", view.folder.modules_at);
        Some(view.package.brings(Part::Module, &path))
    } else if view.has_profile {
        Some("antiphon enable --all".to_owned())
    } else {
        enabling(view, first)
    };
    let at = own_line(first);
    findings.add(
        Finding::warning(format_args!(
            "no file in {} calls {OURS}: nobody is asked for a second factor",
            folder_of(&at)
        ))
        .fix(fix.unwrap_or_else(|| by_hand(&at))),
    );
}

/// The command that has `service` ask, if a line in its file would.
fn enabling(view: &View<'_>, service: &Service) -> Option<String> {
    let repair = view.repair(service);
    repair.asking_by(&with_ours(&repair))?;
    Some(format!("antiphon enable {}", shell::word(&service.name)))
}

/// The last `auth` line of its own file.
fn own_line(service: &Service) -> At {
    let steps = service.stack.steps.iter();
    let own = steps.map(|step| step.through.first().unwrap_or(&step.at));
    own.max().cloned().unwrap_or_else(|| At {
        file: service.stack.file.clone().unwrap_or_default(),
        line: 1,
    })
}

fn folder_of(at: &At) -> String {
    let folder = Path::new(&at.file).parent();
    folder.map_or_else(String::new, |folder| folder.display().to_string())
}
