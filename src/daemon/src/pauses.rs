//! Pauses of people's phones, as reported by root's module, and the answers that end them.
//!
//! Kept in memory only, and not authoritative: the module stores the pause, reports it again at each sign-in, and
//! verifies the passkey's signature itself. If "It is not me" came too late for the module of that sign-in, which ssh
//! kills when its client hangs up, the module of the next sign-in is told.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use antiphon_core::approval::Assertion;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{Silence, Suspicion};

/// Most pauses kept per person and host: a state has fewer origins with one each.
const MOST: usize = 8;
/// Most people with pauses at one host.
const MOST_PEOPLE: usize = 10_000;
/// The longest pause in seconds: no configuration has a longer one.
const LONGEST: u64 = 86_400;
/// How far a host's clock may be ahead, in seconds.
const AHEAD: u64 = 600;

/// The current pauses, for each person with the most recently reported last.
#[derive(Default)]
pub(crate) struct Pauses(Mutex<HashMap<Whose, Vec<Paused>>>);

/// A person and a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Whose {
    pub(crate) user: String,
    pub(crate) host: String,
}

struct Paused {
    pause: Silence,
    taken_back: Option<Assertion>,
    /// What began it, if the module has not been told.
    unheard: Option<Suspicion>,
}

impl Paused {
    fn new(pause: Silence) -> Self {
        Self {
            pause,
            taken_back: None,
            unheard: None,
        }
    }
}

/// A pause as shown to its person.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// The host that asks no phone of theirs.
    pub(crate) host: String,
    pub(crate) pause: Silence,
    /// A phone has taken the report back: the module ends the pause at the next sign-in.
    pub(crate) is_taken_back: bool,
}

/// When a pause began, and at which host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) whose: Whose,
    pub(crate) since: UnixTime,
}

impl Pauses {
    fn lasting(&self, now: UnixTime) -> MutexGuard<'_, HashMap<Whose, Vec<Paused>>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, pauses| {
            pauses.retain(|paused| now < paused.pause.until);
            !pauses.is_empty()
        });
        all
    }

    /// The module reports a pause; returns the answer that ends it, if any. Pauses of different origins are distinct. One that
    /// no module makes is not kept: a host that somebody has taken over can say anything.
    pub(crate) fn heard(&self, whose: Whose, pause: Silence, now: UnixTime) -> Option<Assertion> {
        let longest = pause.since.plus(LONGEST);
        if pause.until > longest || pause.since > now.plus(AHEAD) {
            return None;
        }
        let mut all = self.lasting(now);
        if !all.contains_key(&whose) {
            let of_host = all.keys().filter(|other| other.host == whose.host);
            if of_host.count() >= MOST_PEOPLE {
                return None;
            }
        }
        let pauses = all.entry(whose).or_default();
        let known = pauses.iter().position(|known| known.pause == pause);
        // Returned only once: if the module does not accept it, the person has to answer again.
        let taken_back = known.and_then(|index| pauses.remove(index).taken_back);
        if taken_back.is_none() {
            add(pauses, Paused::new(pause));
        }
        taken_back
    }

    /// "It is not me" was said about a sign-in that had ended: the module is told at the next one, and begins the pause
    /// then.
    pub(crate) fn suspect(&self, whose: Whose, suspicion: Suspicion, lasts: u64) {
        let since = suspicion.since;
        let until = since.plus(lasts);
        let mut all = self.lasting(since);
        let paused = Paused {
            unheard: Some(suspicion),
            ..Paused::new(Silence { since, until })
        };
        add(all.entry(whose).or_default(), paused);
    }

    /// A suspicion that the module has not been told of yet.
    pub(crate) fn unheard(&self, whose: &Whose, now: UnixTime) -> Option<Suspicion> {
        let mut all = self.lasting(now);
        let mut pauses = all.get_mut(whose).into_iter().flatten();
        pauses.find_map(|paused| paused.unheard.take())
    }

    /// A person's pause, at whichever host: the latest one that no phone has ended, or else the latest.
    pub(crate) fn of(&self, user: &str, now: UnixTime) -> Option<Seen> {
        let all = self.lasting(now);
        let own = all.iter().filter(|(whose, _)| whose.user == user);
        let latest = own.filter_map(|(whose, pauses)| {
            let stands = pauses.iter().rfind(|paused| paused.taken_back.is_none());
            let paused = stands.or(pauses.last())?;
            Some(Seen {
                host: whose.host.clone(),
                pause: paused.pause,
                is_taken_back: paused.taken_back.is_some(),
            })
        });
        latest.max_by_key(|seen| (!seen.is_taken_back, seen.pause.since))
    }

    /// When each of a person's pauses began, and where.
    pub(crate) fn begun(&self, user: &str, now: UnixTime) -> Vec<Begun> {
        let all = self.lasting(now);
        let own = all.iter().filter(|(whose, _)| whose.user == user);
        let begun = own.flat_map(|(whose, pauses)| {
            pauses.iter().map(|paused| Begun {
                whose: whose.clone(),
                since: paused.pause.since,
            })
        });
        begun.collect()
    }

    /// A phone takes its report back. Returns whether there is such a pause.
    pub(crate) fn take_back(&self, begun: &Begun, assertion: Assertion, now: UnixTime) -> bool {
        let mut all = self.lasting(now);
        let mut pauses = all.get_mut(&begun.whose).into_iter().flatten();
        let found = pauses.find(|paused| paused.pause.since == begun.since);
        found
            .map(|paused| paused.taken_back = Some(assertion))
            .is_some()
    }
}

fn add(pauses: &mut Vec<Paused>, new: Paused) {
    pauses.push(new);
    let surplus = pauses.len().saturating_sub(MOST);
    pauses.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use antiphon_core::approval::Assertion;
    use antiphon_core::time::UnixTime;
    use antiphon_core::wire::Silence;

    use super::{Begun, Pauses, Whose};

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

    fn begun(whose: Whose, since: UnixTime) -> Begun {
        Begun { whose, since }
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
        assert!(!pauses.take_back(&begun(alice(), NOW), assertion(), NOW));
        assert_eq!(pauses.heard(alice(), PAUSE, NOW), None);
        assert!(!pauses.take_back(&begun(alice(), NOW.plus(1)), assertion(), NOW));
        let bob = Whose {
            user: "bob".into(),
            ..alice()
        };
        assert!(!pauses.take_back(&begun(bob, NOW), assertion(), NOW));
        assert!(pauses.take_back(&begun(alice(), NOW), assertion(), NOW));
        assert!(pauses.of("alice", NOW).unwrap().is_taken_back);
        assert_eq!(pauses.heard(alice(), PAUSE, NOW), Some(assertion()));
        assert_eq!(pauses.of("alice", NOW), None);
        assert_eq!(pauses.heard(alice(), PAUSE, NOW), None);
        assert!(pauses.take_back(&begun(alice(), NOW), assertion(), NOW));
        let later = Silence {
            since: NOW.plus(5),
            ..PAUSE
        };
        assert_eq!(pauses.heard(alice(), later, NOW.plus(5)), None);
        assert!(!pauses.of("alice", NOW.plus(5)).unwrap().is_taken_back);
    }

    #[test]
    fn a_person_is_shown_the_pauses_of_every_host_and_ends_each_for_its_own() {
        let pauses = Pauses::default();
        let elsewhere = Whose {
            host: "db7".into(),
            ..alice()
        };
        let later = Silence {
            since: NOW.plus(5),
            ..PAUSE
        };
        pauses.heard(alice(), PAUSE, NOW);
        pauses.heard(elsewhere.clone(), later, NOW);
        let host = |user: &str| pauses.of(user, NOW).map(|seen| seen.host);
        assert_eq!(host("alice").as_deref(), Some("db7"));
        assert_eq!(host("bob"), None);
        let mut all = pauses.begun("alice", NOW);
        all.sort_by_key(|begun| begun.since);
        let expected = [begun(alice(), NOW), begun(elsewhere.clone(), later.since)];
        assert_eq!(all, expected);
        assert!(pauses.take_back(&all[1], assertion(), NOW));
        // The one that still stands.
        assert_eq!(host("alice").as_deref(), Some("web1"));
        assert_eq!(pauses.heard(alice(), PAUSE, NOW), None);
        assert_eq!(pauses.heard(elsewhere, later, NOW), Some(assertion()));
    }

    #[test]
    fn a_pause_that_is_over_is_forgotten() {
        let pauses = Pauses::default();
        pauses.heard(alice(), PAUSE, NOW);
        assert!(pauses.of("alice", NOW.plus(899)).is_some());
        assert_eq!(pauses.of("alice", PAUSE.until), None);
        assert!(pauses.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_pause_of_another_origin_leaves_what_has_taken_the_first_back() {
        let pauses = Pauses::default();
        pauses.heard(alice(), PAUSE, NOW);
        let elsewhere = Silence {
            since: NOW.plus(5),
            until: PAUSE.until.plus(5),
        };
        assert!(pauses.take_back(&begun(alice(), NOW), assertion(), NOW));
        assert_eq!(pauses.heard(alice(), elsewhere, NOW.plus(5)), None);
        // Pauses that can still be ended are shown first.
        let shown = |now| pauses.of("alice", now).unwrap();
        assert_eq!(shown(NOW.plus(5)).pause, elsewhere);
        assert!(pauses.take_back(&begun(alice(), elsewhere.since), assertion(), NOW));
        assert!(shown(NOW.plus(5)).is_taken_back);
        for pause in [PAUSE, elsewhere] {
            assert_eq!(pauses.heard(alice(), pause, NOW.plus(6)), Some(assertion()));
        }
    }

    #[test]
    fn a_host_fills_no_memory_with_people_and_times_that_it_makes_up() {
        let pauses = Pauses::default();
        let reported = |host: &str, number: usize| {
            let whose = Whose {
                user: number.to_string(),
                host: host.into(),
            };
            pauses.heard(whose.clone(), PAUSE, NOW);
            pauses.0.lock().unwrap().contains_key(&whose)
        };
        assert!((0..super::MOST_PEOPLE).all(|number| reported("db7", number)));
        assert!(!reported("db7", super::MOST_PEOPLE));
        assert!(reported("web1", 0));
        for (since, until) in [
            (NOW, NOW.plus(86_401)),
            (NOW, UnixTime(u64::MAX)),
            (NOW.plus(601), NOW.plus(602)),
        ] {
            assert_eq!(pauses.heard(alice(), Silence { since, until }, NOW), None);
            assert_eq!(pauses.of("alice", NOW), None);
        }
        let longest = Silence {
            since: NOW.plus(600),
            until: NOW.plus(600 + 86_400),
        };
        pauses.heard(alice(), longest, NOW);
        assert!(pauses.of("alice", NOW).is_some());
    }

    #[test]
    fn the_pauses_of_a_person_have_a_bound() {
        let pauses = Pauses::default();
        for second in 0..100 {
            let pause = Silence {
                since: NOW.plus(second),
                ..PAUSE
            };
            pauses.heard(alice(), pause, NOW);
        }
        assert_eq!(pauses.0.lock().unwrap()[&alice()].len(), super::MOST);
        assert_eq!(pauses.of("alice", NOW).unwrap().pause.since, NOW.plus(99));
    }
}
