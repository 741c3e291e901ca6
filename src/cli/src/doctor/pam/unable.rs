//! Programs that cannot ask: they do not run as root, or can only pass on one password.

use antiphon_core::shell;

use super::edit::{Change, Edit};
use super::module::OURS;
use super::names::{CANNOT_ASK, NOT_ROOT, is_listed};
use super::repair::{Include, Repair, by_hand};
use super::service::Service;
use super::switch::off;
use super::view::View;
use crate::finding::{Finding, Findings};
use crate::setting::Key;

/// Why a service cannot ask.
pub(crate) fn why(name: &str) -> Option<&'static str> {
    if is_listed(NOT_ROOT, name) {
        Some("it does not run as root, and cannot read the records of root")
    } else if is_listed(CANNOT_ASK, name) {
        Some("it cannot show a prompt")
    } else {
        None
    }
}

pub(super) fn look(view: &View<'_>, findings: &mut Findings) {
    for service in view.services.iter().filter(|service| service.has_ours()) {
        let Some(why) = why(&service.name) else {
            continue;
        };
        if is_exempt(view, &service.name) {
            continue;
        }
        let Some(ours) = service.ours().next() else {
            continue;
        };
        // The line of its own file that includes ours.
        let at = ours.through.first().unwrap_or(&ours.at).clone();
        let repair = view.repair(service);
        let fix = disabling(&repair).or_else(|| repair.not_asking(&without_ours(&repair, service)));
        let fix = fix.or_else(|| exempted(view, &service.name));
        findings.add(
            Finding::fault(format_args!(
                "{OURS} is in the stack of {}, which cannot ask ({why}): people are locked out there",
                service.name
            ))
            .fix(fix.unwrap_or_else(|| by_hand(&at)))
            .at(at)
            .of(vec![service.name.clone()]),
        );
    }
}

/// Whether the configuration exempts this service.
pub(crate) fn is_exempt(view: &View<'_>, service: &str) -> bool {
    let mut services = view
        .config
        .into_iter()
        .flat_map(|config| &config.exempt.services);
    services.any(|exempt| exempt == service)
}

/// The command that takes our line out of the service's own file, if something else asks there.
fn disabling(repair: &Repair<'_>) -> Option<String> {
    let service = repair.service;
    let edits = off(service, repair.folder).ok()?;
    repair
        .not_asking(&[edits])
        .filter(|_| service.has_first_factor())?;
    Some(format!("antiphon disable {}", shell::word(&service.name)))
}

/// Candidates: including a common file instead of another service's, or our line deleted.
fn without_ours(repair: &Repair<'_>, service: &Service) -> Vec<Vec<Edit>> {
    let mut tried = Vec::new();
    for ours in service.ours() {
        match ours.through.first() {
            None => tried.extend(repair.deleted(&ours.at).map(|edit| vec![edit])),
            Some(include) => {
                for name in ["common-auth", "system-auth", "password-auth"] {
                    let by = if repair.folder.knows_at_include {
                        format!("@include {name}")
                    } else {
                        format!("auth include {name}")
                    };
                    // Only if it is a single line.
                    if repair.include(include, Include::Substack).is_some()
                        && repair.folder.files.contains_key(name)
                    {
                        tried.push(vec![Edit::new(include, Change::Write(by))]);
                    }
                }
            }
        }
    }
    tried
}

fn exempted(view: &View<'_>, service: &str) -> Option<String> {
    let config = view.config?;
    let services = config.exempt.services.iter().map(String::as_str);
    let services: Vec<String> = services
        .chain([service])
        .map(|service| format!("{service:?}"))
        .collect();
    let key = Key {
        table: "exempt",
        name: "services",
    };
    let value = format!("[{}]", services.join(", "));
    Some(view.settings.set(key, &value))
}
