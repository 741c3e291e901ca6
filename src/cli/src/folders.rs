//! Creates missing folders for enrolment, with the right owner and mode.
//!
//! Existing folders are never changed: `antiphon check` reports what is wrong with them, and their owner decides.

use std::fs::{DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, fchown};
use std::path::Path;

use antiphon_core::config::Paths;
use antiphon_core::disk::{Folder, fleet_home};
use nix::unistd::Group;

use crate::failure::{Failure, Kind};

/// The daemon's group; the daemon shows people their activity.
const DAEMON_GROUP: &str = "antiphon";

/// The mode of folders of records and states.
pub(crate) const SECRET_MODE: u32 = 0o700;
/// The mode of the activity folder.
pub(crate) const ACTIVITY_MODE: u32 = 0o750;
/// The mode of files in it, which have the same group.
pub(crate) const FILE_MODE: u32 = 0o640;
/// The mode of the folders above.
const ABOVE_MODE: u32 = 0o755;

/// Creates the missing folders among `paths`.
pub(crate) fn make_ready(paths: &Paths) -> Result<(), Failure> {
    ready(&paths.users, SECRET_MODE, 0)?;
    ready(&paths.state, SECRET_MODE, 0)?;
    ready(&paths.activity, ACTIVITY_MODE, daemon_group()).map(drop)
}

/// The folder of changes at `path`, which only root can enter.
pub(crate) fn of_changes(path: &Path) -> Result<Folder, Failure> {
    ready(path, SECRET_MODE, 0)
}

/// The folder of this computer's certificate and keys in a fleet, which the daemon reads.
pub(crate) fn of_fleet() -> Result<Folder, Failure> {
    ready(Path::new(fleet_home::FOLDER), ABOVE_MODE, 0)
}

/// The folder of providers' keys at `path`, which everybody may read.
pub(crate) fn of_providers(path: &Path) -> Result<Folder, Failure> {
    ready(path, ABOVE_MODE, 0)
}

/// The daemon's group, or root's if the daemon is not installed.
pub(crate) fn daemon_group() -> u32 {
    match Group::from_name(DAEMON_GROUP) {
        Ok(Some(group)) => group.gid.as_raw(),
        _ => 0,
    }
}

/// The name of that group.
pub(crate) fn daemon_group_name() -> &'static str {
    if daemon_group() == 0 {
        "root"
    } else {
        DAEMON_GROUP
    }
}

fn ready(path: &Path, mode: u32, group: u32) -> Result<Folder, Failure> {
    match Folder::open(path) {
        Err(distrust) if distrust.is_missing() => {}
        found => return Ok(found?),
    }
    if let Some(parent) = path.parent() {
        // Checked first: whoever can write to the parent could put their own folder in place of ours.
        ready(parent, ABOVE_MODE, 0)?;
        make(path, mode, group)
            .and_then(|()| File::open(parent)?.sync_all())
            .map_err(|error| {
                Failure::new(Kind::CannotCreate, format!("{}: {error}", path.display()))
            })?;
    }
    Ok(Folder::open(path)?)
}

fn make(path: &Path, mode: u32, group: u32) -> std::io::Result<()> {
    match DirBuilder::new().mode(SECRET_MODE).create(path) {
        Ok(()) => {}
        // Another enrolment was faster.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => return Err(error),
    }
    let folder = File::open(path)?;
    fchown(&folder, Some(0), Some(group))?;
    // Explicitly, because the umask applied at creation.
    folder.set_permissions(Permissions::from_mode(mode))
}
