//! A sign-in and the next one, which is to have its place, while the engine takes its time.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::wire::{FromDaemon, Unwilling};
use futures_channel::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::super::{Answered, Ending, Listening, OpenRequest, Opening, PAGE, Switchboard};
use super::{ask, come, id_of, listen, open, opening, outcome_of};
use crate::post::slow::{Slow, letter};
use crate::post::tests::one_open::{terms, token};
use crate::post::{Heard, Letter, News, Noted, Reply};
use crate::store::conformance::phone;

/// Asks alice's phone from where she is known.
fn familiar(switchboard: &Arc<Switchboard>) -> JoinHandle<Result<OpenRequest, Unwilling>> {
    let at = Arc::clone(switchboard);
    tokio::spawn(async move {
        let (sender, _receiver) = mpsc::channel(1);
        let opening = Opening {
            gives_way: false,
            ..opening(vec![vec![1]], sender)
        };
        ask(&at, "alice", opening).await
    })
}

/// The same, while the engine is being asked.
async fn being_opened(
    post: &Slow,
    switchboard: &Arc<Switchboard>,
) -> JoinHandle<Result<OpenRequest, Unwilling>> {
    let before = post.asked.available_permits();
    let next = familiar(switchboard);
    let before = u32::try_from(before).unwrap();
    post.asked.acquire_many(before + 1).await.unwrap().forget();
    next
}

/// A page of alice's phone, for which nothing waits at other relays.
async fn page(post: &Slow, switchboard: &Arc<Switchboard>) -> Listening {
    post.letters.say(Some(Vec::new()));
    let mut page = listen(switchboard, &phone(&[1], "alice", 1));
    poll_fn(|context| page.poll_complete(context)).await;
    page
}

/// Asks alice's phone and her account, with check digits.
async fn by_account(
    switchboard: &Arc<Switchboard>,
) -> (OpenRequest, mpsc::Receiver<Box<FromDaemon>>) {
    let (sender, answers) = mpsc::channel(1);
    let opening = Opening {
        check_digits: Some(Box::new(terms())),
        ..opening(vec![vec![1], PAGE.to_vec()], sender)
    };
    (ask(switchboard, "alice", opening).await.unwrap(), answers)
}

#[tokio::test]
async fn what_awaits_its_digits_stands_and_can_be_refused_though_the_next_one_was_just_opened() {
    for on_page in [true, false] {
        let post = Slow::new();
        let switchboard = Arc::new(Switchboard::by(post.clone()));
        let mut page = page(&post, &switchboard).await;
        let (_first, mut answers) = by_account(&switchboard).await;
        let id = id_of(&come(&mut page)[0]);
        let next = being_opened(&post, &switchboard).await;
        // The engine has given its place away.
        post.letters.say(Some(Vec::new()));
        let token = token();
        let given = switchboard.answer_on_page("alice", &id, token.clone());
        assert_eq!(given.await, Answered::HandedOn);
        assert_eq!(*answers.recv().await.unwrap(), token);
        // Once for the next one, and once for this one to be put back.
        post.gate.add_permits(2);
        assert_eq!(next.await.unwrap().err(), Some(Unwilling::Busy));
        assert_eq!(post.rows.lock().unwrap()["alice"], id);
        assert!(come(&mut page).is_empty() && answers.try_recv().is_err());

        post.noted.say(Noted::First);
        let alice = phone(&[1], "alice", 1);
        let (said, answered) = if on_page {
            let said = FromDaemon::NotTheirs {};
            let answered = switchboard.withdraw_on_page("alice", &id, said.clone());
            (said, answered.await)
        } else {
            let said = FromDaemon::Declined {};
            let answered = switchboard.answer(&id, &alice, said.clone());
            (said, answered.await)
        };
        assert_eq!(answered, Answered::HandedOn);
        assert_eq!(*answers.try_recv().unwrap(), said);
    }
}

#[tokio::test]
async fn no_phone_is_told_that_its_answer_was_taken_by_what_is_displaced() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let mut page = page(&post, &switchboard).await;
    let (_first, mut answers) = open(&switchboard, "alice", &[&[1]]).await;
    let id = id_of(&come(&mut page)[0]);
    post.gate.add_permits(1);
    let _next = familiar(&switchboard).await.unwrap().unwrap();
    let busy = FromDaemon::Unwilling {
        reason: Unwilling::Busy,
    };
    assert_eq!(*answers.recv().await.unwrap(), busy);
    // An engine that was not told of the next one would take it.
    post.noted.say(Noted::First);
    let said = FromDaemon::Declined {};
    let answered = switchboard
        .answer(&id, &phone(&[1], "alice", 1), said)
        .await;
    assert_eq!(answered, Answered::Gone);
    assert!(answers.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn what_is_just_being_opened_keeps_nobody_out() {
    for is_in_vain in [false, true] {
        let post = Slow::new();
        let switchboard = Arc::new(Switchboard::by(post.clone()));
        post.gate.acquire().await.unwrap().forget();
        let at = Arc::clone(&switchboard);
        let strange = tokio::spawn(async move { open(&at, "alice", &[&[1]]).await });
        post.asked.acquire().await.unwrap().forget();
        let known = familiar(&switchboard);
        sleep(Duration::from_millis(500)).await;
        assert!(!known.is_finished());
        if is_in_vain {
            strange.abort();
        }
        post.gate.add_permits(2);
        assert!(known.await.unwrap().is_ok());
        if !is_in_vain {
            let (_strange, mut answers) = strange.await.unwrap();
            let busy = FromDaemon::Unwilling {
                reason: Unwilling::Busy,
            };
            assert_eq!(*answers.recv().await.unwrap(), busy);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_put_back_takes_no_place_of_what_is_being_opened() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let (first, mut answers) = open(&switchboard, "alice", &[&[1]]).await;
    let next = being_opened(&post, &switchboard).await;
    // The engine has opened it, and does not say yet whether the first one has lost its place.
    let silence = post.statuses.acquire_many(1000).await.unwrap();
    post.gate.add_permits(1);
    sleep(Duration::from_secs(1)).await;
    switchboard.hear(Heard::Back);
    post.gate.add_permits(2);
    sleep(Duration::from_secs(1)).await;
    drop(silence);
    let next = next.await.unwrap().unwrap();
    assert!(answers.recv().await.is_ok());
    first.end(Ending::Displaced).await;
    sleep(Duration::from_secs(1)).await;
    let rows = post.rows.lock().unwrap();
    assert_eq!(rows.get("alice").map(String::as_str), Some(next.id()));
}

#[tokio::test]
async fn a_page_that_opens_while_the_next_one_is_being_opened_is_shown_what_stands() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let (first, _answers) = open(&switchboard, "alice", &[&[1]]).await;
    let next = being_opened(&post, &switchboard).await;
    let mut page = page(&post, &switchboard).await;
    let shown = come(&mut page);
    assert_eq!(shown.len(), 1);
    assert_eq!(id_of(&shown[0]), first.id());
    // In vain: it stands, and its end is told.
    next.abort();
    let _ = next.await;
    assert!(come(&mut page).is_empty());
    first.end(Ending::Expired).await;
    assert_eq!(outcome_of(&come(&mut page)[0]), "expired");
}

#[tokio::test]
async fn what_ends_while_the_next_one_is_opened_in_vain_is_not_overtaken() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let (first, _answers) = open(&switchboard, "alice", &[&[1]]).await;
    let next = being_opened(&post, &switchboard).await;
    let over = first.end(Ending::Cancelled).await;
    next.abort();
    let _ = next.await;
    // So its phones are called off: none was told of the next one.
    assert!(!over.is_overtaken);
    assert!(switchboard.state().opening.is_empty());
}

#[tokio::test]
async fn an_answer_that_comes_before_the_engine_has_said_that_it_is_open_is_handed_on() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    post.gate.acquire().await.unwrap().forget();
    let mut page = page(&post, &switchboard).await;
    let at = Arc::clone(&switchboard);
    let first = tokio::spawn(async move { open(&at, "alice", &[&[1]]).await });
    post.asked.acquire().await.unwrap().forget();
    let id = switchboard.state().opening["alice"].id.clone();
    // A phone at another relay was shown it already.
    let (reply, news) = written_down(&id);
    post.replies.lock().unwrap().push_back(Some(reply));
    switchboard.hear(Heard::News(news));
    tokio::task::yield_now().await;
    post.gate.add_permits(1);
    let (_first, mut answers) = first.await.unwrap();
    assert_eq!(*answers.recv().await.unwrap(), FromDaemon::Mistake {});
    // No phone is asked any more.
    assert!(come(&mut page).is_empty());
}

/// The phone's answer to request `id`, which another relay has written down.
fn written_down(id: &str) -> (Reply, News) {
    let reply = Reply {
        user: "alice".into(),
        id: id.into(),
        credential: vec![1],
        said: FromDaemon::Mistake {},
    };
    let news = News::Answered {
        user: "alice".into(),
        id: id.into(),
        credential: vec![1],
    };
    (reply, news)
}

#[tokio::test(start_paused = true)]
async fn what_another_relay_has_taken_an_answer_to_is_not_displaced_before_it_is_fetched() {
    for is_next_here in [true, false] {
        let post = Slow::new();
        let switchboard = Arc::new(Switchboard::by(post.clone()));
        let (first, mut answers) = open(&switchboard, "alice", &[&[1]]).await;
        let (reply, news) = written_down(first.id());
        // When it is heard of, the engine does not answer.
        post.replies.lock().unwrap().extend([None, Some(reply)]);
        switchboard.hear(Heard::News(news));
        tokio::task::yield_now().await;
        assert_eq!(post.replies.lock().unwrap().len(), 1);
        let mut next = None;
        if is_next_here {
            post.gate.add_permits(1);
            next = familiar(&switchboard).await.unwrap().ok();
        } else {
            let known = Letter {
                gives_way: false,
                ..letter("alice", "two", &[&[1]])
            };
            post.letters.say(Some(vec![known]));
            switchboard.hear(Heard::News(opened("two")));
        }
        assert_eq!(*answers.recv().await.unwrap(), FromDaemon::Mistake {});
        assert!(first.end(Ending::Mistake).await.is_overtaken);
        assert!(answers.try_recv().is_err());
        assert_eq!(next.is_some(), is_next_here);
    }
}

fn opened(id: &str) -> News {
    News::Opened {
        user: "alice".into(),
        id: id.into(),
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_displaced_by_one_that_is_over_at_once_is_told_so() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let mut page = page(&post, &switchboard).await;
    let (first, mut answers) = open(&switchboard, "alice", &[&[1]]).await;
    come(&mut page);
    // One that has not lost its place stands.
    for is_lost in [false, true] {
        if is_lost {
            post.rows.lock().unwrap().clear();
        }
        post.letters.say(Some(Vec::new()));
        switchboard.hear(Heard::News(opened("two")));
        sleep(Duration::from_secs(60)).await;
        assert_eq!(answers.try_recv().is_ok(), is_lost);
    }
    assert_eq!(outcome_of(&come(&mut page)[0]), "displaced");
    assert!(first.end(Ending::Cancelled).await.is_overtaken);
}

#[tokio::test(start_paused = true)]
async fn what_is_displaced_before_the_engine_has_said_that_it_is_open_is_told_so() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    post.gate.acquire().await.unwrap().forget();
    let at = Arc::clone(&switchboard);
    let first = tokio::spawn(async move { open(&at, "alice", &[&[1]]).await });
    post.asked.acquire().await.unwrap().forget();
    for _ in 0..2 {
        post.letters.say(Some(Vec::new()));
    }
    switchboard.hear(Heard::News(opened("two")));
    post.letters.asked.acquire().await.unwrap().forget();
    post.gate.add_permits(1);
    let (_first, mut answers) = first.await.unwrap();
    post.rows.lock().unwrap().clear();
    let busy = FromDaemon::Unwilling {
        reason: Unwilling::Busy,
    };
    sleep(Duration::from_secs(60)).await;
    assert_eq!(answers.try_recv(), Ok(Box::new(busy)));
}
