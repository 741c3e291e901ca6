//! Messages of all relays are counted by the engine's clock.

use antiphon_core::time::UnixTime;

use super::store;
use crate::clock;
use crate::engine::tests::Served;
use crate::store::{Ceiling, Ceilings, Counted, Sending, Store};

const YEAR: u64 = 365 * 86_400;
const MINUTE: i64 = 60;
const DAY: i64 = 86_400;

const CEILINGS: Ceilings = Ceilings {
    ten_minutes: 2,
    day: 3,
    day_of_host: 4,
    day_of_all: 6,
};

fn ceiling(which: Ceiling) -> Counted {
    Counted::Ceiling(which)
}

#[tokio::test]
async fn a_relay_whose_clock_is_wrong_sets_back_nobodys_ceilings() {
    let served = Served::start();
    let now = clock::now();
    // The first is a year behind, the second a year ahead.
    let relays = [
        (store(&served).await, UnixTime(now.0 - YEAR)),
        (store(&served).await, now.plus(YEAR)),
    ];
    let (ten_minutes, day, of_host, of_all) = (
        ceiling(Ceiling::TenMinutes),
        ceiling(Ceiling::Day),
        ceiling(Ceiling::DayOfHost),
        ceiling(Ceiling::DayOfAll),
    );
    for (step, (passes, user, host, expected)) in [
        (0, "anna", "", Counted::Fine),
        (0, "anna", "", Counted::Fine),
        (0, "anna", "", ten_minutes),
        (0, "anna", "", ten_minutes),
        (9 * MINUTE, "anna", "", ten_minutes),
        (9 * MINUTE, "anna", "", Counted::Fine),
        (11 * MINUTE, "anna", "", day),
        (DAY / 2, "anna", "", day),
        (DAY / 2, "anna", "db7", Counted::Fine),
        (0, "bob", "db7", Counted::Fine),
        (0, "eve", "db7", Counted::Fine),
        (0, "dan", "db7", Counted::Fine),
        (0, "fay", "db7", of_host),
        (0, "fay", "web1", Counted::Fine),
        (0, "gus", "", Counted::Fine),
        (0, "ida", "", of_all),
        (DAY / 2, "ida", "", of_all),
        (DAY, "ida", "db7", Counted::Fine),
        // The engine's own clock was ahead, and is set back.
        (-9 * DAY, "ida", "", of_all),
        (DAY / 2, "ida", "", of_all),
        (DAY, "ida", "", Counted::Fine),
    ]
    .into_iter()
    .enumerate()
    {
        // What time does to messages, as the engine's clock sees it.
        served.server.ask_in(
            "antiphon",
            &format!("UPDATE message SET at = at - ({passes})"),
        );
        let (relay, clock) = &relays[step % 2];
        let sending = Sending {
            user: user.to_owned(),
            host: host.to_owned(),
        };
        let counted = relay.count_message(sending, *clock, CEILINGS).await;
        assert_eq!(counted, Ok(expected), "{step}: {user} {host}");
    }
    assert_eq!(relays[0].0.errors() + relays[1].0.errors(), 0);
}
