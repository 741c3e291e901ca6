//! Limits on pushes in transit: one per device, a few per person, more per push service, and a total.
//!
//! The phone chooses where a push goes, and whoever is there decides how long a look-up or a response takes. So one
//! person's phones wait for each other, but not for anybody else's, and a push service that hangs delays its own only.

use std::sync::Arc;
use std::time::Instant;

use antiphon_outgoing::Lane;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::Device;
use crate::tries::Tries;

/// Most pushes in transit. Each takes a connection and some 40 kB.
const ALL: usize = 1280;
/// Most to one push service. With so many the daemon was measured to send 2,100 a second to one that takes 200 ms for each;
/// most phones share two or three services.
pub(super) const OF_HOST: usize = 768;
/// Most to one person's devices.
const OF_PERSON: usize = 4;
/// Most to one device.
const OF_DEVICE: usize = 1;
/// Most to one device, including waiting ones: a second waiting push would repeat the first.
const QUEUED: usize = 2;

pub(super) struct Lanes {
    all: Arc<Semaphore>,
    hosts: Lane<String>,
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
    lanes: [Arc<Semaphore>; 4],
}

/// A push's turn, until dropped.
pub(super) type Way = Vec<OwnedSemaphorePermit>;

impl Default for Lanes {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(ALL)),
            hosts: Lane::new(OF_HOST),
            persons: Lane::new(OF_PERSON),
            devices: Lane::new(OF_DEVICE),
            queued: Lane::new(QUEUED),
            lately: Tries::default(),
        }
    }
}

impl Lanes {
    /// Queues a push to `phone`, which goes to the push service `host`.
    ///
    /// # Errors
    /// Why it is not sent.
    pub(super) fn queue(&self, phone: &Device, host: String) -> Result<Turn, NoWay> {
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
                self.hosts.of(host),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::{ALL, Lanes, NoWay, OF_HOST, OF_PERSON, Way};
    use crate::store::conformance::phone;
    use crate::token::TokenHash;

    /// A push to the phone with this number of this person.
    async fn goes(lanes: &Lanes, user: &str, number: usize, host: &str) -> Option<Way> {
        let mut device = phone(&[1], user, 0);
        device.token = TokenHash::of(&number.to_string());
        let turn = lanes.queue(&device, host.to_owned()).ok()?;
        timeout(Duration::from_secs(1), turn.go()).await.ok()
    }

    #[tokio::test(start_paused = true)]
    async fn the_phones_of_one_person_leave_the_way_free_for_all_others() {
        let lanes = Lanes::default();
        let mut held = Vec::new();
        for device in 0..100 {
            held.extend(goes(&lanes, "mallory", device, "push.example").await);
        }
        assert_eq!(held.len(), OF_PERSON);
        for (number, user) in (100..).zip(["alice", "bob", "carol"]) {
            held.push(goes(&lanes, user, number, "push.example").await.unwrap());
        }
        held.clear();
        goes(&lanes, "mallory", 0, "push.example").await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_push_service_that_hangs_leaves_the_way_free_to_others_and_there_is_a_total() {
        let lanes = Lanes::default();
        let mut held = Vec::new();
        for (host, most) in [
            ("hangs.example", OF_HOST),
            ("other.example", ALL - OF_HOST),
            ("third.example", 0),
        ] {
            let before = held.len();
            for number in 0..ALL {
                let user = format!("{number}{host}");
                held.extend(goes(&lanes, &user, before + number, host).await);
            }
            assert_eq!(held.len() - before, most, "{host}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn to_one_device_goes_one_push_one_more_waits_and_a_minute_has_so_many() {
        let lanes = Lanes::default();
        let alice = phone(&[1], "alice", 1);
        let queue = || lanes.queue(&alice, "push.example".to_owned());
        let first = queue().unwrap().go().await;
        let waits = tokio::spawn(queue().unwrap().go());
        assert_eq!(queue().err(), Some(NoWay::Queued));
        drop(first);
        drop(waits.await.unwrap());
        let refused = loop {
            match queue() {
                Ok(turn) => drop(turn.go().await),
                Err(why) => break why,
            }
        };
        assert_eq!(refused, NoWay::TooMany);
        assert!(goes(&lanes, "alice", 2, "push.example").await.is_some());
    }
}
