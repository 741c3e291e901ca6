//! Encodes server-sent events (HTML Living Standard, section 9.2). JSON has no line breaks, so one `data:` line is
//! enough.

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::wire::Hints;
use bytes::Bytes;
use serde::Serialize;

/// A comment, by which a lost connection is noticed.
pub(crate) const BEAT: Bytes = Bytes::from_static(b":\n\n");

/// A request as shown to a phone.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Shown<'a> {
    #[serde(flatten)]
    pub(crate) request: &'a ApprovalRequest,
    pub(crate) digits: u8,
    #[serde(flatten)]
    pub(crate) hints: &'a Hints,
}

#[derive(Serialize)]
struct Request<'a> {
    id: &'a str,
    #[serde(flatten)]
    shown: &'a Shown<'a>,
}

#[derive(Serialize)]
struct Gone<'a> {
    id: &'a str,
    outcome: &'a str,
}

pub(super) fn request(id: &str, shown: &Shown<'_>) -> Bytes {
    event("request", &Request { id, shown })
}

pub(super) fn gone(id: &str, outcome: &str) -> Bytes {
    event("gone", &Gone { id, outcome })
}

fn event(name: &str, data: &impl Serialize) -> Bytes {
    // Only strings and numbers: this cannot fail, and an empty event would be ignored.
    let json = serde_json::to_string(data).unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {json}\n\n"))
}
