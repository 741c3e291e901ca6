//! The administrator's editor.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Kind};

/// Where it is named, the first that says something.
const NAMED_IN: [&str; 3] = ["SUDO_EDITOR", "VISUAL", "EDITOR"];
/// If nothing is named, the first of them that is there.
const USUAL: [&str; 3] = ["editor", "nano", "vi"];

/// Opens the file at `path`, and waits until the editor has ended.
pub(super) fn open(path: &Path) -> Result<(), Failure> {
    let editor = named().or_else(usual).ok_or_else(|| {
        let what = "no editor is there; name one, as in: EDITOR=vim antiphon edit";
        Failure::new(Kind::Unavailable, what)
    })?;
    // By a shell, because it may have options.
    let ended = Command::new("sh")
        .args(["-c", "exec $ANTIPHON_EDITOR \"$1\"", "sh"])
        .arg(path)
        .env("ANTIPHON_EDITOR", &editor)
        .status();
    let why = match ended {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    let what = format!(
        "the editor, {}, failed ({why}); nothing was changed, and the draft is kept in {}",
        editor.to_string_lossy(),
        antiphon_core::shell::word(path)
    );
    Err(Failure::new(Kind::Unavailable, what))
}

fn named() -> Option<OsString> {
    let said = NAMED_IN.iter().filter_map(env::var_os);
    said.into_iter().find(|said| !said.is_empty())
}

fn usual() -> Option<OsString> {
    let folders = env::var_os("PATH")?;
    let is_there =
        |name: &&&str| env::split_paths(&folders).any(|folder| folder.join(name).is_file());
    USUAL.iter().find(is_there).map(OsString::from)
}
