//! Writes an enrolment by a code.

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

/// What became of an old record.
pub(crate) struct Written {
    /// There was one.
    pub(crate) replaced: bool,
    /// It could not be read.
    pub(crate) lost_old: bool,
    /// Why what people see of it was not written.
    pub(crate) unseen: Option<Distrust>,
}

/// Writes it, whole or not at all; and ends what the person may have begun at a sign-in.
pub(crate) fn enrol(
    draft: &Draft,
    confirmed: Option<Step>,
    wanted: &Enroll,
    house: &House,
) -> Result<Written, Failure> {
    folders::make_ready(&house.config.paths)?;
    let files = files(&draft.user, house, false)?;
    // Looked at again under the lock: another may have enrolled this person while we asked for the code.
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
