//! How the state budgets calls of the phone: one budget per usual origin, one for all others.

use super::{Pause, Paused, PushBudget, State};
use crate::config::Config;
use crate::method::Method;
use crate::origin::Origin;
use crate::time::UnixTime;

impl State {
    /// Whether the phone may be called now, for a sign-in from `origin`.
    ///
    /// # Errors
    /// [`Pause`] if not.
    pub fn allows_push(
        &self,
        config: &Config,
        origin: Origin<'_>,
        now: UnixTime,
    ) -> Result<(), Pause> {
        let usual = self.usual.at(origin.tag(), now);
        usual.unwrap_or(&self.push).allows(&config.push.limits, now)
    }

    /// Whether the person has signed in from `origin` lately; `None` if no origin is known. Where it is not known what an origin
    /// is, nobody is familiar.
    #[must_use]
    pub fn is_familiar(&self, origin: Origin<'_>, now: UnixTime) -> Option<bool> {
        let is_known = self.usual.at(origin.tag(), now).is_some();
        (!self.usual.is_empty()).then_some(is_known)
    }

    /// Counts a push before it is sent.
    pub fn count_push(&mut self, config: &Config, origin: Origin<'_>, now: UnixTime) {
        self.budget(origin, now).count(&config.push.limits, now);
    }

    /// Uncounts the push counted at `counted`, which reached nobody.
    pub fn uncount_push(&mut self, origin: Origin<'_>, counted: UnixTime, now: UnixTime) {
        self.budget(origin, now).uncount(counted);
    }

    /// Records that the person said "It is not me" at `since` about a sign-in from `origin`.
    pub fn report(&mut self, origin: Origin<'_>, since: UnixTime) {
        self.budget(origin, since).report(since);
    }

    /// What was reported at `since` was a mistake: it no longer pauses the phone anywhere.
    pub(crate) fn take_report_back(&mut self, since: UnixTime) {
        self.push.take_report_back(since);
        for push in self.usual.all_mut() {
            push.take_report_back(since);
        }
    }

    /// The pauses of the phone in effect at `now`: for all but the usual origins, and for each of those.
    #[must_use]
    pub fn pauses(&self, config: &Config, now: UnixTime) -> Vec<Paused> {
        let usual = self.usual.all().map(|push| (push, true));
        [(&self.push, false)]
            .into_iter()
            .chain(usual)
            .filter_map(|(push, usual_origin)| {
                let pause = push.allows(&config.push.limits, now).err()?;
                Some(Paused {
                    pause,
                    usual_origin,
                })
            })
            .collect()
    }

    /// The phone approved a sign-in from `origin`, so that call was wanted.
    pub(crate) fn approved(&mut self, origin: Origin<'_>, now: UnixTime) {
        self.budget(origin, now).approved();
    }

    /// The person has signed in from `origin` by `method`, so somebody is there. A factor that nobody else can ask the
    /// person for also ends the pauses.
    pub(crate) fn signed_in(&mut self, method: Method, origin: Origin<'_>, now: UnixTime) {
        self.untried = false;
        if let Some(origin) = origin.tag() {
            self.usual.signed_in(origin, now);
        }
        if matches!(method, Method::Approval | Method::Account) {
            self.push.answered();
            self.usual.all_mut().for_each(PushBudget::answered);
        } else {
            self.end_pauses();
        }
    }

    /// Ends every pause of the phone.
    pub(super) fn end_pauses(&mut self) {
        self.push = PushBudget::default();
        for push in self.usual.all_mut() {
            *push = PushBudget::default();
        }
    }

    fn budget(&mut self, origin: Origin<'_>, now: UnixTime) -> &mut PushBudget {
        match self.usual.at_mut(origin.tag(), now) {
            Some(usual) => usual,
            None => &mut self.push,
        }
    }
}

#[cfg(test)]
mod tests;
