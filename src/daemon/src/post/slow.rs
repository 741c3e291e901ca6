//! An engine that takes its time, and does not always answer.

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::{
    Alone, Call, Changed, Ended, Heard, Letter, Noted, OpenTickets, PauseBook, PausePage, Placed,
    Post, PostFuture, Reply, Status, TicketRow,
};
use crate::tickets::Slip;

pub(crate) struct Slow {
    alone: Alone,
    /// The open request of each person.
    pub(crate) rows: Mutex<HashMap<String, String>>,
    /// A permit for each request that was to be opened.
    pub(crate) asked: Semaphore,
    /// A permit for each that may be.
    pub(crate) gate: Semaphore,
    /// What is answered to who asks for a reply: nothing at all, or this. After them, the rows tell.
    pub(crate) replies: Mutex<VecDeque<Option<Reply>>>,
    /// Closed while the engine does not say what has become of a request.
    pub(crate) statuses: Semaphore,
    /// What is answered to who asks what waits at other relays.
    pub(crate) letters: Awaited<Option<Vec<Letter>>>,
    /// What is answered to who has an answer written down.
    pub(crate) noted: Awaited<Noted>,
}

/// What the engine says once the test has said it.
pub(crate) struct Awaited<T> {
    said: Mutex<VecDeque<T>>,
    /// A permit for each time that it was asked.
    pub(crate) asked: Semaphore,
    /// A permit for each that was said.
    ready: Semaphore,
}

impl<T> Awaited<T> {
    fn new() -> Self {
        Self {
            said: Mutex::default(),
            asked: Semaphore::new(0),
            ready: Semaphore::new(0),
        }
    }

    pub(crate) fn say(&self, answer: T) {
        self.said.lock().unwrap().push_back(answer);
        self.ready.add_permits(1);
    }

    async fn wait(&self) -> T {
        self.asked.add_permits(1);
        self.ready.acquire().await.unwrap().forget();
        self.said.lock().unwrap().pop_front().unwrap()
    }
}

impl Slow {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            alone: Alone::default(),
            rows: Mutex::default(),
            asked: Semaphore::new(0),
            gate: Semaphore::new(1),
            replies: Mutex::default(),
            statuses: Semaphore::new(1000),
            letters: Awaited::new(),
            noted: Awaited::new(),
        })
    }
}

/// A request of `user` for these passkeys, which waits at another relay.
pub(crate) fn letter(user: &str, id: &str, credentials: &[&[u8]]) -> Letter {
    Letter {
        user: user.into(),
        id: id.into(),
        credentials: credentials.iter().map(|bytes| bytes.to_vec()).collect(),
        event: Bytes::from(format!("event: request\ndata: {{\"id\":\"{id}\"}}\n\n")),
        lasts: Duration::from_secs(60),
        gives_way: true,
        answered_by: None,
    }
}

impl Post for Slow {
    fn is_shared(&self) -> bool {
        true
    }

    fn open(&self, letter: Letter, _: Option<Call>) -> PostFuture<'_, Placed> {
        Box::pin(async move {
            self.asked.add_permits(1);
            self.gate.acquire().await.unwrap().forget();
            self.rows.lock().unwrap().insert(letter.user, letter.id);
            Placed::Fine
        })
    }

    fn end(&self, ended: Ended) -> PostFuture<'_, bool> {
        self.rows.lock().unwrap().retain(|_, id| *id != ended.id);
        Box::pin(ready(false))
    }

    fn status(&self, id: String) -> PostFuture<'_, Option<Status>> {
        Box::pin(async move {
            let _pass = self.statuses.acquire().await.unwrap();
            let reply = self.replies.lock().unwrap().pop_front();
            let by_row = || {
                let is_open = self.rows.lock().unwrap().values().any(|open| *open == id);
                let status = if is_open { Status::Open } else { Status::Gone };
                Some(status)
            };
            reply.map_or_else(by_row, |reply| {
                reply.map(|reply| Status::Answered(Box::new(reply)))
            })
        })
    }

    fn settled(&self, id: String) -> PostFuture<'_, ()> {
        self.alone.settled(id)
    }

    fn answer(&self, _: Reply) -> PostFuture<'_, Noted> {
        Box::pin(self.noted.wait())
    }

    fn hold(&self, user: String, id: String) -> PostFuture<'_, Noted> {
        self.alone.hold(user, id)
    }

    fn hang_up(&self, credential: Vec<u8>) -> PostFuture<'_, ()> {
        self.alone.hang_up(credential)
    }

    fn waiting(&self, _: Vec<String>) -> PostFuture<'_, Option<Vec<Letter>>> {
        Box::pin(self.letters.wait())
    }

    fn put_ticket(&self, slip: Slip, lasts: Duration) -> PostFuture<'_, bool> {
        self.alone.put_ticket(slip, lasts)
    }

    fn tickets(&self, which: OpenTickets) -> PostFuture<'_, Option<Vec<TicketRow>>> {
        self.alone.tickets(which)
    }

    fn change_ticket(&self, row: TicketRow) -> PostFuture<'_, Changed> {
        self.alone.change_ticket(row)
    }

    fn drop_ticket(&self, name: Vec<u8>) -> PostFuture<'_, ()> {
        self.alone.drop_ticket(name)
    }

    fn pauses(&self, user: String) -> PostFuture<'_, Option<PauseBook>> {
        self.alone.pauses(user)
    }

    fn change_pauses(&self, page: PausePage) -> PostFuture<'_, Changed> {
        self.alone.change_pauses(page)
    }

    fn is_heard(&self) -> bool {
        true
    }

    fn heard(&self) -> PostFuture<'_, Heard> {
        self.alone.heard()
    }
}
