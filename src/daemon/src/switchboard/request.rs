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

impl Switchboard {
    /// Sends a request to the phones with these credentials. Their answers go to `asker`.
    ///
    /// # Errors
    /// The person already has one open, or the daemon is shutting down.
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
        if state.open.contains_key(user) {
            return Err(Unwilling::Busy);
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
    /// Withdraws the request and tells the phones how it ended. Returns the credential that had answered it.
    pub(crate) fn end(self, ending: Ending) -> Option<Vec<u8>> {
        self.take_away(ending)
    }

    fn take_away(&self, ending: Ending) -> Option<Vec<u8>> {
        let mut state = self.switchboard.state();
        let open = state.open.get(&self.user);
        open.filter(|waiting| waiting.id == self.id)?;
        let waiting = state.open.remove(&self.user)?;
        state.tell_end(&self.user, &waiting, ending);
        waiting.answered_by
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        // Does nothing if it has already ended.
        self.take_away(Ending::Cancelled);
    }
}
