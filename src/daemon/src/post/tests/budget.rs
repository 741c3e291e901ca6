//! How often a person's phones are asked, by all relays together.

use std::sync::Arc;
use std::time::Duration;

use antiphon_core::approval::Assertion;
use antiphon_core::wire::{FromDaemon, Unwilling};
use tokio::time::timeout;
use tokio_postgres::Client;

use super::one_open::{Asking, UNKNOWN, ask};
use super::{DECLINED, Relay, until};
use crate::engine::tests::Served;
use crate::post::{ByEngine, Post};
use crate::store::conformance::phone;
use crate::switchboard::{Answered, Ending, Switchboard};

#[tokio::test]
async fn a_budget_holds_over_all_relays() {
    let served = Served::start();
    let relays = [Relay::begin(&served).await, Relay::begin(&served).await];
    let mut allowed = 0;
    for number in 0..6 {
        match relays[number % 2].sign_in("anna", &[1]).await {
            Ok(waiting) => {
                allowed += 1;
                waiting.open.end(Ending::Cancelled).await;
            }
            Err(reason) => assert_eq!(reason, Unwilling::TooOften),
        }
    }
    assert_eq!(allowed, 3);
    assert!(relays[0].sign_in("bob", &[2]).await.is_ok());
    // Another host has its own, and all together have one too.
    for (host, most) in [("db7", 3), ("db8", 3), ("db9", 3), ("db10", 0)] {
        for number in 0..4 {
            let relay = &relays[number % 2];
            let said = relay.sign_in_at(host, "anna", &[1]).await;
            assert_eq!(said.is_ok(), number < most, "{host} {number}");
            if let Ok(waiting) = said {
                waiting.open.end(Ending::Cancelled).await;
            }
        }
    }
    let past = "UPDATE call SET at = at - interval '5 minutes'";
    served.server.ask_in("antiphon", past);
    assert!(relays[1].sign_in("anna", &[1]).await.is_ok());
}

#[tokio::test]
async fn what_a_phone_has_approved_or_what_was_busy_does_not_count() {
    let served = Served::start();
    let (a, b) = (Relay::begin(&served).await, Relay::begin(&served).await);
    let anna = phone(&[1], "anna", 1);
    let mut page = b.page(&anna);
    let approved = FromDaemon::Answer(Assertion {
        credential: vec![1],
        client_data: vec![2],
        authenticator_data: vec![3],
        signature: vec![4],
    });
    for _ in 0..4 {
        let mut waiting = a.sign_in("anna", &[1]).await.unwrap();
        let id = page.request().await;
        for _ in 0..4 {
            let busy = b.sign_in("anna", &[1]).await.err();
            assert_eq!(busy, Some(Unwilling::Busy));
        }
        let said = b.switchboard.answer(&id, &anna, approved.clone()).await;
        assert_eq!(said, Answered::HandedOn);
        assert_eq!(*waiting.answers.recv().await.unwrap(), approved);
        waiting.open.end(Ending::Accepted).await;
        assert_eq!(page.gone(&id).await, "accepted");
    }
    // A host that says so of what no phone has approved is not believed.
    for _ in 0..3 {
        let mut waiting = a.sign_in("anna", &[1]).await.unwrap();
        let id = page.request().await;
        assert_eq!(b.decline(&id, &anna).await, Answered::HandedOn);
        assert_eq!(*waiting.answers.recv().await.unwrap(), DECLINED);
        waiting.open.end(Ending::Accepted).await;
        page.gone(&id).await;
    }
    assert_eq!(
        a.sign_in("anna", &[1]).await.err(),
        Some(Unwilling::TooOften)
    );
}

#[tokio::test]
async fn what_the_engine_has_opened_too_late_to_be_asked_does_not_count() {
    let served = Served::start();
    let hasty = Arc::new(Switchboard::by(hasty(&served).await));
    let lock = lock_calls(&served).await;
    let once = Asking { most: 1, ..UNKNOWN };
    let refused = ask(&hasty, once).await.err();
    assert_eq!(refused, Some(Unwilling::Overloaded));
    lock.batch_execute("COMMIT").await.unwrap();
    until(async || left(&served, "call") == "0").await;
    let patient = Relay::begin(&served).await;
    assert!(ask(&patient.switchboard, once).await.is_ok());
}

#[tokio::test]
async fn where_the_engine_is_away_a_page_is_not_asked_without_end() {
    let mut served = Served::start();
    let relay = Relay::begin(&served).await;
    let _page = relay.page(&phone(&[1], "anna", 1));
    served.server.crash();
    for number in 0..5 {
        match relay.sign_in("anna", &[1]).await {
            Ok(waiting) => {
                assert!(number < 3, "{number}");
                waiting.open.end(Ending::Cancelled).await;
            }
            Err(reason) => assert_eq!((number >= 3, reason), (true, Unwilling::TooOften)),
        }
    }
}

#[tokio::test]
async fn what_is_opened_late_though_it_was_one_too_many_is_not_left_open() {
    let mut served = Served::start();
    let post = hasty(&served).await;
    let hasty = Arc::new(Switchboard::by(post.clone()));
    let anna = Arc::new(phone(&[1], "anna", 1));
    let _page = hasty.listen(anna).unwrap();
    let once = Asking { most: 1, ..UNKNOWN };
    // This one the engine does not know of.
    served.server.crash();
    let first = ask(&hasty, once).await.unwrap();
    first.open.end(Ending::Cancelled).await;
    served.server.resume();
    until(async || post.waiting(vec!["anna".into()]).await.is_some()).await;
    let lock = lock_calls(&served).await;
    let late = ask(&hasty, once).await.err();
    assert_eq!(late, Some(Unwilling::TooOften));
    lock.batch_execute("COMMIT").await.unwrap();
    let gone = until(async || left(&served, "open_request") == "0");
    assert_eq!(timeout(Duration::from_secs(20), gone).await, Ok(()));
}

/// A relay that does not wait for the engine for long.
pub(super) async fn hasty(served: &Served) -> Arc<ByEngine> {
    let post = ByEngine::new(served.engine().await, Duration::from_millis(200)).unwrap();
    post.appear().await;
    Arc::new(post)
}

/// Nothing is opened before this one says `COMMIT`.
pub(super) async fn lock_calls(served: &Served) -> Client {
    let line = served.engine().await.line().await.unwrap();
    tokio::spawn(line.driver);
    let lock = line.client.batch_execute("BEGIN; LOCK TABLE call");
    lock.await.unwrap();
    line.client
}

/// How many rows there are, and statements that may make one.
fn left(served: &Served, table: &str) -> String {
    let sql = format!(
        "SELECT (SELECT count(*) FROM {table}) + count(*) FROM pg_stat_activity \
         WHERE usename = 'antiphon' AND state = 'active' AND query LIKE '%open_request%'"
    );
    served.server.ask_in("antiphon", &sql)
}
