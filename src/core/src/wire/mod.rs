//! What module, command and daemon say to each other over the Unix socket.
//!
//! One frame is a length (`u32`, big-endian, at most 64 KiB) and one JSON object. There are no paths of a host in
//! them, and requests are named by id: the same frames can go to a daemon elsewhere.

mod encoding;
mod frame;
mod messages;

pub(crate) use encoding::{base64url, base64url_32, base64url_list};
pub use frame::{FrameError, MAX_FRAME, PREFIX, decode, encode, length_of};
pub use messages::{Enrolled, FromDaemon, Ticket, ToDaemon, Unwilling};
