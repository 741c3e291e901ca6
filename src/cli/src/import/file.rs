//! Opens files that another module keeps, and that others may have put there; and reads what a program hands over.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use nix::fcntl::OFlag;
use nix::libc::ELOOP;
use nix::unistd::Uid;
use zeroize::Zeroizing;

/// The bytes of the regular file at `path`, at most `most`: one of `owners` owns it, and nobody else can have written it.
/// No link is followed at the end of the path, and nothing is waited for.
///
/// # Errors
/// Why it is not read.
pub(super) fn bytes(path: &Path, owners: &[Uid], most: u64) -> Result<Zeroizing<Vec<u8>>, String> {
    let file = open(path).map_err(|error| match error.raw_os_error() {
        Some(ELOOP) => "it is a symbolic link, which is not followed".to_owned(),
        _ => in_words(&error),
    })?;
    let found = file.metadata().map_err(|error| in_words(&error))?;
    if !found.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    if !owners.contains(&Uid::from_raw(found.uid())) {
        return Err(format!("it belongs to user id {}", found.uid()));
    }
    if found.mode() & 0o022 != 0 {
        return Err("others than its owner can write to it".to_owned());
    }
    if found.len() > most {
        return Err(format!("it is larger than {most} bytes"));
    }
    // Allocated once: a buffer that grows leaves an unwiped copy behind.
    let size = usize::try_from(found.len()).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 1));
    let read = file.take(found.len()).read_to_end(&mut bytes);
    read.map_err(|error| in_words(&error))?;
    Ok(bytes)
}

/// All of standard input, at most `most` bytes.
///
/// # Errors
/// Why it is not read.
pub(super) fn standard_input(most: u64) -> Result<Zeroizing<Vec<u8>>, String> {
    // Not by the standard library's own reader, whose buffer is not wiped.
    let input = io::stdin().as_fd().try_clone_to_owned();
    let input = File::from(input.map_err(|error| in_words(&error))?);
    let size = usize::try_from(most).unwrap_or_default();
    let mut bytes = Zeroizing::new(Vec::with_capacity(size + 2));
    let read = input.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| in_words(&error))?;
    if bytes.len() > size {
        return Err(format!("it is larger than {most} bytes"));
    }
    Ok(bytes)
}

fn open(path: &Path) -> io::Result<File> {
    // Non-blocking: opening a FIFO would wait.
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits())
        .open(path)
}

/// Without the number that the standard library appends.
fn in_words(error: &io::Error) -> String {
    let words = error.to_string();
    match words.split_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => words,
    }
}
