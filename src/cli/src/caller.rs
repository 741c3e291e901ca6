//! Who gives the command.

use nix::unistd::{Uid, User, geteuid, getuid};

use crate::failure::{Failure, Kind};

/// Who gives the command: for the log.
pub(crate) struct Caller {
    /// The name of the real user id, as a rule `root`.
    pub(crate) by: String,
    /// Who became root by sudo.
    pub(crate) sudo_user: Option<String>,
}

impl Caller {
    /// Of this process. `SUDO_USER` is root's own word and believed only as far as a note in the log.
    pub(crate) fn of_process() -> Self {
        Self {
            by: name_of(getuid()),
            sudo_user: std::env::var("SUDO_USER")
                .ok()
                .filter(|name| !name.is_empty() && name != "root"),
        }
    }
}

/// Records and state are root's.
pub(crate) fn require_root() -> Result<(), Failure> {
    if geteuid().is_root() {
        return Ok(());
    }
    Err(Failure::new(
        Kind::NoPermission,
        "only root can do this; put sudo before the command",
    ))
}

fn name_of(uid: Uid) -> String {
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}
