//! The state under its lock and everything judged by it. All of it is read after the lock was taken, since a caller of
//! su can stop us before that for as long as it likes.

use std::borrow::Cow;

use antiphon_core::disk::{LockedState, StateFile};
use antiphon_core::judge::Judgement;
use antiphon_core::logline::LogLine;
use antiphon_core::outcome::Trouble;
use antiphon_core::record::Record;
use antiphon_core::state::State;
use antiphon_core::time::UnixTime;

use crate::admission;
use crate::dialogue::SignIn;
use crate::shield::Shield;

impl SignIn<'_> {
    /// The current record, to judge by. Not the one we asked by: a prompt of su can stay open for days, and a secret
    /// that root has replaced or removed meanwhile is no longer valid.
    pub(crate) fn record_by_now(&self) -> Result<Option<Cow<'_, Record>>, Trouble> {
        let folder = admission::records(self.context.config, self.context.walk)?;
        self.read.by_now(&folder, self.context.user)
    }

    /// Locks the state and reads everything judged by it; `None` if the record is gone.
    pub(crate) fn hold_state(&self) -> Result<Option<HeldState<'_>>, Trouble> {
        let trouble = |why| Trouble::new("state", &why);
        let folder = self
            .context
            .walk
            .open(&self.context.config.paths.state)
            .map_err(|distrust| Trouble::new("state", &distrust))?;
        let shield = Shield::raise()?;
        let mut patience = self.context.watch.patience(self.context.journal);
        let locked =
            LockedState::take(&folder, self.context.user, &mut *patience).map_err(trouble)?;
        let record = match self.record_by_now() {
            Ok(Some(record)) => record,
            gone => {
                locked.leave();
                return gone.map(|_| None);
            }
        };
        let moment = self.context.watch.moment()?;
        let opened = locked
            .open(&record, self.context.config, moment)
            .map_err(trouble)?;
        if let Some(repaired) = opened.repaired {
            let line = LogLine::new()
                .with("state", "repaired")
                .with("user", self.context.user.as_str())
                .with("detail", repaired);
            self.context.journal.warn(&line);
        }
        Ok(Some(HeldState {
            file: opened.file,
            record,
            _shield: shield,
        }))
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
        self.file
            .write(next)
            .map_err(|trouble| Trouble::new("state", &trouble))
    }

    /// Makes `judgement` durable and releases the lock, and only then opens the verdict.
    pub(crate) fn settle<V>(self, judgement: Judgement<V>) -> Result<V, Trouble> {
        let Self { file, _shield, .. } = self;
        file.settle(judgement)
            .map_err(|trouble| Trouble::new("state", &trouble))
    }
}
