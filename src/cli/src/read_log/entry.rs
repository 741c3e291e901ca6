//! A log entry, as a source has it.

use std::collections::BTreeMap;

use antiphon_core::time::UnixTime;

/// An entry of the system's log. Nothing in it can be trusted but what the source says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) time: UnixTime,
    /// The computer's name.
    pub(super) host: String,
    /// What the program called itself: `sshd`.
    pub(super) program: String,
    /// Its process id, if it was noted.
    pub(super) pid: Option<u32>,
    pub(super) text: String,
    /// The fields of its line that the source has one by one, by their names in the line.
    pub(super) fields: BTreeMap<String, String>,
    /// Whether the source vouches for the sender; `None` if it knows no senders.
    pub(super) is_verified: Option<bool>,
}
