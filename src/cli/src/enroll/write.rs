//! Writes an enrolment: the state first, then the record, under the lock of both.

use antiphon_core::code::Step;
use antiphon_core::disk::enrolment::{Change, Place};
use antiphon_core::disk::{RecordsLock, record_file};
use antiphon_core::record::Record;
use antiphon_core::state::State;

use super::already;
use super::draft::Draft;
use crate::arguments::Enroll;
use crate::clock;
use crate::failure::Failure;
use crate::folders;
use crate::house::House;
use crate::lock::patience;

/// What became of an old record.
pub(crate) struct Written {
    /// There was one.
    pub(crate) replaced: bool,
    /// It could not be read.
    pub(crate) lost_old: bool,
}

/// Writes it, whole or not at all; and ends what the person may have begun at a sign-in.
pub(crate) fn enrol(
    draft: &Draft,
    confirmed: Option<Step>,
    wanted: &Enroll,
    house: &House,
) -> Result<Written, Failure> {
    let folders = folders::make_ready(&house.config.paths)?;
    let _lock = RecordsLock::take(&folders.users, &mut patience())?;
    let found = record_file::load(&folders.users, &draft.user);
    // Looked at again under the lock: another may have enrolled this person while we asked for the code.
    let replaced = !matches!(found, Ok(None));
    if replaced && !wanted.replace {
        return Err(already(&draft.user));
    }
    let lost_old = found.is_err();
    let old = found.ok().flatten();
    let record = record_of(draft, wanted, old.as_ref());
    let place = Place {
        users: &folders.users,
        states: &folders.states,
        user: &draft.user,
        config: &house.config,
        clock: &|| Ok(clock::now()),
    };
    let change = Change {
        old: old.as_ref(),
        new: &record,
    };
    place.write(change, State::enrolled(&record, confirmed), &mut patience())?;
    folders::forget_pending(&house.config.paths, &draft.user);
    Ok(Written { replaced, lost_old })
}

/// A new secret, and of the old record what is not of the secret.
fn record_of(draft: &Draft, wanted: &Enroll, old: Option<&Record>) -> Record {
    let mut record = old.cloned().unwrap_or_else(|| Record::new(&draft.user));
    record.language = wanted.language.or(record.language);
    record.code = Some(draft.made.code.clone());
    record.recovery = Some(draft.made.recovery.hashes.clone());
    record
}
