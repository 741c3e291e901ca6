//! Encodes server-sent events (HTML Living Standard, section 9.2). JSON has no line breaks, so one `data:` line is
//! enough.

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::config::Label;
use antiphon_core::text::Language;
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
    /// The account that approves it, in place of a phone's passkey.
    #[serde(flatten)]
    pub(crate) account: Option<ShownAccount<'a>>,
}

/// The account that approves a sign-in.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct ShownAccount<'a> {
    /// The code by which the page finds the sign-in.
    pub(crate) code: &'a str,
    pub(crate) label: ShownLabel<'a>,
}

/// What people call the account.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct ShownLabel<'a> {
    sv: &'a str,
    en: &'a str,
}

impl<'a> ShownLabel<'a> {
    pub(crate) fn of(label: &'a Label) -> Self {
        Self {
            sv: label.in_language(Language::Swedish),
            en: label.in_language(Language::English),
        }
    }
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
    // A page that knows nothing of accounts passes over what it could not answer.
    let name = match shown.account {
        Some(_) => "account",
        None => "request",
    };
    event(name, &Request { id, shown })
}

pub(super) fn gone(id: &str, outcome: &str) -> Bytes {
    event("gone", &Gone { id, outcome })
}

fn event(name: &str, data: &impl Serialize) -> Bytes {
    // Only strings and numbers: this cannot fail, and an empty event would be ignored.
    let json = serde_json::to_string(data).unwrap_or_default();
    // Without the room in which it grew: a request is kept for as long as it waits.
    Bytes::copy_from_slice(format!("event: {name}\ndata: {json}\n\n").as_bytes())
}
