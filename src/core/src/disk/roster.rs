//! What an enrolment host has signed: each person's record as it was published last, or will be as soon as a relay can be
//! reached. Root keeps it here; a relay's copy is never the source of what is signed next.

use std::path::Path;

use super::contest::Patience;
use super::distrust::Distrust;
use super::folder::{Folder, Walk};
use super::records_lock::{LockTrouble, RecordsLock};
use super::whole_file::WholeFile;
use crate::config::Paths;
use crate::fleet::{FleetRecord, LONGEST_DOCUMENT, SignedDocument, Untrusted};
use crate::name::UserName;
use crate::shell;
use crate::trouble::Trouble;

const NAME: &str = "roster";
/// The largest accepted file, in bytes: a record, and on the next line the numbers that belong to it.
const MAX_SIZE: u64 = 2 * LONGEST_DOCUMENT as u64;

/// The roster. It is locked as long as this value lives.
pub struct Roster {
    folder: Folder,
    _lock: Option<RecordsLock>,
}

/// A record as it was signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed {
    /// The document.
    pub document: SignedDocument,
    /// What it says.
    pub record: FleetRecord,
    /// The telephone numbers that belong to it, if there are any.
    pub numbers: Option<SignedDocument>,
}

impl Roster {
    /// Opens the roster to change it; it is made if it is not there.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn take(paths: &Paths, patience: &mut dyn Patience) -> Result<Self, Trouble> {
        let above = Folder::open_or_make(&paths.fleet).map_err(|distrust| trouble(&distrust))?;
        let folder = Folder::open_or_make(&above.path_of(NAME));
        let folder = folder.map_err(|distrust| trouble(&distrust))?;
        let lock = RecordsLock::take(&folder, patience);
        let lock = lock.map_err(|why: LockTrouble| trouble(&why))?;
        Ok(Self {
            folder,
            _lock: Some(lock),
        })
    }

    /// Opens the roster to look at it; `None` if nothing was ever signed here.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn look(paths: &Paths, walk: &Walk) -> Result<Option<Self>, Trouble> {
        let path: &Path = &paths.fleet.join(NAME);
        match walk.open(path) {
            Ok(folder) => Ok(Some(Self {
                folder,
                _lock: None,
            })),
            Err(distrust) if distrust.is_missing() => Ok(None),
            Err(distrust) => Err(trouble(&distrust)),
        }
    }

    /// The people in it, in the order of their files.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn people(&self) -> Result<Vec<UserName>, Trouble> {
        let path = self.folder.path();
        let failed = |error: std::io::Error| trouble(&format_args!("{}: {error}", path.display()));
        let mut people = Vec::new();
        for entry in path.read_dir().map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            people.extend(
                name.to_str()
                    .and_then(|name| UserName::from_file_name(name, "")),
            );
        }
        people.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        Ok(people)
    }

    /// What was signed last of `user`, by the name in the fleet.
    ///
    /// # Errors
    /// [`Trouble`] if the file is damaged.
    pub fn of(&self, user: &UserName) -> Result<Option<Signed>, Trouble> {
        let name = user.file_name("");
        let bytes = self.folder.read_public(&name, MAX_SIZE);
        let Some(bytes) = bytes.map_err(|distrust| trouble(&distrust))? else {
            return Ok(None);
        };
        let read = || {
            let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
            let document = SignedDocument::parse(lines.next().unwrap_or_default())?;
            let record = FleetRecord::parse(&document.body, user)?;
            let numbers = lines.next().map(SignedDocument::parse).transpose()?;
            Ok(Signed {
                document,
                record,
                numbers,
            })
        };
        read().map(Some).map_err(|_: Untrusted| {
            let path = shell::word(self.folder.path_of(&name));
            let renew = user.shell_word();
            trouble(&format_args!(
                "{path}: is damaged; run: rm {path} && antiphon fleet renew {renew}"
            ))
        })
    }

    /// Notes what was `signed` for `user`.
    ///
    /// # Errors
    /// [`Trouble`]; what was noted before is still there then.
    pub fn note(&self, user: &UserName, signed: &Signed) -> Result<(), Trouble> {
        let name = user.file_name("");
        let file = WholeFile {
            name: &name,
            temporary: &format!(".{name}.new"),
            mode: 0o600,
            group: None,
            durable: true,
        };
        let mut text = signed.document.to_text().map_err(|why| trouble(&why))?;
        if let Some(numbers) = &signed.numbers {
            text.push('\n');
            text.push_str(&numbers.to_text().map_err(|why| trouble(&why))?);
        }
        let written: Result<(), Distrust> = file.write(&self.folder, text.as_bytes());
        written.map_err(|distrust| trouble(&distrust))
    }

    /// Forgets somebody who is no longer in the fleet.
    ///
    /// # Errors
    /// [`Trouble`].
    pub fn forget(&self, user: &UserName) -> Result<(), Trouble> {
        let removed = self.folder.remove(&user.file_name(""));
        removed.map(drop).map_err(|distrust| trouble(&distrust))
    }
}

fn trouble(detail: &dyn std::fmt::Display) -> Trouble {
    Trouble::new("fleet", detail)
}

#[cfg(test)]
mod tests;
