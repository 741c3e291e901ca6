//! Reading and writing a person's record.

use nix::errno::Errno;
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

use super::distrust::Distrust;
use super::folder::{Folder, Kind};
use super::whole_file::WholeFile;
use crate::name::UserName;
use crate::outcome::Trouble;
use crate::record::{MAX_SIZE, Record, RecordError};

/// What follows the encoded name.
pub const SUFFIX: &str = ".toml";

/// Reads `user`'s record in the folder of records; `Ok(None)` if there is none, and only then.
///
/// # Errors
/// [`Trouble`] that names the file and the mend.
pub fn load(folder: &Folder, user: &UserName) -> Result<Option<Record>, Trouble> {
    let name = user.file_name(SUFFIX);
    let bytes = folder
        .read(&name, MAX_SIZE, Kind::Secret)
        .map_err(|distrust| Trouble::new("record", &distrust))?;
    let Some(bytes) = bytes else { return Ok(None) };
    std::str::from_utf8(&bytes)
        .map_err(|_| RecordError::NotUtf8)
        .and_then(|text| Record::parse(text, user))
        .map(Some)
        .map_err(|error| {
            let path = folder.path_of(&name);
            let mend = format_args!(
                "{}: {error}; mend it, or run: antiphon enroll {user} --replace",
                path.display()
            );
            Trouble::new("record", &mend)
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
