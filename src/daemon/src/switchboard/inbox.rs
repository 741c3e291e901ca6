//! A page that listens.

use std::sync::{Arc, Weak};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::Switchboard;
use crate::store::Device;

/// Events that wait for a page to read them; more than a sign-in ever makes.
const QUEUE: usize = 8;
/// Pages of one phone, on all its devices; with one more the oldest is let go.
const PAGES: usize = 8;

/// The switchboard's end.
pub(super) struct Inbox {
    serial: u64,
    pub(super) phone: Arc<Device>,
    pub(super) events: mpsc::Sender<Bytes>,
}

/// The page's end. Dropped, it listens no more.
pub(crate) struct Listening {
    events: mpsc::Receiver<Bytes>,
    serial: u64,
    phone: Arc<Device>,
    switchboard: Weak<Switchboard>,
}

impl Switchboard {
    /// Opens an inbox, which begins with what waits already; `None` when nothing is taken any more.
    pub(crate) fn listen(self: &Arc<Self>, phone: Arc<Device>) -> Option<Listening> {
        let (sender, events) = mpsc::channel(QUEUE);
        let mut state = self.state();
        if state.closed {
            return None;
        }
        if let Some(waiting) = state.open.get(&phone.user)
            && waiting.answered_by.is_none()
            && waiting.credentials.contains(&phone.credential)
        {
            // An empty queue takes one.
            let _ = sender.try_send(waiting.event.clone());
        }
        state.serial += 1;
        let serial = state.serial;
        let pages = state.inboxes.entry(phone.credential.clone()).or_default();
        if pages.len() == PAGES {
            pages.remove(0);
        }
        pages.push(Inbox {
            serial,
            phone: Arc::clone(&phone),
            events: sender,
        });
        Some(Listening {
            events,
            serial,
            phone,
            switchboard: Arc::downgrade(self),
        })
    }
}

impl Listening {
    /// The next event, as a stream is polled; `None` at the end.
    pub(crate) fn poll_next(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Bytes>> {
        self.events.poll_recv(context)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let Some(switchboard) = self.switchboard.upgrade() else {
            return;
        };
        let mut state = switchboard.state();
        if let Some(pages) = state.inboxes.get_mut(&self.phone.credential) {
            pages.retain(|inbox| inbox.serial != self.serial);
            if pages.is_empty() {
                state.inboxes.remove(&self.phone.credential);
            }
        }
    }
}
