//! Requests that are just being opened in the engine. One that ends meanwhile is ended by whoever opens it: otherwise its end
//! could come there first, and other relays would show what nobody waits for any more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use super::Ended;

#[derive(Clone, Default)]
pub(super) struct Opening {
    /// By id.
    all: Arc<Mutex<HashMap<String, InFlight>>>,
    /// Whenever one is opened, or will not be.
    settled: Arc<Notify>,
}

#[derive(Default)]
struct InFlight {
    /// One that is put back may be opened twice.
    openings: usize,
    left: Option<Left>,
}

/// The end of a request, as the engine and the other relays are told of it.
#[derive(Clone)]
pub(super) struct End {
    pub(super) ended: Ended,
    pub(super) notice: String,
}

/// An end that is left to who opens the request.
pub(super) struct Left {
    pub(super) end: End,
    /// Where whether the person's next one had its place by then goes.
    pub(super) told: oneshot::Sender<bool>,
}

/// A request that is being opened, until the value is dropped.
pub(super) struct Begun {
    opening: Opening,
    id: String,
}

impl Opening {
    fn all(&self) -> MutexGuard<'_, HashMap<String, InFlight>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request is being opened from now on.
    pub(super) fn begin(&self, id: &str) -> Begun {
        self.all().entry(id.to_owned()).or_default().openings += 1;
        Begun {
            opening: self.clone(),
            id: id.to_owned(),
        }
    }

    /// Waits until nobody opens the request any more.
    pub(super) async fn settled(&self, id: &str) {
        loop {
            let settled = self.settled.notified();
            if !self.all().contains_key(id) {
                return;
            }
            settled.await;
        }
    }

    /// Leaves the end of a request to who is opening it: where whether the person's next one had its place by then comes from.
    /// `None` if nobody is.
    pub(super) fn leave(&self, end: &End) -> Option<oneshot::Receiver<bool>> {
        let mut all = self.all();
        let in_flight = all.get_mut(&end.ended.id)?;
        let (told, is_told) = oneshot::channel();
        let end = end.clone();
        in_flight.left = Some(Left { end, told });
        Some(is_told)
    }
}

impl Begun {
    /// Whether the request has ended meanwhile.
    pub(super) fn has_ended(&self) -> bool {
        let all = self.opening.all();
        all.get(&self.id)
            .is_some_and(|in_flight| in_flight.left.is_some())
    }

    /// The request is open: its end, if it has ended meanwhile. If not, its end comes to the engine later.
    pub(super) fn finish(self) -> Option<Left> {
        let mut all = self.opening.all();
        let in_flight = all.get_mut(&self.id)?;
        (in_flight.openings == 1).then(|| in_flight.left.take())?
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        let mut all = self.opening.all();
        if let Some(in_flight) = all.get_mut(&self.id) {
            in_flight.openings -= 1;
            if in_flight.openings == 0 {
                all.remove(&self.id);
                self.opening.settled.notify_waiters();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{End, Opening};
    use crate::post::Ended;

    #[test]
    fn whoever_opens_a_request_ends_it_if_it_has_ended_meanwhile() {
        let opening = Opening::default();
        let is_left = |id: &str| {
            let ended = Ended {
                user: "anna".into(),
                id: id.into(),
                outcome: "cancelled",
                is_uncounted: false,
            };
            let notice = String::new();
            opening.leave(&End { ended, notice }).is_some()
        };
        let (ended, stays) = (opening.begin("a"), opening.begin("b"));
        assert!(is_left("a") && !is_left("another"));
        assert!(ended.has_ended() && !stays.has_ended());
        assert_eq!(ended.finish().unwrap().end.ended.id, "a");
        assert!(stays.finish().is_none());
        // What ends when it is open is nobody's to end.
        assert!(!is_left("a") && !is_left("b"));
        // Opened twice, it is ended by the last.
        let (one, two) = (opening.begin("a"), opening.begin("a"));
        assert!(is_left("a"));
        assert!(one.finish().is_none());
        assert!(two.finish().is_some());
        assert!(opening.all().is_empty());
    }
}
