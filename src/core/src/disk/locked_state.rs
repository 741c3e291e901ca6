//! A state file between locking and judging: the record and the time are read in between.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::Flock;
use nix::sys::stat::{Mode, fchmod};

use super::contest::Patience;
use super::distrust::{Distrust, Fault};
use super::folder::{Folder, errno_of};
use super::limit;
use super::read_only::{self, Beneath};
use super::state_file::{Opened, StateFile};
use super::state_read::{Access, Read, StateTrouble, lock_and_read, write_next};
use crate::config::Config;
use crate::name::UserName;
use crate::record::Record;
use crate::state::{SlotPair, State};
use crate::time::{Moment, UnixTime};

/// A state file under its lock, as found.
pub struct LockedState<'a> {
    folder: &'a Folder,
    file: Flock<File>,
    path: PathBuf,
    slots: SlotPair,
    /// The state on a read-only file system, if it is on one; `file` is elsewhere then.
    beneath: Option<Beneath>,
}

/// The initial state for a file without one.
struct First {
    state: State,
    repaired: Option<&'static str>,
}

impl<'a> LockedState<'a> {
    /// Opens, locks and reads `user`'s state; creates it if it is missing.
    ///
    /// # Errors
    /// [`StateTrouble`].
    pub fn take(
        folder: &'a Folder,
        user: &UserName,
        patience: &mut dyn Patience,
    ) -> Result<Self, StateTrouble> {
        let name = user.file_name("");
        let path = folder.path_of(&name);
        match lock_and_read(folder, &name, Access::Make, patience) {
            Ok(Some(own)) => {
                let own = read_only::carry_over(folder, user, own, patience)?;
                Ok(Self {
                    folder,
                    file: own.file,
                    path,
                    slots: own.slots,
                    beneath: None,
                })
            }
            Ok(None) => Err(StateTrouble::system(&path, Errno::ENOENT)),
            Err(StateTrouble::Distrusted(Distrust {
                fault: Fault::System(Errno::EROFS),
                ..
            })) => {
                let beneath = Beneath::hold(folder, user, patience)?;
                let Read { file, slots } = beneath.lock_marks(patience)?;
                Ok(Self {
                    folder,
                    file,
                    path: beneath.path(),
                    slots,
                    beneath: Some(beneath),
                })
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// Whether there was a state.
    pub(super) fn has_state(&self) -> bool {
        let beneath = self.beneath.as_ref().map(Beneath::slots);
        self.slots.state.is_some() || beneath.is_some_and(|slots| slots.state.is_some())
    }

    /// Ends the bypass code and leaves the rest as it is, since that may belong to a record that cannot be read now.
    ///
    /// # Errors
    /// [`StateTrouble`]; a code that is kept on a read-only file system cannot be ended.
    pub(super) fn end_bypass(mut self) -> Result<(), StateTrouble> {
        let kept = self.beneath.as_ref().map(Beneath::slots);
        let is_kept = |slots: &SlotPair| slots.state.as_ref().is_some_and(State::has_bypass);
        if kept.is_some_and(is_kept) {
            return Err(StateTrouble::system(&self.path, Errno::EROFS));
        }
        let Some(mut state) = self.slots.state.clone() else {
            self.leave();
            return Ok(());
        };
        if !state.end_bypass() {
            return Ok(());
        }
        // To both slots: the older one would be believed if the newer is lost.
        for _ in 0..2 {
            write_next(&self.file, &mut self.slots, &self.path, &state)?;
        }
        Ok(())
    }

    /// Brings the state up to date with `record` at this `moment`, both read after the lock was taken: a lost or torn
    /// state is repaired by the fresh-step rule, a new secret is bound, and a lock from the future starts again.
    /// Changes are durable on return.
    ///
    /// # Errors
    /// [`StateTrouble`]: there is nothing to judge by then.
    pub fn open(
        self,
        record: &Record,
        config: &Config,
        moment: Moment,
    ) -> Result<Opened, StateTrouble> {
        match self.slots.state.clone() {
            Some(before) => self.open_known(before, record, config, moment),
            None => self.open_first(record, config, moment),
        }
    }

    fn open_known(
        self,
        before: State,
        record: &Record,
        config: &Config,
        moment: Moment,
    ) -> Result<Opened, StateTrouble> {
        let whole = self.slots.whole;
        let mut state = before.clone();
        state.settle(record, config, moment.now, whole);
        if let (Some(booted), Some(_)) = (moment.booted, &self.beneath) {
            // Again, because at the first look the clock may not have been set yet, as on machines without an RTC.
            state.begin_in_memory(record, config, booted);
        }
        let mut file = self.into_file(before, moment.now);
        if !whole || state != file.state {
            file.write(state)?;
        }
        Ok(Opened {
            file,
            repaired: (!whole)
                .then_some("one half of the state was unreadable: codes up to now are refused"),
        })
    }

    fn open_first(
        mut self,
        record: &Record,
        config: &Config,
        moment: Moment,
    ) -> Result<Opened, StateTrouble> {
        let First { state, repaired } = self.first(record, config, moment);
        let not_understood = |error| StateTrouble::NotUnderstood(self.path.clone(), error);
        let bytes = self.slots.encode_file(&state).map_err(not_understood)?;
        self.write_whole(&bytes)
            .map_err(|errno| StateTrouble::system(&self.path, errno))?;
        self.slots = SlotPair::decode(&bytes).map_err(not_understood)?;
        Ok(Opened {
            file: self.into_file(state, moment.now),
            repaired,
        })
    }

    fn first(&self, record: &Record, config: &Config, moment: Moment) -> First {
        let fresh = || {
            let mut state = State::fresh(record, config, moment.now);
            if !self.is_empty() {
                state.count_as_tried();
            }
            state
        };
        let Some(beneath) = &self.beneath else {
            // A person of the fleet, who signs in on this host for the first time.
            let is_first = config.fleet.is_some()
                && self.is_empty()
                && record.code.is_none()
                && record.recovery.is_none();
            return First {
                state: fresh(),
                repaired: (!is_first).then_some(
                    "the state was missing or unreadable: recovery codes are closed, and codes up to now refused",
                ),
            };
        };
        let slots = beneath.slots();
        let mut state = slots.state.clone().unwrap_or_else(fresh);
        state.settle(record, config, moment.now, slots.whole);
        state.begin_in_memory(record, config, moment.booted.unwrap_or(moment.now));
        First {
            state,
            repaired: Some(
                "the file system of the state is read-only: what is used is kept in memory, and recovery codes are refused; \
                 mount it for writing",
            ),
        }
    }

    fn write_whole(&self, bytes: &[u8]) -> Result<(), Errno> {
        // The caller's umask may have removed all permissions from a newly created file.
        fchmod(&*self.file, Mode::S_IRUSR | Mode::S_IWUSR)?;
        limit::allows(bytes.len() as u64)?;
        self.file
            .write_all_at(bytes, 0)
            .and_then(|()| self.file.sync_all())
            .map_err(|error| errno_of(&error))?;
        self.written_in().sync()
    }

    /// Whether the file has just been created.
    fn is_empty(&self) -> bool {
        self.file.metadata().is_ok_and(|seen| seen.len() == 0)
    }

    fn written_in(&self) -> &Folder {
        self.beneath.as_ref().map_or(self.folder, Beneath::marks)
    }

    fn into_file(self, state: State, now: UnixTime) -> StateFile {
        StateFile {
            _beneath: self.beneath.and_then(Beneath::into_lock),
            file: self.file,
            path: self.path,
            slots: self.slots,
            state,
            now,
        }
    }

    /// Releases the lock if there turns out to be no record, and removes a file created for this look.
    pub fn leave(self) {
        if let (true, Some(name)) = (
            self.is_empty(),
            self.path.file_name().and_then(OsStr::to_str),
        ) {
            let _ = self.written_in().unlink(name);
        }
    }
}

#[cfg(test)]
mod tests;
