//! What passes between the relays of a fleet while sign-ins wait: a sign-in may wait at one, and the phone have its page open
//! at another.
//!
//! [`Alone`] is for the one relay, or the one host: there is nobody to tell. [`ByEngine`] has a row in the engine for each
//! open request, and notifications. A notification is a hint, and the row is the truth: what was not heard is read again.
//! Pauses of phones are kept in the same place: in memory, or in the engine for all.
//! Nothing of it is safety. An approval counts at the one host whose request it signs, whatever stands in a row.

mod alone;
mod by_engine;
mod hearing;
mod news;
mod opening;
mod pauses;
mod remembered;
#[cfg(test)]
pub(crate) mod slow;
mod statements;
#[cfg(test)]
pub(crate) mod tests;
mod tickets;

use std::pin::Pin;
use std::time::Duration;

use antiphon_core::wire::FromDaemon;
use bytes::Bytes;

pub(crate) use alone::Alone;
pub(crate) use by_engine::ByEngine;
pub(crate) use news::News;
pub(crate) use pauses::{PauseBook, PausePage};
pub(crate) use tickets::{Changed, OpenTickets, TicketRow};

use crate::tickets::Slip;

/// Most people with pauses at one host, which may be one that somebody has taken over.
pub(crate) const MOST_PEOPLE: u32 = 10_000;

/// The future returned by a post's methods.
pub(crate) type PostFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An open request, as relays tell each other of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) user: String,
    /// The request's.
    pub(crate) id: String,
    /// The passkeys that may answer it.
    pub(crate) credentials: Vec<Vec<u8>>,
    /// What phones are shown.
    pub(crate) event: Bytes,
    /// How long it is open still.
    pub(crate) lasts: Duration,
    /// Whether one from where the person is known takes its place while it is not answered. One that does not give way is
    /// from there, or its check digits are awaited.
    pub(crate) gives_way: bool,
    /// The passkey that has answered it; not yet, while check digits are awaited.
    pub(crate) answered_by: Option<Vec<u8>>,
}

/// A request of a fleet's host, which is counted: its own limits are not to be relied on.
///
/// It stands until five minutes have passed, or a phone has approved it: that call was wanted. Those from where the person
/// has signed in lately are counted apart from others, as in the module: a stranger who has the password uses up no call of
/// the person's. What a host says of that gives it its own calls alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) host: String,
    /// Whether the host says that the person has signed in from there lately.
    pub(crate) is_familiar: bool,
    /// Most of one host in five minutes.
    pub(crate) most: u32,
}

impl Call {
    /// Most of all hosts together in five minutes: more than one host can use up alone.
    pub(crate) fn most_of_all(&self) -> u32 {
        self.most.saturating_mul(4)
    }
}

/// A phone's answer to an open request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) user: String,
    pub(crate) id: String,
    pub(crate) credential: Vec<u8>,
    /// What the module is told.
    pub(crate) said: FromDaemon,
}

/// What became of a request that was to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placed {
    /// It is the person's one open request.
    Fine,
    /// The person has one at another relay.
    Busy,
    /// The person's phones have been called too often.
    TooOften,
    /// The engine cannot be asked: no other relay knows of it.
    Away,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noted {
    /// It is the first.
    First,
    /// The same was before it, by the same passkey.
    Again,
    /// Another one was before it.
    Before,
    /// There is no such request for this passkey, as far as other relays know.
    Unknown,
    /// The engine cannot be asked.
    Away,
}

/// What the engine has of a request of this relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    /// It has its place, and no answer.
    Open,
    /// What another relay has written down.
    Answered(Box<Reply>),
    /// Neither: another one has its place, or the engine has lost it.
    Gone,
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) user: String,
    pub(crate) id: String,
    /// As phones are told.
    pub(crate) outcome: &'static str,
    /// Whether the call does not count any more: a phone has approved it, or it was not asked at all.
    pub(crate) is_uncounted: bool,
}

/// The way between relays. Where it leads nowhere, nothing fails: it says so.
pub(crate) trait Post: Send + Sync + 'static {
    /// Whether there may be other relays.
    fn is_shared(&self) -> bool;

    /// Makes `letter` the person's one open request, and tells the others. One that is here already, answered, over, at a
    /// relay that has died, or displaced by it, makes room. Counts it as `call`, if it is opened.
    fn open(&self, letter: Letter, call: Option<Call>) -> PostFuture<'_, Placed>;

    /// Waits until nothing opens request `id` any more, also if whoever wanted it open has given up.
    fn settled(&self, id: String) -> PostFuture<'_, ()>;

    /// Writes an answer down, and tells the others.
    fn answer(&self, reply: Reply) -> PostFuture<'_, Noted>;

    /// A token has come whose check digits are awaited: the request does not give way any more, and is not answered yet.
    fn hold(&self, user: String, id: String) -> PostFuture<'_, Noted>;

    /// Takes a request away, and tells the others. Returns whether the person has a later one at another relay.
    fn end(&self, ended: Ended) -> PostFuture<'_, bool>;

    /// Tells the others that this phone's pages must show their token again.
    fn hang_up(&self, credential: Vec<u8>) -> PostFuture<'_, ()>;

    /// What has become of a request of this relay; `None` if the engine cannot be asked.
    fn status(&self, id: String) -> PostFuture<'_, Option<Status>>;

    /// The open requests of these people at other relays; `None` if the engine cannot be asked.
    fn waiting(&self, users: Vec<String>) -> PostFuture<'_, Option<Vec<Letter>>>;

    /// Makes a ticket known for so long as a phone may answer it; returns whether it is, and was not.
    fn put_ticket(&self, slip: Slip, lasts: Duration) -> PostFuture<'_, bool>;

    /// Open tickets; `None` if the engine cannot be asked.
    fn tickets(&self, which: OpenTickets) -> PostFuture<'_, Option<Vec<TicketRow>>>;

    /// Replaces a ticket by what has become of it, and tells the others.
    fn change_ticket(&self, row: TicketRow) -> PostFuture<'_, Changed>;

    /// Takes a ticket away.
    fn drop_ticket(&self, name: Vec<u8>) -> PostFuture<'_, ()>;

    /// A person's pauses, at whichever hosts; `None` if the engine cannot be asked.
    fn pauses(&self, user: String) -> PostFuture<'_, Option<PauseBook>>;

    /// Replaces a person's pauses at a host, if they have not been changed since they were read. Of one host, those of
    /// [`MOST_PEOPLE`] are kept.
    fn change_pauses(&self, page: PausePage) -> PostFuture<'_, Changed>;

    /// Whether the engine has answered lately, if there is one.
    fn is_heard(&self) -> bool;

    /// Waits for the next thing that happens elsewhere. Only one may wait.
    fn heard(&self) -> PostFuture<'_, Heard>;
}

/// What happened elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Another relay says so.
    News(News),
    /// Nothing was heard for a while, and now something would be: all must be read again, and own requests written again.
    Back,
}
