//! A limit for each person, device or host, on what each of them can have at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

/// So many are remembered at least, before those that nobody uses are forgotten.
const FEW: usize = 64;

/// A limit for each key.
pub struct Lane<K> {
    most: usize,
    used: Mutex<Used<K>>,
}

struct Used<K> {
    by: HashMap<K, Arc<Semaphore>>,
    /// When there are so many, those that nobody uses are forgotten. It is twice as many as were in use the last time, so that
    /// the cost of one more does not grow with their number.
    room: usize,
}

impl<K: Eq + Hash> Lane<K> {
    /// Each key can have `most` at a time.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            used: Mutex::new(Used {
                by: HashMap::new(),
                room: FEW,
            }),
        }
    }

    /// What `key` has left.
    pub fn of(&self, key: K) -> Arc<Semaphore> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.by.len() >= used.room {
            // Whoever holds or awaits a permit also holds the lane.
            used.by.retain(|_, lane| Arc::strong_count(lane) > 1);
            used.room = FEW.max(2 * used.by.len());
        }
        let lane = used.by.entry(key);
        Arc::clone(lane.or_insert_with(|| Arc::new(Semaphore::new(self.most))))
    }
}

#[cfg(test)]
mod tests {
    use super::{FEW, Lane};

    #[tokio::test]
    async fn who_uses_nothing_is_forgotten_and_who_does_is_not() {
        let lane = Lane::new(1);
        let held = lane.of(0).acquire_owned().await.unwrap();
        for key in 1..10 * FEW {
            drop(lane.of(key).acquire_owned().await.unwrap());
            assert!(lane.used.lock().unwrap().by.len() <= FEW);
        }
        assert!(lane.of(0).try_acquire_owned().is_err());
        drop(held);
        assert!(lane.of(0).try_acquire_owned().is_ok());
    }
}
