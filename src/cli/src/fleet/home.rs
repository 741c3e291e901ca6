//! What makes this computer one of a fleet, as the command reads and writes it.

use std::path::Path;

use antiphon_certificate::Certificate;
use antiphon_core::disk::fleet_home::FleetFile;
use antiphon_core::disk::{FleetHome, Walk, fleet_files};
use antiphon_core::fleet::{Pinned, RelayAddress, SignedDocument};
use nix::unistd::Gid;
use zeroize::Zeroizing;

use crate::failure::{Failure, Kind};
use crate::folders;

/// This computer's place in a fleet, and its files there.
pub(crate) struct Home {
    pub(crate) pinned: Pinned,
    files: FleetHome,
}

impl Home {
    /// `None` if this computer is in no fleet.
    pub(crate) fn find() -> Result<Option<Self>, Failure> {
        if !Path::new(Pinned::FILE).exists() {
            return Ok(None);
        }
        let walk = Walk::default();
        let pinned = fleet_files::pinned(&walk)?;
        let files = FleetHome::find(&walk)?.ok_or_else(|| {
            let what = format!(
                "{} is there, and the files of the fleet are not; restore {} from a backup, or join again, after you run: rm \
                 {}",
                Pinned::FILE,
                antiphon_core::disk::fleet_home::FOLDER,
                Pinned::FILE
            );
            Failure::new(Kind::Config, what)
        })?;
        Ok(Some(Self { pinned, files }))
    }

    /// The same, of a computer that must be in a fleet.
    pub(crate) fn of_member() -> Result<Self, Failure> {
        Self::find()?.ok_or_else(not_joined)
    }

    /// The text of `file`; `None` if it does not exist.
    pub(crate) fn text(&self, file: FleetFile) -> Result<Option<Zeroizing<String>>, Failure> {
        let Some(bytes) = self.files.read(file)? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged(file, "is not UTF-8"))?;
        Ok(Some(Zeroizing::new(text.to_owned())))
    }

    /// Whether `file` is there.
    pub(crate) fn has(&self, file: FleetFile) -> Result<bool, Failure> {
        Ok(self.files.has(file)?)
    }

    /// Writes `file`.
    pub(crate) fn write(&self, file: FleetFile, text: &str) -> Result<(), Failure> {
        write(&self.files, file, text)
    }

    /// This computer's certificate.
    pub(crate) fn certificate(&self) -> Result<Certificate, Failure> {
        let file = FleetFile::Certificate;
        let text = self
            .text(file)?
            .ok_or_else(|| damaged(file, "is not there"))?;
        Certificate::read_pem(text.as_bytes()).map_err(|why| damaged(file, &why))
    }

    /// This relay, among all: the one that this computer's certificate is for.
    pub(crate) fn own_relay(&self) -> Result<RelayAddress, Failure> {
        let certificate = self.certificate()?;
        let mut relays = self.pinned.relays.iter();
        let own = relays.find(|relay| certificate.is_for(relay.host()));
        own.cloned().ok_or_else(|| {
            let why = format!("is for none of the relays in {}", Pinned::FILE);
            damaged(FleetFile::Certificate, &why)
        })
    }

    /// Which keys sign, as it was when this computer joined, or when it signed them; unverified.
    pub(crate) fn keys(&self) -> Result<SignedDocument, Failure> {
        let file = FleetFile::Keys;
        let text = self
            .text(file)?
            .ok_or_else(|| damaged(file, "is not there"))?;
        SignedDocument::parse(text.as_bytes()).map_err(|why| damaged(file, &why.to_string()))
    }
}

/// Writes `file` in the folder of a fleet.
pub(crate) fn write(files: &FleetHome, file: FleetFile, text: &str) -> Result<(), Failure> {
    let written = files.write(file, text.as_bytes(), daemon_group());
    written.map_err(|distrust| Failure::new(Kind::CannotCreate, distrust))
}

/// The group that antiphond runs as.
pub(crate) fn daemon_group() -> Gid {
    Gid::from_raw(folders::daemon_group())
}

/// This computer is in no fleet.
pub(crate) fn not_joined() -> Failure {
    Failure::new(
        Kind::Config,
        "this computer is in no fleet; join one with a token (antiphon join TOKEN), or set one up: antiphon fleet init",
    )
}

/// A file of the fleet cannot be used.
pub(crate) fn damaged(file: FleetFile, why: &str) -> Failure {
    let path = Path::new(antiphon_core::disk::fleet_home::FOLDER).join(file.name());
    let what = format!(
        "{}: {why}; restore it from a backup, or join the fleet again",
        path.display()
    );
    Failure::new(Kind::Config, what)
}
