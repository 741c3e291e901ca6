//! The pause started by "It is not me", and how a phone ends it early.
//!
//! The daemon carries the message and displays the pause; whether a passkey signed it is judged here.

use antiphon_core::approval::{Assertion, TakenBack};
use antiphon_core::judge::judge_taken_back;
use antiphon_core::origin::Origin;
use antiphon_core::outcome::Trouble;
use antiphon_core::state::Pause;
use antiphon_core::visible::visible;
use antiphon_core::wire::{FromDaemon, Silence, Suspicion, ToDaemon};
use antiphon_link::{LONGEST_SHOWN, ask};

use crate::dialogue::SignIn;
use crate::interrupt::Blocked;

impl SignIn<'_> {
    /// Pauses the phone for this sign-in's origin; returns the pause.
    pub(crate) fn pause(&self) -> Result<Option<Silence>, Trouble> {
        let origin = self.context.request.origin();
        let mut pause = None;
        self.change_state(|state, now| {
            state.report(origin, now);
            pause = state.allows_push(self.context.config, origin, now).err();
        })?;
        Ok(pause.map(silence))
    }

    /// Pauses the phone for the origin of an earlier sign-in, reported after it had ended.
    pub(crate) fn pause_since(&self, suspicion: &Suspicion) -> Result<(), Trouble> {
        let Some(held) = self.hold_state()? else {
            return Ok(());
        };
        let origin = Origin {
            remote_host: &suspicion.remote_host,
            terminal: "",
            caller: &suspicion.caller,
        };
        let since = suspicion.since.min(held.now());
        held.change(|state| state.report(origin, since))?;
        let line = self
            .context
            .line("phone", "reported")
            .with("rhost", origin.remote_host)
            .with("caller", origin.caller)
            .with("detail", "of a sign-in that had gone before it heard that");
        self.context.journal.note(&line);
        Ok(())
    }

    /// Whether a phone has taken this report back, which has ended the pause.
    pub(crate) fn is_taken_back(&self, pause: Pause) -> Result<bool, Trouble> {
        let (user, host) = (
            visible(self.context.name_on_phone(), LONGEST_SHOWN),
            visible(&self.context.host_name(), LONGEST_SHOWN),
        );
        let asked = ToDaemon::Paused {
            user: user.clone(),
            host: host.clone(),
            pause: silence(pause),
        };
        let Some(assertion) = self.heard_of(&asked) else {
            return Ok(false);
        };
        let Some(held) = self.hold_state()? else {
            return Ok(false);
        };
        let taken_back = TakenBack {
            user: &user,
            host: &host,
            since: pause.since,
        };
        let subject = self.context.subject(&held.record);
        let judgement = judge_taken_back(&assertion, taken_back, subject, held.state());
        match held.settle(judgement)? {
            Ok(()) => {
                self.context
                    .journal
                    .note(&self.context.about_phone("taken-back"));
                Ok(true)
            }
            Err(fault) => {
                self.context.warn("phone", "refused", fault.word());
                Ok(false)
            }
        }
    }

    /// What the daemon has received. If it is away, nothing.
    fn heard_of(&self, asked: &ToDaemon) -> Option<Assertion> {
        match ask(&self.context.config.paths.socket, asked, &Blocked) {
            Ok(FromDaemon::TakenBack(assertion)) => Some(assertion),
            Ok(_) => None,
            Err(away) => {
                self.context
                    .journal
                    .debug(&format!("nobody says whether the pause has ended: {away}"));
                None
            }
        }
    }
}

fn silence(pause: Pause) -> Silence {
    Silence {
        since: pause.since,
        until: pause.until,
    }
}
