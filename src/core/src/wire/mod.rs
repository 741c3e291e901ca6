//! The protocol between module, command and daemon over the Unix socket.
//!
//! A frame is a length (`u32`, big-endian, at most 64 KiB) and one JSON object. Messages contain no paths of a host and
//! refer to requests by id, so that the same frames can go to a daemon elsewhere.

mod encoding;
mod frame;
mod messages;
mod person;

pub(crate) use encoding::{array, bytes, list_of_bytes};
pub use frame::{FrameError, MAX_FRAME, PREFIX, Unread, decode, encode, length_of};
pub use messages::{
    Deliver, Enrolled, FromDaemon, Hints, Silence, Suspicion, Ticket, ToDaemon, Undelivered,
    Unwilling,
};
pub use person::{FromPerson, NotTold, OwnEvent, ToPerson};
