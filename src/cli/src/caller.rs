//! The user who runs the command.

use nix::unistd::{Uid, User, geteuid, getuid};

use crate::failure::{Failure, Kind};

/// The user who runs the command, for the log.
pub(crate) struct Caller {
    /// The name of the real user id, usually `root`.
    pub(crate) by: String,
    /// The user who ran sudo, if any.
    pub(crate) sudo_user: Option<String>,
}

impl Caller {
    /// The caller of this process. `SUDO_USER` is set by root; it is only shown, logged, and used for advice.
    pub(crate) fn of_process() -> Self {
        Self {
            by: name_of(getuid()),
            sudo_user: std::env::var("SUDO_USER")
                .ok()
                .filter(|name| !name.is_empty() && name != "root"),
        }
    }
}

/// Records and state are accessible only to root.
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
