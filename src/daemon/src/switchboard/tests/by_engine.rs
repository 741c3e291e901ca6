//! A switchboard whose engine takes its time.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::wire::FromDaemon;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::super::{Answered, Ending, Listening, Switchboard};
use super::{come, id_of, listen, open, outcome_of};
use crate::post::slow::{Slow, letter};
use crate::post::{Heard, Letter, News, Noted, Reply};
use crate::store::conformance::phone;

#[tokio::test(start_paused = true)]
async fn what_ends_while_it_is_put_back_stays_ended() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let (first, _receiver) = open(&switchboard, "alice", &[&[1]]).await;
    assert_eq!(post.rows.lock().unwrap().len(), 1);
    switchboard.hear(Heard::Back);
    post.asked.acquire_many(2).await.unwrap().forget();
    first.end(Ending::Accepted).await;
    post.gate.add_permits(1);
    sleep(Duration::from_secs(60)).await;
    assert!(post.rows.lock().unwrap().is_empty());
    // Nor is anything put back that phones are not shown yet.
    let (waiting, to) = (Arc::clone(&switchboard), Arc::clone(&post));
    let opening = tokio::spawn(async move { open(&waiting, "alice", &[&[1]]).await });
    post.asked.acquire().await.unwrap().forget();
    switchboard.hear(Heard::Back);
    sleep(Duration::from_secs(1)).await;
    to.gate.add_permits(1);
    let (second, _receiver) = opening.await.unwrap();
    assert_eq!(post.asked.available_permits(), 0);
    second.end(Ending::Cancelled).await;
}

#[tokio::test(start_paused = true)]
async fn news_are_heard_while_the_engine_takes_its_time_over_what_is_put_back() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    post.gate.add_permits(1);
    let (_alice, mut answers) = open(&switchboard, "alice", &[&[1]]).await;
    let (_bob, _receiver) = open(&switchboard, "bob", &[&[2]]).await;
    let id = post.rows.lock().unwrap()["alice"].clone();
    switchboard.hear(Heard::Back);
    let (reply, news) = declined(&id);
    post.replies.lock().unwrap().push_back(Some(reply));
    switchboard.hear(Heard::News(news));
    assert_eq!(*answers.recv().await.unwrap(), FromDaemon::Declined {});
}

#[tokio::test]
async fn an_answer_that_the_engine_does_not_give_at_once_is_asked_for_again() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let (_open, mut receiver) = open(&switchboard, "alice", &[&[1]]).await;
    let id = post.rows.lock().unwrap()["alice"].clone();
    let (reply, news) = declined(&id);
    post.replies.lock().unwrap().extend([None, Some(reply)]);
    switchboard.hear(Heard::News(news));
    assert_eq!(*receiver.recv().await.unwrap(), FromDaemon::Declined {});
}

/// The answer of alice's phone to request `id`, which another relay has written down, and the news of it.
fn declined(id: &str) -> (Reply, News) {
    let reply = Reply {
        user: "alice".into(),
        id: id.into(),
        credential: vec![1],
        said: FromDaemon::Declined {},
    };
    let news = News::Answered {
        user: "alice".into(),
        id: id.into(),
        credential: vec![1],
    };
    (reply, news)
}

#[tokio::test(start_paused = true)]
async fn what_waits_elsewhere_is_looked_for_again_when_the_engine_did_not_answer() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    post.letters.say(None);
    post.letters
        .say(Some(vec![letter("alice", "one", &[&[1]])]));
    let mut page = listen(&switchboard, &phone(&[1], "alice", 1));
    poll_fn(|context| page.poll_complete(context)).await;
    assert_eq!(come(&mut page).len(), 1);
    // News of one too, which comes without a page that is opened.
    post.letters.say(None);
    post.letters
        .say(Some(vec![letter("alice", "two", &[&[1]])]));
    switchboard.hear(Heard::News(opened("two")));
    let gone = poll_fn(|context| page.poll_next(context)).await.unwrap();
    assert_eq!(outcome_of(str::from_utf8(&gone).unwrap()), "cancelled");
    assert_eq!(id_of(&come(&mut page)[0]), "two");
}

#[tokio::test]
async fn what_ends_or_is_answered_while_it_is_looked_for_is_not_shown_as_open() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let answered = Letter {
        answered_by: Some(vec![9]),
        ..letter("alice", "two", &[&[1], &[9]])
    };
    let of_answer = News::Answered {
        user: "alice".into(),
        id: "two".into(),
        credential: vec![9],
    };
    for (news, read_before, read_after) in [
        (accepted("one"), letter("alice", "one", &[&[1]]), vec![]),
        (
            of_answer,
            letter("alice", "two", &[&[1], &[9]]),
            vec![answered],
        ),
    ] {
        let mut page = listen(&switchboard, &phone(&[1], "alice", 1));
        post.letters.asked.acquire().await.unwrap().forget();
        switchboard.hear(Heard::News(news));
        post.letters.say(Some(vec![read_before]));
        post.letters.say(Some(read_after));
        poll_fn(|context| page.poll_complete(context)).await;
        assert_eq!(come(&mut page), [""; 0]);
        post.letters.asked.acquire().await.unwrap().forget();
    }
}

fn opened(id: &str) -> News {
    News::Opened {
        user: "alice".into(),
        id: id.into(),
    }
}

fn accepted(id: &str) -> News {
    News::Ended {
        user: "alice".into(),
        id: id.into(),
        outcome: "accepted".into(),
    }
}

/// A page for each of two phones of alice's, at which a request that waits at another relay is shown.
async fn shown_elsewhere(post: &Slow, switchboard: &Arc<Switchboard>) -> [Listening; 2] {
    let asked = letter("alice", "one", &[&[1], &[2]]);
    let mut pages = [1, 2].map(|number| {
        post.letters.say(Some(vec![asked.clone()]));
        listen(switchboard, &phone(&[number], "alice", number))
    });
    for page in &mut pages {
        poll_fn(|context| page.poll_complete(context)).await;
        assert_eq!(come(page).len(), 1);
    }
    pages
}

/// Has the first phone decline a request whose answer the engine is about to write down.
async fn declining(
    post: &Slow,
    switchboard: &Arc<Switchboard>,
    id: String,
) -> JoinHandle<Answered> {
    declining_by(1, post, switchboard, id).await
}

/// The same of this phone.
async fn declining_by(
    number: u8,
    post: &Slow,
    switchboard: &Arc<Switchboard>,
    id: String,
) -> JoinHandle<Answered> {
    let at = Arc::clone(switchboard);
    let declining = tokio::spawn(async move {
        let phone = phone(&[number], "alice", number);
        at.answer(&id, &phone, FromDaemon::Declined {}).await
    });
    post.noted.asked.acquire().await.unwrap().forget();
    declining
}

#[tokio::test]
async fn an_end_that_overtakes_the_answer_on_its_way_is_told_as_that_phones() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let [mut answering, mut other] = shown_elsewhere(&post, &switchboard).await;
    let declining = declining(&post, &switchboard, "one".into()).await;
    // The other relay has read the answer, and its module has accepted it, before this one hears that it was written down.
    switchboard.hear(Heard::News(accepted("one")));
    post.noted.say(Noted::First);
    assert_eq!(declining.await.unwrap(), Answered::HandedOn);
    let told = |page| {
        come(page)
            .iter()
            .map(|event| outcome_of(event).to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&mut answering), ["accepted"]);
    assert_eq!(told(&mut other), ["answered"]);
}

#[tokio::test]
async fn an_end_that_overtakes_two_answers_is_told_as_that_of_the_first_that_may_count() {
    for is_first_refused in [false, true] {
        let post = Slow::new();
        let switchboard = Arc::new(Switchboard::by(post.clone()));
        let [one, two] = shown_elsewhere(&post, &switchboard).await;
        let of_one = declining_by(1, &post, &switchboard, "one".into()).await;
        let _of_two = declining_by(2, &post, &switchboard, "one".into()).await;
        let (mut counts, mut other) = (one, two);
        if is_first_refused {
            post.noted.say(Noted::Before);
            assert_eq!(of_one.await.unwrap(), Answered::Before);
            (counts, other) = (other, counts);
        }
        switchboard.hear(Heard::News(accepted("one")));
        assert_eq!(outcome_of(&come(&mut counts)[0]), "accepted");
        assert_eq!(outcome_of(&come(&mut other)[0]), "answered");
    }
}

#[tokio::test]
async fn an_answer_that_is_read_or_heard_before_it_is_said_to_be_noted_is_told_once() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let [_answering, mut other] = shown_elsewhere(&post, &switchboard).await;
    let declining = declining(&post, &switchboard, "one".into()).await;
    let answered = Letter {
        answered_by: Some(vec![1]),
        ..letter("alice", "one", &[&[1], &[2]])
    };
    post.letters.say(Some(vec![answered]));
    assert!(switchboard.read_waiting(vec!["alice".into()]).await);
    let heard = News::Answered {
        user: "alice".into(),
        id: "one".into(),
        credential: vec![1],
    };
    switchboard.hear(Heard::News(heard));
    post.noted.say(Noted::First);
    assert_eq!(declining.await.unwrap(), Answered::HandedOn);
    let told = come(&mut other);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(outcome_of(&told[0]), "answered");
}

#[tokio::test]
async fn an_answer_that_is_read_counts_whatever_was_heard_meanwhile() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let [mut answering, mut other] = shown_elsewhere(&post, &switchboard).await;
    post.letters.asked.acquire_many(2).await.unwrap().forget();
    let reading = Arc::clone(&switchboard);
    tokio::spawn(async move { reading.read_waiting(vec!["alice".into()]).await });
    post.letters.asked.acquire().await.unwrap().forget();
    switchboard.hear(Heard::News(opened("one")));
    let answered = Letter {
        answered_by: Some(vec![1]),
        ..letter("alice", "one", &[&[1], &[2]])
    };
    post.letters.say(Some(vec![answered]));
    // What was overtaken is read again, which the end overtakes in turn.
    post.letters.asked.acquire().await.unwrap().forget();
    switchboard.hear(Heard::News(accepted("one")));
    assert_eq!(outcome_of(&come(&mut answering)[0]), "accepted");
    assert_eq!(outcome_of(&come(&mut other)[0]), "answered");
}

#[tokio::test(start_paused = true)]
async fn what_has_just_ended_is_not_told_as_gone_before_the_news_of_it() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()).without_grace());
    let [mut page, _other] = shown_elsewhere(&post, &switchboard).await;
    for _ in 0..3 {
        post.letters.say(Some(Vec::new()));
    }
    post.letters.asked.acquire_many(2).await.unwrap().forget();
    switchboard.hear(Heard::Back);
    // By who looks for what waits, and by who sorts out.
    post.letters.asked.acquire_many(2).await.unwrap().forget();
    switchboard.hear(Heard::News(accepted("one")));
    sleep(Duration::from_secs(60)).await;
    let told = come(&mut page);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(outcome_of(&told[0]), "answered");
}

#[tokio::test(start_paused = true)]
async fn what_the_engine_has_lost_is_told_as_gone_though_it_did_not_answer_at_once() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()).without_grace());
    let [mut page, _other] = shown_elsewhere(&post, &switchboard).await;
    // Who looks for what waits is first, and who sorts out asks again.
    for answer in [Some(Vec::new()), None, Some(Vec::new()), Some(Vec::new())] {
        post.letters.say(answer);
    }
    switchboard.hear(Heard::Back);
    sleep(Duration::from_secs(60)).await;
    let told = come(&mut page);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(outcome_of(&told[0]), "cancelled");
    // What is still there is looked for once.
    let [mut page, _other] = shown_elsewhere(&post, &switchboard).await;
    let there = || Some(vec![letter("alice", "one", &[&[1], &[2]])]);
    for answer in [there(), there()] {
        post.letters.say(answer);
    }
    let before = post.letters.asked.available_permits();
    switchboard.hear(Heard::Back);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(post.letters.asked.available_permits() - before, 2);
    assert!(come(&mut page).is_empty());
}

#[tokio::test]
async fn an_answer_that_was_not_noted_is_not_on_its_way_any_more() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let [mut answering, mut other] = shown_elsewhere(&post, &switchboard).await;
    let declining = declining(&post, &switchboard, "one".into()).await;
    post.noted.say(Noted::Away);
    assert_eq!(declining.await.unwrap(), Answered::Away);
    switchboard.hear(Heard::News(accepted("one")));
    for page in [&mut answering, &mut other] {
        assert_eq!(outcome_of(&come(page)[0]), "answered");
    }
}

#[tokio::test]
async fn where_the_sign_in_waits_here_an_end_before_the_answer_is_nobodys() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let mut page = listen(&switchboard, &phone(&[1], "alice", 1));
    let (request, mut receiver) = open(&switchboard, "alice", &[&[1]]).await;
    let id = id_of(&come(&mut page)[0]);
    let declining = declining(&post, &switchboard, id).await;
    // A code was typed meanwhile: nothing of the phone's was handed on.
    request.end(Ending::Accepted).await;
    assert_eq!(outcome_of(&come(&mut page)[0]), "answered");
    post.noted.say(Noted::First);
    assert_eq!(declining.await.unwrap(), Answered::Gone);
    assert!(receiver.try_recv().is_err());
}

#[tokio::test]
async fn what_became_of_an_answer_says_nothing_of_the_next_sign_in() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let [mut page, _other] = shown_elsewhere(&post, &switchboard).await;
    let former = declining(&post, &switchboard, "one".into()).await;
    post.letters
        .say(Some(vec![letter("alice", "two", &[&[1], &[2]])]));
    switchboard.hear(Heard::News(opened("two")));
    for _ in 0..2 {
        poll_fn(|context| page.poll_next(context)).await.unwrap();
    }
    let next = declining(&post, &switchboard, "two".into()).await;
    post.noted.say(Noted::Unknown);
    assert_eq!(former.await.unwrap(), Answered::Gone);
    switchboard.hear(Heard::News(accepted("two")));
    assert_eq!(outcome_of(&come(&mut page)[0]), "accepted");
    post.noted.say(Noted::First);
    assert_eq!(next.await.unwrap(), Answered::HandedOn);
}
