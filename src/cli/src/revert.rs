//! `antiphon revert`: takes back a change that nobody has confirmed.

use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;

use crate::arguments::Revert;
use crate::changes::{self, Became, Changes, Taken, Why, log_taken, take_back};
use crate::enable::say_taken;
use crate::failure::{Failure, Kind};
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    /// The command that made the change; null if there was none to take back.
    command: Option<String>,
    files: Vec<FileObject>,
}

#[derive(Serialize)]
struct FileObject {
    file: String,
    /// `as-before`, `without-ours`, `with-ours` or `left`.
    became: &'static str,
}

impl FileObject {
    fn of(taken: &Taken) -> Self {
        Self {
            file: taken.path.display().to_string(),
            became: match taken.became {
                Became::AsBefore => "as-before",
                Became::WithoutOurs => "without-ours",
                Became::WithOurs => "with-ours",
                Became::Left => "left",
            },
        }
    }
}

/// Takes the open change back, or waits to do so.
pub(crate) fn run(wanted: &Revert, screen: &mut Screen) -> Result<ExitCode, Failure> {
    if let Some([id, seconds]) = wanted.guard.as_deref() {
        let seconds = seconds
            .parse()
            .map_err(|_| Failure::new(Kind::Usage, "--guard: seconds are a number"))?;
        return changes::guard(id, Duration::from_secs(seconds)).map(|()| ExitCode::SUCCESS);
    }
    let mut taken = Vec::new();
    let mut open = None;
    if let Some(changes) = Changes::lock_if_there()? {
        open = changes.current()?;
        if let Some(change) = &open {
            taken = take_back(&changes, change)?;
            log_taken(change, &taken, Why::Reverted);
        }
    }
    if screen.is_json() {
        screen.object(&Object {
            command: open.map(|change| change.command),
            files: taken.iter().map(FileObject::of).collect(),
        })?;
    } else if open.is_some() {
        say_taken(&taken, screen)?;
    } else {
        screen.line("No change waits to be confirmed; nothing to take back.")?;
    }
    Ok(ExitCode::SUCCESS)
}
