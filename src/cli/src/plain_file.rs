//! Reads files that others may have put where we look: only regular ones, only up to a limit, and without ever waiting.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use nix::fcntl::OFlag;

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unread {
    /// There is none.
    Absent,
    /// A folder, FIFO, socket or device.
    NotAFile,
    /// It has more bytes than the limit.
    TooLarge,
    /// Opening or reading it failed.
    Failed(String),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("there is no such file"),
            Self::NotAFile => f.write_str("it is not a regular file"),
            Self::TooLarge => f.write_str("it is too large"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}

/// The bytes of the file at `path`, of which there may be `most`.
///
/// Opened by `O_PATH` first: opening a FIFO would wait, and opening a device can have effects.
///
/// # Errors
/// [`Unread`].
pub(crate) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    open(path)?
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Unread::Failed(error.to_string()))?;
    if bytes.len() as u64 > most {
        return Err(Unread::TooLarge);
    }
    Ok(bytes)
}

/// The same as text; bytes that are none become replacement characters.
///
/// # Errors
/// [`Unread`].
pub(crate) fn text(path: &Path, most: u64) -> Result<String, Unread> {
    bytes(path, most).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// Opens the regular file at `path`.
///
/// # Errors
/// [`Unread`].
pub(crate) fn open(path: &Path) -> Result<File, Unread> {
    let unread = |error: io::Error| match error.kind() {
        // A symbolic link to nothing counts as no file.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Unread::Absent,
        _ => Unread::Failed(error.to_string()),
    };
    let place = OpenOptions::new()
        .read(true)
        .custom_flags(OFlag::O_PATH.bits())
        .open(path)
        .map_err(unread)?;
    if !place.metadata().map_err(unread)?.is_file() {
        return Err(Unread::NotAFile);
    }
    OpenOptions::new()
        .read(true)
        // Whoever has a lease on their file would keep us waiting (fcntl(2)).
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(format!("/proc/self/fd/{}", place.as_raw_fd()))
        .map_err(unread)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    use super::{Unread, text};
    use crate::scratch::Scratch;

    #[test]
    fn what_is_no_regular_file_or_too_large_is_not_read_and_nothing_is_waited_for() {
        let scratch = Scratch::new();
        let at = |name: &str| scratch.join(name);
        fs::write(at("file"), "four").unwrap();
        symlink(at("file"), at("link")).unwrap();
        symlink(at("loop"), at("loop")).unwrap();
        symlink(at("gone"), at("dangling")).unwrap();
        mkfifo(&at("fifo"), Mode::S_IRWXU).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        assert_eq!(text(&at("link"), 4).unwrap(), "four");
        assert_eq!(text(&at("file"), 3), Err(Unread::TooLarge));
        for name in ["gone", "dangling", "file/below"] {
            assert_eq!(text(&at(name), 4), Err(Unread::Absent), "{name}");
        }
        for name in ["fifo", "socket", "."] {
            assert_eq!(text(&at(name), 4), Err(Unread::NotAFile), "{name}");
        }
        assert!(matches!(text(&at("loop"), 4), Err(Unread::Failed(_))));
        assert_eq!(text("/dev/zero".as_ref(), 4), Err(Unread::NotAFile));
        fs::write(at("odd"), b"a\xff\0b").unwrap();
        assert_eq!(text(&at("odd"), 4).unwrap(), "a\u{fffd}\0b");
    }
}
