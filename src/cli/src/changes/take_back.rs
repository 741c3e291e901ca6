//! Takes a change back, and leaves alone what somebody has edited meanwhile.

use std::fmt;
use std::path::PathBuf;

use antiphon_core::shell;

use super::lines;
use super::open::{Change, Changed, Changes, Ends};
use super::place;
use super::sound::is_sound;
use crate::failure::{Failure, Kind};

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Became {
    /// It is as before.
    AsBefore,
    /// Somebody has edited it: the change alone was taken back.
    Merged,
    /// Somebody has edited the lines of the change or beside them, has written what would mean something else without the
    /// change, or has put something else in the file's place: somebody must look at it.
    Left,
}

/// A file, and what became of it. `Display` is a sentence.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) path: PathBuf,
    pub(crate) became: Became,
    backup: PathBuf,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = shell::word(&self.path);
        match self.became {
            Became::AsBefore => write!(f, "{path} is as before"),
            Became::Merged => write!(
                f,
                "{path} was edited by somebody else: the change was taken back there, and the rest is as it was edited"
            ),
            Became::Left => write!(
                f,
                "{path} was edited by somebody else, in the same lines or some that depend on them, and stays as it is; what was there before is in {}",
                shell::word(&self.backup)
            ),
        }
    }
}

/// Takes `change` back and ends it; or if a file is left, leaves it open with that file alone.
///
/// # Errors
/// The first file that could not be written; the change stays open then, so that it is tried again, and all other files
/// are as they should be.
pub(crate) fn take_back(changes: &Changes, change: &Change) -> Result<Vec<Taken>, Failure> {
    let mut failures = Vec::new();
    let mut all = Vec::new();
    for file in change.files.iter().rev() {
        match taken_back(file, change.ends) {
            Ok(became) => all.push(Taken {
                path: file.path.clone(),
                became,
                backup: change.backup_of(&file.path),
            }),
            Err(failure) => failures.push((file, failure)),
        }
    }
    if let Some((file, failure)) = failures.first() {
        let what = format!(
            "{failure}; it is not taken back yet: run antiphon revert again, or copy {} to its place",
            shell::word(change.backup_of(&file.path))
        );
        return Err(Failure::new(Kind::Io, what));
    }
    let left = left(&all);
    let ended = if left.is_empty() {
        changes.close(change)
    } else {
        changes.leave(change, &left)
    };
    ended.map_err(|failure| {
        let what = format!(
            "{failure}; the files are as they should be, but that is not written down: run antiphon revert again"
        );
        Failure::new(Kind::Io, what)
    })?;
    Ok(all)
}

/// The files that somebody must look at.
pub(crate) fn left(taken: &[Taken]) -> Vec<PathBuf> {
    let left = taken.iter().filter(|taken| taken.became == Became::Left);
    left.map(|taken| taken.path.clone()).collect()
}

fn taken_back(file: &Changed, ends: Ends) -> Result<Became, Failure> {
    let now = match place::read(&file.path) {
        Ok(now) => now,
        // A link or a folder in its place is somebody's edit, too.
        Err(failure) if failure.kind() == Kind::Config => return Ok(Became::Left),
        Err(failure) => return Err(failure),
    };
    if now == file.before {
        return Ok(Became::AsBefore);
    }
    if ends == Ends::LookedAt {
        // Whoever looks at it edits the lines of the change, and even if they are as the change has made them, that is what
        // somebody has put right.
        return Ok(Became::Left);
    }
    if now == file.after {
        place::put_back(&file.path, file.before.as_ref())?;
        return Ok(Became::AsBefore);
    }
    let merged = now.as_ref().and_then(|now| {
        let merged = lines::without_change(file, now)?;
        (*now == merged || is_sound(file, now, &merged)).then_some(merged)
    });
    let Some(merged) = merged else {
        return Ok(Became::Left);
    };
    if now.as_ref() != Some(&merged) {
        place::put(&file.path, Some(&merged))?;
    }
    Ok(Became::Merged)
}
