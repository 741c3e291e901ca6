//! The folder of letters.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use antiphon_core::disk::{Distrust, Fault, Folder, letter_file};
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::text::Language;
use nix::fcntl::{Flock, FlockArg};
use zeroize::Zeroizing;

use super::letter;
use crate::failure::{Failure, Kind};

const GROUP_AND_OTHERS: u32 = 0o077;

/// The folder, whether it is there or not.
pub(super) struct Letters {
    path: PathBuf,
    /// `None` before it is made.
    folder: Option<Folder>,
}

/// How the letters of one person stand to the person's record.
pub(super) enum Standing {
    /// There is a letter of the record.
    Issued,
    /// There is one, but of another record.
    Foreign,
    /// The letter of the record was put aside and has not got its name yet.
    Aside,
    /// There is none of the record.
    Missing,
}

/// A folder that no other run uses meanwhile.
pub(super) struct Locked {
    pub(super) folder: Folder,
    #[expect(dead_code, reason = "held, never looked at")]
    lock: Flock<File>,
}

impl Letters {
    /// The folder at `path`, if it is there; it is not made.
    ///
    /// # Errors
    /// [`Failure`] if others than root could read or change what is in it.
    pub(super) fn look(path: &Path) -> Result<Self, Failure> {
        let path = std::path::absolute(path)
            .map_err(|error| Failure::new(Kind::NoInput, format!("{}: {error}", path.display())))?;
        let folder = match Folder::open(&path) {
            Ok(folder) => Some(folder),
            Err(distrust) if distrust.is_missing() => None,
            Err(distrust) => return Err(unfit(distrust)),
        };
        if folder.is_some() {
            check_private(&path)?;
        }
        Ok(Self { path, folder })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder if it is missing, and keeps other runs out of it.
    pub(super) fn lock(&mut self) -> Result<Locked, Failure> {
        let folder = Folder::open_or_make(&self.path).map_err(unfit)?;
        check_private(&self.path)?;
        let failed = |error: &dyn std::fmt::Display| {
            Failure::new(
                Kind::CannotCreate,
                format!("{}: {error}", self.path.display()),
            )
        };
        let file = File::open(&self.path).map_err(|error| failed(&error))?;
        let lock = Flock::lock(file, FlockArg::LockExclusiveNonblock).map_err(|(_, errno)| {
            let what = match errno {
                nix::errno::Errno::EWOULDBLOCK => {
                    "another antiphon enroll is writing letters there; wait for its end"
                }
                other => other.desc(),
            };
            Failure::new(Kind::TryAgain, format!("{}: {what}", self.path.display()))
        })?;
        self.folder = Some(folder.clone());
        Ok(Locked { folder, lock })
    }

    /// How `user`'s letters stand to `record`.
    pub(super) fn standing(
        &self,
        user: &UserName,
        record: Option<&Record>,
    ) -> Result<Standing, Failure> {
        let Some(folder) = &self.folder else {
            return Ok(Standing::Missing);
        };
        match letter_file::load(folder, user)? {
            Some(letter) if is_of(&letter, record) => return Ok(Standing::Issued),
            Some(_) => return Ok(Standing::Foreign),
            None => {}
        }
        let aside = letter_file::load_aside(folder, user)?;
        Ok(match aside {
            Some(letter) if is_of(&letter, record) => Standing::Aside,
            _ => Standing::Missing,
        })
    }
}

impl Locked {
    /// Writes the letters of `users`, in this order, to one file.
    pub(super) fn write_all(&self, users: &[UserName], language: Language) -> Result<(), Failure> {
        let mut letters = Vec::new();
        for user in users {
            let bytes = letter_file::load(&self.folder, user)?;
            let text = bytes
                .as_ref()
                .and_then(|bytes| std::str::from_utf8(bytes).ok());
            letters.extend(text.map(|text| Zeroizing::new(text.to_owned())));
        }
        letter_file::store_all(&self.folder, &letter::all(&letters, language)).map_err(unwritten)
    }
}

/// A letter was not written.
pub(super) fn unwritten(distrust: Distrust) -> Failure {
    Failure::new(Kind::CannotCreate, distrust)
}

/// Whether a letter has the secret of this record.
fn is_of(letter: &[u8], record: Option<&Record>) -> bool {
    let code = record.and_then(|record| record.code.as_ref());
    code.is_some_and(|code| {
        let key = code.key();
        let mut places = letter.windows(key.len());
        places.any(|place| place == key.as_bytes())
    })
}

fn check_private(path: &Path) -> Result<(), Failure> {
    let found = path
        .symlink_metadata()
        .map_err(|error| Failure::new(Kind::Io, format!("{}: {error}", path.display())))?;
    let of_others = found.permissions().mode() & GROUP_AND_OTHERS;
    if of_others == 0 {
        return Ok(());
    }
    Err(not_private(path))
}

/// Why letters cannot be in a folder. Whose it is or who may write there is changed for nobody's letters: it may be for others.
fn unfit(distrust: Distrust) -> Failure {
    match distrust.fault {
        Fault::Owner(_) | Fault::Mode(..) => not_private(&distrust.path),
        _ => distrust.into(),
    }
}

fn not_private(path: &Path) -> Failure {
    let what = format!(
        "{}: others than root may look into it or put files there, and letters are secrets; name a folder that is not there yet, \
         as in: --letters /root/letters",
        antiphon_core::shell::word(path)
    );
    Failure::new(Kind::Config, what)
}
