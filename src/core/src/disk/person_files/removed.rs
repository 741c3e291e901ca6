//! Removing all of a person's files, or all but the state.

use super::{Editing, PersonFiles, Unwritten, forget_pending, show};
use crate::disk::{Distrust, Folder, LockedState, RecordsLock, StateFile, record_file};
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
    /// Why a bypass code could not be withdrawn: if the record is restored, it may be valid once more.
    pub bypass_stays: Option<Unwritten>,
    /// Why the summary could not be removed.
    pub unseen: Option<Distrust>,
}

impl PersonFiles<'_> {
    /// Removes the record, the unfinished enrolment and the summary; with `purge`, the state as well. A state that
    /// stays remembers what was used, in case the record is restored from a backup; a bypass code, which is no part of that
    /// record, does not stay.
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
        let users = opened(&config.paths.users)?;
        // Without it the record goes all the same, since that only closes.
        let (states, mut untrusted) = match opened(&config.paths.state) {
            Ok(states) => (states, None),
            Err(why) => (None, Some(why)),
        };
        // Held to the end, so that nothing of a new enrolment is removed.
        let (mut files, mut _lock) = (None, None);
        if let Some(users) = users {
            let taken = RecordsLock::take(&users, &mut *(editing.patience)());
            let lock = taken.map_err(Unwritten::Lock)?;
            match record_file::load(&users, user) {
                Ok(record) => removed.record = record,
                Err(trouble) => removed.unreadable = Some(trouble),
            }
            match &states {
                Some(states) => {
                    files = Some(PersonFiles {
                        editing,
                        users: users.clone(),
                        states: states.clone(),
                        lock,
                    });
                }
                None => _lock = Some(lock),
            }
            if !purge {
                removed.bypass_stays = match &files {
                    Some(files) => files.withdraw().err(),
                    None => untrusted.take(),
                };
            }
            // Before the state, so that no sign-in creates a new one.
            removed.had_record = record_file::remove(&users, user).map_err(Unwritten::Record)?;
        }
        forget_pending(editing);
        if purge && let Some(why) = untrusted {
            return Err(why);
        }
        if purge && let Some(states) = &states {
            removed.had_state = StateFile::remove(states, user).map_err(Unwritten::Record)?;
        }
        removed.unseen = show(editing, None);
        Ok(removed)
    }

    /// Withdraws the bypass code, whatever the record says: one that cannot be read may be put back.
    fn withdraw(&self) -> Result<(), Unwritten> {
        let Editing { user, .. } = self.editing;
        let patience = &mut *(self.editing.patience)();
        let has_state = StateFile::look(&self.states, user, patience).map_err(Unwritten::State)?;
        if has_state.is_none() {
            return Ok(());
        }
        let locked = LockedState::take(&self.states, user, patience).map_err(Unwritten::State)?;
        locked.end_bypass().map_err(Unwritten::StateNotWritten)
    }
}
