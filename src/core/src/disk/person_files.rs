//! The only code that changes a person's files, always in this order: the lock of all records, the lock of the state,
//! both slots of the state, the record, the unfinished enrolment that is now void, and the summary that people see.
//!
//! After a crash at any instant the person's files are as before or as wanted, and no used code can be used again: a
//! state that does not know the record's secret refuses every current code.

mod removed;
mod unwritten;

pub use removed::Removed;
pub use unwritten::Unwritten;

use nix::errno::Errno;

use super::contest::{AtOnce, Patience};
use super::distrust::Distrust;
use super::folder::Folder;
use super::locked_state::LockedState;
use super::records_lock::RecordsLock;
use super::state_file::{StateFile, StateTrouble};
use super::summary_file::{self, Durable};
use super::{pending_file, record_file};
use crate::config::Config;
use crate::judge::{Judgement, Verdict};
use crate::name::UserName;
use crate::person::{By, Edit, Person, Refused, TakeBack};
use crate::record::Record;
use crate::state::{SlotPair, State};
use crate::time::{Moment, UnixTime};
use crate::trouble::Trouble;

/// Whose files, by which rules, and how long to wait for locks.
#[derive(Clone, Copy)]
pub struct Editing<'a> {
    /// The person.
    pub user: &'a UserName,
    /// The rules, and the paths.
    pub config: &'a Config,
    /// Who makes the change.
    pub by: By,
    /// The clock, read under the lock of the state.
    pub moment: &'a dyn Fn() -> Result<Moment, Trouble>,
    /// How long to wait for one lock.
    pub patience: &'a dyn Fn() -> Box<dyn Patience + 'a>,
}

/// The files of one person, protected from concurrent commands.
pub struct PersonFiles<'a> {
    editing: Editing<'a>,
    users: Folder,
    states: Folder,
    #[expect(dead_code, reason = "held, never looked at")]
    lock: RecordsLock,
}

/// A change that was made.
pub struct Changed {
    /// The person before the change.
    pub before: Person,
    /// The person after the change.
    pub after: Person,
    /// The time of the decision.
    pub now: UnixTime,
    /// Why the existing record could not be read, if it could not.
    pub unreadable: Option<Trouble>,
    /// What was lost of the state, for the log.
    pub repaired: Option<&'static str>,
    /// Why the summary could not be written. The change is made all the same.
    pub unseen: Option<Distrust>,
    had_state: bool,
}

/// A change that was judged.
pub struct Judged {
    /// Opened once everything is durable.
    pub verdict: Verdict,
    /// The time of the verdict.
    pub now: UnixTime,
}

/// Decides what becomes of the person; `None` to write nothing.
type Decide<'a> = &'a mut dyn FnMut(&Found, UnixTime) -> Result<Option<Person>, Unwritten>;

/// The contents of the files.
struct Found {
    person: Person,
    /// Why the existing record could not be read, if it could not.
    unreadable: Option<Trouble>,
}

impl<'a> PersonFiles<'a> {
    /// Opens the folders and takes the lock of the records: exclusively for root, shared for people at a sign-in, whom
    /// the lock of their state keeps apart.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn open(editing: Editing<'a>) -> Result<Self, Unwritten> {
        let paths = &editing.config.paths;
        let users = Folder::open(&paths.users)
            .map_err(|distrust| Unwritten::Unreadable(Trouble::new("record", &distrust)))?;
        let states = Folder::open(&paths.state)
            .map_err(|distrust| Unwritten::State(StateTrouble::Distrusted(distrust)))?;
        let patience = &mut *(editing.patience)();
        let lock = match editing.by {
            By::Person => RecordsLock::share(&users, patience),
            By::Root { .. } => RecordsLock::take(&users, patience),
        };
        Ok(Self {
            lock: lock.map_err(Unwritten::Lock)?,
            editing,
            users,
            states,
        })
    }

    /// The current record, which no command changes meanwhile.
    ///
    /// # Errors
    /// [`Trouble`] with the file and the fix.
    pub fn record(&self) -> Result<Option<Record>, Trouble> {
        record_file::load(&self.users, self.editing.user)
    }

    /// Applies `edit` to whatever is there.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn change(&self, edit: Edit<'_>) -> Result<Changed, Unwritten> {
        self.must_write(edit, &mut |found, now| {
            self.decide(edit, found, now).map(Some)
        })
    }

    /// Applies `edit` only if the record is still `old`, so as not to overwrite a concurrent change.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn change_if_still(&self, old: &Record, edit: Edit<'_>) -> Result<Changed, Unwritten> {
        self.must_write(edit, &mut |found, now| {
            found.must_be(Some(old))?;
            self.decide(edit, found, now).map(Some)
        })
    }

    /// Applies `edit` if `judge` accepts the record it makes, and only if the record is still `old`. The verdict is
    /// opened once everything is durable.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn enrol_judged(
        &self,
        old: Option<&Record>,
        edit: Edit<'_>,
        judge: &dyn Fn(&Record, &State, UnixTime) -> Judgement<Verdict>,
    ) -> Result<Judged, Unwritten> {
        let mut judged = None;
        self.write(edit, &mut |found, now| {
            found.must_be(old)?;
            let mut next = self.decide(edit, found, now)?;
            let judgement = judge(&next.record, &found.person.state, now);
            let accepted = matches!(judgement.verdict, Verdict::Accepted(_));
            judged = Some(Judged {
                verdict: judgement.verdict,
                now,
            });
            Ok(judgement.next.filter(|_| accepted).map(|state| {
                next.state = state;
                next
            }))
        })?;
        judged.ok_or(Unwritten::Changed)
    }

    /// Undoes the addition of a phone by `added`, before anybody has been told of it. Keeps changes made meanwhile.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn take_back(&self, credential: &[u8], added: &Changed) -> Result<(), Unwritten> {
        let by_now = self.record().map_err(Unwritten::Unreadable)?;
        let by_now = by_now.as_ref().map(Record::to_toml);
        if !added.before.is_new || by_now != Some(added.after.record.to_toml()) {
            let back = TakeBack {
                credential,
                before: &added.before.record,
                added: &added.after.record,
            };
            return self.change(Edit::TakeBackPhone(&back)).map(drop);
        }
        record_file::remove(&self.users, self.editing.user).map_err(Unwritten::Record)?;
        if !added.had_state {
            StateFile::remove(&self.states, self.editing.user).map_err(Unwritten::Record)?;
        }
        show(self.editing, None);
        Ok(())
    }

    fn decide(&self, edit: Edit<'_>, found: &Found, now: UnixTime) -> Result<Person, Unwritten> {
        // An unreadable record is replaced as a whole or not at all.
        if let (Some(trouble), false) = (&found.unreadable, matches!(edit, Edit::Enrol(_))) {
            return Err(Unwritten::Unreadable(trouble.clone()));
        }
        edit.applied_to(&found.person, self.editing.by, self.editing.config, now)
            .map_err(Unwritten::Refused)
    }

    fn must_write(&self, edit: Edit<'_>, decide: Decide<'_>) -> Result<Changed, Unwritten> {
        self.write(edit, decide)?.ok_or(Unwritten::Changed)
    }

    fn write(&self, edit: Edit<'_>, decide: Decide<'_>) -> Result<Option<Changed>, Unwritten> {
        let Editing { user, config, .. } = self.editing;
        let patience = &mut *(self.editing.patience)();
        let locked = LockedState::take(&self.states, user, patience).map_err(Unwritten::State)?;
        let had_state = locked.has_state();
        // Under the lock of the state, which every sign-in that writes a record holds.
        let found = self.record();
        let moment = match (self.editing.moment)() {
            Ok(moment) => moment,
            Err(trouble) => {
                locked.leave();
                return Err(Unwritten::System(trouble));
            }
        };
        let (record, unreadable) = match found {
            Ok(record) => (record, None),
            Err(trouble) => (None, Some(trouble)),
        };
        let is_new = record.is_none();
        let record = record.unwrap_or_else(|| Record::new(user));
        // Settled by the old record, so that it can be restored; a new record would bind the state to its secret even
        // if the change fails.
        let opened = locked.open(&record, config, moment).map_err(|trouble| {
            if !had_state {
                self.clear_away_half_made();
            }
            Unwritten::State(trouble)
        })?;
        let mut file = opened.file;
        let mut state = file.state().clone();
        if unreadable.is_some() && !had_state {
            state.count_as_tried();
        }
        let found = Found {
            person: Person {
                record,
                is_new,
                state,
            },
            unreadable,
        };
        let written = decide(&found, moment.now).and_then(|after| match after {
            Some(after) => self
                .store(edit, &mut file, &found, &after)
                .map(|()| Some(after)),
            None => Ok(None),
        });
        let touches_state =
            matches!(&written, Ok(Some(after)) if after.state != found.person.state);
        // By now, since a new record may stay although it could not be made durable.
        let needs_state = || matches!(self.record(), Ok(Some(by_now)) if by_now.is_enrolled());
        if !had_state && !touches_state && !needs_state() {
            // Created for this look only.
            let _ = StateFile::remove(&self.states, user);
        }
        let Some(after) = written? else {
            return Ok(None);
        };
        if edit.gives_a_way() && self.editing.by != By::Person {
            forget_pending(self.editing);
        }
        let unseen = if edit.is_of_record() {
            show(self.editing, Some(&after))
        } else {
            None
        };
        Ok(Some(Changed {
            unseen,
            before: found.person,
            after,
            now: moment.now,
            unreadable: found.unreadable,
            repaired: opened.repaired,
            had_state,
        }))
    }

    /// State first, then record: after a crash in between, the old factors are closed and nothing used is open. Nothing
    /// at all of a record that could not be read again: every way in would be closed, in the module as well.
    fn store(
        &self,
        edit: Edit<'_>,
        file: &mut StateFile,
        found: &Found,
        after: &Person,
    ) -> Result<(), Unwritten> {
        if edit.is_of_record() && !after.record.is_read_back(self.editing.user) {
            return Err(Unwritten::Refused(Refused::Unsound));
        }
        let before = &found.person;
        if !after.state.can_follow(&before.state) {
            let path = self.states.path_of(&self.editing.user.file_name(""));
            let read_only = Distrust::system(&path, Errno::EROFS);
            return Err(Unwritten::State(StateTrouble::Distrusted(read_only)));
        }
        // To both slots: if one is lost later, only the other one knows the recovery codes.
        let mut write = |state: &State| {
            file.write(state.clone())
                .and_then(|()| file.write(state.clone()))
        };
        let touches_state = after.state != before.state;
        if touches_state && let Err(trouble) = write(&after.state) {
            let _ = write(&before.state);
            return Err(Unwritten::StateNotWritten(trouble));
        }
        if !edit.is_of_record() {
            return Ok(());
        }
        record_file::store(&self.users, self.editing.user, &after.record).map_err(|distrust| {
            if self.is_taken_back(found, after) && touches_state {
                let _ = write(&before.state);
            }
            Unwritten::Record(distrust)
        })
    }

    /// Whether the old record, or none, is in place. The new one may be there although it could not be made durable; if
    /// it stays, its state stays too.
    fn is_taken_back(&self, found: &Found, after: &Person) -> bool {
        let user = self.editing.user;
        let new = after.record.to_toml();
        let stands = || matches!(self.record(), Ok(Some(by_now)) if by_now.to_toml() == new);
        if stands() {
            let _ = match &found.unreadable {
                // Do not replace a record that refuses sign-ins with none, which might let somebody in.
                Some(_) => Ok(()),
                None if found.person.is_new => record_file::remove(&self.users, user).map(drop),
                None => record_file::store(&self.users, user, &found.person.record),
            };
        }
        !stands()
    }

    /// Removes the file of a state that could not be created, as on a full disk; never one that is in use or has
    /// contents.
    fn clear_away_half_made(&self) {
        let seen = StateFile::look(&self.states, self.editing.user, &mut AtOnce);
        if matches!(seen, Ok(Some(SlotPair { state: None, .. })))
            && matches!(self.record(), Ok(None))
        {
            let _ = StateFile::remove(&self.states, self.editing.user);
        }
    }
}

/// Wipes the person's unfinished enrolment. If that fails, it expires in ten minutes anyway.
fn forget_pending(editing: Editing<'_>) {
    if let Ok(folder) = Folder::open(&editing.config.paths.pending) {
        let _ = pending_file::remove(&folder, editing.user, &mut *(editing.patience)());
    }
}

/// Writes or removes the person's summary. Returns why not, if that failed.
fn show(editing: Editing<'_>, person: Option<&Person>) -> Option<Distrust> {
    let folder = match Folder::open(&editing.config.paths.activity) {
        Ok(folder) => folder,
        Err(distrust) if distrust.is_missing() => return None,
        Err(distrust) => return Some(distrust),
    };
    match person {
        Some(person) => {
            summary_file::store(&folder, editing.user, &person.summary(), Durable::Yes).err()
        }
        None => summary_file::remove(&folder, editing.user).err(),
    }
}

impl Found {
    fn must_be(&self, old: Option<&Record>) -> Result<(), Unwritten> {
        let found = (!self.person.is_new).then(|| self.person.record.to_toml());
        if self.unreadable.is_none() && found == old.map(Record::to_toml) {
            Ok(())
        } else {
            Err(Unwritten::Changed)
        }
    }
}

#[cfg(test)]
mod tests;
