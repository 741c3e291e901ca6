//! Writing an enrolment: the state first, then the record, under the lock of the state.
//!
//! After a crash at any instant the person is enrolled as before or as wanted, and no code that was used can be used again:
//! a state that does not know the record's secret refuses every code of the present.

use std::fmt;

use super::contest::{AtOnce, Patience};
use super::distrust::Distrust;
use super::folder::Folder;
use super::record_file;
use super::state_file::{StateFile, StateTrouble};
use crate::config::Config;
use crate::judge::{Judgement, Verdict};
use crate::name::UserName;
use crate::outcome::Trouble;
use crate::record::Record;
use crate::state::{SlotPair, State};
use crate::time::{Clock, Moment, UnixTime};

/// Where, whose, by which rules and when.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The folder of records.
    pub users: &'a Folder,
    /// The folder of states.
    pub states: &'a Folder,
    /// The person.
    pub user: &'a UserName,
    /// The rules.
    pub config: &'a Config,
    /// The clock, which is asked under the lock of the state.
    pub clock: Clock<'a>,
}

/// What becomes of a record.
#[derive(Clone, Copy)]
pub struct Change<'a> {
    /// As it was read; `None` where there was none, or none that could be read.
    pub old: Option<&'a Record>,
    /// As it is to be.
    pub new: &'a Record,
}

/// Why nothing was written: all is as before.
#[derive(Debug)]
pub enum Unwritten {
    /// The state could not be opened.
    State(StateTrouble),
    /// The state could not be written.
    StateNotWritten(StateTrouble),
    /// The record could not be written.
    Record(Distrust),
    /// There is a record by now, or another one.
    Changed,
    /// The clock could not be read.
    Clock(Trouble),
}

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(trouble) | Self::StateNotWritten(trouble) => trouble.fmt(f),
            Self::Record(distrust) => distrust.fmt(f),
            Self::Clock(trouble) => f.write_str(&trouble.detail),
            Self::Changed => f.write_str("the record was changed meanwhile; begin again"),
        }
    }
}

impl std::error::Error for Unwritten {}

impl From<Unwritten> for Trouble {
    fn from(why: Unwritten) -> Self {
        let what = match why {
            Unwritten::State(_) | Unwritten::StateNotWritten(_) => "state",
            Unwritten::Record(_) | Unwritten::Changed => "record",
            Unwritten::Clock(trouble) => return trouble,
        };
        Self::new(what, &why)
    }
}

/// What becomes of a state, decided under its lock; `None` if nothing is to be written.
type Decide<'a> = &'a mut dyn FnMut(&State, UnixTime) -> Result<Option<State>, Unwritten>;

impl Place<'_> {
    /// Writes `next` and `change.new`, as root wants it, whatever stood there.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn write(
        self,
        change: Change<'_>,
        next: State,
        patience: &mut dyn Patience,
    ) -> Result<(), Unwritten> {
        let mut next = Some(next);
        self.write_with(change, patience, &mut |_, _| Ok(next.take()))
            .map(drop)
    }

    /// Writes `change.new` if `judge` accepts, and only if the record is still `change.old`. The verdict is opened when
    /// both files are durable.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn write_judged(
        self,
        change: Change<'_>,
        judge: impl FnOnce(&State, UnixTime) -> Judgement<Verdict>,
        patience: &mut dyn Patience,
    ) -> Result<Verdict, Unwritten> {
        let mut judge = Some(judge);
        let mut verdict = None;
        self.write_with(change, patience, &mut |state, now| {
            self.check_unchanged(change.old)?;
            let Some(judgement) = judge.take().map(|judge| judge(state, now)) else {
                return Ok(None);
            };
            let accepted = matches!(judgement.verdict, Verdict::Accepted(_));
            verdict = Some(judgement.verdict);
            Ok(judgement.next.filter(|_| accepted))
        })?;
        verdict.ok_or(Unwritten::Changed)
    }

    /// Writes `change.new` and the state that `next` makes, and only if the record is still `change.old`: what another has
    /// changed meanwhile is not written over.
    ///
    /// # Errors
    /// [`Unwritten`].
    pub fn write_if_unchanged(
        self,
        change: Change<'_>,
        next: &dyn Fn(&State) -> State,
        patience: &mut dyn Patience,
    ) -> Result<(), Unwritten> {
        self.write_with(change, patience, &mut |state, _| {
            self.check_unchanged(change.old)?;
            Ok(Some(next(state)))
        })
        .map(drop)
    }

    /// Under the lock of the state, which every sign-in that writes a record holds.
    fn check_unchanged(self, old: Option<&Record>) -> Result<(), Unwritten> {
        let by_now = record_file::load(self.users, self.user).map_err(|_| Unwritten::Changed)?;
        if text_of(by_now.as_ref()) == text_of(old) {
            Ok(())
        } else {
            Err(Unwritten::Changed)
        }
    }

    /// Whether anything was written.
    fn write_with(
        self,
        change: Change<'_>,
        patience: &mut dyn Patience,
        decide: Decide<'_>,
    ) -> Result<bool, Unwritten> {
        let Self {
            users,
            states,
            user,
            config,
            clock,
        } = self;
        let had_state = StateFile::look(states, user, patience)
            .map_err(Unwritten::State)?
            .is_some();
        // Settled by the old record where there is one, so that it can be put back as it was; and never by the new one,
        // which would bind the state to its secret though another one may have been enrolled meanwhile.
        let nothing = Record::new(user);
        let settled_by = change.old.unwrap_or(&nothing);
        let locked = StateFile::lock(states, user, patience).map_err(Unwritten::State)?;
        let now = match clock() {
            Ok(now) => now,
            Err(trouble) => {
                locked.leave();
                return Err(Unwritten::Clock(trouble));
            }
        };
        let mut file = locked
            .open(settled_by, config, Moment { now, booted: None })
            .map_err(|trouble| {
                if !had_state {
                    self.clear_away_half_made();
                }
                Unwritten::State(trouble)
            })?
            .file;
        let before = file.state().clone();
        let decided = decide(&before, now);
        let written = decided.and_then(|next| {
            let Some(next) = next else {
                return Ok(false);
            };
            // Into both slots: nothing but the other one knows of the recovery codes if one is lost later.
            let stored = file
                .write(next.clone())
                .and_then(|()| file.write(next))
                .map_err(Unwritten::StateNotWritten)
                .and_then(|()| {
                    record_file::store(users, user, change.new).map_err(Unwritten::Record)
                });
            if stored.is_err() {
                // The old record, if there is one, goes on as before.
                let _ = file.write(before);
            }
            stored.map(|()| true)
        });
        let is_written = matches!(written, Ok(true));
        if !is_written && !had_state && is_without_record(users, user) {
            // Of a person without a record nothing stays.
            let _ = StateFile::remove(states, user);
        }
        written
    }

    /// Removes the file of a state that could not be made, as on a full disk; never one that is in use or holds anything.
    fn clear_away_half_made(self) {
        let seen = StateFile::look(self.states, self.user, &mut AtOnce);
        let is_half_made = matches!(seen, Ok(Some(SlotPair { state: None, .. })));
        if is_half_made && is_without_record(self.users, self.user) {
            let _ = StateFile::remove(self.states, self.user);
        }
    }
}

fn is_without_record(users: &Folder, user: &UserName) -> bool {
    matches!(record_file::load(users, user), Ok(None))
}

/// As they are written, to be compared.
fn text_of(record: Option<&Record>) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    record.map(|record| zeroize::Zeroizing::new(record.to_toml().expose().as_bytes().to_vec()))
}
