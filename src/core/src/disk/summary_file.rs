//! Reading and writing what a person may see of their own ways to sign in.
//!
//! Nothing here waits, and no decision reads it: the daemon may read these files.

use nix::errno::Errno;
use nix::sys::stat::fstat;
use nix::unistd::{Gid, UnlinkatFlags, unlinkat};

use super::activity_file::SHARED_MODE;
use super::distrust::Distrust;
use super::folder::{Folder, Kind};
use super::whole_file::WholeFile;
use crate::name::UserName;
use crate::summary::Summary;

/// What follows the encoded name.
pub const SUFFIX: &str = ".json";
/// The largest file that is read, in bytes.
const MAX_SIZE: u64 = 64 * 1024;

/// Whether a file must have outlived a power cut when it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// It must.
    Yes,
    /// A sign-in does not wait for that.
    No,
}

/// Writes `summary` in the folder of activity, readable by the folder's group, which is the daemon's.
///
/// # Errors
/// [`Distrust`]; the caller says so and goes on.
pub fn store(
    folder: &Folder,
    user: &UserName,
    summary: &Summary,
    durable: Durable,
) -> Result<(), Distrust> {
    let name = user.file_name(SUFFIX);
    let failed = |errno| Distrust::system(&folder.path_of(&name), errno);
    let text = summary.to_text().map_err(|_| failed(Errno::EINVAL))?;
    let group = fstat(folder.handle()).map_err(failed)?.st_gid;
    let file = WholeFile {
        name: &name,
        temporary: &format!(".{}.new", user.file_name("")),
        mode: SHARED_MODE,
        group: Some(Gid::from_raw(group)),
        durable: durable == Durable::Yes,
    };
    file.write(folder, text.as_bytes())
}

/// What is on file of `user`; `None` if there is nothing, or nothing that is understood.
///
/// # Errors
/// [`Distrust`] if the file cannot be trusted or read.
pub fn load(folder: &Folder, user: &UserName) -> Result<Option<Summary>, Distrust> {
    let bytes = folder.read(&user.file_name(SUFFIX), MAX_SIZE, Kind::Public)?;
    Ok(bytes.and_then(|bytes| Summary::parse(&bytes)))
}

/// Removes what is on file of `user`; whether there was anything.
///
/// # Errors
/// [`Distrust`] with what the system said.
pub fn remove(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
    let name = user.file_name(SUFFIX);
    match unlinkat(folder.handle(), name.as_str(), UnlinkatFlags::NoRemoveDir) {
        Ok(()) => Ok(true),
        Err(Errno::ENOENT) => Ok(false),
        Err(errno) => Err(Distrust::system(&folder.path_of(&name), errno)),
    }
}

#[cfg(test)]
mod tests;
