//! Connects waiting sign-ins with listening phones.
//!
//! A request lives exactly as long as the connection that brought it, and a restarted daemon knows none. It goes only to the
//! phones whose passkeys root named. Where several relays share an engine, the sign-in may wait at another one than the
//! phone's ([`crate::post`]); each is told here what concerns its own connections and pages.

mod answering;
mod displacement;
mod elsewhere;
mod ending;
mod event;
mod inbox;
mod looks;
mod request;
mod turns;
mod withdrawal;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use antiphon_core::account::AccountTerms;
use antiphon_core::wire::FromDaemon;
use bytes::Bytes;
use futures_channel::mpsc;
use tokio::time::Instant;

pub(crate) use answering::{Answered, PAGE};
pub(crate) use ending::Ending;
pub(crate) use event::{BEAT, Shown, ShownAccount, ShownLabel};
pub(crate) use inbox::Listening;
pub(crate) use request::{OpenRequest, Opening};

use crate::post::{Alone, Letter, Post};
use crate::store::Device;
use crate::token::TokenHash;
use inbox::Inbox;
use looks::Looks;
use turns::Turns;

/// A relay that has not put its requests back by then is taken for dead by the others.
const GRACE: Duration = Duration::from_secs(10);

pub(crate) struct Switchboard {
    state: Mutex<State>,
    turns: Turns,
    /// The way to other relays.
    post: Arc<dyn Post>,
    /// How long what waits at another relay may be missing in the engine: it puts back what the engine has lost.
    grace: Duration,
}

/// One that knows of no other.
impl Default for Switchboard {
    fn default() -> Self {
        Self::by(Arc::new(Alone::default()))
    }
}

#[derive(Default)]
struct State {
    /// By person: the one that is with the phones.
    open: HashMap<String, Waiting>,
    /// By person: the one of this daemon that is to be open next, once the engine has said so.
    opening: HashMap<String, Waiting>,
    /// By id: requests whose place the person's next one has taken, answered or displaced, before their end was told.
    overtaken: HashMap<String, Waiting>,
    /// By credential.
    inboxes: HashMap<Vec<u8>, Vec<Inbox>>,
    looks: Looks,
    /// Distinguishes inboxes.
    serial: u64,
    /// Whether the daemon is shutting down.
    closed: bool,
}

/// Where answers go. Ten thousand may wait: this channel reserves the space of one item, tokio's that of 32, and a boxed item
/// takes little.
pub(crate) type Asker = mpsc::Sender<Box<FromDaemon>>;

struct Waiting {
    user: String,
    id: String,
    /// The event for phones.
    event: Bytes,
    credentials: Vec<Vec<u8>>,
    /// The credential that answered; an empty one is a page's.
    answered_by: Option<Vec<u8>>,
    /// The passkeys whose answers are on their way to another relay, which may tell the end before one is noted here; the
    /// first first.
    answering: Vec<Vec<u8>>,
    /// The last answer that was handed on here.
    said: Option<Box<FromDaemon>>,
    /// The account whose token is followed by its check digits, which are typed at the terminal: until then nothing is decided.
    check_digits: Option<Box<AccountTerms>>,
    /// Whether one from where the person is known takes its place while it is not answered.
    gives_way: bool,
    place: Place,
    /// Whether the next one has displaced it, and its phones have been told.
    is_displaced: bool,
    /// When it is over at the latest.
    until: Instant,
}

/// Where a sign-in waits.
enum Place {
    /// At this connection.
    Here(Asker),
    /// At another relay.
    Elsewhere,
}

impl Waiting {
    /// One at another relay.
    fn of(letter: &Letter) -> Self {
        Self {
            user: letter.user.clone(),
            id: letter.id.clone(),
            event: letter.event.clone(),
            credentials: letter.credentials.clone(),
            answered_by: letter.answered_by.clone(),
            answering: Vec::new(),
            said: None,
            check_digits: None,
            gives_way: letter.gives_way,
            place: Place::Elsewhere,
            is_displaced: false,
            until: Instant::now() + letter.lasts,
        }
    }

    fn is_here(&self) -> bool {
        matches!(self.place, Place::Here(_))
    }
}

/// How much there is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Load {
    /// Sign-ins that phones are asked about.
    pub(crate) waiting: usize,
    /// Open pages.
    pub(crate) pages: usize,
}

impl Switchboard {
    /// One that reaches other relays by `post`.
    pub(crate) fn by(post: Arc<dyn Post>) -> Self {
        Self {
            state: Mutex::default(),
            turns: Turns::default(),
            post,
            grace: GRACE,
        }
    }

    /// The same without waiting for what may be put back.
    #[cfg(test)]
    pub(crate) fn without_grace(self) -> Self {
        let grace = Duration::ZERO;
        Self { grace, ..self }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change below is complete before anything in it could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The phones of `user` among `credentials` that have the page open.
    pub(crate) fn listening(&self, user: &str, credentials: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let state = self.state();
        let open = |credential: &&Vec<u8>| {
            let inboxes = state.inboxes.get(*credential);
            inboxes.is_some_and(|all| all.iter().any(|inbox| inbox.phone.user == user))
        };
        credentials.iter().filter(open).cloned().collect()
    }

    /// The phone with this token, if it has the page open: it can answer even if the store is down.
    pub(crate) fn listener(&self, token: TokenHash) -> Option<Arc<Device>> {
        let state = self.state();
        let mut inboxes = state.inboxes.values().flatten();
        inboxes
            .find(|inbox| inbox.phone.token == token)
            .map(|inbox| Arc::clone(&inbox.phone))
    }

    /// Ends all streams of a phone whose tokens were revoked.
    pub(crate) async fn hang_up(&self, credential: &[u8]) {
        self.state().inboxes.remove(credential);
        self.post.hang_up(credential.to_vec()).await;
    }

    /// Ends the streams of a phone that were opened with these tokens, which have been revoked.
    pub(crate) async fn end_tokens(&self, credential: &[u8], ended: &[TokenHash]) {
        let stays = |inbox: &Inbox| !ended.contains(&inbox.phone.token);
        self.state().retain(credential, stays);
        if !ended.is_empty() {
            self.post.hang_up(credential.to_vec()).await;
        }
    }

    /// How much there is now.
    pub(crate) fn load(&self) -> Load {
        let state = self.state();
        Load {
            waiting: state.open.values().filter(|open| open.is_here()).count(),
            pages: state.inboxes.values().map(Vec::len).sum(),
        }
    }

    /// Ends everything: tells callers and phones, and accepts nothing new.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.opening.clear();
        let open = std::mem::take(&mut state.open);
        for (user, waiting) in open {
            // What waits at another relay, its phones will find there.
            if waiting.is_here() {
                state.tell_end(&user, &waiting, Ending::Cancelled);
            }
        }
        state.inboxes.clear();
    }
}

impl State {
    /// Drops the pages of a phone for which `stays` does not hold.
    fn retain(&mut self, credential: &[u8], stays: impl Fn(&Inbox) -> bool) {
        if let Some(pages) = self.inboxes.get_mut(credential) {
            pages.retain(stays);
            if pages.is_empty() {
                self.inboxes.remove(credential);
            }
        }
    }

    /// Sends to every page of this phone, if it belongs to this person. A page that does not read is dropped; on
    /// reconnecting it starts with whatever is waiting.
    fn send(&mut self, user: &str, credential: &[u8], event: &Bytes) {
        self.retain(credential, |inbox| {
            inbox.phone.user != user || inbox.events.try_send(event.clone()).is_ok()
        });
    }

    fn tell_end(&mut self, user: &str, waiting: &Waiting, ending: Ending) {
        let by = waiting.answered_by.as_ref().or(waiting.answering.first());
        if let Some(credential) = by {
            let event = event::gone(&waiting.id, ending.word());
            self.send(user, credential, &event);
        }
        if waiting.is_decided() {
            // The other phones were told when it was answered.
            return;
        }
        let event = event::gone(&waiting.id, ending.unanswered().word());
        for credential in waiting
            .credentials
            .iter()
            .filter(|other| Some(*other) != by)
        {
            self.send(user, credential, &event);
        }
    }
}

#[cfg(test)]
mod tests;
