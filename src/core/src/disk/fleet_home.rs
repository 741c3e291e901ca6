//! What makes this computer one of a fleet: its certificate and keys in [`FOLDER`], and [`Pinned::FILE`], which is written
//! last, so that a computer on which joining was cut short is in no fleet.

use std::path::Path;

use nix::unistd::Gid;
use zeroize::Zeroizing;

use super::distrust::Distrust;
use super::folder::{Folder, Kind, Walk};
use super::whole_file::WholeFile;
use crate::fleet::Pinned;

/// The folder.
pub const FOLDER: &str = "/etc/antiphon/fleet";
/// The largest accepted file, in bytes.
const MAX_SIZE: u64 = 64 * 1024;

/// A file in the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FleetFile {
    /// The authority's certificate.
    Authority,
    /// The authority's key, on the relay where the fleet was set up, whose daemon signs certificates with it.
    AuthorityKey,
    /// This computer's certificate.
    Certificate,
    /// Its key, which the daemon shows it with.
    Key,
    /// The key with which it is joining: a relay may know it, and this computer not yet have heard so.
    JoiningKey,
    /// Which keys sign for the fleet, as the root key has signed it.
    Keys,
    /// The key that signs people's records, on an enrolment host. It is root's alone.
    RecordsKey,
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    Everybody,
    Daemon,
    Root,
}

impl FleetFile {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Authority => "ca.pem",
            Self::AuthorityKey => "ca.key",
            Self::Certificate => "host.pem",
            Self::Key => "host.key",
            Self::JoiningKey => "joining.key",
            Self::Keys => "keys",
            Self::RecordsKey => "records.key",
        }
    }

    fn readers(self) -> Readers {
        match self {
            Self::Authority | Self::Certificate | Self::Keys => Readers::Everybody,
            Self::AuthorityKey | Self::Key => Readers::Daemon,
            Self::JoiningKey | Self::RecordsKey => Readers::Root,
        }
    }
}

/// The folder, checked.
#[derive(Debug, Clone)]
pub struct FleetHome(Folder);

impl FleetHome {
    /// Opens it; `None` if it does not exist.
    ///
    /// # Errors
    /// [`Distrust`] if others than root can write it.
    pub fn find(walk: &Walk) -> Result<Option<Self>, Distrust> {
        match walk.open(Path::new(FOLDER)) {
            Ok(folder) => Ok(Some(Self(folder))),
            Err(distrust) if distrust.is_missing() => Ok(None),
            Err(distrust) => Err(distrust),
        }
    }

    /// Takes [`FOLDER`], opened.
    #[must_use]
    pub fn of(folder: Folder) -> Self {
        Self(folder)
    }

    /// Reads `file`; `None` if it does not exist.
    ///
    /// # Errors
    /// [`Distrust`] if others than its readers could have read it, or others than root written it.
    pub fn read(&self, file: FleetFile) -> Result<Option<Zeroizing<Vec<u8>>>, Distrust> {
        match file.readers() {
            Readers::Root => self.0.read_secret(file.name(), MAX_SIZE),
            Readers::Everybody | Readers::Daemon => {
                let bytes = self.0.read_public(file.name(), MAX_SIZE)?;
                Ok(bytes.map(Zeroizing::new))
            }
        }
    }

    /// Whether `file` is there.
    ///
    /// # Errors
    /// [`Distrust`].
    pub fn has(&self, file: FleetFile) -> Result<bool, Distrust> {
        let kind = match file.readers() {
            Readers::Root => Kind::Secret,
            Readers::Everybody | Readers::Daemon => Kind::Public,
        };
        let opened = self
            .0
            .open_file(file.name(), nix::fcntl::OFlag::O_RDONLY, kind)?;
        Ok(opened.is_some())
    }

    /// Writes `file` durably and whole. `daemon` is the group that the daemon runs as.
    ///
    /// # Errors
    /// [`Distrust`] with the system's error; the old file is still there then.
    pub fn write(&self, file: FleetFile, bytes: &[u8], daemon: Gid) -> Result<(), Distrust> {
        let (mode, group) = match file.readers() {
            Readers::Everybody => (0o644, None),
            Readers::Daemon => (0o640, Some(daemon)),
            Readers::Root => (0o600, None),
        };
        let name = file.name();
        let whole = WholeFile {
            name,
            temporary: &format!(".{name}.new"),
            mode,
            group,
            durable: true,
        };
        whole.write(&self.0, bytes)
    }

    /// Removes `file`, if it is there.
    ///
    /// # Errors
    /// [`Distrust`] with the system's error.
    pub fn remove(&self, file: FleetFile) -> Result<(), Distrust> {
        self.0.remove_for_good(file.name()).map(drop)
    }
}

/// Writes [`Pinned::FILE`] durably and whole: from then on, this computer is one of the fleet.
///
/// # Errors
/// [`Distrust`] with the system's error; the old file is still there then.
pub fn pin(pinned: &Pinned) -> Result<(), Distrust> {
    let path = Path::new(Pinned::FILE);
    let folder = Folder::open(path.parent().unwrap_or(path))?;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    let whole = WholeFile {
        name,
        temporary: &format!(".{name}.new"),
        mode: 0o644,
        group: None,
        durable: true,
    };
    whole.write(&folder, pinned.to_toml().as_bytes())
}

#[cfg(test)]
mod tests;
