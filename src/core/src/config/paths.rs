//! `[paths]`: where records, state, activity and the daemon's socket stand.

use std::path::{Component, Path, PathBuf};

use crate::document::{Fault, Section};

/// Absolute paths of folders and of the socket. Wherever they point, the ownership rules of [`crate::disk`] hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The folder of the users' records.
    pub users: PathBuf,
    /// The folder of the replay and throttle state.
    pub state: PathBuf,
    /// The folder of enrolments that are not finished.
    pub pending: PathBuf,
    /// The folder of the activity files.
    pub activity: PathBuf,
    /// The daemon's Unix socket.
    pub socket: PathBuf,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            users: "/etc/antiphon/users".into(),
            state: "/var/lib/antiphon/state".into(),
            pending: "/var/lib/antiphon/pending".into(),
            activity: "/var/lib/antiphon/activity".into(),
            socket: "/run/antiphon/antiphond.sock".into(),
        }
    }
}

impl Paths {
    /// The configuration's own path where no other is given.
    pub const CONFIG: &str = "/etc/antiphon/antiphon.toml";

    /// The daemon's socket for people without root, beside root's: `antiphond.person.sock`.
    #[must_use]
    pub fn person_socket(&self) -> PathBuf {
        self.socket.with_extension("person.sock")
    }

    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        for (target, key) in [
            (&mut self.users, "users"),
            (&mut self.state, "state"),
            (&mut self.pending, "pending"),
            (&mut self.activity, "activity"),
            (&mut self.socket, "socket"),
        ] {
            section.set(
                target,
                key,
                "must be an absolute path without `..`",
                |value| {
                    let path = PathBuf::from(value.as_str()?);
                    is_plain_absolute(&path).then_some(path)
                },
            )?;
        }
        section.done()?;
        // A state and a record of two people can have the same name, and a state that is not understood is made anew.
        let folders = [
            ("paths.users", &self.users),
            ("paths.state", &self.state),
            ("paths.pending", &self.pending),
            ("paths.activity", &self.activity),
        ];
        for (index, (key, folder)) in folders.iter().enumerate() {
            if folders.iter().take(index).any(|(_, other)| other == folder) {
                return Err(Fault::rule(key, "must be a folder of its own".to_owned()));
            }
        }
        Ok(())
    }
}

/// Whether `path` begins at the root and only ever goes down.
#[must_use]
pub fn is_plain_absolute(path: &Path) -> bool {
    path.is_absolute()
        && path
            .components()
            .all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
}
