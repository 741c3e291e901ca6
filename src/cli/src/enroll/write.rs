//! Writes an enrolment: the state first, then the record, under the lock of both.

use antiphon_core::code::Step;
use antiphon_core::disk::{StateFile, record_file};
use antiphon_core::record::Record;
use antiphon_core::state::State;

use super::already;
use super::draft::Draft;
use crate::arguments::Enroll;
use crate::clock;
use crate::failure::{Failure, Kind};
use crate::folders;
use crate::house::House;
use crate::lock::{RecordsLock, patience};

/// What became of an old record.
pub(crate) struct Written {
    /// There was one.
    pub(crate) replaced: bool,
    /// It could not be read.
    pub(crate) lost_old: bool,
}

/// Writes it. After a crash at any instant the person is enrolled as before or as wanted, and no code that was used can
/// be used again: a state that does not know the record's secret refuses every code of the present.
pub(crate) fn enrol(
    draft: &Draft,
    confirmed: Option<Step>,
    wanted: &Enroll,
    house: &House,
) -> Result<Written, Failure> {
    let folders = folders::make_ready(&house.config.paths)?;
    let _lock = RecordsLock::take(&folders.users)?;
    let found = record_file::load(&folders.users, &draft.user);
    // Looked at again under the lock: another may have enrolled this person while we asked for the code.
    let replaced = !matches!(found, Ok(None));
    if replaced && !wanted.replace {
        return Err(already(&draft.user));
    }
    let lost_old = found.is_err();
    let old = found.ok().flatten();
    let record = record_of(draft, wanted, old.as_ref());
    // Settled by the old record where there is one, so that it can be put back as it was.
    let settled_by = old.as_ref().unwrap_or(&record);
    let mut state = StateFile::open(
        &folders.states,
        &draft.user,
        (settled_by, &house.config),
        clock::now(),
        &mut patience(),
    )?
    .file;
    let before = state.state().clone();
    state
        .write(State::enrolled(&record, confirmed))
        .map_err(|trouble| Failure::new(Kind::CannotCreate, trouble))?;
    if let Err(distrust) = record_file::store(&folders.users, &draft.user, &record) {
        // The old record, if there is one, goes on as before.
        let _ = state.write(before);
        return Err(Failure::new(Kind::CannotCreate, distrust));
    }
    Ok(Written { replaced, lost_old })
}

/// A new secret, and of the old record what is not of the secret.
fn record_of(draft: &Draft, wanted: &Enroll, old: Option<&Record>) -> Record {
    let mut record = old.cloned().unwrap_or_else(|| Record::new(&draft.user));
    record.language = wanted.language.or(record.language);
    record.code = Some(draft.code.clone());
    record.recovery = Some(draft.recovery.hashes.clone());
    record
}
