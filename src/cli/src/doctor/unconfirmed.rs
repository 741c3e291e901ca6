//! A change by `enable`, `disable` or `edit` that still waits to be confirmed.

use antiphon_core::visible::visible;

use crate::changes::Changes;
use crate::finding::{Finding, Findings};

/// The longest displayed command, in bytes.
const LONGEST: usize = 200;

/// The change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    /// The command that made it.
    pub(crate) command: String,
    /// When it is taken back, as in [`antiphon_core::time::UnixTime`].
    pub(crate) until: String,
}

pub(super) fn read() -> Option<Facts> {
    let change = Changes::seen()?;
    Some(Facts {
        until: change.until.to_string(),
        command: change.command,
    })
}

pub(super) fn look(facts: Option<&Facts>, findings: &mut Findings) {
    let Some(Facts { command, until }) = facts else {
        return;
    };
    let command = visible(command, LONGEST);
    findings.add(
        Finding::warning(format_args!(
            "a change by `{command}` waits to be confirmed (antiphon confirm), and is taken back at {until}; if nobody is at \
             it any more, take it back now"
        ))
        .fix("antiphon revert"),
    );
}
