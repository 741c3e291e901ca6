//! Writes an enrolment with codes.

use antiphon_core::code::Step;
use antiphon_core::disk::Distrust;
use antiphon_core::person::{Edit, NewCode};

use super::already;
use super::draft::Draft;
use crate::arguments::Enroll;
use crate::failure::Failure;
use crate::folders;
use crate::house::House;
use crate::lock::files;

/// What happened to an old record.
pub(crate) struct Written {
    /// Whether there was one.
    pub(crate) replaced: bool,
    /// Whether it was unreadable.
    pub(crate) lost_old: bool,
    /// Why the person's summary could not be written.
    pub(crate) unseen: Option<Distrust>,
}

/// Writes the enrolment completely or not at all, and ends one that the person may have started at a sign-in.
pub(crate) fn enrol(
    draft: &Draft,
    confirmed: Option<Step>,
    wanted: &Enroll,
    house: &House,
) -> Result<Written, Failure> {
    folders::make_ready(&house.config.paths)?;
    let files = files(&draft.user, house, false)?;
    // Checked again under the lock: the person may have been enrolled while we asked for the code.
    let replaced = !matches!(files.record(), Ok(None));
    if replaced && !wanted.replace {
        return Err(already(&draft.user));
    }
    let new = NewCode {
        code: &draft.made.code,
        recovery: &draft.made.recovery.hashes,
        confirmed,
        language: wanted.language,
    };
    let changed = files.change(Edit::Enrol(&new))?;
    Ok(Written {
        replaced,
        lost_old: changed.unreadable.is_some(),
        unseen: changed.unseen,
    })
}
