//! Letters to print, with the secrets of new enrolments in them: in a folder that root names.
//!
//! A letter is put aside under a name that nobody prints, then the record is written, then the letter gets its name. So
//! there is no record whose letter was never durable, and no letter by its name whose secret has never been valid; after
//! a crash at any instant, comparing the letter put aside with the record says which of the two it was.

use zeroize::Zeroizing;

use nix::errno::Errno;

use super::distrust::Distrust;
use super::folder::Folder;
use super::whole_file::WholeFile;
use crate::name::UserName;

/// The suffix after the encoded name.
const SUFFIX: &str = ".html";
/// All letters in one file. Nobody's letter has this name, since upper case is encoded in those.
pub const ALL: &str = "ALL-LETTERS.html";
/// The largest letter that is read, in bytes.
const MAX_SIZE: u64 = 256 * 1024;

/// The name of `user`'s letter.
#[must_use]
pub fn name_of(user: &UserName) -> String {
    user.file_name(SUFFIX)
}

/// Puts a letter aside durably, in the place of one that was put aside before.
///
/// # Errors
/// [`Distrust`] with the system's error.
pub fn put_aside(folder: &Folder, user: &UserName, letter: &str) -> Result<(), Distrust> {
    write(folder, &aside(user), letter)
}

/// The letter put aside, if there is one.
///
/// # Errors
/// [`Distrust`] if the file cannot be trusted or read.
pub fn load_aside(
    folder: &Folder,
    user: &UserName,
) -> Result<Option<Zeroizing<Vec<u8>>>, Distrust> {
    folder.read_secret(&aside(user), MAX_SIZE)
}

/// Gives the letter put aside its name, durably. The caller holds the folder's lock, so nobody else issues one meanwhile.
///
/// # Errors
/// [`Distrust`] if there is a letter by that name, or with the system's error.
pub fn issue(folder: &Folder, user: &UserName) -> Result<(), Distrust> {
    let name = name_of(user);
    let path = folder.path_of(&name);
    let failed = |errno| Distrust::system(&path, errno);
    if path.symlink_metadata().is_ok() {
        return Err(failed(Errno::EEXIST));
    }
    folder
        .rename(&aside(user), &name)
        .and_then(|()| folder.sync())
        .map_err(failed)
}

/// Removes the letter put aside, if there is one.
///
/// # Errors
/// [`Distrust`] with the system's error.
pub fn discard(folder: &Folder, user: &UserName) -> Result<bool, Distrust> {
    folder.remove_for_good(&aside(user))
}

/// The letter by its name, if there is one.
///
/// # Errors
/// [`Distrust`] if the file cannot be trusted or read.
pub fn load(folder: &Folder, user: &UserName) -> Result<Option<Zeroizing<Vec<u8>>>, Distrust> {
    folder.read_secret(&name_of(user), MAX_SIZE)
}

/// Writes all letters in one file, [`ALL`], in the place of the one that there was.
///
/// # Errors
/// [`Distrust`] with the system's error.
pub fn store_all(folder: &Folder, letters: &str) -> Result<(), Distrust> {
    write(folder, ALL, letters)
}

fn write(folder: &Folder, name: &str, text: &str) -> Result<(), Distrust> {
    let file = WholeFile {
        name,
        temporary: &format!(".{}.new", name.trim_start_matches('.')),
        mode: 0o600,
        group: None,
        durable: true,
    };
    file.write(folder, text.as_bytes())
}

fn aside(user: &UserName) -> String {
    format!(".{}.aside", name_of(user))
}

#[cfg(test)]
mod tests;
