//! Pauses of persons' phones, as root's module tells of them, and what takes them back.
//!
//! All of it is in memory, and decides nothing: the module keeps the pause, tells of it again at each sign-in, and judges
//! the passkey's signature itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use antiphon_core::approval::Assertion;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::Silence;

use crate::store::Phone;

/// The pauses that last.
#[derive(Default)]
pub(crate) struct Pauses(Mutex<HashMap<Whose, Paused>>);

/// A person, and the computer.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Whose {
    pub(crate) user: String,
    pub(crate) host: String,
}

impl Whose {
    /// The person of `phone`, and the computer that it was enrolled for.
    pub(crate) fn of(phone: &Phone) -> Self {
        Self {
            user: phone.user.clone(),
            host: phone.host.clone(),
        }
    }
}

struct Paused {
    pause: Silence,
    taken_back: Option<Assertion>,
}

/// A pause as its person sees it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) pause: Silence,
    /// A phone has taken it back: the module ends it at the next sign-in.
    pub(crate) is_taken_back: bool,
}

impl Pauses {
    fn lasting(&self, now: UnixTime) -> MutexGuard<'_, HashMap<Whose, Paused>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, paused| now < paused.pause.until);
        all
    }

    /// The module tells of a pause, and is told what has taken it back, if anything has.
    pub(crate) fn heard(&self, whose: Whose, pause: Silence, now: UnixTime) -> Option<Assertion> {
        let mut all = self.lasting(now);
        let known = all.remove(&whose);
        let taken_back = known.and_then(|known| known.taken_back.filter(|_| known.pause == pause));
        // What is handed over has served: if the module does not take it, the person says it again.
        let paused = Paused {
            pause,
            taken_back: None,
        };
        if taken_back.is_none() {
            all.insert(whose, paused);
        }
        taken_back
    }

    /// The pause of a person.
    pub(crate) fn of(&self, whose: &Whose, now: UnixTime) -> Option<Seen> {
        self.lasting(now).get(whose).map(|paused| Seen {
            pause: paused.pause,
            is_taken_back: paused.taken_back.is_some(),
        })
    }

    /// A phone takes back what began the pause. Whether there is this one.
    pub(crate) fn take_back(
        &self,
        whose: &Whose,
        since: UnixTime,
        assertion: Assertion,
        now: UnixTime,
    ) -> bool {
        let mut all = self.lasting(now);
        let found = all.get_mut(whose);
        let found = found.filter(|paused| paused.pause.since == since);
        found
            .map(|paused| paused.taken_back = Some(assertion))
            .is_some()
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::approval::Assertion;
    use antiphon_core::time::UnixTime;
    use antiphon_core::wire::Silence;

    use super::{Pauses, Whose};

    const NOW: UnixTime = UnixTime(1_795_377_600);
    const PAUSE: Silence = Silence {
        since: NOW,
        until: UnixTime(NOW.0 + 900),
    };

    fn alice() -> Whose {
        Whose {
            user: "alice".into(),
            host: "web1".into(),
        }
    }

    fn assertion() -> Assertion {
        Assertion {
            credential: vec![1],
            client_data: vec![2],
            authenticator_data: vec![3],
            signature: vec![4],
        }
    }

    #[test]
    fn what_takes_a_pause_back_is_handed_over_once_and_for_that_pause_alone() {
        let pauses = Pauses::default();
        assert!(!pauses.take_back(&alice(), NOW, assertion(), NOW));
        assert_eq!(pauses.heard(alice(), PAUSE, NOW), None);
        assert!(!pauses.take_back(&alice(), NOW.plus(1), assertion(), NOW));
        let bob = Whose {
            user: "bob".into(),
            ..alice()
        };
        assert!(!pauses.take_back(&bob, NOW, assertion(), NOW));
        assert!(pauses.take_back(&alice(), NOW, assertion(), NOW));
        assert!(pauses.of(&alice(), NOW).unwrap().is_taken_back);
        assert_eq!(pauses.heard(alice(), PAUSE, NOW), Some(assertion()));
        assert_eq!(pauses.of(&alice(), NOW), None);
        assert_eq!(pauses.heard(alice(), PAUSE, NOW), None);
        assert!(pauses.take_back(&alice(), NOW, assertion(), NOW));
        let later = Silence {
            since: NOW.plus(5),
            ..PAUSE
        };
        assert_eq!(pauses.heard(alice(), later, NOW.plus(5)), None);
        assert!(!pauses.of(&alice(), NOW.plus(5)).unwrap().is_taken_back);
    }

    #[test]
    fn a_pause_that_is_over_is_forgotten() {
        let pauses = Pauses::default();
        pauses.heard(alice(), PAUSE, NOW);
        assert!(pauses.of(&alice(), NOW.plus(899)).is_some());
        assert_eq!(pauses.of(&alice(), PAUSE.until), None);
        assert!(pauses.0.lock().unwrap().is_empty());
    }
}
