//! Relays in one process, each with its own connections to one real engine.

mod answers;
mod budget;
pub(crate) mod one_open;
mod tickets;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromDaemon, Hints, Unwilling};
use futures_channel::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::{ByEngine, Call, Post};
use crate::engine::tests::Served;
use crate::store::Device;
use crate::store::conformance::phone;
use crate::switchboard::{Answered, Ending, Listening, OpenRequest, Opening, Shown, Switchboard};

/// A relay. It dies with the value, and tells nobody.
struct Relay {
    switchboard: Arc<Switchboard>,
    post: Arc<ByEngine>,
    hearing: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.hearing.abort();
        self.post.hearing.abort();
    }
}

/// A sign-in that waits at a relay.
struct Waiting {
    open: OpenRequest,
    answers: mpsc::Receiver<Box<FromDaemon>>,
}

impl Relay {
    async fn begin(served: &Served) -> Self {
        Self::begin_with(served, |switchboard| switchboard).await
    }

    async fn begin_with(served: &Served, change: impl FnOnce(Switchboard) -> Switchboard) -> Self {
        let engine = served.engine().await;
        let before = listeners(served);
        let post = Arc::new(ByEngine::new(engine, PATIENCE).unwrap());
        let switchboard = Arc::new(change(Switchboard::by(post.clone())));
        let hearing = Self::hear(&post, &switchboard);
        until(async || listeners(served) > before).await;
        Self {
            switchboard,
            post,
            hearing,
        }
    }

    /// Hears what happens at other relays, beginning with what was not heard yet.
    fn hear(post: &Arc<ByEngine>, switchboard: &Arc<Switchboard>) -> JoinHandle<()> {
        let (heard, told) = (Arc::clone(post), Arc::clone(switchboard));
        tokio::spawn(async move {
            loop {
                told.hear(heard.heard().await);
            }
        })
    }

    async fn sign_in(&self, user: &str, credentials: &[u8]) -> Result<Waiting, Unwilling> {
        self.sign_in_at("web1", user, credentials).await
    }

    async fn sign_in_at(
        &self,
        host: &str,
        user: &str,
        credentials: &[u8],
    ) -> Result<Waiting, Unwilling> {
        let (asker, answers) = mpsc::channel(1);
        let opening = Opening {
            credentials: credentials.iter().map(|byte| vec![*byte]).collect(),
            lasts: Duration::from_secs(60),
            check_digits: None,
            gives_way: true,
            asker,
            call: Some(Call {
                host: host.into(),
                is_familiar: false,
                most: 3,
            }),
        };
        let shown = Shown {
            account: None,
            request: &asked_for(host, user),
            digits: 2,
            hints: &Hints::default(),
        };
        let open = self.switchboard.open(shown, opening).await?;
        Ok(Waiting { open, answers })
    }

    fn page(&self, phone: &Device) -> Page {
        Page(self.switchboard.listen(Arc::new(phone.clone())).unwrap())
    }

    async fn decline(&self, id: &str, phone: &Device) -> Answered {
        let said = FromDaemon::Declined {};
        self.switchboard.answer(id, phone, said).await
    }
}

fn asked_for(host: &str, user: &str) -> ApprovalRequest {
    ApprovalRequest {
        nonce: [7; 32],
        user: user.into(),
        host: host.into(),
        service: "sshd".into(),
        caller: String::new(),
        remote_host: "203.0.113.5".into(),
        terminal: "ssh".into(),
        issued: UnixTime(1_795_377_600),
        expires: UnixTime(1_795_377_660),
    }
}

/// An open page.
struct Page(Listening);

impl Page {
    /// The next event, whenever it comes.
    async fn next(&mut self) -> String {
        let next = poll_fn(|context| self.0.poll_next(context)).await;
        String::from_utf8(next.expect("an open page").to_vec()).unwrap()
    }

    /// The id of the request that comes next.
    async fn request(&mut self) -> String {
        let event = self.next().await;
        assert!(event.starts_with("event: request\n"), "{event}");
        part(&event, "id").to_owned()
    }

    /// How it ended, which comes next.
    async fn gone(&mut self, id: &str) -> String {
        let event = self.next().await;
        assert!(event.starts_with("event: gone\n"), "{event}");
        assert_eq!(part(&event, "id"), id);
        part(&event, "outcome").to_owned()
    }

    /// That nothing has come yet.
    fn is_silent(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        match self.0.poll_next(&mut context) {
            Poll::Pending => true,
            Poll::Ready(event) => {
                eprintln!("there came {event:?}");
                false
            }
        }
    }
}

fn part<'a>(event: &'a str, key: &str) -> &'a str {
    let (_, rest) = event.split_once(&format!("\"{key}\":\"")).unwrap();
    rest.split('"').next().unwrap()
}

/// How many connections listen.
fn listeners(served: &Served) -> u32 {
    let sql = "SELECT count(*) FROM replica WHERE seen > now() - interval '10 seconds'";
    served.server.ask_in("antiphon", sql).parse().unwrap()
}

/// Waits until it is so.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    while !is_so().await {
        sleep(Duration::from_millis(20)).await;
    }
}

/// Time without beats, as the engine's clock sees it.
fn let_lease_pass(served: &Served) {
    let sql = "UPDATE replica SET seen = seen - interval '1 minute'";
    served.server.ask_in("antiphon", sql);
}

/// No test's outcome is a matter of speed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
const DECLINED: FromDaemon = FromDaemon::Declined {};

#[tokio::test]
async fn an_answer_at_one_relay_wakes_the_sign_in_at_another() {
    let served = Served::start();
    let (a, b) = (Relay::begin(&served).await, Relay::begin(&served).await);
    let (one, two) = (phone(&[1], "anna", 1), phone(&[2], "anna", 2));
    let stranger = phone(&[1], "bob", 3);
    // One page was there before, the other comes later.
    let mut at_b = b.page(&one);
    let mut waiting = a.sign_in("anna", &[1, 2]).await.unwrap();
    let id = at_b.request().await;
    let mut at_a = a.page(&two);
    let mut later = b.page(&two);
    assert_eq!(at_a.request().await, id);
    assert_eq!(later.request().await, id);

    assert_eq!(b.decline(&id, &stranger).await, Answered::Gone);
    assert_eq!(
        b.decline(&id, &phone(&[9], "anna", 9)).await,
        Answered::Gone
    );
    assert_eq!(b.decline(&id, &one).await, Answered::HandedOn);
    assert_eq!(*waiting.answers.recv().await.unwrap(), DECLINED);
    assert_eq!(at_a.gone(&id).await, "answered");
    assert_eq!(later.gone(&id).await, "answered");
    for relay in [&a, &b] {
        assert_eq!(relay.decline(&id, &two).await, Answered::Before);
        // Who missed the answer says the same again, wherever.
        assert_eq!(relay.decline(&id, &one).await, Answered::Again);
    }
    assert!(waiting.answers.try_recv().is_err());
    let over = waiting.open.end(Ending::Accepted).await;
    assert_eq!(over.answered_by, Some(vec![1]));
    assert_eq!(at_b.gone(&id).await, "accepted");
    assert_eq!(b.decline(&id, &one).await, Answered::Gone);
    assert!(at_a.is_silent() && later.is_silent());
    let left = served
        .server
        .ask_in("antiphon", "SELECT count(*) FROM open_request");
    assert_eq!(left, "0");
}

#[tokio::test]
async fn two_hosts_get_one_number() {
    let served = Served::start();
    let (a, b) = (Relay::begin(&served).await, Relay::begin(&served).await);
    for _ in 0..10 {
        let (at_a, at_b) = tokio::join!(a.sign_in("anna", &[1]), b.sign_in("anna", &[1]));
        let refused = [at_a.as_ref().err(), at_b.as_ref().err()];
        let busy = refused.iter().flatten().collect::<Vec<_>>();
        assert_eq!(busy, [&&Unwilling::Busy]);
        let won = at_a.or(at_b).ok().unwrap();
        won.open.end(Ending::Cancelled).await;
        served.server.ask_in("antiphon", "DELETE FROM call");
    }
}

#[tokio::test]
async fn one_that_was_answered_gives_way_wherever_the_next_one_is() {
    let served = Served::start();
    let (a, b) = (Relay::begin(&served).await, Relay::begin(&served).await);
    let anna = phone(&[1], "anna", 1);
    let mut page = b.page(&anna);
    let mut first = a.sign_in("anna", &[1]).await.unwrap();
    let id = page.request().await;
    assert_eq!(b.decline(&id, &anna).await, Answered::HandedOn);
    let second = b.sign_in("anna", &[1]).await.unwrap();
    let next = page.request().await;
    // The answer waits for the relay that is to fetch it.
    assert_eq!(*first.answers.recv().await.unwrap(), DECLINED);
    assert!(first.open.end(Ending::Accepted).await.is_overtaken);
    // The phone still learns of the end.
    assert_eq!(page.gone(&id).await, "accepted");
    assert!(!second.open.end(Ending::Cancelled).await.is_overtaken);
    assert_eq!(page.gone(&next).await, "cancelled");
}

#[tokio::test]
async fn a_dead_relays_request_is_not_busy_for_long() {
    let served = Served::start();
    let b = Relay::begin(&served).await;
    let anna = phone(&[1], "anna", 1);
    let mut page = b.page(&anna);
    let a = Relay::begin(&served).await;
    let waiting = a.sign_in("anna", &[1]).await.unwrap();
    let id = page.request().await;
    // As if killed: nothing is taken away.
    std::mem::forget(waiting.open);
    drop(a);
    let busy = b.sign_in("anna", &[1]).await.err();
    assert_eq!(busy, Some(Unwilling::Busy));
    let_lease_pass(&served);
    // Either the next sign-in or the sweep is first; the phone is told by both.
    let _next = b.sign_in("anna", &[1]).await.unwrap();
    assert_eq!(page.gone(&id).await, "cancelled");
    assert_ne!(page.request().await, id);
}

#[tokio::test]
async fn phones_of_a_relay_that_has_died_are_told() {
    let served = Served::start();
    let b = Relay::begin(&served).await;
    let mut page = b.page(&phone(&[1], "anna", 1));
    let a = Relay::begin(&served).await;
    let waiting = a.sign_in("anna", &[1]).await.unwrap();
    let id = page.request().await;
    std::mem::forget(waiting.open);
    drop(a);
    let_lease_pass(&served);
    assert_eq!(page.gone(&id).await, "cancelled");
}

#[tokio::test]
async fn what_was_not_heard_is_read_again() {
    let served = Served::start();
    let a = Relay::begin(&served).await;
    let b = Relay::begin_with(&served, Switchboard::without_grace).await;
    let (anna, bob) = (phone(&[1], "anna", 1), phone(&[2], "bob", 2));
    let (mut annas, mut bobs) = (b.page(&anna), b.page(&bob));
    let mut waiting = a.sign_in("anna", &[1]).await.unwrap();
    let id = annas.request().await;
    // Every connection is cut, and what happens meanwhile is heard by nobody.
    let cut =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'antiphon'";
    assert_ne!(served.server.ask(cut), "0");
    let declined = serde_json::to_string(&DECLINED).unwrap();
    let unheard = format!(
        "UPDATE open_request SET answered_by = '\\x01' WHERE person = 'anna'; \
         INSERT INTO reply SELECT id, 'anna', '{declined}', '\\x01', now() FROM open_request; \
         INSERT INTO open_request SELECT 'bob', 'bobs', replica, ARRAY['\\x02'::bytea], \
         convert_to(E'event: request\\ndata: {{\"id\":\"bobs\"}}\\n\\n', 'UTF8'), NULL, expires FROM open_request"
    );
    served.server.ask_in("antiphon", &unheard);
    assert_eq!(*waiting.answers.recv().await.unwrap(), DECLINED);
    assert_eq!(bobs.request().await, "bobs");
    waiting.open.end(Ending::Accepted).await;
    assert_eq!(annas.gone(&id).await, "accepted");
    // And what was there before, and is not any more.
    served.server.ask(cut);
    served.server.ask_in("antiphon", "DELETE FROM open_request");
    assert_eq!(bobs.gone("bobs").await, "cancelled");
}

#[tokio::test]
async fn what_ends_while_the_engine_is_away_is_not_left_open() {
    let served = Served::start();
    let (a, b) = (Relay::begin(&served).await, Relay::begin(&served).await);
    let mut page = b.page(&phone(&[1], "anna", 1));
    let waiting = a.sign_in("anna", &[1]).await.unwrap();
    let id = page.request().await;
    served.server.ask("ALTER ROLE antiphon CONNECTION LIMIT 0");
    let cut =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'antiphon'";
    assert_ne!(served.server.ask(cut), "0");
    waiting.open.end(Ending::Cancelled).await;
    served.server.ask("ALTER ROLE antiphon CONNECTION LIMIT -1");
    let told = timeout(Duration::from_secs(30), page.gone(&id)).await;
    assert_eq!(told.as_deref(), Ok("cancelled"));
    assert!(b.sign_in("anna", &[1]).await.is_ok());
}

#[tokio::test]
async fn requests_survive_the_engines_crash() {
    let mut served = Served::start();
    let (a, b) = (Relay::begin(&served).await, Relay::begin(&served).await);
    let [anna, bob, cleo] = [
        phone(&[1], "anna", 1),
        phone(&[2], "bob", 2),
        phone(&[3], "cleo", 3),
    ];
    let (mut annas, mut bobs) = (a.page(&anna), b.page(&bob));
    let mut of_anna = a.sign_in("anna", &[1]).await.unwrap();
    let mut of_bob = a.sign_in("bob", &[2]).await.unwrap();
    let (annas_id, bobs_id) = (annas.request().await, bobs.request().await);
    served.server.crash();
    // At the same relay it goes on, also for a new one; elsewhere they say so.
    assert_eq!(a.decline(&annas_id, &anna).await, Answered::HandedOn);
    assert_eq!(*of_anna.answers.recv().await.unwrap(), DECLINED);
    assert_eq!(b.decline(&bobs_id, &bob).await, Answered::Away);
    let _page = a.page(&cleo);
    assert!(a.sign_in("cleo", &[3]).await.is_ok());
    let refused = b.sign_in("cleo", &[3]).await.err();
    assert_eq!(refused, Some(Unwilling::Overloaded));
    // All that is not durable is gone with the crash, and put back.
    served.server.resume();
    until(async || b.decline(&bobs_id, &bob).await == Answered::HandedOn).await;
    assert_eq!(*of_bob.answers.recv().await.unwrap(), DECLINED);
    of_bob.open.end(Ending::Reported).await;
    let left = served.server.ask_in(
        "antiphon",
        "SELECT (SELECT count(*) FROM open_request) + (SELECT count(*) FROM reply)",
    );
    // Anna's and Cleo's are still open, if they were put back.
    assert!(["0", "1"].contains(&left.as_str()), "{left}");
}

#[tokio::test]
async fn a_phone_that_root_removed_is_hung_up_on_everywhere() {
    let served = Served::start();
    let (a, b) = (Relay::begin(&served).await, Relay::begin(&served).await);
    let mut removed = b.page(&phone(&[1], "anna", 1));
    let mut stays = b.page(&phone(&[2], "anna", 2));
    a.switchboard.hang_up(&[1]).await;
    assert!(
        poll_fn(|context| removed.0.poll_next(context))
            .await
            .is_none()
    );
    assert!(stays.is_silent());
}

#[tokio::test]
async fn a_relay_is_seen_to_live_before_it_serves() {
    let served = Served::start();
    let engine = served.engine().await;
    let post = ByEngine::new(engine, PATIENCE).unwrap();
    post.hearing.abort();
    post.appear().await;
    let seen = "SELECT count(*) FROM replica WHERE seen > now() - interval '5 seconds'";
    assert_eq!(served.server.ask_in("antiphon", seen), "1");
}
