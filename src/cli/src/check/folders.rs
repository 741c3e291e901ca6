//! The folders: they exist, belong to root, and are accessible only to those who need them.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use antiphon_core::disk::Folder;
use antiphon_core::pending::LIFETIME;
use antiphon_core::shell;

use crate::finding::Findings;
use crate::folders::{ACTIVITY_MODE, SECRET_MODE, daemon_group, daemon_group_name};
use crate::house::House;

/// Returns whether the folder of records is usable, so that people can be checked.
pub(super) fn look(house: &House, findings: &mut Findings) -> bool {
    let paths = &house.config.paths;
    let is_usable = look_at(&paths.users, SECRET_MODE, "root", findings);
    look_at(&paths.state, SECRET_MODE, "root", findings);
    if paths.pending.exists() && look_at(&paths.pending, SECRET_MODE, "root", findings) {
        look_at_pending(&paths.pending, findings);
    }
    if look_at(
        &paths.activity,
        ACTIVITY_MODE,
        daemon_group_name(),
        findings,
    ) {
        look_at_group(&paths.activity, findings);
    }
    is_usable
}

fn look_at(path: &Path, mode: u32, group: &str, findings: &mut Findings) -> bool {
    let shown = shell::word(path);
    match Folder::open(path) {
        Ok(_) => {}
        Err(distrust) if distrust.is_missing() => {
            findings.fault(format_args!(
                "{shown}: is not there; enrolling somebody makes it, or run: install -d -g {group} -m {mode:04o} {shown}"
            ));
            return false;
        }
        Err(distrust) => {
            findings.fault(distrust);
            return false;
        }
    }
    if let Ok(found) = path.metadata()
        && found.mode() & 0o7777 & !mode != 0
    {
        findings.warning(format_args!(
            "{shown}: mode {:04o} shows others who is enrolled; run: chmod {mode:04o} {shown}",
            found.mode() & 0o7777
        ));
    }
    true
}

/// An unconfirmed secret is useless and should not be left there. The next enrolment at a sign-in removes it, but there
/// may be none.
fn look_at_pending(path: &Path, findings: &mut Findings) {
    let Ok(entries) = path.read_dir() else { return };
    for entry in entries.flatten() {
        let is_over = entry
            .metadata()
            .and_then(|seen| seen.modified())
            .is_ok_and(|made| made.elapsed().is_ok_and(|age| age.as_secs() >= LIFETIME));
        if is_over {
            let shown = shell::word(entry.path());
            findings.warning(format_args!(
                "{shown}: an enrolment that was never finished, with a secret in it that is void; run: rm {shown}"
            ));
        }
    }
}

/// The daemon shows people their activity.
fn look_at_group(path: &Path, findings: &mut Findings) {
    let wanted = daemon_group();
    if path.metadata().is_ok_and(|found| found.gid() != wanted) {
        let group = daemon_group_name();
        let shown = shell::word(path);
        findings.warning(format_args!(
            "{shown}: belongs to another group than {group}; run: chgrp {group} {shown}"
        ));
    }
}
