//! The protocol between module, command and daemon over the Unix socket.
//!
//! A frame is a length (`u32`, big-endian, at most 64 KiB) and one JSON object. Messages contain no paths of a host and
//! refer to requests by id, so that the same frames can go to a daemon elsewhere.
//!
//! # An approval with an account
//!
//! ```text
//! module ─ approve_by_account ▶ daemon     who, where, from where; provider, client, subject; not the number
//!        ◀ waiting ──────────── daemon     or: unwilling (busy, no_provider, overloaded), suspected
//!    the terminal shows the number and ORIGIN/a/CODE
//!                               daemon     the page finds the request by CODE, and shows it; the person types the number
//!                               daemon     state, PKCE and a cookie of that browser; nonce = base64url(digest)
//!                               daemon     … the browser signs in at the provider and comes back to /account/NAME;
//!                               daemon     the daemon redeems the code, once, for the browser with that cookie
//!        ◀ token ────────────── daemon     or: no_token, declined ("It is not me"), mistake, not_theirs
//!        ─ key_unknown ───────▶ daemon     only if root's file lacks the key: the daemon asks root to refresh, at most
//!                                          every five minutes; the module judges the same token again by itself
//!    the page shows the token's check digits, if the request says so
//!        ◀ not_theirs ───────── daemon     or: mistake; until they are typed, the browser that has signed in can say so
//!        ─ outcome ───────────▶ daemon     accepted, wrong (number), refused, reported, mistake, expired, cancelled
//! ```
//!
//! CODE is [`page_code`](crate::account::page_code); the digits are [`CheckDigits`](crate::account::CheckDigits); the digest
//! is [`AccountTerms::digest`](crate::account::AccountTerms::digest) over the request and the number *as typed*: the daemon never learns which one is right but from the outcome. One request of a person is open at a time,
//! whether a phone or an account is asked. It ends with the connection, at `request.expires` (180 s), or with an outcome;
//! the page must say which. A token that comes after that is dropped. No other message of an account needs an answer.
//!
//! # A code for a telephone
//!
//! ```text
//! module ─ deliver ───────────▶ daemon     the number, the text, the code; from root on this computer alone
//!        ◀ delivered ────────── daemon     or: undelivered (no_gateway, ceiling, refused, no_answer)
//!
//! module ─ deliver_to_person ─▶ relay      of a fleet: who, on which host; place and ending of the number; the code
//!                               relay      looks up the number and whether it may be used so, counts, writes the text
//!        ◀ delivered ────────── relay      or: undelivered, as above, or no_number
//! ```
//!
//! The module has drawn the code and judges it, whatever is answered.

mod delivery;
mod encoding;
mod fleet;
mod frame;
mod messages;
mod person;
mod rights;

pub use delivery::{Deliver, DeliverToPerson, Undelivered};
pub(crate) use encoding::{array, bytes, list_of_bytes};
pub use fleet::{
    FLEET_VERSION, FleetRefusal, FromFleet, HostEntry, HostRole, Join, Joined, ToFleet, TokenEntry,
};
pub use frame::{FrameError, MAX_FRAME, PREFIX, Unread, decode, encode, length_of};
pub use messages::{
    AccountTicket, ByAccount, Enrolled, FromDaemon, Hints, IdToken, NoToken, Silence, Suspicion,
    Ticket, ToDaemon, Unwilling,
};
pub use person::{FromPerson, NotTold, OwnEvent, ToPerson};
pub use rights::Peer;
