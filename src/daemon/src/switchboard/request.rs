//! A sign-in that waits for a phone.

use std::sync::Arc;

use antiphon_core::wire::{FromDaemon, Unwilling};
use data_encoding::BASE64URL_NOPAD;

use super::event::{self, Shown};
use super::{Asker, Ending, Switchboard, Waiting};
use crate::random;
use crate::store::Device;

/// An open request. Dropping it cancels it.
pub(crate) struct OpenRequest {
    switchboard: Arc<Switchboard>,
    user: String,
    id: String,
}

/// The result of a phone's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Passed on.
    HandedOn,
    /// It was answered before.
    Before,
    /// No such request for this phone.
    Gone,
}

/// How a request was when it ended.
pub(crate) struct Over {
    /// The credential that had answered it.
    pub(crate) answered_by: Option<Vec<u8>>,
    /// Whether the person's next one has been told to the phones in its place.
    pub(crate) is_overtaken: bool,
}

impl Switchboard {
    /// Sends a request to the phones with these credentials. Their answers go to `asker`.
    ///
    /// # Errors
    /// The person already has one open that is not answered, or the daemon is shutting down.
    pub(crate) fn open(
        self: &Arc<Self>,
        shown: Shown<'_>,
        credentials: Vec<Vec<u8>>,
        asker: Asker,
    ) -> Result<OpenRequest, Unwilling> {
        let id = random::bytes::<16>().map_err(|_| Unwilling::Overloaded)?;
        let id = BASE64URL_NOPAD.encode(&id);
        let event = event::request(&id, &shown);
        let user = &shown.request.user;
        let mut state = self.state();
        if state.closed {
            return Err(Unwilling::Overloaded);
        }
        match state.open.get(user) {
            Some(waiting) if waiting.answered_by.is_none() => return Err(Unwilling::Busy),
            // Its module goes on, and what it says of the end is on its way, on another connection than this request.
            Some(_) => {
                let answered = state.open.remove(user);
                let answered = answered.map(|waiting| (waiting.id.clone(), waiting));
                state.overtaken.extend(answered);
            }
            None => {}
        }
        for credential in &credentials {
            state.send(user, credential, &event);
        }
        let waiting = Waiting {
            id: id.clone(),
            event,
            credentials,
            answered_by: None,
            asker,
        };
        state.open.insert(user.clone(), waiting);
        Ok(OpenRequest {
            switchboard: Arc::clone(self),
            user: user.clone(),
            id,
        })
    }

    /// Passes on the answer of `phone` to request `id`, if it is the first.
    pub(crate) fn answer(&self, id: &str, phone: &Device, said: FromDaemon) -> Answered {
        let mut state = self.state();
        let Some(waiting) = state.open.get_mut(&phone.user) else {
            return Answered::Gone;
        };
        if waiting.id != id || !waiting.credentials.contains(&phone.credential) {
            return Answered::Gone;
        }
        if waiting.answered_by.is_some() {
            return Answered::Before;
        }
        if waiting.asker.try_send(Box::new(said)).is_err() {
            // The connection is just closing.
            return Answered::Gone;
        }
        waiting.answered_by = Some(phone.credential.clone());
        let others: Vec<_> = waiting
            .credentials
            .iter()
            .filter(|credential| **credential != phone.credential)
            .cloned()
            .collect();
        let event = event::gone(id, Ending::Answered.word());
        for credential in others {
            state.send(&phone.user, &credential, &event);
        }
        Answered::HandedOn
    }
}

impl OpenRequest {
    /// Withdraws the request and tells the phones how it ended.
    pub(crate) fn end(self, ending: Ending) -> Over {
        let over = self.take_away(ending);
        over.unwrap_or(Over {
            answered_by: None,
            is_overtaken: false,
        })
    }

    fn take_away(&self, ending: Ending) -> Option<Over> {
        let mut state = self.switchboard.state();
        let open = state.open.get(&self.user);
        let is_overtaken = open.is_none_or(|waiting| waiting.id != self.id);
        let waiting = if is_overtaken {
            state.overtaken.remove(&self.id)
        } else {
            state.open.remove(&self.user)
        }?;
        state.tell_end(&self.user, &waiting, ending);
        Some(Over {
            answered_by: waiting.answered_by,
            is_overtaken,
        })
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        // Does nothing if it has already ended.
        self.take_away(Ending::Cancelled);
    }
}
