//! Files with Windows line endings: libpam takes the carriage return as part of the last word.

use std::collections::BTreeSet;

use antiphon_core::shell;

use super::service::Verdict;
use super::view::{View, listed};
use crate::finding::{At, Finding, Findings};

/// Whether the line at `at` ends in a carriage return.
pub(super) fn is_one(view: &View<'_>, at: &At) -> bool {
    let line = view.folder.line(at);
    line.is_some_and(|line| line.text.ends_with('\r'))
}

pub(super) fn look(view: &View<'_>, findings: &mut Findings) {
    for file in view.folder.files.values() {
        if !file.text().contains("\r\n") {
            continue;
        }
        let services: BTreeSet<String> = view
            .services
            .iter()
            .filter(|service| view.is_meant(service) || service.verdict == Verdict::LocksOut)
            .filter(|service| service.stack.files.contains(&file.path))
            .map(|service| service.name.clone())
            .collect();
        if services.is_empty() {
            continue;
        }
        let services: Vec<String> = services.into_iter().collect();
        let path = shell::word(&file.path);
        findings.add(
            Finding::fault(format_args!(
                "{path}: its lines end in carriage returns (as on Windows), which libpam takes as part of the last \
                 word: {} do not work as they appear to",
                listed(&services)
            ))
            .fix(format!("sed -i 's/\\r$//' {path}"))
            .of(services),
        );
    }
}
