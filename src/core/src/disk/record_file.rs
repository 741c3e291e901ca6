//! Reading and writing a person's record.

use std::borrow::Cow;

use nix::errno::Errno;
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};
use zeroize::Zeroizing;

use super::distrust::Distrust;
use super::folder::{Folder, Kind};
use super::whole_file::WholeFile;
use crate::name::UserName;
use crate::record::{MAX_SIZE, Record, RecordError, is_canonical};
use crate::trouble::Trouble;

/// What follows the encoded name.
pub const SUFFIX: &str = ".toml";

/// Reads `user`'s record in the folder of records; `Ok(None)` if there is none, and only then.
///
/// # Errors
/// [`Trouble`] that names the file and the fix.
pub fn load(folder: &Folder, user: &UserName) -> Result<Option<Record>, Trouble> {
    Ok(ReadRecord::load(folder, user)?.map(|read| read.record))
}

/// A record and the bytes that it was read from.
pub struct ReadRecord {
    bytes: Zeroizing<Vec<u8>>,
    record: Record,
}

impl ReadRecord {
    /// As [`load`], for who will look again.
    ///
    /// # Errors
    /// [`Trouble`] as there.
    pub fn load(folder: &Folder, user: &UserName) -> Result<Option<Self>, Trouble> {
        let Some(bytes) = read(folder, user)? else {
            return Ok(None);
        };
        let record = parse(&bytes, folder, user)?;
        Ok(Some(Self { bytes, record }))
    }

    /// What was read.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Whether the secret of the codes is written so that every app reads the same.
    #[must_use]
    pub fn has_canonical_secret(&self) -> bool {
        std::str::from_utf8(&self.bytes).is_ok_and(is_canonical)
    }

    /// The record as it is on file by now; the same bytes are not parsed again.
    ///
    /// # Errors
    /// [`Trouble`] as for [`load`].
    pub fn by_now(
        &self,
        folder: &Folder,
        user: &UserName,
    ) -> Result<Option<Cow<'_, Record>>, Trouble> {
        match read(folder, user)? {
            None => Ok(None),
            Some(bytes) if *bytes == *self.bytes => Ok(Some(Cow::Borrowed(&self.record))),
            Some(bytes) => parse(&bytes, folder, user).map(|record| Some(Cow::Owned(record))),
        }
    }
}

fn read(folder: &Folder, user: &UserName) -> Result<Option<Zeroizing<Vec<u8>>>, Trouble> {
    folder
        .read(&user.file_name(SUFFIX), MAX_SIZE, Kind::Secret)
        .map_err(|distrust| Trouble::new("record", &distrust))
}

fn parse(bytes: &[u8], folder: &Folder, user: &UserName) -> Result<Record, Trouble> {
    std::str::from_utf8(bytes)
        .map_err(|_| RecordError::NotUtf8)
        .and_then(|text| Record::parse(text, user))
        .map_err(|error| {
            let path = folder.path_of(&user.file_name(SUFFIX));
            let fix = format_args!(
                "{}: {error}; fix it, or run: antiphon enroll {} --replace",
                path.display(),
                user.shell_word()
            );
            Trouble::new("record", &fix)
        })
}

/// Writes `record` whole: a reader sees the old one or the new one, also after a power cut.
///
/// # Errors
/// [`Distrust`] with what the system said. The old record is then still there.
pub fn store(folder: &Folder, user: &UserName, record: &Record) -> Result<(), Distrust> {
    let name = user.file_name(SUFFIX);
    let file = WholeFile {
        name: &name,
        temporary: &format!(".{name}.new"),
        mode: 0o600,
        group: None,
        durable: true,
    };
    file.write(folder, record.to_toml().expose().as_bytes())
}

/// Removes `user`'s record; whether there was one.
///
/// # Errors
/// [`Distrust`] with what the system said.
pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
    let name = user.file_name(SUFFIX);
    match unlinkat(folder.handle(), name.as_str(), UnlinkatFlags::NoRemoveDir) {
        Ok(()) => fsync(folder.handle())
            .map(|()| true)
            .map_err(|errno| Distrust::system(folder.path(), errno)),
        Err(Errno::ENOENT) => Ok(false),
        Err(errno) => Err(Distrust::system(&folder.path_of(&name), errno)),
    }
}

#[cfg(test)]
mod tests;
