//! Seats for connections: a total, and a limit for each sharer.
//!
//! When all are taken, an idle connection gives way to a new one, the longest idle first: a flood of idle connections
//! locks nobody out, however many addresses or user ids it comes from.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How long a new connection waits for the seat of an evicted one, which only has to be dropped.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) struct Seats<K> {
    most: usize,
    free: Arc<Semaphore>,
    taken: Mutex<HashMap<K, usize>>,
    /// Whenever a seat of a sharer is free again.
    freed: Notify,
    idle: Mutex<Idle<K>>,
}

/// A sharer and the most seats it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share<K> {
    pub(crate) of: K,
    pub(crate) most: usize,
}

/// Why there is no seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full<K> {
    /// This sharer has all its seats.
    Share(K),
    /// All are taken by connections being served.
    All,
}

/// A seat. Starts idle; free again when dropped.
pub(crate) struct Seat<K: Copy + Eq + Hash> {
    seats: Arc<Seats<K>>,
    shares: Vec<K>,
    leave: Arc<Notify>,
    idle_since: Mutex<Option<u64>>,
    /// Whether an idle connection had to go for it.
    pub(crate) was_full: bool,
    _permit: OwnedSemaphorePermit,
}

/// Idle connections, in the order in which they became idle.
struct Idle<K> {
    next: u64,
    waiting: BTreeMap<u64, Resting<K>>,
}

struct Resting<K> {
    shares: Vec<K>,
    leave: Arc<Notify>,
}

impl<K> Default for Idle<K> {
    fn default() -> Self {
        Self {
            next: 0,
            waiting: BTreeMap::new(),
        }
    }
}

impl<K: Copy + Eq + Hash> Seats<K> {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            free: Arc::new(Semaphore::new(most)),
            taken: Mutex::default(),
            freed: Notify::new(),
            idle: Mutex::default(),
        })
    }

    /// Takes a seat for a connection with these shares.
    ///
    /// # Errors
    /// What is full.
    pub(crate) async fn take(self: &Arc<Self>, shares: &[Share<K>]) -> Result<Seat<K>, Full<K>> {
        let over = |share: &&Share<K>| self.taken_by(share.of) >= share.most;
        if let Some(share) = shares.iter().find(over) {
            return Err(Full::Share(share.of));
        }
        let (permit, was_full) = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => (permit, false),
            Err(_) => (self.make_room().await.ok_or(Full::All)?, true),
        };
        let shares: Vec<K> = shares.iter().map(|share| share.of).collect();
        let mut taken = self.taken();
        for of in &shares {
            *taken.entry(*of).or_default() += 1;
        }
        drop(taken);
        let seat = Seat {
            seats: Arc::clone(self),
            shares,
            leave: Arc::default(),
            idle_since: Mutex::default(),
            was_full,
            _permit: permit,
        };
        seat.rest();
        Ok(seat)
    }

    /// The same where those who share need not be one: within a full share too, the longest idle gives way.
    pub(crate) async fn take_from_idle(
        self: &Arc<Self>,
        shares: &[Share<K>],
    ) -> Result<Seat<K>, Full<K>> {
        for share in shares {
            if self.taken_by(share.of) >= share.most {
                self.make_room_in(share).await;
            }
        }
        self.take(shares).await
    }

    /// Waits until all are free.
    pub(crate) async fn empty(&self) {
        let all = u32::try_from(self.most).unwrap_or(u32::MAX);
        let _ = self.free.acquire_many(all).await;
    }

    async fn make_room(&self) -> Option<OwnedSemaphorePermit> {
        let (_, longest) = self.idle().waiting.pop_first()?;
        longest.leave.notify_one();
        let freed = timeout(PATIENCE, Arc::clone(&self.free).acquire_owned());
        freed.await.ok()?.ok()
    }

    /// Sends the longest idle connection of this share away, if there is one.
    async fn make_room_in(&self, share: &Share<K>) {
        let leaving = {
            let mut idle = self.idle();
            let longest = idle.waiting.iter();
            let mut longest = longest.filter(|(_, resting)| resting.shares.contains(&share.of));
            let since = longest.next().map(|(since, _)| *since);
            drop(longest);
            since.and_then(|since| idle.waiting.remove(&since))
        };
        let Some(leaving) = leaving else {
            return;
        };
        leaving.leave.notify_one();
        let left = async {
            loop {
                let freed = self.freed.notified();
                if self.taken_by(share.of) < share.most {
                    return;
                }
                freed.await;
            }
        };
        let _ = timeout(PATIENCE, left).await;
    }

    fn taken_by(&self, of: K) -> usize {
        self.taken().get(&of).copied().unwrap_or_default()
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> MutexGuard<'_, Idle<K>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Seat<K> {
    /// The connection is idle from now on.
    pub(crate) fn rest(&self) {
        self.work();
        let mut idle = self.seats.idle();
        let since = idle.next;
        idle.next += 1;
        let resting = Resting {
            shares: self.shares.clone(),
            leave: Arc::clone(&self.leave),
        };
        idle.waiting.insert(since, resting);
        *self.since() = Some(since);
    }

    /// The connection is being served from now on, and stays.
    pub(crate) fn work(&self) {
        if let Some(since) = self.since().take() {
            self.seats.idle().waiting.remove(&since);
        }
    }

    /// Waits until another connection needs the seat.
    pub(crate) async fn sent_away(&self) {
        self.leave.notified().await;
    }

    fn since(&self) -> MutexGuard<'_, Option<u64>> {
        self.idle_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Copy + Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        self.work();
        let mut taken = self.seats.taken();
        for of in &self.shares {
            if let Some(count) = taken.get_mut(of) {
                *count -= 1;
                if *count == 0 {
                    taken.remove(of);
                }
            }
        }
        drop(taken);
        self.seats.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Full, Seat, Seats, Share};

    fn share(of: u32) -> [Share<u32>; 1] {
        [Share { of, most: 4 }]
    }

    async fn take(seats: &Arc<Seats<u32>>, of: u32) -> Seat<u32> {
        seats.take(&share(of)).await.ok().unwrap()
    }

    #[tokio::test]
    async fn one_sharer_takes_their_share_and_no_more() {
        let seats = Seats::new(64);
        let mut held = Vec::new();
        for _ in 0..4 {
            held.push(take(&seats, 1000).await);
        }
        let refused = seats.take(&share(1000)).await.err();
        assert_eq!(refused, Some(Full::Share(1000)));
        held.pop();
        held.push(take(&seats, 1000).await);
        held.push(take(&seats, 1001).await);
        drop(held);
        assert!(seats.taken().is_empty());
        assert!(seats.idle().waiting.is_empty());
    }

    #[tokio::test]
    async fn where_strangers_share_the_longest_idle_of_them_gives_way_and_nobody_elses() {
        let seats = Seats::new(64);
        let other = take(&seats, 1).await;
        let oldest = take(&seats, 1000).await;
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(take(&seats, 1000).await);
        }
        let leaving = tokio::spawn(async move {
            oldest.sent_away().await;
            drop(oldest);
        });
        held.push(seats.take_from_idle(&share(1000)).await.ok().unwrap());
        leaving.await.unwrap();
        assert_eq!((seats.taken_by(1000), seats.taken_by(1)), (4, 1));
        for seat in &held {
            seat.work();
        }
        let refused = seats.take_from_idle(&share(1000)).await.err();
        assert_eq!(refused, Some(Full::Share(1000)));
        drop(other);
    }

    #[tokio::test]
    async fn where_all_are_taken_the_longest_idle_gives_way_and_who_is_served_does_not() {
        let seats = Seats::new(3);
        let served = take(&seats, 1).await;
        let oldest = take(&seats, 2).await;
        let younger = take(&seats, 3).await;
        served.work();
        // A connection that has made a request meanwhile is the most recently idle one.
        oldest.work();
        oldest.rest();
        let leaving = tokio::spawn(async move {
            younger.sent_away().await;
            drop(younger);
        });
        let newcomer = take(&seats, 4).await;
        assert!(newcomer.was_full);
        leaving.await.unwrap();
        for seat in [&oldest, &newcomer] {
            seat.work();
        }
        assert_eq!(seats.take(&share(5)).await.err(), Some(Full::All));
    }
}
