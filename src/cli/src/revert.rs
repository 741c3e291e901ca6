//! `antiphon revert`: takes back a change that nobody has confirmed.

use std::process::ExitCode;
use std::time::Duration;

use antiphon_core::visible::visible;
use serde::Serialize;

use crate::arguments::Revert;
use crate::changes::{self, Became, Changes, Taken, Why};
use crate::enable::say_taken;
use crate::failure::{Failure, Kind};
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Default, Serialize)]
struct Object {
    /// The command that made the change; null if none is open.
    command: Option<String>,
    /// Empty if the change stays: it was made for good, or its files were left.
    files: Vec<FileObject>,
}

#[derive(Serialize)]
struct FileObject {
    file: String,
    /// `as-before`, `merged` or `left`.
    became: &'static str,
}

impl FileObject {
    fn of(taken: &Taken) -> Self {
        Self {
            file: taken.path.display().to_string(),
            became: match taken.became {
                Became::AsBefore => "as-before",
                Became::Merged => "merged",
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
    let changes = Changes::lock_if_there()?;
    let open = changes.as_ref().map(Changes::current).transpose()?;
    let (Some(changes), Some(Some(open))) = (changes, open) else {
        if screen.is_json() {
            screen.object(&Object::default())?;
        } else {
            screen.line("No change waits to be confirmed; nothing to take back.")?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let taken = if wanted.leave {
        changes::leave(&changes, &open).map(|()| None)?
    } else {
        let ended = changes::end_open(&changes, &open, Why::Reverted);
        // What tries again needs it.
        drop(changes);
        ended.map_err(|failure| changes::try_again(&open.id, &failure))?
    };
    if screen.is_json() {
        screen.object(&Object {
            command: Some(open.command),
            files: taken.iter().flatten().map(FileObject::of).collect(),
        })?;
    } else if let Some(taken) = &taken {
        say_taken(taken, screen)?;
    } else {
        let command = visible(&open.command, 200);
        screen.line(&format!(
            "The files of the change by {command} stay as they are; nothing was taken back."
        ))?;
    }
    Ok(if changes::left(&taken.unwrap_or_default()).is_empty() {
        ExitCode::SUCCESS
    } else {
        Kind::Config.exit_code()
    })
}
