//! Reads and writes what a person may see of their own factors.
//!
//! Nothing here waits for a lock, and no decision reads it: the daemon may read these files.

use nix::errno::Errno;

use super::activity_file::SHARED_MODE;
use super::distrust::Distrust;
use super::folder::Folder;
use super::whole_file::WholeFile;
use crate::name::UserName;
use crate::summary::Summary;

/// The suffix after the encoded name.
pub const SUFFIX: &str = ".json";
/// The largest accepted file, in bytes.
const MAX_SIZE: u64 = 64 * 1024;

/// Whether a file must survive a power cut once written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// Yes, synced.
    Yes,
    /// No: a sign-in does not wait for that.
    No,
}

/// Writes `summary` to the folder of activity, readable by the folder's group, the daemon's.
///
/// # Errors
/// [`Distrust`], which the caller reports before it goes on.
pub fn store(
    folder: &Folder,
    user: &UserName,
    summary: &Summary,
    durable: Durable,
) -> Result<(), Distrust> {
    let name = user.file_name(SUFFIX);
    let failed = |errno| Distrust::system(&folder.path_of(&name), errno);
    let text = summary.to_text().map_err(|_| failed(Errno::EINVAL))?;
    let file = WholeFile {
        name: &name,
        temporary: &format!(".{}.new", user.file_name("")),
        mode: SHARED_MODE,
        group: Some(folder.group()),
        durable: durable == Durable::Yes,
    };
    file.write(folder, text.as_bytes())
}

/// Reads `user`'s summary; `None` if there is none or it cannot be parsed.
///
/// # Errors
/// [`Distrust`] if the file cannot be trusted or read.
pub fn load(folder: &Folder, user: &UserName) -> Result<Option<Summary>, Distrust> {
    let bytes = folder.read_public(&user.file_name(SUFFIX), MAX_SIZE)?;
    Ok(bytes.and_then(|bytes| Summary::parse(&bytes)))
}

/// Removes `user`'s summary; returns whether there was one.
///
/// # Errors
/// [`Distrust`] with the system's error.
pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
    folder.remove(&user.file_name(SUFFIX))
}

#[cfg(test)]
mod tests;
