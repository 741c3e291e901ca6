//! The one editing that changes a person's files, in one order: the lock of all records, the lock of the state, both halves of
//! the state, the record, what was begun and is void now, and what people may see of it.
//!
//! After a crash at any instant the person stands as before or as wanted, and no code that was used can be used again: a
//! state that does not know the record's secret refuses every code of the present.

mod removed;
mod unwritten;

pub use removed::Removed;
pub use unwritten::Unwritten;

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
use crate::person::{By, Edit, Person};
use crate::record::Record;
use crate::state::{SlotPair, State};
use crate::time::{Moment, UnixTime};
use crate::trouble::Trouble;

/// Whose files, by which rules, and how locks are waited for.
#[derive(Clone, Copy)]
pub struct Editing<'a> {
    /// The person.
    pub user: &'a UserName,
    /// The rules, and where the files are.
    pub config: &'a Config,
    /// Who changes them.
    pub by: By,
    /// The clock, which is asked under the lock of the state.
    pub moment: &'a dyn Fn() -> Result<Moment, Trouble>,
    /// How long one lock is waited for.
    pub patience: &'a dyn Fn() -> Box<dyn Patience + 'a>,
}

/// The files of one person, while no command changes anybody's, and none of root's is cut off by another.
pub struct PersonFiles<'a> {
    editing: Editing<'a>,
    users: Folder,
    states: Folder,
    #[expect(dead_code, reason = "held, never looked at")]
    lock: RecordsLock,
}

/// What was done.
pub struct Changed {
    /// As the person stood before.
    pub before: Person,
    /// As they stand now.
    pub after: Person,
    /// The time by which that was decided.
    pub now: UnixTime,
    /// Why there was no record that could be read, if there was a file.
    pub unreadable: Option<Trouble>,
    /// What was lost of the state, for the log.
    pub repaired: Option<&'static str>,
    /// Why what people see of it was not written. The change stands all the same.
    pub unseen: Option<Distrust>,
    had_state: bool,
}

/// What became of a change that was judged.
pub struct Judged {
    /// Opened when all is durable.
    pub verdict: Verdict,
    /// The time by which it was judged.
    pub now: UnixTime,
}

/// The person as they stand, and what is to become of them; `None` if nothing is to be written.
type Decide<'a> = &'a mut dyn FnMut(&Found, UnixTime) -> Result<Option<Person>, Unwritten>;

/// What stands in the files.
struct Found {
    person: Person,
    /// Why there is no record in it, though there is a file.
    unreadable: Option<Trouble>,
}

impl<'a> PersonFiles<'a> {
    /// Opens the folders and takes the lock of the records: as root alone, or as one of the people who sign in, whom the lock
    /// of each person's state keeps apart.
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

    /// The record as it stands: no command changes it meanwhile.
    ///
    /// # Errors
    /// [`Trouble`] that names the file and the fix.
    pub fn record(&self) -> Result<Option<Record>, Trouble> {
        record_file::load(&self.users, self.editing.user)
    }

    /// Makes `edit` of whatever stands there.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn change(&self, edit: Edit<'_>) -> Result<Changed, Unwritten> {
        self.must_write(edit, &mut |found, now| self.decide(edit, found, now))
    }

    /// Makes `edit` only if the record is still `old`: what another has changed meanwhile is not written over.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn change_if_still(&self, old: &Record, edit: Edit<'_>) -> Result<Changed, Unwritten> {
        self.must_write(edit, &mut |found, now| {
            found.must_be(Some(old))?;
            self.decide(edit, found, now)
        })
    }

    /// Makes `edit` if `judge` accepts it, of the record that it makes, and only if the record is still `old`. The verdict is
    /// opened when all is durable.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn enrol_judged(
        &self,
        old: Option<&Record>,
        edit: Edit<'_>,
        judge: impl FnOnce(&Record, &State, UnixTime) -> Judgement<Verdict>,
    ) -> Result<Judged, Unwritten> {
        let mut judge = Some(judge);
        let mut judged = None;
        self.write(edit, &mut |found, now| {
            found.must_be(old)?;
            let Some(mut next) = self.decide(edit, found, now)? else {
                return Ok(None);
            };
            let Some(judge) = judge.take() else {
                return Ok(None);
            };
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

    /// Takes back a phone that `added` has added, and that nobody has heard of yet. What was changed meanwhile stays.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn take_back(&self, credential: &[u8], added: &Changed) -> Result<(), Unwritten> {
        let by_now = self.record().map_err(Unwritten::Unreadable)?;
        if !added.before.is_new || text_of(by_now.as_ref()) != text_of(Some(&added.after.record)) {
            return self.change(Edit::TakeBackPhone(credential)).map(drop);
        }
        record_file::remove(&self.users, self.editing.user).map_err(Unwritten::Record)?;
        if !added.had_state {
            StateFile::remove(&self.states, self.editing.user).map_err(Unwritten::Record)?;
        }
        show(self.editing, None);
        Ok(())
    }

    fn decide(
        &self,
        edit: Edit<'_>,
        found: &Found,
        now: UnixTime,
    ) -> Result<Option<Person>, Unwritten> {
        // What cannot be read is replaced whole, or not touched.
        if let (Some(trouble), false) = (&found.unreadable, matches!(edit, Edit::Enrol(_))) {
            return Err(Unwritten::Unreadable(trouble.clone()));
        }
        edit.applied_to(&found.person, self.editing.by, self.editing.config, now)
            .map(Some)
            .map_err(Unwritten::Refused)
    }

    fn must_write(&self, edit: Edit<'_>, decide: Decide<'_>) -> Result<Changed, Unwritten> {
        self.write(edit, decide)?.ok_or(Unwritten::Changed)
    }

    fn write(&self, edit: Edit<'_>, decide: Decide<'_>) -> Result<Option<Changed>, Unwritten> {
        let Editing { user, config, .. } = self.editing;
        let locked = LockedState::take(&self.states, user, &mut *self.patience())
            .map_err(Unwritten::State)?;
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
        // Settled by the old record, so that it can be put back as it was; and never by a new one, which would bind the
        // state to its secret though nothing may come of it.
        let opened = locked.open(&record, config, moment).map_err(|trouble| {
            if !had_state {
                self.clear_away_half_made();
            }
            Unwritten::State(trouble)
        })?;
        let mut file = opened.file;
        let found = Found {
            person: Person {
                record,
                is_new,
                state: file.state().clone(),
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
        if !had_state && !touches_state && !found.person.record.is_enrolled() {
            // Made for this look, and nobody needs it.
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

    fn patience(&self) -> Box<dyn Patience + 'a> {
        (self.editing.patience)()
    }

    /// State first, then record: after a crash in between, what is old is closed and nothing that was used is open.
    fn store(
        &self,
        edit: Edit<'_>,
        file: &mut StateFile,
        found: &Found,
        after: &Person,
    ) -> Result<(), Unwritten> {
        let before = &found.person;
        // Into both halves: nothing but the other one knows of the recovery codes if one is lost later.
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

    /// Whether the old record stands, or none as before. The new one may have come to stand there though it could not be made
    /// durable; if it stays, its state stays with it.
    fn is_taken_back(&self, found: &Found, after: &Person) -> bool {
        let user = self.editing.user;
        let new = text_of(Some(&after.record));
        let stands = || matches!(self.record(), Ok(by_now) if text_of(by_now.as_ref()) == new);
        if stands() {
            let _ = match &found.unreadable {
                // Nothing in the editing of a record that refuses sign-ins might let somebody in.
                Some(_) => Ok(()),
                None if found.person.is_new => record_file::remove(&self.users, user).map(drop),
                None => record_file::store(&self.users, user, &found.person.record),
            };
        }
        !stands()
    }

    /// Removes the file of a state that could not be made, as on a full disk; never one that is in use or holds anything.
    fn clear_away_half_made(&self) {
        let seen = StateFile::look(&self.states, self.editing.user, &mut AtOnce);
        if matches!(seen, Ok(Some(SlotPair { state: None, .. })))
            && matches!(self.record(), Ok(None))
        {
            let _ = StateFile::remove(&self.states, self.editing.user);
        }
    }
}

/// Wipes what the person has begun at a sign-in. What cannot be wiped now is void all the same in ten minutes.
fn forget_pending(editing: Editing<'_>) {
    if let Ok(folder) = Folder::open(&editing.config.paths.pending) {
        let _ = pending_file::remove(&folder, editing.user, &mut *(editing.patience)());
    }
}

/// Writes what people may see of `person`, or takes it away. Why not, if that could not be done.
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
        let found = (!self.person.is_new).then_some(&self.person.record);
        if self.unreadable.is_none() && text_of(found) == text_of(old) {
            Ok(())
        } else {
            Err(Unwritten::Changed)
        }
    }
}

/// As they are written, to be compared.
fn text_of(record: Option<&Record>) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    record.map(|record| zeroize::Zeroizing::new(record.to_toml().expose().as_bytes().to_vec()))
}

#[cfg(test)]
mod tests;
