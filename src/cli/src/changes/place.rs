//! Puts a file into its place: a reader sees the old one or the new one, with the same owner, mode and labels.
//!
//! The old file stays beside it by a hidden name until the change is ended. Its name is given back to it then, which
//! needs no room on a disk and brings back everything that the file had.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use antiphon_core::shell;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use xattr::FileExt;

use super::bytes::Bytes;
use super::open::Changed;
use crate::failure::{Failure, Kind};

/// The largest file, in bytes.
pub(crate) const LARGEST: u64 = 1024 * 1024;
/// The mode of a file that was not there before.
const USUAL_MODE: u32 = 0o644;
/// Signatures of a file's bytes, which those of another file have not.
const OF_ITS_BYTES: [&str; 2] = ["security.ima", "security.evm"];

/// What stands in the file at `path`; `None` if there is none.
///
/// A symbolic link is not followed: another tool has put it there, and would do so again.
pub(crate) fn read(path: &Path) -> Result<Option<Bytes>, Failure> {
    let shown = shell::word(path);
    let failed = |error: &io::Error| Failure::new(Kind::Io, format!("{shown}: {error}"));
    let kind = match path.symlink_metadata() {
        Ok(about) => about.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    if kind.is_symlink() {
        let target = fs::read_link(path).map_err(|error| failed(&error))?;
        let what = format!(
            "{shown}: is a symbolic link to {}, which belongs to some other tool: make the change by that",
            shell::word(&target)
        );
        return Err(Failure::new(Kind::Config, what));
    }
    if !kind.is_file() {
        let what = format!("{shown}: is not a regular file");
        return Err(Failure::new(Kind::Config, what));
    }
    let mut bytes = Vec::new();
    OpenOptions::new()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| failed(&error))?;
    if bytes.len() as u64 > LARGEST {
        let what = format!("{shown}: is larger than {LARGEST} bytes");
        return Err(Failure::new(Kind::Config, what));
    }
    Ok(Some(Bytes(bytes)))
}

/// Gives the file a second, hidden name, under which it stays.
pub(super) fn keep(file: &Changed) -> Result<(), Failure> {
    if file.before.is_none() {
        return Ok(());
    }
    let kept = kept(&file.path);
    remove(&kept)
        .and_then(|()| fs::hard_link(&file.path, &kept))
        .map_err(|error| failed(&file.path, &error))
}

/// Puts `bytes` into the file's place; without any, removes it.
pub(super) fn put(path: &Path, bytes: Option<&Bytes>) -> Result<(), Failure> {
    let done = match bytes {
        Some(bytes) => write(path, &bytes.0, USUAL_MODE),
        None => remove(path).and_then(|()| sync(folder_of(path))),
    };
    done.map_err(|error| failed(path, &error))
}

/// Puts back what was there before: the very file, or one with the same bytes if it is gone, or if somebody has meanwhile
/// changed whose the file is and who may do what with it, which is theirs and stays.
pub(super) fn put_back(path: &Path, before: Option<&Bytes>) -> Result<(), Failure> {
    let kept = kept(path);
    let is_kept = before.is_some() && read(&kept).ok().as_ref().map(Option::as_ref) == Some(before);
    if is_kept && has_same_rights(&kept, path).map_err(|error| failed(path, &error))? {
        return fs::rename(&kept, path)
            .and_then(|()| sync(folder_of(path)))
            .map_err(|error| failed(path, &error));
    }
    put(path, before)
}

/// Whether both files have the same owner and mode; also if there is none at `path`.
fn has_same_rights(kept: &Path, path: &Path) -> io::Result<bool> {
    let about = match path.symlink_metadata() {
        Ok(about) => about,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    let rights = |about: &fs::Metadata| (about.mode(), about.uid(), about.gid());
    Ok(rights(&kept.symlink_metadata()?) == rights(&about))
}

/// Removes the hidden names.
pub(super) fn forget(path: &Path) {
    for hidden in [kept(path), unfinished(path)] {
        let _ = remove(&hidden);
    }
}

/// Writes `bytes` to `path` durably, as what the file there was; `mode` is for one that is new.
pub(super) fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let like = File::options()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path);
    let like = match like {
        Ok(like) => Some(like),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    write_like(path, bytes, like.as_ref(), mode)
}

/// Writes `bytes`, those of the file at `from`, to `to`, as that file is.
pub(super) fn copy(from: &Path, to: &Path, bytes: &Bytes) -> io::Result<()> {
    write_like(to, &bytes.0, Some(&File::open(from)?), USUAL_MODE)
}

fn write_like(path: &Path, bytes: &[u8], like: Option<&File>, mode: u32) -> io::Result<()> {
    let unfinished = unfinished(path);
    remove(&unfinished)?;
    let written = fill(&unfinished, bytes, like, mode)
        .and_then(|()| fs::rename(&unfinished, path))
        .and_then(|()| sync(folder_of(path)));
    if written.is_err() {
        let _ = remove(&unfinished);
    }
    written
}

fn fill(path: &Path, bytes: &[u8], like: Option<&File>, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let mut mode = mode;
    if let Some(like) = like {
        let about = like.metadata()?;
        fchown(&file, Some(about.uid()), Some(about.gid()))?;
        copy_labels(like, &file)?;
        mode = about.mode() & 0o7777;
    }
    // Last, because a change of the owner takes parts of it away; and the umask applied at creation.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// SELinux's context, access control lists and the like.
fn copy_labels(from: &File, to: &File) -> io::Result<()> {
    let names = match from.list_xattr() {
        Ok(names) => names,
        Err(error) if is_unsupported(&error) => return Ok(()),
        Err(error) => return Err(error),
    };
    for name in names {
        if OF_ITS_BYTES.iter().any(|of_bytes| name == *of_bytes) {
            continue;
        }
        let Some(value) = from.get_xattr(&name)? else {
            continue;
        };
        match to.set_xattr(&name, &value) {
            Err(error) if !is_unsupported(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn is_unsupported(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::ENOTSUP as i32)
}

/// Makes durable which files are in the folder.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

fn kept(path: &Path) -> PathBuf {
    beside(path, "kept")
}

fn unfinished(path: &Path) -> PathBuf {
    beside(path, "new")
}

/// A hidden name, which neither libpam nor any other program takes for a file of its own.
fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.antiphon-{what}"))
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "; look at lsattr, and for denials of SELinux or AppArmor"
        }
        io::ErrorKind::ReadOnlyFilesystem => "; mount its file system for writing",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "; free some space there",
        _ => "",
    };
    Failure::new(
        Kind::CannotCreate,
        format!("{}: {error}{advice}", shell::word(path)),
    )
}
