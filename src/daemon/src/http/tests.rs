//! Slow clients, with the clock paused, and a store that fails during open sign-ins.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::store::fleet::{
    self, FleetHost, Joining, Newcomer, Numbered, OpenToken, Publication, Published,
};
use antiphon_core::approval::ApprovalRequest;
use antiphon_core::config::Config;
use antiphon_core::fleet::Kind;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::HostEntry;
use antiphon_core::wire::{FromDaemon, Hints};
use antiphon_gateway::Gateways;
use futures_channel::mpsc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::{router, server};
use crate::clock;
use crate::exchange::Exchange;
use crate::push::Target;
use crate::store::conformance::phone;
use crate::store::{Ceilings, Counted, Device, Memory, Sending, Store, StoreError, StoreFuture};
use crate::switchboard::{Opening, Shown};
use crate::token::{Token, TokenHash};

/// A store that can fail.
#[derive(Default)]
struct Frail {
    memory: Memory,
    is_broken: AtomicBool,
    /// Does not answer queries by token.
    is_stuck: AtomicBool,
    /// How many times it was queried by token.
    asked: AtomicUsize,
    /// Forgets this phone as soon as it has been found by its token.
    forgets: Mutex<Vec<u8>>,
}

impl Frail {
    fn unless_broken<'a, T: Send + 'a>(&self, deed: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        if self.is_broken.load(Ordering::Relaxed) {
            return Box::pin(async { Err(StoreError::Unavailable("the disk is full".into())) });
        }
        deed
    }
}

impl Store for Frail {
    fn keep(&self, phone: Device) -> StoreFuture<'_, ()> {
        self.unless_broken(self.memory.keep(phone))
    }
    fn of_token(&self, token: TokenHash) -> StoreFuture<'_, Option<Device>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.is_stuck.load(Ordering::Relaxed) {
            return Box::pin(std::future::pending());
        }
        let found = self.unless_broken(self.memory.of_token(token));
        let forgotten = self.forgets.lock().unwrap().clone();
        Box::pin(async {
            let found = found.await;
            self.memory.forget(vec![forgotten]).await?;
            found
        })
    }
    fn of_credential(&self, credential: &[u8]) -> StoreFuture<'_, Option<Device>> {
        self.unless_broken(self.memory.of_credential(credential))
    }
    fn of_user(&self, user: &str) -> StoreFuture<'_, Vec<Device>> {
        self.unless_broken(self.memory.of_user(user))
    }
    fn add_token(&self, credential: &[u8], token: TokenHash) -> StoreFuture<'_, Vec<TokenHash>> {
        self.unless_broken(self.memory.add_token(credential, token))
    }
    fn call_at(&self, token: TokenHash, target: Option<Target>) -> StoreFuture<'_, ()> {
        self.unless_broken(self.memory.call_at(token, target))
    }
    fn lost(&self, credential: &[u8], target: Target) -> StoreFuture<'_, ()> {
        self.unless_broken(self.memory.lost(credential, target))
    }
    fn forget(&self, credentials: Vec<Vec<u8>>) -> StoreFuture<'_, usize> {
        self.unless_broken(self.memory.forget(credentials))
    }
    fn report(&self, user: &str, event: &str) -> StoreFuture<'_, bool> {
        self.unless_broken(self.memory.report(user, event))
    }
    fn reported(&self, user: &str) -> StoreFuture<'_, Vec<String>> {
        self.unless_broken(self.memory.reported(user))
    }
    fn push_key(&self, new: Vec<u8>) -> StoreFuture<'_, Vec<u8>> {
        self.unless_broken(self.memory.push_key(new))
    }
    fn errors(&self) -> u64 {
        0
    }
    fn count_message(
        &self,
        sending: Sending,
        now: UnixTime,
        ceilings: Ceilings,
    ) -> StoreFuture<'_, Counted> {
        self.unless_broken(self.memory.count_message(sending, now, ceilings))
    }
    fn publish(&self, document: Published) -> StoreFuture<'_, Publication> {
        self.unless_broken(self.memory.publish(document))
    }
    fn document(&self, kind: Kind, name: &str) -> StoreFuture<'_, Option<String>> {
        self.unless_broken(self.memory.document(kind, name))
    }
    fn numbered(&self, name: &str) -> StoreFuture<'_, Option<Numbered>> {
        self.unless_broken(self.memory.numbered(name))
    }
    fn open_token(&self, token: OpenToken) -> StoreFuture<'_, fleet::Opening> {
        self.unless_broken(self.memory.open_token(token))
    }
    fn tokens(&self, after: [u8; 32], most: u32, now: UnixTime) -> StoreFuture<'_, Vec<OpenToken>> {
        self.unless_broken(self.memory.tokens(after, most, now))
    }
    fn withdraw(&self, hash: [u8; 32]) -> StoreFuture<'_, bool> {
        self.unless_broken(self.memory.withdraw(hash))
    }
    fn join(&self, newcomer: Newcomer) -> StoreFuture<'_, Joining> {
        self.unless_broken(self.memory.join(newcomer))
    }
    fn host(&self, name: &str) -> StoreFuture<'_, Option<FleetHost>> {
        self.unless_broken(self.memory.host(name))
    }
    fn seen(&self, names: Vec<String>, now: UnixTime) -> StoreFuture<'_, ()> {
        self.unless_broken(self.memory.seen(names, now))
    }
    fn revoke(&self, name: &str, now: UnixTime) -> StoreFuture<'_, bool> {
        self.unless_broken(self.memory.revoke(name, now))
    }
    fn hosts(&self, after: &str, most: u32) -> StoreFuture<'_, Vec<HostEntry>> {
        self.unless_broken(self.memory.hosts(after, most))
    }
}

async fn exchange(store: Arc<dyn Store>) -> Arc<Exchange> {
    Arc::new(
        Exchange::new(Config::default(), &Gateways::default(), store)
            .await
            .unwrap(),
    )
}

/// A phone's connection.
fn connect(exchange: &Arc<Exchange>) -> DuplexStream {
    let (ours, theirs) = duplex(64 * 1024);
    let visit = server::Visit {
        peer: "203.0.113.5:4711".parse().unwrap(),
        router: router(exchange),
        guest: None,
    };
    let exchange = Arc::clone(exchange);
    tokio::spawn(async move { server::talk(ours, visit, &exchange).await });
    theirs
}

/// Everything received until the connection is closed.
async fn answered(stream: &mut DuplexStream) -> String {
    let mut all = Vec::new();
    // The connection may be reset.
    let _ = stream.read_to_end(&mut all).await;
    String::from_utf8(all).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_head_or_body_that_never_ends_is_not_waited_for() {
    let exchange = exchange(Arc::new(Memory::default())).await;
    for (sent, said) in [
        ("", ""),
        ("GET / HTTP/1.1\r\nHost: local", ""),
        (
            "POST /api/renew HTTP/1.1\r\nHost: localhost:8470\r\nContent-Length: 9\r\n\r\n{",
            "HTTP/1.1 408 ",
        ),
        (
            "POST /api/renew HTTP/1.1\r\nHost: localhost:8470\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
            "HTTP/1.1 408 ",
        ),
    ] {
        let mut stream = connect(&exchange);
        stream.write_all(sent.as_bytes()).await.unwrap();
        let answer = answered(&mut stream).await;
        assert!(answer.starts_with(said), "{sent}: {answer}");
        // At most the status of RFC 9110, section 15.5.9; never what was asked for.
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
            "{answer}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_inbox_that_is_silent_for_hours_stays() {
    let store = Arc::new(Memory::default());
    let token = Token::new().unwrap();
    let mut alice = phone(&[1], "alice", 1);
    alice.token = token.hash();
    store.keep(alice).await.unwrap();
    let exchange = exchange(store).await;
    let mut inbox = open_inbox(&exchange, &token).await;
    let mut heard = 0;
    while heard < 3 * 3600 / 10 * "3\r\n:\n\n\r\n".len() {
        let mut piece = [0; 256];
        let length = inbox.read(&mut piece).await.unwrap();
        assert_ne!(length, 0);
        heard += length;
    }
}

async fn open_inbox(exchange: &Arc<Exchange>, token: &Token) -> DuplexStream {
    let mut stream = connect(exchange);
    let head = format!(
        "GET /api/inbox HTTP/1.1\r\nHost: localhost:8470\r\nAuthorization: Bearer {}\r\n\r\n",
        token.expose()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    while !all.ends_with(b":\n\n\r\n") {
        let mut piece = [0; 256];
        let length = stream.read(&mut piece).await.unwrap();
        all.extend(&piece[..length]);
    }
    stream
}

pub(super) async fn post(exchange: &Arc<Exchange>, path: &str, token: &str) -> String {
    let mut stream = connect(exchange);
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost:8470\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    answered(&mut stream).await
}

fn request() -> ApprovalRequest {
    ApprovalRequest {
        nonce: [7; 32],
        user: "alice".into(),
        host: "web1".into(),
        service: "sshd".into(),
        caller: String::new(),
        remote_host: String::new(),
        terminal: String::new(),
        issued: clock::now(),
        expires: UnixTime(clock::now().0 + 60),
    }
}

#[tokio::test]
async fn sign_ins_that_are_open_go_on_without_the_store() {
    let store = Arc::new(Frail::default());
    let token = Token::new().unwrap();
    let mut alice = phone(&[1], "alice", 1);
    alice.token = token.hash();
    store.keep(alice.clone()).await.unwrap();
    let exchange = exchange(Arc::clone(&store) as Arc<dyn Store>).await;
    let _inbox = open_inbox(&exchange, &token).await;
    let (asker, mut answers) = mpsc::channel(1);
    let shown = Shown {
        request: &request(),
        digits: 2,
        hints: &Hints::default(),
        account: None,
    };
    let opening = Opening {
        credentials: vec![vec![1]],
        lasts: Duration::from_secs(60),
        check_digits: None,
        gives_way: true,
        asker,
        call: None,
    };
    let open = exchange.switchboard.open(shown, opening).await;
    let _open = open.unwrap();
    store.is_broken.store(true, Ordering::Relaxed);

    // A stranger without an open page is told that it is not their fault.
    let stranger = post(&exchange, "/api/requests/x/decline", "x").await;
    assert!(stranger.starts_with("HTTP/1.1 503 "), "{stranger}");
    assert!(stranger.contains("retry-after: 5"), "{stranger}");
    // A new sign-in still reaches the page, and this one's answer gets back.
    let reach = exchange.reach("alice", &[vec![1]]).await.unwrap();
    assert_eq!(reach.count(), 1);
    assert!(exchange.reach("alice", &[vec![2]]).await.is_err());
    let waits = exchange.switchboard.listen(Arc::new(alice)).unwrap();
    let id = first_id(waits);
    let declined = post(
        &exchange,
        &format!("/api/requests/{id}/decline"),
        token.expose(),
    )
    .await;
    assert!(declined.starts_with("HTTP/1.1 202 "), "{declined}");
    assert_eq!(answers.recv().await, Ok(Box::new(FromDaemon::Declined {})));
}

#[tokio::test(start_paused = true)]
async fn bogus_tokens_wait_for_each_other_and_not_in_the_stores_queue() {
    let store = Arc::new(Frail::default());
    store.is_stuck.store(true, Ordering::Relaxed);
    let exchange = exchange(Arc::clone(&store) as Arc<dyn Store>).await;
    for number in 0..2_000 {
        let exchange = Arc::clone(&exchange);
        tokio::spawn(async move {
            post(&exchange, "/api/requests/x/decline", &number.to_string()).await
        });
    }
    // The paused clock advances when all of them wait.
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    let asked = store.asked.load(Ordering::Relaxed);
    assert!((1..=100).contains(&asked), "{asked}");
    assert!(exchange.reach("alice", &[vec![1]]).await.is_err());
}

#[tokio::test]
async fn a_token_that_ends_while_its_inbox_is_opened_opens_none() {
    let store = Arc::new(Frail::default());
    let token = Token::new().unwrap();
    let mut alice = phone(&[1], "alice", 1);
    alice.token = token.hash();
    store.keep(alice).await.unwrap();
    *store.forgets.lock().unwrap() = vec![1];
    let exchange = exchange(store).await;
    let mut stream = connect(&exchange);
    let head = format!(
        "GET /api/inbox HTTP/1.1\r\nHost: localhost:8470\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
        token.expose()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = answered(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(exchange.switchboard.listener(token.hash()).is_none());
}

fn first_id(mut listening: crate::switchboard::Listening) -> String {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Some(event)) = listening.poll_next(&mut context) else {
        panic!("nothing waits")
    };
    let event = String::from_utf8(event.to_vec()).unwrap();
    let (_, rest) = event.split_once("\"id\":\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}
