//! What every store that goes by the time it is given counts of messages.

use antiphon_core::time::UnixTime;

use crate::store::{Ceiling, Ceilings, Counted, Sending, Store};

const NOON: u64 = 1_795_392_000;
const DAY: u64 = 86_400;

const CEILINGS: Ceilings = Ceilings {
    ten_minutes: 2,
    day: 3,
    day_of_host: 2,
    day_of_all: 5,
};

pub(crate) async fn are_counted(store: &dyn Store) {
    messages_are_counted_by_host(store).await;
    messages_are_counted_by_person_and_in_all(store).await;
    a_clock_that_goes_back_opens_nothing(store).await;
}

async fn count(store: &dyn Store, user: &str, at: u64) -> Counted {
    count_for(store, user, "", at).await
}

async fn count_for(store: &dyn Store, user: &str, host: &str, at: u64) -> Counted {
    let sending = Sending {
        user: user.to_owned(),
        host: host.to_owned(),
    };
    let counted = store.count_message(sending, UnixTime(at), CEILINGS);
    counted.await.unwrap()
}

async fn messages_are_counted_by_host(store: &dyn Store) {
    // Long before the others.
    let morning = NOON - 100 * DAY;
    let ceiling = Counted::Ceiling(Ceiling::DayOfHost);
    for (user, host, after, expected) in [
        ("a", "db7", 0, Counted::Fine),
        ("b", "db7", 1, Counted::Fine),
        ("c", "db7", 2, ceiling),
        ("c", "web1", 2, Counted::Fine),
        // This computer is not a host of its own.
        ("d", "", 3, Counted::Fine),
        ("e", "", 3, Counted::Fine),
        ("a", "db7", DAY - 1, ceiling),
        ("a", "db7", DAY, Counted::Fine),
    ] {
        let counted = count_for(store, user, host, morning + after).await;
        assert_eq!(counted, expected, "{user} {host} {after}");
    }
}

async fn messages_are_counted_by_person_and_in_all(store: &dyn Store) {
    for (user, after, expected) in [
        ("åsa", 0, Counted::Fine),
        ("åsa", 1, Counted::Fine),
        ("åsa", 2, Counted::Ceiling(Ceiling::TenMinutes)),
        ("bob", 2, Counted::Fine),
        ("åsa", 599, Counted::Ceiling(Ceiling::TenMinutes)),
        ("åsa", 600, Counted::Fine),
        ("åsa", 2000, Counted::Ceiling(Ceiling::Day)),
        ("bob", 2000, Counted::Fine),
        ("eve", 3000, Counted::Ceiling(Ceiling::DayOfAll)),
        // What was refused is not counted.
        ("åsa", DAY, Counted::Fine),
        ("eve", DAY + 1, Counted::Fine),
        ("eve", DAY + 1, Counted::Ceiling(Ceiling::DayOfAll)),
    ] {
        assert_eq!(
            count(store, user, NOON + after).await,
            expected,
            "{user} {after}"
        );
    }
}

async fn a_clock_that_goes_back_opens_nothing(store: &dyn Store) {
    let later = NOON + 10 * DAY;
    for user in ["a", "b", "c", "d", "e"] {
        assert_eq!(count(store, user, later).await, Counted::Fine);
    }
    let all = Counted::Ceiling(Ceiling::DayOfAll);
    assert_eq!(count(store, "f", later).await, all);
    // Set back by days: a day must pass by that clock.
    assert_eq!(count(store, "f", later - 5 * DAY).await, all);
    assert_eq!(count(store, "f", later - 5 * DAY + DAY - 1).await, all);
    assert_eq!(count(store, "f", later - 4 * DAY).await, Counted::Fine);
    // Ahead by a year and back again: earlier messages still count.
    let now = later - 4 * DAY + 1;
    for user in ["g", "h"] {
        assert_eq!(count(store, user, now).await, Counted::Fine);
    }
    assert_eq!(count(store, "i", now + 365 * DAY).await, Counted::Fine);
    assert_eq!(count(store, "j", now + 1).await, Counted::Fine);
    assert_eq!(count(store, "k", now + 2).await, all);
}

/// For a store that has passed [`are_counted`] and was reopened.
pub(crate) async fn are_remembered(store: &dyn Store) {
    let last = NOON + 6 * DAY + 3;
    let all = Counted::Ceiling(Ceiling::DayOfAll);
    assert_eq!(count(store, "l", last).await, all);
}
