//! Removing all of a person's files, or all but the state.

use super::{Editing, PersonFiles, Unwritten, forget_pending, show};
use crate::disk::{Distrust, Folder, RecordsLock, StateFile, record_file};
use crate::record::Record;
use crate::trouble::Trouble;

/// What was removed.
#[derive(Default)]
pub struct Removed {
    /// Whether there was a record.
    pub had_record: bool,
    /// Its contents, if they could be read.
    pub record: Option<Record>,
    /// Why they could not be read.
    pub unreadable: Option<Trouble>,
    /// Whether a state was purged.
    pub had_state: bool,
    /// Why the summary could not be removed.
    pub unseen: Option<Distrust>,
}

impl PersonFiles<'_> {
    /// Removes the record, the unfinished enrolment and the summary; with `purge`, the state as well. A state that
    /// stays remembers what was used, in case the record is restored from a backup.
    ///
    /// # Errors
    /// [`Unwritten`]; what was removed by then stays removed.
    pub fn remove(editing: Editing<'_>, purge: bool) -> Result<Removed, Unwritten> {
        let Editing { user, config, .. } = editing;
        let opened = |path| match Folder::open(path) {
            Ok(folder) => Ok(Some(folder)),
            Err(distrust) if distrust.is_missing() => Ok(None),
            Err(distrust) => Err(Unwritten::Unreadable(Trouble::new("record", &distrust))),
        };
        let mut removed = Removed::default();
        // Held to the end, so that nothing of a new enrolment is removed.
        let mut _lock = None;
        if let Some(users) = opened(&config.paths.users)? {
            let taken = RecordsLock::take(&users, &mut *(editing.patience)());
            _lock = Some(taken.map_err(Unwritten::Lock)?);
            match record_file::load(&users, user) {
                Ok(record) => removed.record = record,
                Err(trouble) => removed.unreadable = Some(trouble),
            }
            // The record first, so that no sign-in creates a new state.
            removed.had_record = record_file::remove(&users, user).map_err(Unwritten::Record)?;
        }
        forget_pending(editing);
        if purge && let Some(states) = opened(&config.paths.state)? {
            removed.had_state = StateFile::remove(&states, user).map_err(Unwritten::Record)?;
        }
        removed.unseen = show(editing, None);
        Ok(removed)
    }
}
