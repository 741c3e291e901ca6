//! A change by `enable`, `disable` or `edit` that has not ended.

use std::path::PathBuf;

use antiphon_core::shell;
use antiphon_core::visible::visible;

use crate::changes::{Changed, Changes, Ends};
use crate::clock;
use crate::finding::{Finding, Findings};

/// The longest displayed command, in bytes.
const LONGEST: usize = 200;
/// How long a change may take to be taken back, in seconds.
const GRACE: u64 = 10;

/// The change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The command that made it.
    pub(crate) command: String,
    pub(crate) ends: Ends,
    /// When it is taken back if it waits to be confirmed, as in [`antiphon_core::time::UnixTime`].
    pub(crate) until: String,
    /// Whether that time has passed.
    pub(crate) is_overdue: bool,
    /// Its files.
    pub(crate) files: Vec<Place>,
}

/// A file of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// What was there before; `None` if there was no file.
    pub(crate) backup: Option<PathBuf>,
}

/// The open change, if there is one.
///
/// # Errors
/// Why it cannot be read, with the fix.
pub(super) fn read() -> Result<Option<Facts>, String> {
    let change = Changes::seen().map_err(|failure| failure.to_string())?;
    Ok(change.map(|change| {
        let place = |file: &Changed| Place {
            path: file.path.clone(),
            backup: file.before.as_ref().map(|_| change.backup_of(&file.path)),
        };
        Facts {
            ends: change.ends,
            is_overdue: clock::now() > change.until.plus(GRACE),
            until: change.until.to_string(),
            files: change.files.iter().map(place).collect(),
            command: change.command.clone(),
        }
    }))
}

pub(super) fn look(facts: &Result<Option<Facts>, String>, findings: &mut Findings) {
    let facts = match facts {
        Ok(Some(facts)) => facts,
        Ok(None) => return,
        Err(why) => return findings.fault(why),
    };
    let command = visible(&facts.command, LONGEST);
    findings.add(match facts.ends {
        Ends::Confirmed if facts.is_overdue => Finding::fault(format_args!(
            "a change by `{command}` was not confirmed, and could not be taken back at {}: services may ask nobody, or lock \
             people out; take it back now",
            facts.until
        ))
        .fix("antiphon revert"),
        Ends::Confirmed => Finding::warning(format_args!(
            "a change by `{command}` waits to be confirmed (antiphon confirm), and is taken back at {}; if nobody is at it any \
             more, take it back now",
            facts.until
        ))
        .fix("antiphon revert"),
        Ends::Made => Finding::warning(format_args!(
            "`{command}` was stopped while it changed files; what it has not made is taken back when the computer starts"
        ))
        .fix("antiphon revert"),
        Ends::LookedAt => to_look_at(&command, facts),
    });
}

fn to_look_at(command: &str, facts: &Facts) -> Finding {
    let paths: Vec<String> = facts
        .files
        .iter()
        .map(|file| shell::word(&file.path))
        .collect();
    let compared: Vec<String> = facts
        .files
        .iter()
        .filter_map(|file| {
            let backup = shell::word(file.backup.as_ref()?);
            Some(format!("diff -u {backup} {}", shell::word(&file.path)))
        })
        .collect();
    let compare = match compared.as_slice() {
        [] => "nothing was there before".to_owned(),
        some => format!("see what differs with: {}", some.join("; ")),
    };
    Finding::fault(format_args!(
        "a change by `{command}` was not confirmed, and could not be taken back in {}, because somebody else has edited the same \
         lines, or some that depend on them: services may ask nobody, or lock people out; {compare}; then put right what is wrong there, and say that you \
         have",
        paths.join(" and ")
    ))
    .fix(format!("${{EDITOR:-vi}} {} && antiphon revert --leave", paths.join(" ")))
}
