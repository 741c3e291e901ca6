//! A page that listens for events.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::Switchboard;
use crate::store::Device;

/// Unread events per page; more than a sign-in ever causes.
const QUEUE: usize = 8;
/// Pages per phone, on all its devices; one more drops the oldest.
const PAGES: usize = 8;

/// The switchboard's end.
pub(super) struct Inbox {
    serial: u64,
    pub(super) phone: Arc<Device>,
    pub(super) events: mpsc::Sender<Bytes>,
}

/// The page's end. Dropping it stops listening.
pub(crate) struct Listening {
    events: mpsc::Receiver<Bytes>,
    /// Looks for what waits at other relays.
    looking: Option<JoinHandle<()>>,
    serial: u64,
    phone: Arc<Device>,
    switchboard: Weak<Switchboard>,
}

impl Switchboard {
    /// Opens an inbox, starting with any waiting request; `None` once the daemon shuts down.
    pub(crate) fn listen(self: &Arc<Self>, phone: Arc<Device>) -> Option<Listening> {
        let (sender, events) = mpsc::channel(QUEUE);
        let mut state = self.state();
        if state.closed {
            return None;
        }
        if let Some(waiting) = state.open.get(&phone.user)
            && !waiting.is_decided()
            && waiting.credentials.contains(&phone.credential)
        {
            // An empty queue has room for one.
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
        drop(state);
        // The page is open at once, and is shown what waits at another relay when the engine has told.
        let looking = self.post.is_shared().then(|| {
            let users = vec![phone.user.clone()];
            tokio::spawn(Arc::clone(self).look(users))
        });
        Some(Listening {
            events,
            looking,
            serial,
            phone,
            switchboard: Arc::downgrade(self),
        })
    }
}

impl Listening {
    /// Polls for the next event; `None` at the end.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.events.poll_recv(context)
    }

    /// Polls until all that waited already is among the events.
    pub(crate) fn poll_complete(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(looking) = &mut self.looking {
            let _ = ready!(Pin::new(looking).poll(context));
            self.looking = None;
        }
        Poll::Ready(())
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(switchboard) = self.switchboard.upgrade() {
            let stays = |inbox: &Inbox| inbox.serial != self.serial;
            switchboard.state().retain(&self.phone.credential, stays);
        }
    }
}
