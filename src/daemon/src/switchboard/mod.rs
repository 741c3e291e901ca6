//! Where sign-ins that wait and phones that listen are joined.
//!
//! All of it is in memory: a request lives exactly as long as the connection that brought it, and a daemon that starts
//! anew knows of none. A request goes to the phones whose passkeys root named, and to no other.

mod ending;
mod event;
mod inbox;
mod request;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use antiphon_core::wire::FromDaemon;
use bytes::Bytes;
use tokio::sync::mpsc;

pub(crate) use ending::Ending;
pub(crate) use event::{BEAT, Shown};
pub(crate) use inbox::Listening;
pub(crate) use request::{Answered, OpenRequest, Opening};

use crate::store::Device;
use crate::token::TokenHash;
use inbox::Inbox;

/// The switchboard.
#[derive(Default)]
pub(crate) struct Switchboard(Mutex<State>);

#[derive(Default)]
struct State {
    /// By person: each has one at most.
    open: HashMap<String, Waiting>,
    /// By credential.
    inboxes: HashMap<Vec<u8>, Vec<Inbox>>,
    /// Tells inboxes apart.
    serial: u64,
    /// Nothing is taken any more.
    closed: bool,
}

/// Where an answer goes. Boxed: a channel keeps room for 32 of its items, and ten thousand may wait.
pub(crate) type Asker = mpsc::Sender<Box<FromDaemon>>;

/// A request that waits.
struct Waiting {
    id: String,
    /// What phones are told.
    event: Bytes,
    credentials: Vec<Vec<u8>>,
    /// The credential that answered.
    answered_by: Option<Vec<u8>>,
    /// To the connection that asks.
    asker: Asker,
}

impl Switchboard {
    fn state(&self) -> MutexGuard<'_, State> {
        // Every change below is whole before anything in it could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// The phone with this token, if it has the page open: it can answer also when the store cannot.
    pub(crate) fn listener(&self, token: TokenHash) -> Option<Arc<Device>> {
        let state = self.state();
        let mut inboxes = state.inboxes.values().flatten();
        inboxes
            .find(|inbox| inbox.phone.token == token)
            .map(|inbox| Arc::clone(&inbox.phone))
    }

    /// Ends the streams of a phone: its token has ended.
    pub(crate) fn hang_up(&self, credential: &[u8]) {
        self.state().inboxes.remove(credential);
    }

    /// Ends the streams of a phone that were opened with these tokens, which have ended.
    pub(crate) fn end_tokens(&self, credential: &[u8], ended: &[TokenHash]) {
        let mut state = self.state();
        if let Some(pages) = state.inboxes.get_mut(credential) {
            pages.retain(|inbox| !ended.contains(&inbox.phone.token));
            if pages.is_empty() {
                state.inboxes.remove(credential);
            }
        }
    }

    /// Ends everything: askers and phones are told, and nothing new is taken.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let open = std::mem::take(&mut state.open);
        for (user, waiting) in open {
            state.tell_end(&user, &waiting, Ending::Cancelled);
        }
        state.inboxes.clear();
    }
}

impl State {
    /// Sends to every page of this phone, if it is this person's. A page that does not read is let go: when it comes
    /// back, it begins with what waits.
    fn send(&mut self, user: &str, credential: &[u8], event: &Bytes) {
        if let Some(inboxes) = self.inboxes.get_mut(credential) {
            inboxes.retain(|inbox| {
                inbox.phone.user != user || inbox.events.try_send(event.clone()).is_ok()
            });
            if inboxes.is_empty() {
                self.inboxes.remove(credential);
            }
        }
    }

    fn tell_end(&mut self, user: &str, waiting: &Waiting, ending: Ending) {
        if let Some(credential) = &waiting.answered_by {
            // The others were told when it was answered.
            let event = event::gone(&waiting.id, ending.word());
            self.send(user, credential, &event);
        } else {
            let event = event::gone(&waiting.id, ending.unanswered().word());
            for credential in &waiting.credentials {
                self.send(user, credential, &event);
            }
        }
    }
}

#[cfg(test)]
mod tests;
