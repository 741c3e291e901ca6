//! The state under its lock and everything judged by it. All of it is read after the lock was taken, since a caller of
//! su can stop us before that for as long as it likes.

use std::borrow::Cow;

use antiphon_core::disk::{LockedState, StateFile, StateTrouble};
use antiphon_core::judge::Judgement;
use antiphon_core::outcome::Trouble;
use antiphon_core::record::Record;
use antiphon_core::state::State;
use antiphon_core::time::UnixTime;

use crate::context::Context;
use crate::dialogue::SignIn;
use crate::shield::Shield;

impl SignIn<'_> {
    /// The current record, to judge by. Not the one we asked by: a prompt of su can stay open for days, and a secret
    /// that root has replaced or removed meanwhile is no longer valid.
    pub(crate) fn record_by_now(&self) -> Result<Option<Cow<'_, Record>>, Trouble> {
        self.factors.by_now(&self.context)
    }

    /// Locks the state and reads everything judged by it; `None` if the record is gone.
    pub(crate) fn hold_state(&self) -> Result<Option<HeldState<'_>>, Trouble> {
        let Context { config, user, .. } = self.context;
        let folder = self.context.walk.open(&config.paths.state);
        let folder = folder.map_err(StateTrouble::Distrusted)?;
        let shield = Shield::raise()?;
        let mut patience = self.context.watch.patience(self.context.journal);
        let locked = LockedState::take(&folder, user, &mut *patience)?;
        let record = match self.record_by_now() {
            Ok(Some(record)) => record,
            gone => {
                locked.leave();
                return gone.map(|_| None);
            }
        };
        let moment = self.context.watch.moment()?;
        let opened = locked.open(&record, config, moment)?;
        if let Some(repaired) = opened.repaired {
            self.context.warn("state", "repaired", repaired);
        }
        Ok(Some(HeldState {
            file: opened.file,
            record,
            _shield: shield,
        }))
    }

    /// Applies `change` to the state durably, at the time of the lock; does nothing if the record is gone.
    pub(crate) fn change_state(
        &self,
        change: impl FnOnce(&mut State, UnixTime),
    ) -> Result<(), Trouble> {
        let Some(held) = self.hold_state()? else {
            return Ok(());
        };
        let now = held.now();
        held.change(|state| change(state, now))
    }
}

/// The locked state, and the record as read after the lock was taken. Nobody is asked while it is held.
pub(crate) struct HeldState<'d> {
    // Drop order: the shield lasts as long as the lock.
    file: StateFile,
    pub(crate) record: Cow<'d, Record>,
    _shield: Shield,
}

impl HeldState<'_> {
    pub(crate) fn state(&self) -> &State {
        self.file.state()
    }

    /// The time, read under the lock.
    pub(crate) fn now(&self) -> UnixTime {
        self.file.now()
    }

    /// Applies `change` to the state durably, and releases the lock.
    pub(crate) fn change(mut self, change: impl FnOnce(&mut State)) -> Result<(), Trouble> {
        let mut next = self.file.state().clone();
        change(&mut next);
        Ok(self.file.write(next)?)
    }

    /// Makes `judgement` durable and releases the lock, and only then opens the verdict.
    pub(crate) fn settle<V>(self, judgement: Judgement<V>) -> Result<V, Trouble> {
        let Self { file, _shield, .. } = self;
        Ok(file.settle(judgement)?)
    }
}
