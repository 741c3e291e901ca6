use std::future::poll_fn;
use std::sync::Arc;

use http_body::Body as _;
use tokio::time::timeout;

use super::*;
use crate::post::slow::{Slow, letter};
use crate::store::conformance::phone;
use crate::switchboard::Switchboard;

/// What the page is told next.
async fn next(inbox: &mut Inbox) -> Bytes {
    let frame = poll_fn(|context| Pin::new(&mut *inbox).poll_frame(context)).await;
    frame.unwrap().unwrap().into_data().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_page_is_not_told_that_nothing_waits_before_the_other_relays_were_asked() {
    let post = Slow::new();
    let switchboard = Arc::new(Switchboard::by(post.clone()));
    let alice = Arc::new(phone(&[1], "alice", 1));
    let mut inbox = Inbox {
        listening: switchboard.listen(alice).unwrap(),
        beat: interval(BEAT_EVERY),
    };
    assert!(timeout(3 * BEAT_EVERY, next(&mut inbox)).await.is_err());
    post.letters
        .say(Some(vec![letter("alice", "one", &[&[1]])]));
    assert!(next(&mut inbox).await.starts_with(b"event: request\n"));
    assert_eq!(next(&mut inbox).await, BEAT);
}
