//! Browsers on their way to a provider and back.
//!
//! Each is known by a cookie, a state and a PKCE verifier, all three made here and used once. The cookie is what keeps a
//! link that somebody sends from being followed for them: the code that comes back counts only in the browser where the
//! number was typed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use antiphon_core::account::CheckDigits;

use crate::random::NoRandomness;
use crate::token::{Token, TokenHash};

use super::waiting::Waiting;

/// Most browsers at once; one more is refused.
const MOST: usize = 10_000;
/// How long the page can ask how it ended, after the time is up.
const AFTERWARDS: Duration = Duration::from_secs(60);

/// The browsers, by the hash of their cookie.
#[derive(Default)]
pub(crate) struct Flows(Mutex<HashMap<[u8; 32], Flow>>);

/// A browser that has been sent to a provider.
struct Flow {
    /// What it signs in for.
    waiting: Arc<Waiting>,
    /// Until it comes back.
    away: Option<Away>,
    /// What became of it then.
    result: Option<Signing>,
    until: Instant,
}

struct Away {
    state: TokenHash,
    verifier: Token,
}

/// What a browser is sent away with.
pub(crate) struct Departure {
    /// For the browser alone.
    pub(crate) cookie: Token,
    /// For the provider, and back.
    pub(crate) state: Token,
    /// Of PKCE (RFC 7636), of which the provider is told the hash.
    pub(crate) verifier: Token,
}

/// A browser that has come back, and can do so only once.
pub(crate) struct Used {
    pub(crate) waiting: Arc<Waiting>,
    pub(crate) verifier: Token,
}

/// What became of a sign-in at a provider.
#[derive(Clone)]
pub(crate) enum Signing {
    /// There is a token, with these check digits.
    Done(CheckDigits),
    /// There is none, for this reason.
    Failed(&'static str),
}

/// Why a browser that comes back is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FlowTrouble {
    /// It is not the browser that was sent, or was not sent by us, or came back before.
    OtherBrowser,
    /// What it signed in for is over.
    Gone,
}

impl Flows {
    fn all(&self) -> MutexGuard<'_, HashMap<[u8; 32], Flow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Expects a browser back that has been sent away with `departure`; `false` if there are too many.
    pub(crate) fn expect(&self, waiting: Arc<Waiting>, departure: Departure, now: Instant) -> bool {
        let flow = Flow {
            until: waiting.until + AFTERWARDS,
            waiting,
            away: Some(Away {
                state: departure.state.hash(),
                verifier: departure.verifier,
            }),
            result: None,
        };
        let mut all = self.all();
        all.retain(|_, flow| flow.until > now);
        if all.len() >= MOST {
            return false;
        }
        all.insert(*departure.cookie.hash().bytes(), flow);
        true
    }

    /// Lets a browser back in, with the cookie that it was sent away with and the state that the provider has returned. A
    /// state that comes with another cookie, or with none, is used up too: somebody has passed it on.
    ///
    /// # Errors
    /// [`FlowTrouble`].
    pub(crate) fn come_back(
        &self,
        cookie: Option<TokenHash>,
        state: TokenHash,
        now: Instant,
    ) -> Result<Used, FlowTrouble> {
        let mut all = self.all();
        let owner = all.iter().find_map(|(owner, flow)| {
            let away = flow.away.as_ref()?;
            (away.state == state).then_some(*owner)
        });
        let owner = owner.ok_or(FlowTrouble::OtherBrowser)?;
        let flow = all.get_mut(&owner).ok_or(FlowTrouble::OtherBrowser)?;
        let away = flow.away.take().ok_or(FlowTrouble::OtherBrowser)?;
        if cookie != Some(TokenHash::stored(owner)) {
            return Err(FlowTrouble::OtherBrowser);
        }
        if flow.waiting.until <= now || flow.waiting.is_over() {
            return Err(FlowTrouble::Gone);
        }
        Ok(Used {
            waiting: Arc::clone(&flow.waiting),
            verifier: away.verifier,
        })
    }

    /// Keeps what became of the sign-in of a browser that has come back.
    pub(crate) fn remember(&self, cookie: TokenHash, result: Signing) {
        if let Some(flow) = self.all().get_mut(cookie.bytes()) {
            flow.result = Some(result);
        }
    }

    /// Forgets a browser whose sign-in has come to nothing.
    pub(crate) fn forget(&self, cookie: TokenHash) {
        self.all().remove(cookie.bytes());
    }

    /// What a browser that has come back was sent for, and what became of it; the latter is `None` until its code has been
    /// redeemed.
    pub(crate) fn of(
        &self,
        cookie: TokenHash,
        now: Instant,
    ) -> Option<(Arc<Waiting>, Option<Signing>)> {
        let all = self.all();
        let flow = all.get(cookie.bytes()).filter(|flow| flow.until > now)?;
        if flow.away.is_some() {
            return None;
        }
        Some((Arc::clone(&flow.waiting), flow.result.clone()))
    }
}

impl Departure {
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        Ok(Self {
            cookie: Token::new()?,
            state: Token::new()?,
            verifier: Token::new()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::{Duration, Instant};

    use antiphon_core::account::{AccountTerms, CheckDigits};
    use antiphon_core::time::UnixTime;
    use antiphon_core::wire::AccountTicket;
    use tokio::sync::mpsc;

    use super::{AFTERWARDS, Departure, FlowTrouble, Flows, Signing};
    use crate::account::waiting::{Name, OpenPage, Purpose, Route, Waiting, WaitingRoom};
    use crate::switchboard::Ending;
    use crate::token::TokenHash;

    const LASTS: Duration = Duration::from_secs(180);

    fn waits(begun: Instant) -> (OpenPage, Arc<Waiting>) {
        let room = Arc::<WaitingRoom>::default();
        let ticket = AccountTicket {
            name: [1; 32],
            user: "alice".into(),
            host: "web1".into(),
            issued: UnixTime(1),
            expires: UnixTime(181),
            terms: AccountTerms {
                provider: "kmh".into(),
                issuer: "https://id.example.org".into(),
                client_id: "antiphon".into(),
                subject: String::new(),
                tenant: String::new(),
            },
        };
        let route = Route::Ticket {
            asker: mpsc::channel(1).0,
            used: AtomicBool::new(false),
        };
        let purpose = Purpose::Enrolment(Box::new(ticket));
        let name = Name::Ticket([1; 32]);
        let open = room.open(name.clone(), purpose, route, begun + LASTS);
        let waiting = room.find(&name, begun).unwrap();
        assert!(room.find(&name, begun + LASTS).is_none());
        (open.unwrap(), waiting)
    }

    fn sent(flows: &Flows, waiting: &Arc<Waiting>, now: Instant) -> (TokenHash, TokenHash) {
        let departure = Departure::new().unwrap();
        let hashes = (departure.cookie.hash(), departure.state.hash());
        assert!(flows.expect(Arc::clone(waiting), departure, now));
        hashes
    }

    #[test]
    fn a_browser_comes_back_in_time_with_its_own_cookie_and_once() {
        let (flows, begun) = (Flows::default(), Instant::now());
        let (_open, waiting) = waits(begun);
        let trouble = |cookie, state, now| flows.come_back(cookie, state, now).err();
        let (cookie, state) = sent(&flows, &waiting, begun);
        assert_eq!(trouble(Some(cookie), state, begun), None);
        let again = trouble(Some(cookie), state, begun);
        assert_eq!(again, Some(FlowTrouble::OtherBrowser));
        let (cookie, state) = sent(&flows, &waiting, begun);
        let late = trouble(Some(cookie), state, begun + LASTS);
        assert_eq!(late, Some(FlowTrouble::Gone));
        // A state that came with another cookie is used up.
        let (cookie, state) = sent(&flows, &waiting, begun);
        for other in [None, Some(TokenHash::stored([1; 32])), Some(cookie)] {
            let passed_on = trouble(other, state, begun);
            assert_eq!(passed_on, Some(FlowTrouble::OtherBrowser));
        }
    }

    #[tokio::test]
    async fn after_the_end_nobody_comes_back_and_the_page_can_ask_for_a_minute_how_it_was() {
        let (flows, begun) = (Flows::default(), Instant::now());
        let (open, waiting) = waits(begun);
        let (cookie, state) = sent(&flows, &waiting, begun);
        assert!(flows.of(cookie, begun).is_none());
        assert!(flows.come_back(Some(cookie), state, begun).is_ok());
        assert!(matches!(flows.of(cookie, begun), Some((_, None))));
        flows.remember(cookie, Signing::Done(CheckDigits::of("a.b.c")));
        let (late, its_state) = sent(&flows, &waiting, begun);
        open.end(Ending::Accepted);
        let gone = flows.come_back(Some(late), its_state, begun).err();
        assert_eq!(gone, Some(FlowTrouble::Gone));
        let after = begun + LASTS + AFTERWARDS / 2;
        let (found, result) = flows.of(cookie, after).unwrap();
        assert_eq!(found.ended().await, Ending::Accepted);
        assert!(matches!(result, Some(Signing::Done(digits)) if digits.digits() == "39"));
        assert!(flows.of(cookie, begun + LASTS + AFTERWARDS).is_none());
        flows.forget(cookie);
        assert!(flows.of(cookie, after).is_none());
    }

    #[tokio::test]
    async fn what_root_hangs_up_on_is_cancelled() {
        let (open, waiting) = waits(Instant::now());
        assert!(!waiting.is_over());
        drop(open);
        assert_eq!(waiting.ended().await, Ending::Cancelled);
    }
}
