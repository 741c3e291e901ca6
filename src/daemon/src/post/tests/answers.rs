//! Answers that were written down at other relays than the one where the sign-in waits.

use std::sync::Arc;
use std::time::Duration;

use antiphon_core::wire::FromDaemon;
use tokio::time::{sleep, timeout};

use super::{PATIENCE, until};
use crate::engine::tests::Served;
use crate::post::slow::letter;
use crate::post::{ByEngine, Ended, Noted, Placed, Post, Reply, Status};

async fn relay(served: &Served) -> Arc<ByEngine> {
    let post = ByEngine::new(served.engine().await, PATIENCE).unwrap();
    post.appear().await;
    Arc::new(post)
}

fn by(credential: u8) -> Reply {
    Reply {
        user: "anna".into(),
        id: "abc".into(),
        credential: vec![credential],
        said: FromDaemon::Declined {},
    }
}

#[tokio::test]
async fn the_first_answer_is_the_only_one_whichever_relays_have_heard_of_it() {
    let served = Served::start();
    let (waits, one, two) = (
        relay(&served).await,
        relay(&served).await,
        relay(&served).await,
    );
    let letter = letter("anna", "abc", &[&[1], &[2]]);
    assert_eq!(waits.status("abc".into()).await, Some(Status::Gone));
    assert_eq!(waits.open(letter, None).await, Placed::Fine);
    assert_eq!(waits.status("abc".into()).await, Some(Status::Open));
    // By the row alone: none of them hears the others here.
    assert_eq!(one.answer(by(1)).await, Noted::First);
    assert_eq!(two.answer(by(2)).await, Noted::Before);
    assert_eq!(two.answer(by(1)).await, Noted::Again);
    assert_eq!(
        waits.status("abc".into()).await,
        Some(Status::Answered(by(1).into()))
    );
    let waiting = two.waiting(vec!["anna".into()]).await.unwrap();
    assert_eq!(waiting[0].answered_by, Some(vec![1]));
}

#[tokio::test]
async fn of_answers_at_the_same_time_one_is_the_first() {
    let served = Served::start();
    let (waits, one, two) = (
        relay(&served).await,
        relay(&served).await,
        relay(&served).await,
    );
    for number in 0..20 {
        let id = number.to_string();
        let letter = letter("anna", &id, &[&[1], &[2]]);
        assert_eq!(waits.open(letter, None).await, Placed::Fine);
        let reply = |credential| Reply {
            id: id.clone(),
            ..by(credential)
        };
        let noted = tokio::join!(one.answer(reply(1)), two.answer(reply(2)));
        let (first, _) = noted;
        let is_one = [(Noted::First, Noted::Before), (Noted::Before, Noted::First)];
        assert!(is_one.contains(&noted), "{noted:?}");
        let by = if first == Noted::First { 1 } else { 2 };
        let said = waits.status(id.clone()).await;
        assert_eq!(said, Some(Status::Answered(reply(by).into())));
    }
}

#[tokio::test]
async fn what_ends_while_it_is_opened_is_ended_though_its_opening_fails_later() {
    let served = Served::start();
    let patience = Duration::from_millis(200);
    let post = ByEngine::new(served.engine().await, patience).unwrap();
    post.appear().await;
    // It is put back, twice, and the engine gives no answer to the second.
    let (first, second) = (
        post.open(letter("anna", "abc", &[&[1]]), None),
        post.open(letter("anna", "abc", &[&[1]]), None),
    );
    first.await;
    until(async || rows(&served) == "1").await;
    post.end(cancelled()).await;
    drop(second);
    let gone = until(async || rows(&served) == "0");
    assert_eq!(timeout(Duration::from_secs(10), gone).await, Ok(()));
}

#[tokio::test]
async fn what_has_ended_before_the_engine_is_reached_takes_no_place() {
    let served = Served::start();
    let patience = Duration::from_millis(200);
    let post = ByEngine::new(served.engine().await, patience).unwrap();
    post.appear().await;
    // It waits for a connection, and is given up.
    let late = post.open(letter("anna", "abc", &[&[1]]), None);
    post.end(cancelled()).await;
    let next = relay(&served).await;
    post.open(letter("anna", "next", &[&[1]]), None).await;
    until(async || rows(&served) == "1").await;
    late.await;
    // Longer than the engine takes, if nobody waits for it.
    sleep(Duration::from_millis(500)).await;
    let waiting = next.waiting(vec!["anna".into()]).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].id, "next");
}

fn cancelled() -> Ended {
    Ended {
        user: "anna".into(),
        id: "abc".into(),
        outcome: "cancelled",
        is_uncounted: false,
    }
}

fn rows(served: &Served) -> String {
    let sql = "SELECT count(*) FROM open_request";
    served.server.ask_in("antiphon", sql)
}
