//! The files in our folders: accessible only to root, or readable by the daemon's group where it shows them to people.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use antiphon_core::disk::{Folder, Kind, record_file};
use antiphon_core::shell;
use nix::fcntl::OFlag;

use crate::finding::Findings;
use crate::folders::{FILE_MODE, daemon_group, daemon_group_name};
use crate::house::House;
use crate::roll;

pub(super) fn look(house: &House, findings: &mut Findings) {
    let paths = &house.config.paths;
    look_at_secrets(&paths.users, record_file::SUFFIX, findings);
    look_at_secrets(&paths.state, "", findings);
    look_at_secrets(&paths.pending, "", findings);
    look_at_what_is_shown(&paths.activity, findings);
}

/// Includes people who are not enrolled: a state outlives its record, and a pending enrolment precedes it.
fn look_at_secrets(path: &Path, suffix: &str, findings: &mut Findings) {
    // An unusable folder is already reported.
    let Ok(folder) = Folder::open(path) else {
        return;
    };
    let Ok(roll) = roll::call(&folder, suffix) else {
        return;
    };
    for user in &roll.users {
        let name = user.file_name(suffix);
        if let Err(distrust) = folder.open_file(&name, OFlag::O_RDONLY, Kind::Secret) {
            findings.fault(distrust);
        }
    }
}

/// One finding for all files with wrong owner, group or mode: those made before the daemon was installed are
/// everybody's.
fn look_at_what_is_shown(path: &Path, findings: &mut Findings) {
    let Ok(folder) = Folder::open(path) else {
        return;
    };
    let mut wrong: Vec<(PathBuf, Metadata)> = Vec::new();
    for entry in path.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        // Metadata of the entry itself, not of a link's target. Hidden files are being written.
        let Some(seen) = entry.metadata().ok().filter(|_| !name.starts_with('.')) else {
            continue;
        };
        if seen.is_file() {
            if !is_as_due(&seen) {
                wrong.push((entry.path(), seen));
            }
        } else if let Err(distrust) = folder.open_file(&name, OFlag::O_RDONLY, Kind::Public) {
            findings.warning(distrust);
        }
    }
    wrong.sort_by(|(one, _), (other, _)| one.cmp(other));
    let Some((first, seen)) = wrong.first() else {
        return;
    };
    let others = match wrong.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more like it"),
    };
    let (first, group) = (first.display(), daemon_group_name());
    let folder = shell::word(path);
    findings.warning(format_args!(
        "{first}: belongs to user id {} and group id {}, mode {:04o}{others}: antiphond may be unable to show it, or others \
         able to see it; run: find {folder} -type f -exec chown root:{group} {{}} + -exec chmod {FILE_MODE:04o} {{}} +",
        seen.uid(),
        seen.gid(),
        seen.permissions().mode() & 0o7777,
    ));
}

fn is_as_due(seen: &Metadata) -> bool {
    let mode = seen.permissions().mode() & 0o7777;
    (seen.uid(), seen.gid(), mode) == (0, daemon_group(), FILE_MODE)
}
