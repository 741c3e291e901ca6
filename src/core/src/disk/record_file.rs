//! Reading and writing a person's record.

use std::borrow::Cow;

use super::distrust::Distrust;
use super::folder::Folder;
use super::whole_file::WholeFile;
use crate::name::UserName;
use crate::record::{MAX_SIZE, Record, RecordError, is_canonical};
use crate::secret::SecretBytes;
use crate::trouble::Trouble;

/// The suffix after the encoded name.
pub const SUFFIX: &str = ".toml";

/// Reads `user`'s record from the folder of records; `Ok(None)` only if it does not exist.
///
/// # Errors
/// [`Trouble`] with the file and the fix.
pub fn load(folder: &Folder, user: &UserName) -> Result<Option<Record>, Trouble> {
    Ok(ReadRecord::load(folder, user)?.map(|read| read.record))
}

/// A record and the bytes that it was read from.
pub struct ReadRecord {
    bytes: SecretBytes,
    record: Record,
}

impl ReadRecord {
    /// Like [`load`], for callers that will read it again.
    ///
    /// # Errors
    /// [`Trouble`] as there.
    pub fn load(folder: &Folder, user: &UserName) -> Result<Option<Self>, Trouble> {
        let Some(bytes) = read(folder, user)? else {
            return Ok(None);
        };
        let record = parse(bytes.expose(), folder, user)?;
        Ok(Some(Self { bytes, record }))
    }

    /// The parsed record.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Whether the secret is written in a form that every app decodes to the same bytes.
    #[must_use]
    pub fn has_canonical_secret(&self) -> bool {
        std::str::from_utf8(self.bytes.expose()).is_ok_and(is_canonical)
    }

    /// The record as it is on file now; unchanged bytes are not parsed again.
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
            Some(bytes) if bytes.expose() == self.bytes.expose() => {
                Ok(Some(Cow::Borrowed(&self.record)))
            }
            Some(bytes) => parse(bytes.expose(), folder, user).map(|new| Some(Cow::Owned(new))),
        }
    }
}

fn read(folder: &Folder, user: &UserName) -> Result<Option<SecretBytes>, Trouble> {
    folder
        .read_secret(&user.file_name(SUFFIX), MAX_SIZE)
        .map(|read| read.map(SecretBytes::from))
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

/// Writes `record` atomically: a reader sees the old one or the new one, even after a power cut.
///
/// # Errors
/// [`Distrust`] with the system's error; the old record is still there then.
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

/// Removes `user`'s record; returns whether there was one.
///
/// # Errors
/// [`Distrust`] with the system's error.
pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
    folder.remove_for_good(&user.file_name(SUFFIX))
}

#[cfg(test)]
mod tests;
