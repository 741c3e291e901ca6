//! Limits on pushes in transit: one per device, a few per person, and a total.
//!
//! The phone chooses where a push goes, and whoever is there decides how long a look-up or a response takes. So one
//! person's phones wait for each other, but not for anybody else's.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::Device;
use crate::tries::Tries;

/// Most pushes in transit.
const ALL: usize = 32;
/// Most to one person's devices.
const OF_PERSON: usize = 4;
/// Most to one device.
const OF_DEVICE: usize = 1;
/// Most to one device, including waiting ones: a second waiting push would repeat the first.
const QUEUED: usize = 2;

pub(super) struct Lanes {
    all: Arc<Semaphore>,
    persons: Lane<String>,
    devices: Lane<[u8; 32]>,
    queued: Lane<[u8; 32]>,
    lately: Tries<[u8; 32]>,
}

/// Why a push is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoWay {
    /// Another one to the same device is already waiting.
    Queued,
    /// This device has had too many in the last minute.
    TooMany,
}

/// A push waiting for its turn.
#[derive(Debug)]
pub(super) struct Turn {
    queued: OwnedSemaphorePermit,
    lanes: [Arc<Semaphore>; 3],
}

/// A push's turn, until dropped.
pub(super) type Way = Vec<OwnedSemaphorePermit>;

impl Default for Lanes {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(ALL)),
            persons: Lane::new(OF_PERSON),
            devices: Lane::new(OF_DEVICE),
            queued: Lane::new(QUEUED),
            lately: Tries::default(),
        }
    }
}

impl Lanes {
    /// Queues a push to `phone`.
    ///
    /// # Errors
    /// Why it is not sent.
    pub(super) fn queue(&self, phone: &Device) -> Result<Turn, NoWay> {
        let device = *phone.token.bytes();
        let queued = self.queued.of(device).try_acquire_owned();
        let queued = queued.map_err(|_| NoWay::Queued)?;
        let counted = self.lately.count(device, Instant::now());
        counted.map_err(|_| NoWay::TooMany)?;
        Ok(Turn {
            queued,
            // The widest last, so that nobody occupies it while waiting for another.
            lanes: [
                self.devices.of(device),
                self.persons.of(phone.user.clone()),
                Arc::clone(&self.all),
            ],
        })
    }
}

impl Turn {
    pub(super) async fn go(self) -> Way {
        let mut held = vec![self.queued];
        for lane in self.lanes {
            // Never closed.
            held.extend(lane.acquire_owned().await);
        }
        held
    }
}

/// A limit for each key.
struct Lane<K> {
    most: usize,
    used: Mutex<HashMap<K, Arc<Semaphore>>>,
}

impl<K: Eq + Hash> Lane<K> {
    fn new(most: usize) -> Self {
        Self {
            most,
            used: Mutex::default(),
        }
    }

    fn of(&self, key: K) -> Arc<Semaphore> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever holds or awaits a permit also holds the lane.
        used.retain(|_, lane| Arc::strong_count(lane) > 1);
        let lane = used.entry(key);
        Arc::clone(lane.or_insert_with(|| Arc::new(Semaphore::new(self.most))))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::{ALL, Lanes, NoWay, OF_PERSON, Way};
    use crate::store::conformance::phone;

    async fn goes(lanes: &Lanes, user: &str, device: u8) -> Option<Way> {
        let turn = lanes.queue(&phone(&[device], user, device)).ok()?;
        timeout(Duration::from_secs(1), turn.go()).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn the_phones_of_one_person_leave_the_way_free_for_all_others() {
        let lanes = Lanes::default();
        let mut held = Vec::new();
        for device in 0..100 {
            held.extend(goes(&lanes, "mallory", device).await);
        }
        assert_eq!(held.len(), OF_PERSON);
        for (number, user) in (100..).zip(["alice", "bob", "carol"]) {
            held.push(goes(&lanes, user, number).await.unwrap());
        }
        for number in 110..=255 {
            held.extend(goes(&lanes, &number.to_string(), number).await);
        }
        assert_eq!(held.len(), ALL);
        held.clear();
        goes(&lanes, "mallory", 0).await.unwrap();
        assert!(lanes.persons.used.lock().unwrap().len() <= 1);
    }

    #[tokio::test(start_paused = true)]
    async fn to_one_device_goes_one_push_one_more_waits_and_a_minute_has_so_many() {
        let lanes = Lanes::default();
        let alice = phone(&[1], "alice", 1);
        let first = lanes.queue(&alice).unwrap().go().await;
        let waits = tokio::spawn(lanes.queue(&alice).unwrap().go());
        assert_eq!(lanes.queue(&alice).err(), Some(NoWay::Queued));
        drop(first);
        drop(waits.await.unwrap());
        let refused = loop {
            match lanes.queue(&alice) {
                Ok(turn) => drop(turn.go().await),
                Err(why) => break why,
            }
        };
        assert_eq!(refused, NoWay::TooMany);
        assert!(goes(&lanes, "alice", 2).await.is_some());
    }
}
