mod by_engine;
mod displacement;

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromDaemon, Hints, Unwilling};
use futures_channel::mpsc;

use super::{Answered, Asker, Ending, Listening, OpenRequest, Opening, Shown, Switchboard};
use crate::store::Device;
use crate::store::conformance::phone;

fn request(user: &str) -> ApprovalRequest {
    ApprovalRequest {
        nonce: [7; 32],
        user: user.into(),
        host: "web1".into(),
        service: "sshd".into(),
        caller: String::new(),
        remote_host: "203.0.113.5".into(),
        terminal: "ssh".into(),
        issued: UnixTime(1_795_377_600),
        expires: UnixTime(1_795_377_660),
    }
}

/// All events so far; the last is "end" if the stream has ended.
fn come(listening: &mut Listening) -> Vec<String> {
    let mut all = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    loop {
        match listening.poll_next(&mut context) {
            Poll::Ready(Some(event)) => all.push(String::from_utf8(event.to_vec()).unwrap()),
            Poll::Ready(None) => {
                all.push("end".into());
                return all;
            }
            Poll::Pending => return all,
        }
    }
}

fn opening(credentials: Vec<Vec<u8>>, asker: Asker) -> Opening {
    Opening {
        credentials,
        lasts: Duration::from_secs(60),
        check_digits: None,
        gives_way: true,
        asker,
        call: None,
    }
}

async fn open(
    switchboard: &Arc<Switchboard>,
    user: &str,
    credentials: &[&[u8]],
) -> (OpenRequest, mpsc::Receiver<Box<FromDaemon>>) {
    let (sender, receiver) = mpsc::channel(1);
    let credentials = credentials.iter().map(|bytes| bytes.to_vec()).collect();
    let open = ask(switchboard, user, opening(credentials, sender)).await;
    (open.unwrap(), receiver)
}

async fn ask(
    switchboard: &Arc<Switchboard>,
    user: &str,
    opening: Opening,
) -> Result<OpenRequest, Unwilling> {
    let shown = Shown {
        request: &request(user),
        digits: 2,
        hints: &Hints::default(),
        account: None,
    };
    switchboard.open(shown, opening).await
}

fn listen(switchboard: &Arc<Switchboard>, phone: &Device) -> Listening {
    switchboard.listen(Arc::new(phone.clone())).unwrap()
}

fn id_of(event: &str) -> String {
    let (_, rest) = event.split_once("\"id\":\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn outcome_of(event: &str) -> &str {
    assert!(event.starts_with("event: gone\n"), "{event}");
    let (_, rest) = event.split_once("\"outcome\":\"").unwrap();
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn a_request_reaches_only_the_named_phones_of_its_person() {
    let switchboard = Arc::new(Switchboard::default());
    let [named, other, foreign] = [
        phone(&[1], "alice", 1),
        phone(&[2], "alice", 2),
        phone(&[3], "bob", 3),
    ];
    let [mut at_named, mut at_other, mut at_foreign] =
        [&named, &other, &foreign].map(|phone| listen(&switchboard, phone));
    // Root would not name another person's phone; even if it did, that phone gets nothing.
    let (_open, _receiver) = open(&switchboard, "alice", &[&[1], &[3]]).await;
    let events = come(&mut at_named);
    assert_eq!(events.len(), 1);
    assert!(events[0].starts_with("event: request\ndata: {\"id\":\""));
    assert!(events[0].contains(r#""remote_host":"203.0.113.5""#));
    assert!(
        events[0].ends_with("\"digits\":2,\"enter\":false,\"place\":\"\",\"familiar\":null}\n\n")
    );
    assert!(come(&mut at_other).is_empty());
    assert!(come(&mut at_foreign).is_empty());
    let id = id_of(&events[0]);
    for wrong in [&other, &foreign] {
        let said = switchboard
            .answer(&id, wrong, FromDaemon::Declined {})
            .await;
        assert_eq!(said, Answered::Gone);
    }
}

#[tokio::test]
async fn a_page_that_opens_later_begins_with_what_waits() {
    let switchboard = Arc::new(Switchboard::default());
    let (request, _receiver) = open(&switchboard, "alice", &[&[1]]).await;
    let mut later = listen(&switchboard, &phone(&[1], "alice", 1));
    assert_eq!(come(&mut later).len(), 1);
    drop(request);
    let events = come(&mut later);
    assert_eq!(outcome_of(&events[0]), "cancelled");
    let mut latest = listen(&switchboard, &phone(&[1], "alice", 1));
    assert!(come(&mut latest).is_empty());
}

#[tokio::test]
async fn the_first_answer_is_handed_on_and_the_other_phone_is_told_at_once() {
    let switchboard = Arc::new(Switchboard::default());
    let (one, two) = (phone(&[1], "alice", 1), phone(&[2], "alice", 2));
    let (mut at_one, mut at_two) = (listen(&switchboard, &one), listen(&switchboard, &two));
    let (request, mut receiver) = open(&switchboard, "alice", &[&[1], &[2]]).await;
    let id = id_of(&come(&mut at_one)[0]);
    come(&mut at_two);
    let say = async |phone| {
        switchboard
            .answer(&id, phone, FromDaemon::Declined {})
            .await
    };
    assert_eq!(say(&one).await, Answered::HandedOn);
    assert_eq!(say(&one).await, Answered::Again);
    let other = FromDaemon::Mistake {};
    let other = switchboard.answer(&id, &one, other).await;
    assert_eq!(other, Answered::Before);
    assert_eq!(say(&two).await, Answered::Before);
    assert_eq!(receiver.try_recv(), Ok(Box::new(FromDaemon::Declined {})));
    assert!(receiver.try_recv().is_err());
    assert_eq!(outcome_of(&come(&mut at_two)[0]), "answered");
    assert!(come(&mut at_one).is_empty());
    request.end(Ending::Reported).await;
    assert_eq!(outcome_of(&come(&mut at_one)[0]), "reported");
    assert!(come(&mut at_two).is_empty());
    assert_eq!(say(&one).await, Answered::Gone);
}

#[tokio::test]
async fn a_sign_in_accepted_by_a_code_is_not_said_to_be_approved() {
    let switchboard = Arc::new(Switchboard::default());
    let mut page = listen(&switchboard, &phone(&[1], "alice", 1));
    let (request, _receiver) = open(&switchboard, "alice", &[&[1]]).await;
    come(&mut page);
    request.end(Ending::Accepted).await;
    assert_eq!(outcome_of(&come(&mut page)[0]), "answered");
}

#[tokio::test]
async fn a_person_has_one_open_request_and_others_are_not_held_up() {
    let switchboard = Arc::new(Switchboard::default());
    let (first, _receiver) = open(&switchboard, "alice", &[&[1]]).await;
    let (sender, _second) = mpsc::channel(1);
    let shown = Shown {
        request: &request("alice"),
        digits: 2,
        hints: &Hints::default(),
        account: None,
    };
    let busy = switchboard
        .open(shown, opening(vec![vec![1]], sender))
        .await;
    assert!(matches!(busy, Err(Unwilling::Busy)));
    let _bob = open(&switchboard, "bob", &[&[3]]).await;
    drop(first);
    let _again = open(&switchboard, "alice", &[&[1]]).await;
}

#[tokio::test]
async fn the_next_request_need_not_wait_for_the_end_of_one_that_was_answered() {
    let switchboard = Arc::new(Switchboard::default());
    let alice = phone(&[1], "alice", 1);
    let mut page = listen(&switchboard, &alice);
    let (first, _heard) = open(&switchboard, "alice", &[&[1]]).await;
    let id = id_of(&come(&mut page)[0]);
    let said = || FromDaemon::Declined {};
    assert_eq!(
        switchboard.answer(&id, &alice, said()).await,
        Answered::HandedOn
    );
    let (second, _heard) = open(&switchboard, "alice", &[&[1]]).await;
    let next = id_of(&come(&mut page)[0]);
    // The first one takes no further answer, and its phone still learns how it ended, while the second one waits.
    assert_eq!(
        switchboard.answer(&id, &alice, said()).await,
        Answered::Gone
    );
    let over = first.end(Ending::Accepted).await;
    assert!(over.is_overtaken && over.answered_by == Some(vec![1]));
    let told = come(&mut page);
    assert_eq!((id_of(&told[0]), outcome_of(&told[0])), (id, "accepted"));
    assert_eq!(
        switchboard.answer(&next, &alice, said()).await,
        Answered::HandedOn
    );
    assert!(!second.end(Ending::Accepted).await.is_overtaken);
    assert_eq!(outcome_of(&come(&mut page)[0]), "accepted");
    drop(open(&switchboard, "alice", &[&[1]]).await);
}

#[tokio::test]
async fn a_page_that_does_not_read_is_let_go_and_holds_up_nobody() {
    let switchboard = Arc::new(Switchboard::default());
    let mut lazy = listen(&switchboard, &phone(&[1], "alice", 1));
    let mut busy = listen(&switchboard, &phone(&[1], "alice", 1));
    for _ in 0..20 {
        drop(open(&switchboard, "alice", &[&[1]]).await);
        assert_eq!(come(&mut busy).len(), 2);
    }
    let events = come(&mut lazy);
    assert!(events.len() < 20);
    assert_eq!(events.last().unwrap(), "end");
}

#[tokio::test]
async fn a_phone_has_few_pages_and_one_that_closes_is_forgotten() {
    let switchboard = Arc::new(Switchboard::default());
    let alice = phone(&[1], "alice", 1);
    let mut pages: Vec<_> = (0..9).map(|_| listen(&switchboard, &alice)).collect();
    assert_eq!(come(&mut pages[0]), ["end"]);
    assert!(switchboard.listener(alice.token).is_some());
    drop(pages);
    assert!(switchboard.state().inboxes.is_empty());
    assert!(switchboard.listener(alice.token).is_none());
}

#[tokio::test]
async fn closing_tells_phones_and_askers_and_takes_nothing_new() {
    let switchboard = Arc::new(Switchboard::default());
    let alice = phone(&[1], "alice", 1);
    let mut page = listen(&switchboard, &alice);
    let (_request, mut receiver) = open(&switchboard, "alice", &[&[1]]).await;
    come(&mut page);
    switchboard.close();
    let events = come(&mut page);
    assert_eq!(outcome_of(&events[0]), "cancelled");
    assert_eq!(events[1], "end");
    assert_eq!(receiver.try_recv(), Err(mpsc::TryRecvError::Closed));
    assert!(switchboard.listen(Arc::new(alice)).is_none());
}
