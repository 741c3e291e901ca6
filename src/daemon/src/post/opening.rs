//! Requests that are just being opened in the engine. One that ends meanwhile may end there first: whoever opens it takes it
//! out again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// By id, and whether they have ended meanwhile.
#[derive(Clone, Default)]
pub(super) struct Opening(Arc<Mutex<HashMap<String, bool>>>);

/// A request that is being opened, until the value is dropped.
pub(super) struct Begun {
    opening: Opening,
    id: String,
}

impl Opening {
    fn all(&self) -> MutexGuard<'_, HashMap<String, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request is being opened from now on.
    pub(super) fn begin(&self, id: &str) -> Begun {
        self.all().insert(id.to_owned(), false);
        Begun {
            opening: self.clone(),
            id: id.to_owned(),
        }
    }

    /// The request has ended.
    pub(super) fn end(&self, id: &str) {
        if let Some(is_over) = self.all().get_mut(id) {
            *is_over = true;
        }
    }
}

impl Begun {
    /// Whether it has ended. If not, and it is open by now, its end comes to the engine later.
    pub(super) fn is_over(&self) -> bool {
        self.opening.all().remove(&self.id).unwrap_or(false)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.opening.all().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::Opening;

    #[test]
    fn whoever_opens_a_request_learns_that_it_has_ended_meanwhile() {
        let opening = Opening::default();
        let (ended, stays) = (opening.begin("a"), opening.begin("b"));
        opening.end("a");
        opening.end("another");
        assert!(ended.is_over() && !stays.is_over());
        // What ends when it is open ends in the engine.
        opening.end("b");
        assert!(!stays.is_over());
        drop((ended, stays, opening.begin("c")));
        assert!(opening.all().is_empty());
    }
}
