//! `[paths]`: where records, state, activity and the daemon's socket are.

use std::path::{Component, Path, PathBuf};

use toml::de::DeValue;

use crate::document::{Fault, Section};

/// Absolute paths. The ownership rules of [`crate::disk`] apply wherever they point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// People's records.
    pub users: PathBuf,
    /// Replay and throttle state.
    pub state: PathBuf,
    /// Unfinished enrolments.
    pub pending: PathBuf,
    /// Activity files.
    pub activity: PathBuf,
    /// The keys of the providers of accounts.
    pub providers: PathBuf,
    /// What this host has learnt from its fleet.
    pub fleet: PathBuf,
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
            providers: "/var/lib/antiphon/providers".into(),
            fleet: "/var/lib/antiphon/fleet".into(),
            socket: "/run/antiphon/antiphond.sock".into(),
        }
    }
}

impl Paths {
    /// The default path of the configuration.
    pub const CONFIG: &str = "/etc/antiphon/antiphon.toml";

    /// The daemon's socket for unprivileged users, beside root's: `antiphond.person.sock`.
    #[must_use]
    pub fn person_socket(&self) -> PathBuf {
        self.socket.with_extension("person.sock")
    }

    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        if section.is_empty() {
            return Ok(());
        }
        for (target, key) in [
            (&mut self.users, "users"),
            (&mut self.state, "state"),
            (&mut self.pending, "pending"),
            (&mut self.activity, "activity"),
            (&mut self.providers, "providers"),
            (&mut self.fleet, "fleet"),
            (&mut self.socket, "socket"),
        ] {
            section.set(target, key, PATH_RULE, plain_path)?;
        }
        section.done()?;
        // A person's state and another's record could otherwise have the same path, and a state that cannot be parsed
        // is overwritten.
        let folders = [
            ("paths.users", &self.users),
            ("paths.state", &self.state),
            ("paths.pending", &self.pending),
            ("paths.activity", &self.activity),
            ("paths.providers", &self.providers),
            ("paths.fleet", &self.fleet),
        ];
        for (index, (key, folder)) in folders.iter().enumerate() {
            if folders.iter().take(index).any(|(_, other)| other == folder) {
                return Err(Fault::rule(key, "must be a folder of its own".to_owned()));
            }
        }
        Ok(())
    }
}

/// The rule for every path.
pub(crate) const PATH_RULE: &str = "must be an absolute path without `..`";

pub(super) fn plain_path(value: &DeValue<'_>) -> Option<PathBuf> {
    let path = PathBuf::from(value.as_str()?);
    is_plain_absolute(&path).then_some(path)
}

/// Whether `path` is absolute and has no `..`.
#[must_use]
pub fn is_plain_absolute(path: &Path) -> bool {
    path.is_absolute()
        && path
            .components()
            .all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
}
