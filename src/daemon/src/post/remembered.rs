//! Pauses in the memory of the one relay, or of the one host.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Changed, MOST_PEOPLE, PauseBook, PausePage};
use crate::clock;
use crate::pauses::{Paused, Whose};

#[derive(Default)]
pub(super) struct Remembered(Mutex<Held>);

#[derive(Default)]
struct Held {
    pages: HashMap<Whose, Page>,
    /// The last version.
    version: i64,
}

struct Page {
    pauses: Vec<Paused>,
    version: i64,
}

impl Remembered {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read(&self, user: &str) -> PauseBook {
        let held = self.held();
        let own = held.pages.iter().filter(|(whose, _)| whose.user == user);
        let pages = own.map(|(whose, page)| PausePage {
            whose: whose.clone(),
            pauses: page.pauses.clone(),
            version: Some(page.version),
        });
        PauseBook {
            now: clock::now(),
            pages: pages.collect(),
        }
    }

    pub(super) fn change(&self, changed: PausePage) -> Changed {
        let PausePage {
            whose,
            pauses,
            version,
        } = changed;
        let mut held = self.held();
        if held.pages.get(&whose).map(|page| page.version) != version {
            return Changed::Before;
        }
        let now = clock::now();
        let lasts = |paused: &Paused| now < paused.pause.until;
        held.pages.retain(|_, page| page.pauses.iter().any(lasts));
        let of_host = held.pages.keys().filter(|other| other.host == whose.host);
        let most = usize::try_from(MOST_PEOPLE).unwrap_or(usize::MAX);
        if version.is_none() && of_host.count() >= most {
            return Changed::Before;
        }
        if pauses.is_empty() {
            held.pages.remove(&whose);
        } else {
            held.version += 1;
            let version = held.version;
            held.pages.insert(whose, Page { pauses, version });
        }
        Changed::Fine
    }
}
