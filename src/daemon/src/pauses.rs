//! Pauses of people's phones, as reported by root's module, and the answers that end them.
//!
//! Not authoritative: the module stores the pause, reports it again at each sign-in, and verifies the passkey's signature
//! itself. If "It is not me" came too late for the module of that sign-in, which ssh kills when its client hangs up, the
//! module of the next sign-in is told. Where they are kept, in this daemon's memory or in the relays' engine, is the
//! [`Post`]'s, and so is the clock that they go by.

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use antiphon_core::approval::Assertion;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{Silence, Suspicion};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::post::{Changed, PausePage, Post};

/// Most pauses kept per person and host: a state has fewer origins with one each.
const MOST: usize = 8;
/// The longest pause in seconds: no configuration has a longer one.
const LONGEST: u64 = 86_400;
/// How far a host's clock may be ahead, in seconds.
const AHEAD: u64 = 600;
/// How often a change is made anew because another one was before it.
const TRIES: usize = 8;
/// After how long what the engine has not taken is given to it again.
const AGAIN: Duration = Duration::from_secs(5);

/// The current pauses, for each person and host with the most recently reported last.
#[derive(Clone)]
pub(crate) struct Pauses(Arc<dyn Post>);

/// A person and a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Whose {
    pub(crate) user: String,
    pub(crate) host: String,
}

/// One pause, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Paused {
    pub(crate) pause: Silence,
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

/// "It is not me", said about a sign-in that had ended.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// The client's address, as in the request.
    pub(crate) remote_host: String,
    /// The caller of su or sudo, as in the request.
    pub(crate) caller: String,
    /// How long the pause lasts, in seconds.
    pub(crate) lasts: u64,
}

/// When something was said.
struct Said {
    at: Instant,
    /// The same by the clock that pauses go by, once that is known: a second try means the same pause.
    since: OnceLock<UnixTime>,
}

impl Said {
    fn now() -> Self {
        Self {
            at: Instant::now(),
            since: OnceLock::new(),
        }
    }

    fn since(&self, now: UnixTime) -> UnixTime {
        let elapsed = self.at.elapsed().as_secs();
        *self
            .since
            .get_or_init(|| UnixTime(now.0.saturating_sub(elapsed)))
    }
}

impl Pauses {
    /// Those that are kept by `post`.
    pub(crate) fn by(post: Arc<dyn Post>) -> Self {
        Self(post)
    }

    /// The module reports a pause; returns the answer that ends it, if any. Pauses of different origins are distinct. One that
    /// no module makes is not kept: a host that somebody has taken over can say anything.
    pub(crate) async fn heard(&self, whose: &Whose, pause: Silence) -> Option<Assertion> {
        let longest = pause.since.plus(LONGEST);
        self.take(whose, |pauses, now| {
            if pause.until > longest || pause.since > now.plus(AHEAD) || pause.until <= now {
                return None;
            }
            let known = pauses.iter().position(|known| known.pause == pause);
            // Returned only once: if the module does not accept it, the person has to answer again.
            let taken_back = known.and_then(|index| pauses.remove(index).taken_back);
            if taken_back.is_none() {
                add(pauses, Paused::new(pause));
            }
            taken_back
        })
        .await
    }

    /// "It is not me" was said about a sign-in that had ended: the module is told at the next one, and begins the pause
    /// then. While the engine is away, that is tried again.
    pub(crate) async fn suspect(&self, whose: Whose, report: Report) {
        let said = Said::now();
        if self.note(&whose, &report, &said).await {
            return;
        }
        let pauses = self.clone();
        tokio::spawn(async move {
            while said.at.elapsed().as_secs() < report.lasts {
                sleep(AGAIN).await;
                if pauses.note(&whose, &report, &said).await {
                    break;
                }
            }
        });
    }

    async fn note(&self, whose: &Whose, report: &Report, said: &Said) -> bool {
        let noted = self.change(whose, |pauses, now| {
            let since = said.since(now);
            let until = since.plus(report.lasts);
            let pause = Silence { since, until };
            // Written down after all, though the engine was too slow to say so.
            if pauses.iter().any(|known| known.pause == pause) {
                return;
            }
            let suspicion = Suspicion {
                since,
                remote_host: report.remote_host.clone(),
                caller: report.caller.clone(),
            };
            let paused = Paused {
                unheard: Some(suspicion),
                ..Paused::new(pause)
            };
            add(pauses, paused);
        });
        noted.await.is_some()
    }

    /// A suspicion that the module has not been told of yet.
    pub(crate) async fn unheard(&self, whose: &Whose) -> Option<Suspicion> {
        self.take(whose, |pauses, _| {
            pauses.iter_mut().find_map(|paused| paused.unheard.take())
        })
        .await
    }

    /// What `change` takes out for the module. It is told also where the engine does not say in time whether it is out: told
    /// again it changes nothing, and what is out and not told is lost.
    async fn take<T: Clone>(
        &self,
        whose: &Whose,
        change: impl Fn(&mut Vec<Paused>, UnixTime) -> Option<T>,
    ) -> Option<T> {
        let found = Mutex::new(None);
        let taken = self.change(whose, |pauses, now| {
            let taken = change(pauses, now);
            found
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone_from(&taken);
            taken
        });
        match taken.await {
            Some(taken) => taken,
            None => found.into_inner().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// A person's pause, at whichever host: the latest one that no phone has ended, or else the latest.
    pub(crate) async fn of(&self, user: &str) -> Option<Seen> {
        let latest = self.lasting(user).await?.into_iter().filter_map(|page| {
            let mut all = page.pauses.iter();
            let stands = all.rfind(|paused| paused.taken_back.is_none());
            let latest = stands.or(page.pauses.last())?;
            Some(Seen {
                pause: latest.pause,
                is_taken_back: latest.taken_back.is_some(),
                host: page.whose.host,
            })
        });
        latest.max_by_key(|seen| (!seen.is_taken_back, seen.pause.since))
    }

    /// When each of a person's pauses began, and where; `None` if the engine cannot be asked.
    pub(crate) async fn begun(&self, user: &str) -> Option<Vec<Begun>> {
        let pages = self.lasting(user).await?;
        let begun = pages.iter().flat_map(|page| {
            page.pauses.iter().map(|paused| Begun {
                whose: page.whose.clone(),
                since: paused.pause.since,
            })
        });
        Some(begun.collect())
    }

    /// A phone takes its report back. Returns whether there is such a pause; `None` if the engine cannot be asked.
    pub(crate) async fn take_back(&self, begun: &Begun, assertion: &Assertion) -> Option<bool> {
        let taken = self.change(&begun.whose, |pauses, _| {
            let mut pauses = pauses.iter_mut();
            let found = pauses.find(|paused| paused.pause.since == begun.since);
            found
                .map(|paused| paused.taken_back = Some(assertion.clone()))
                .is_some()
        });
        taken.await
    }

    /// A person's pauses that are not over.
    async fn lasting(&self, user: &str) -> Option<Vec<PausePage>> {
        let mut book = self.0.pauses(user.to_owned()).await?;
        for page in &mut book.pages {
            page.pauses.retain(|paused| book.now < paused.pause.until);
        }
        Some(book.pages)
    }

    /// Changes a person's pauses at a host; `None` if that cannot be kept.
    async fn change<T>(
        &self,
        whose: &Whose,
        change: impl Fn(&mut Vec<Paused>, UnixTime) -> T,
    ) -> Option<T> {
        for _ in 0..TRIES {
            let book = self.0.pauses(whose.user.clone()).await?;
            let mut pages = book.pages.into_iter();
            let known = pages.find(|page| page.whose == *whose);
            let mut page = known.unwrap_or_else(|| PausePage::new(whose.clone()));
            let before = page.pauses.clone();
            page.pauses.retain(|paused| book.now < paused.pause.until);
            let said = change(&mut page.pauses, book.now);
            if page.pauses == before {
                return Some(said);
            }
            match self.0.change_pauses(page).await {
                Changed::Fine => return Some(said),
                Changed::Before => {}
                Changed::Known | Changed::Away => return None,
            }
        }
        None
    }
}

fn add(pauses: &mut Vec<Paused>, new: Paused) {
    pauses.push(new);
    let surplus = pauses.len().saturating_sub(MOST);
    pauses.drain(..surplus);
}
