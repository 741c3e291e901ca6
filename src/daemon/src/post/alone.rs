//! One relay, or one host: everything there is to know is in its memory.

use std::collections::{HashMap, VecDeque};
use std::future::{pending, ready};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{
    Changed, Ended, Heard, Letter, Noted, OpenTickets, Placed, Post, PostFuture, Reply, TicketRow,
};
use crate::tickets::Slip;

/// Over how long requests of hosts are counted.
const FIVE_MINUTES: Duration = Duration::from_secs(300);
/// How many people are remembered before those are forgotten whose requests are long past.
const PEOPLE: usize = 1024;

#[derive(Default)]
pub(crate) struct Alone {
    /// When hosts of a fleet have asked for each person's phones.
    calls: Mutex<HashMap<String, VecDeque<Instant>>>,
}

impl Alone {
    fn count_at(&self, user: &str, most: u32, now: Instant) -> bool {
        let mut all = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let is_past = |at: &Instant| now.duration_since(*at) >= FIVE_MINUTES;
        if all.len() >= PEOPLE {
            all.retain(|_, calls| calls.back().is_some_and(|last| !is_past(last)));
        }
        let calls = all.entry(user.to_owned()).or_default();
        while calls.front().is_some_and(is_past) {
            calls.pop_front();
        }
        let is_within = u32::try_from(calls.len()).is_ok_and(|calls| calls < most);
        if is_within {
            calls.push_back(now);
        }
        is_within
    }
}

impl Post for Alone {
    fn is_shared(&self) -> bool {
        false
    }

    fn open(&self, _: Letter) -> PostFuture<'_, Placed> {
        Box::pin(ready(Placed::Fine))
    }

    fn answer(&self, _: Reply) -> PostFuture<'_, Noted> {
        Box::pin(ready(Noted::Unknown))
    }

    fn end(&self, _: Ended) -> PostFuture<'_, bool> {
        Box::pin(ready(false))
    }

    fn hang_up(&self, _: Vec<u8>) -> PostFuture<'_, ()> {
        Box::pin(ready(()))
    }

    fn said(&self, _: String) -> PostFuture<'_, Option<Reply>> {
        Box::pin(ready(None))
    }

    fn waiting(&self, _: Vec<String>) -> PostFuture<'_, Option<Vec<Letter>>> {
        Box::pin(ready(Some(Vec::new())))
    }

    fn count(&self, user: &str, most: u32) -> PostFuture<'_, bool> {
        Box::pin(ready(self.count_at(user, most, Instant::now())))
    }

    fn put_ticket(&self, _: Slip, _: Duration) -> PostFuture<'_, bool> {
        Box::pin(ready(true))
    }

    fn tickets(&self, _: OpenTickets) -> PostFuture<'_, Option<Vec<TicketRow>>> {
        Box::pin(ready(Some(Vec::new())))
    }

    fn change_ticket(&self, _: TicketRow) -> PostFuture<'_, Changed> {
        Box::pin(ready(Changed::Fine))
    }

    fn drop_ticket(&self, _: Vec<u8>) -> PostFuture<'_, ()> {
        Box::pin(ready(()))
    }

    fn heard(&self) -> PostFuture<'_, Heard> {
        Box::pin(pending())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Alone, FIVE_MINUTES, PEOPLE};

    #[test]
    fn a_budget_is_each_persons_and_is_over_in_five_minutes() {
        let (alone, begin) = (Alone::default(), Instant::now());
        let count =
            |user: &str, after: u64| alone.count_at(user, 2, begin + Duration::from_secs(after));
        assert!(count("anna", 0) && count("anna", 10));
        assert!(!count("anna", 299));
        assert!(count("bob", 299));
        // What was refused is not counted.
        assert!(count("anna", 300));
        assert!(!count("anna", 309));
        assert!(count("anna", 310));
        for number in 0..2 * PEOPLE {
            count(&number.to_string(), 310);
        }
        let much_later = begin + 3 * FIVE_MINUTES;
        assert!(alone.count_at("cleo", 2, much_later));
        assert_eq!(alone.calls.lock().unwrap().len(), 1);
    }
}
