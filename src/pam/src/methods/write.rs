//! One change, written: state and record, what the person's page shows of it, and the log.

use antiphon_core::base64url;
use antiphon_core::disk::enrolment::{Change, Place, Unwritten};
use antiphon_core::disk::summary_file::Durable;
use antiphon_core::disk::{Folder, RecordsLock};
use antiphon_core::logline::LogLine;
use antiphon_core::outcome::Trouble;
use antiphon_core::own_change::OwnChange;
use antiphon_core::record::{Phone, Record};
use antiphon_core::text::MethodsText;
use antiphon_core::wire::{FromDaemon, ToDaemon};

use super::{Care, Over, reason};
use crate::daemon::{Away, DaemonLink};
use crate::published;
use crate::shield::Shield;

/// Why nothing was written.
enum Failed {
    /// Another has changed the record.
    Changed,
    Trouble(Trouble),
}

impl From<Trouble> for Failed {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl Care<'_> {
    /// Does it, unless it may not be. Whether it is done; why not is said.
    pub(super) fn change(&mut self, change: OwnChange<'_>, phone: &str) -> Result<bool, Over> {
        let is_done = self.write_unseen(change)?;
        if is_done {
            self.publish(change, phone);
        }
        Ok(is_done)
    }

    /// The same, of which nobody hears yet.
    pub(super) fn write_unseen(&mut self, change: OwnChange<'_>) -> Result<bool, Over> {
        let service = &self.dialogue.request.service;
        let next = match change.applied_to(&self.record, self.dialogue.config, service) {
            Ok(next) => next,
            Err(why) => {
                self.say(reason(why));
                return Ok(false);
            }
        };
        match self.write(change, &next) {
            Ok(()) => {
                self.record = next;
                Ok(true)
            }
            Err(Failed::Changed) => {
                self.say(MethodsText::Meanwhile);
                Err(Over)
            }
            Err(Failed::Trouble(trouble)) => {
                let line = LogLine::new()
                    .with("unchanged", change.word())
                    .with("user", self.dialogue.user.as_str())
                    .with("reason", trouble.what)
                    .with("detail", &trouble.detail);
                self.dialogue.journal.warn(&line);
                self.say(MethodsText::NotWritten);
                Ok(false)
            }
        }
    }

    /// Takes a new phone out of the record again. Of a phone that the record does not name, the state forgets the counter
    /// by itself.
    pub(super) fn put_back(&mut self, before: Record) -> Result<(), Over> {
        if self.write(OwnChange::Remove(&[]), &before).is_err() {
            self.say(MethodsText::NotWritten);
            return Err(Over);
        }
        self.record = before;
        Ok(())
    }

    /// Lets page and log know.
    pub(super) fn publish(&mut self, change: OwnChange<'_>, phone: &str) {
        if let OwnChange::Recovery(hashes) = change {
            self.recovery_left = u32::try_from(hashes.hashes.len()).unwrap_or(u32::MAX);
        }
        let dialogue = self.dialogue;
        let activity = &dialogue.config.paths.activity;
        let whose = (dialogue.user, &self.record);
        let _ = published::show(activity, whose, self.recovery_left, Durable::Yes);
        if let Ok(now) = dialogue.watch.now() {
            let what = (change.word(), self.factor, phone);
            let journal = dialogue.journal;
            journal.changed(dialogue.request, dialogue.user, what, (activity, now));
        }
    }

    fn write(&self, change: OwnChange<'_>, next: &Record) -> Result<(), Failed> {
        let dialogue = self.dialogue;
        let paths = &dialogue.config.paths;
        let distrusted = |what| move |distrust| Trouble::new(what, &distrust);
        let users = Folder::open(&paths.users).map_err(distrusted("record"))?;
        let states = Folder::open(&paths.state).map_err(distrusted("state"))?;
        let clock = || dialogue.watch.now();
        let place = Place {
            users: &users,
            states: &states,
            user: dialogue.user,
            config: dialogue.config,
            clock: &clock,
        };
        let _shield = Shield::raise()?;
        let patience = || dialogue.watch.patience(dialogue.journal);
        let _lock = RecordsLock::share(&users, &mut *patience())
            .map_err(|trouble| Trouble::new("record", &trouble))?;
        let files = Change {
            old: Some(&self.record),
            new: next,
        };
        let next = |state: &_| change.applied_to_state(state);
        match place.write_if_unchanged(files, &next, &mut *patience()) {
            Ok(()) => Ok(()),
            Err(Unwritten::Changed) => Err(Failed::Changed),
            Err(why) => Err(Trouble::from(why).into()),
        }
    }

    /// Has the daemon end the page of a phone that is no longer valid. It is not, whatever becomes of this.
    pub(super) fn forget(&self, phone: &Phone) {
        let dialogue = self.dialogue;
        let forgotten = || {
            let mut link = DaemonLink::open(&dialogue.config.paths.socket)?;
            link.send(&ToDaemon::Forget {
                credentials: vec![phone.credential.clone()],
            })?;
            match link.wait()? {
                FromDaemon::Forgotten {} => Ok(()),
                _ => Err(Away("it speaks of something else".to_owned())),
            }
        };
        if let Err(away) = forgotten() {
            let user = dialogue.user.as_str();
            let credential = base64url::encode(&phone.credential);
            let word = dialogue.user.shell_word();
            let mend = format!("run: antiphon remove {word} --forget={credential}");
            let line = LogLine::new()
                .with("page", "left")
                .with("user", user)
                .with("detail", &away.0)
                .with("mend", &mend);
            dialogue.journal.warn(&line);
        }
    }
}
