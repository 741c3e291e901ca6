//! The configuration and its folders.

use std::path::{Path, PathBuf};

use antiphon_core::config::{Config, Paths};
use antiphon_core::disk::{Folder, Walk, config_file, fleet_files, record_file};
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_link::host_name;

use crate::failure::{Failure, Kind};
use crate::refusal;

/// The context of every command.
pub(crate) struct House {
    pub(crate) config: Config,
    /// This host's name: in its fleet, if it believes one, which phones show and the module signs in by.
    pub(crate) host: String,
}

impl House {
    /// Reads the configuration at `named`, or at the default path.
    pub(crate) fn new(named: Option<&Path>) -> Result<Self, Failure> {
        let config = config_at(named)?;
        // Until it has joined, it has no other name.
        let pinned = config
            .fleet
            .as_ref()
            .map(|_| fleet_files::pinned(&Walk::default()));
        Ok(Self {
            host: match pinned {
                Some(Ok(pinned)) => pinned.host,
                _ => host_name(),
            },
            config,
        })
    }

    /// The folder of records; `None` if it does not exist.
    pub(crate) fn users(&self) -> Result<Option<Folder>, Failure> {
        opened(&self.config.paths.users)
    }

    /// The folder of states; `None` if it does not exist.
    pub(crate) fn states(&self) -> Result<Option<Folder>, Failure> {
        opened(&self.config.paths.state)
    }

    /// The folder of activity; `None` if it does not exist.
    pub(crate) fn activity(&self) -> Result<Option<Folder>, Failure> {
        opened(&self.config.paths.activity)
    }

    /// This person's record, if there is one.
    pub(crate) fn record(&self, user: &UserName) -> Result<Option<Record>, Failure> {
        Ok(match self.users()? {
            Some(users) => record_file::load(&users, user)?,
            None => None,
        })
    }

    /// The record of a person who must have one.
    pub(crate) fn record_of(&self, user: &UserName) -> Result<Record, Failure> {
        self.record(user)?
            .ok_or_else(|| refusal::not_enrolled(user))
    }

    /// The issuer shown by authenticator apps.
    pub(crate) fn issuer(&self) -> &str {
        let name = self.config.organisation.name.as_deref();
        name.unwrap_or(&self.host)
    }
}

/// Reads the configuration at `named`, or at the default path.
pub(crate) fn config_at(named: Option<&Path>) -> Result<Config, Failure> {
    let named = named.map(absolute).transpose()?;
    if let Some(path) = named.as_deref().filter(|path| !path.exists()) {
        return Err(Failure::new(
            Kind::NoInput,
            format!(
                "{}: is not there; without --config, {} is read",
                path.display(),
                Paths::CONFIG
            ),
        ));
    }
    Ok(config_file::load(named.as_deref(), &Walk::default())?)
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::new(Kind::NoInput, format!("{}: {error}", path.display())))
}

fn opened(path: &Path) -> Result<Option<Folder>, Failure> {
    match Folder::open(path) {
        Ok(folder) => Ok(Some(folder)),
        Err(distrust) if distrust.is_missing() => Ok(None),
        Err(distrust) => Err(distrust.into()),
    }
}
