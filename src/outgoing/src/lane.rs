//! A limit for each person, device or host, on what each of them can have at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

/// A limit for each key.
pub struct Lane<K> {
    most: usize,
    used: Mutex<HashMap<K, Arc<Semaphore>>>,
}

impl<K: Eq + Hash> Lane<K> {
    /// Each key can have `most` at a time.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            used: Mutex::default(),
        }
    }

    /// What `key` has left.
    pub fn of(&self, key: K) -> Arc<Semaphore> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds or awaits a permit also holds the lane.
        used.retain(|_, lane| Arc::strong_count(lane) > 1);
        let lane = used.entry(key);
        Arc::clone(lane.or_insert_with(|| Arc::new(Semaphore::new(self.most))))
    }

    /// For tests: whether no more than one person, device or host has anything now.
    pub fn is_in_use_by_one_at_most(&self) -> bool {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.len() <= 1
    }
}
