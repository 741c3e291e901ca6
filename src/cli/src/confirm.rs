//! `antiphon confirm`: a change that waits to be confirmed stays.

use std::process::ExitCode;

use antiphon_core::visible::visible;
use serde::Serialize;

use crate::changes;
use crate::failure::{Failure, Kind};
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    /// The command that made the change.
    command: String,
    files: Vec<String>,
}

pub(crate) fn run(screen: &mut Screen) -> Result<ExitCode, Failure> {
    let Some(change) = changes::confirm()? else {
        let what =
            "no change waits to be confirmed; if there was one, it has been taken back already";
        return Err(Failure::new(Kind::TryAgain, what));
    };
    if screen.is_json() {
        let files = change.files.iter();
        screen.object(&Object {
            files: files.map(|file| file.path.display().to_string()).collect(),
            command: change.command,
        })?;
    } else {
        screen.say(&format!(
            "The change by {} stays.",
            visible(&change.command, 200)
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
