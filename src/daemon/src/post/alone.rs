//! One relay, or one host: everything there is to know is in its memory.

use std::collections::{HashMap, VecDeque};
use std::future::{pending, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::remembered::Remembered;
use super::{
    Call, Changed, Ended, Heard, Letter, Noted, OpenTickets, PauseBook, PausePage, Placed, Post,
    PostFuture, Reply, Status, TicketRow,
};
use crate::tickets::Slip;

/// Over how long requests of hosts are counted.
const FIVE_MINUTES: Duration = Duration::from_secs(300);
/// How many people are remembered before those are forgotten whose requests are long past.
const PEOPLE: usize = 1024;

#[derive(Default)]
pub(crate) struct Alone {
    /// What hosts of a fleet have asked each person's phones, the latest last.
    calls: Mutex<HashMap<String, VecDeque<Counted>>>,
    pauses: Remembered,
}

/// A request that was counted.
struct Counted {
    id: String,
    call: Call,
    at: Instant,
}

impl Alone {
    fn all(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Counted>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request of a host; whether there were few enough. Others are not counted.
    pub(super) fn admits(&self, user: &str, id: &str, call: Option<Call>) -> bool {
        let now = Instant::now();
        call.is_none_or(|call| self.count_at(user, id, call, now))
    }

    fn count_at(&self, user: &str, id: &str, call: Call, now: Instant) -> bool {
        let mut all = self.all();
        let is_past = |counted: &Counted| now.duration_since(counted.at) >= FIVE_MINUTES;
        if all.len() >= PEOPLE {
            all.retain(|_, calls| calls.back().is_some_and(|last| !is_past(last)));
        }
        let calls = all.entry(user.to_owned()).or_default();
        while calls.front().is_some_and(is_past) {
            calls.pop_front();
        }
        let alike = || {
            let calls = calls.iter().map(|counted| &counted.call);
            calls.filter(|other| other.is_familiar == call.is_familiar)
        };
        let own = alike().filter(|other| other.host == call.host).count();
        let is_within = |calls: usize, most| u32::try_from(calls).is_ok_and(|calls| calls < most);
        if !is_within(own, call.most) || !is_within(alike().count(), call.most_of_all()) {
            return false;
        }
        calls.push_back(Counted {
            id: id.to_owned(),
            call,
            at: now,
        });
        true
    }

    pub(super) fn uncount(&self, user: &str, id: &str) {
        if let Some(calls) = self.all().get_mut(user) {
            calls.retain(|counted| counted.id != id);
        }
    }
}

impl Post for Alone {
    fn is_shared(&self) -> bool {
        false
    }

    fn open(&self, letter: Letter, call: Option<Call>) -> PostFuture<'_, Placed> {
        let placed = if self.admits(&letter.user, &letter.id, call) {
            Placed::Fine
        } else {
            Placed::TooOften
        };
        Box::pin(ready(placed))
    }

    fn settled(&self, _: String) -> PostFuture<'_, ()> {
        Box::pin(ready(()))
    }

    fn answer(&self, _: Reply) -> PostFuture<'_, Noted> {
        Box::pin(ready(Noted::Unknown))
    }

    fn hold(&self, _: String, _: String) -> PostFuture<'_, Noted> {
        Box::pin(ready(Noted::Unknown))
    }

    fn end(&self, ended: Ended) -> PostFuture<'_, bool> {
        if ended.is_uncounted {
            self.uncount(&ended.user, &ended.id);
        }
        Box::pin(ready(false))
    }

    fn hang_up(&self, _: Vec<u8>) -> PostFuture<'_, ()> {
        Box::pin(ready(()))
    }

    fn status(&self, _: String) -> PostFuture<'_, Option<Status>> {
        Box::pin(ready(Some(Status::Gone)))
    }

    fn waiting(&self, _: Vec<String>) -> PostFuture<'_, Option<Vec<Letter>>> {
        Box::pin(ready(Some(Vec::new())))
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

    fn pauses(&self, user: String) -> PostFuture<'_, Option<PauseBook>> {
        Box::pin(ready(Some(self.pauses.read(&user))))
    }

    fn change_pauses(&self, page: PausePage) -> PostFuture<'_, Changed> {
        Box::pin(ready(self.pauses.change(page)))
    }

    fn is_heard(&self) -> bool {
        true
    }

    fn heard(&self) -> PostFuture<'_, Heard> {
        Box::pin(pending())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Alone, Call, FIVE_MINUTES, PEOPLE};

    fn call(host: &str, is_familiar: bool) -> Call {
        Call {
            host: host.into(),
            is_familiar,
            most: 2,
        }
    }

    #[test]
    fn a_budget_is_each_persons_and_is_over_in_five_minutes() {
        let (alone, begin) = (Alone::default(), Instant::now());
        let count = |user: &str, after: u64| {
            let now = begin + Duration::from_secs(after);
            alone.count_at(user, &after.to_string(), call("db7", false), now)
        };
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
        assert!(alone.count_at("cleo", "1", call("db7", false), much_later));
        assert_eq!(alone.calls.lock().unwrap().len(), 1);
    }

    #[test]
    fn no_host_uses_up_what_others_have_nor_a_stranger_what_the_person_has() {
        let (alone, now) = (Alone::default(), Instant::now());
        let mut number = 0;
        let mut count = |host: &str, is_familiar: bool| {
            number += 1;
            alone.count_at("anna", &number.to_string(), call(host, is_familiar), now)
        };
        for host in ["db7", "db8", "db9", "db10"] {
            assert!(count(host, false) && count(host, false));
            assert!(!count(host, false));
        }
        // All hosts together.
        assert!(!count("db11", false));
        assert!(count("db7", true) && count("db11", true));
    }

    #[test]
    fn what_a_phone_has_approved_does_not_count() {
        let (alone, now) = (Alone::default(), Instant::now());
        for number in 0..20 {
            let id = number.to_string();
            assert!(alone.count_at("anna", &id, call("db7", false), now));
            alone.uncount("anna", &id);
        }
        let count = |id: &str| alone.count_at("anna", id, call("db7", false), now);
        assert!(count("a") && count("b") && !count("c"));
        alone.uncount("bob", "a");
        assert!(!count("c"));
    }
}
