//! A person's recent activity: one JSON object per line in `/var/lib/antiphon/activity/NAME.jsonl`.
//!
//! For display only: no decision reads it, so losing it changes none.
//!
//! A sign-in has one event. It is written when the prompt is shown and updated as the sign-in proceeds: [`ASKED`],
//! perhaps [`CALLED`], finally the outcome. If the client hangs up, the event stays as it was. Identical unfinished
//! events are folded into one with a count, so that nobody can fill the file (`course`).

mod course;

pub use course::Unfinished;
pub(crate) use course::{Change, Course};

use std::borrow::Cow;

use base32ct::{Base32Unpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::policy::Rule;
use crate::visible::{is_visible, visible};

/// Every possible outcome of an event: those of [`crate::outcome::Outcome::word`], and what root and the person did.
/// The command and the page have a sentence for each in each language, and a test checks that.
pub const OUTCOMES: [&str; 21] = [
    ASKED, CALLED, VERIFIED, ANSWERED, SENT, ACCEPTED, EXEMPT, "wrong", "refused", "reported",
    "locked", CANCELLED, "unusable", "enrolled", "imported", "changed", "unlocked", "removed",
    "recovery", "bypass", "number",
];

/// Every possible method of an event: those of [`crate::method::Method::word`], and a phone added or removed.
pub const METHODS: [&str; 9] = [
    "approval",
    "account",
    "code",
    "sms",
    "call",
    "recovery",
    "bypass",
    "enrolment",
    "phone",
];

/// The longest field, in bytes.
const LONGEST_FIELD: usize = 128;

/// Length in bytes of the hash that identifies an event.
const NAME: usize = 5;

/// The prompt is on the screen.
pub const ASKED: &str = "asked";
/// The prompt is on the screen, and the phone has been called.
pub const CALLED: &str = "called";
/// A factor is verified, and the person does something else before the sign-in goes on.
pub const VERIFIED: &str = "verified";
/// The person left the prompt.
pub const CANCELLED: &str = "cancelled";
/// An answer was wrong and was counted.
pub const ANSWERED: &str = "answered";
/// A code was sent to a telephone.
pub const SENT: &str = "sent";
/// The sign-in went on.
pub const ACCEPTED: &str = "accepted";
/// The sign-in went on without the second factor.
pub const EXEMPT: &str = "exempt";

/// One event. Absent fields are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// RFC 3339, in UTC.
    pub time: String,
    /// `accepted`, `wrong`, `locked`, … as in the log; `enrolled`, `unlocked`, … for what root did.
    pub outcome: String,
    /// More about the outcome.
    pub reason: String,
    /// `code`, `recovery`, …
    pub method: String,
    /// The host that was signed in to.
    pub host: String,
    /// The PAM service, or the command that root ran.
    pub service: String,
    /// The client's address, if remote.
    pub remote_host: String,
    /// The terminal.
    pub terminal: String,
    /// Who started it, if not the person: the caller of su or sudo.
    pub caller: String,
    /// How often it happened; `time` is then the last time.
    #[serde(skip_serializing_if = "is_once")]
    pub count: u32,
    /// When it first happened, if more than once.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub since: String,
    /// Opaque names of the sign-ins counted here that are still open.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub open: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde hands it")]
fn is_once(count: &u32) -> bool {
    *count <= 1
}

impl Event {
    /// The line, with its newline; safe to show on a terminal.
    ///
    /// # Errors
    /// None in practice: all fields are text.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        let texts = [&self.time, &self.since, &self.open].map(String::as_str);
        let mut texts = self.facts().into_iter().chain(texts);
        let shown = if texts.all(|text| is_visible(text, LONGEST_FIELD)) {
            Cow::Borrowed(self)
        } else {
            Cow::Owned(self.safe(LONGEST_FIELD))
        };
        serde_json::to_string(&*shown).map(|line| line + "\n")
    }

    /// The same event with every field safe to show and at most `longest` bytes long: nobody knows who wrote the line.
    #[must_use]
    pub fn safe(&self, longest: usize) -> Self {
        let safe = |field: &String| visible(field, longest);
        Self {
            time: safe(&self.time),
            outcome: safe(&self.outcome),
            reason: safe(&self.reason),
            method: safe(&self.method),
            host: safe(&self.host),
            service: safe(&self.service),
            remote_host: safe(&self.remote_host),
            terminal: safe(&self.terminal),
            caller: safe(&self.caller),
            count: self.count,
            since: safe(&self.since),
            open: safe(&self.open),
        }
    }

    /// How often it happened.
    #[must_use]
    pub fn times(&self) -> u32 {
        self.count.max(1)
    }

    /// Whether it is a sign-in that passed its first factor and did not finish.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        [ASKED, CALLED, VERIFIED, CANCELLED].contains(&self.outcome.as_str())
            || (self.outcome == "refused" && self.reason == "no-answer")
    }

    /// Whether it is a sign-in that went on without the second factor because it was a rehearsal.
    #[must_use]
    pub fn is_rehearsed(&self) -> bool {
        self.outcome == EXEMPT && self.reason == Rule::Rehearsed.word()
    }

    /// An id by which the person can refer to the event: eight letters and digits. Identical events share an id. A
    /// repeated event keeps its id, so that a stranger who keeps trying cannot escape being reported.
    #[must_use]
    pub fn id(&self) -> String {
        let mut sum = Sha256::new_with_prefix("antiphon activity v1");
        let first = if self.since.is_empty() {
            self.time.as_str()
        } else {
            &self.since
        };
        for field in std::iter::once(first).chain(self.facts()) {
            sum.update((field.len() as u64).to_be_bytes());
            sum.update(field);
        }
        let hash = sum.finalize();
        Base32Unpadded::encode_string(hash.get(..NAME).unwrap_or_default())
    }

    /// Everything but when and how often.
    fn facts(&self) -> [&str; 8] {
        [
            &self.outcome,
            &self.reason,
            &self.method,
            &self.host,
            &self.service,
            &self.remote_host,
            &self.terminal,
            &self.caller,
        ]
    }

    /// Who started it, if that is news to `user`, whose event it is: somebody who ran su, sudo or the command for
    /// another. Empty for sshd, login and the like, where it is always root.
    #[must_use]
    pub fn caller_worth_telling(&self, user: &str) -> &str {
        match self.caller.as_str() {
            "root" => "",
            caller if caller == user => "",
            caller => caller,
        }
    }

    /// The event as others see it: without the names of open sign-ins, which only the module uses.
    #[must_use]
    pub fn without_names(mut self) -> Self {
        self.open.clear();
        self
    }

    /// Whether it is a sign-in rather than something root did with the command.
    #[must_use]
    pub fn is_sign_in(&self) -> bool {
        !self.service.starts_with("antiphon ")
    }

    /// The events in a file's text, oldest first. A line cut short by a full disk is skipped, without losing the event
    /// that was then written on the same line.
    #[must_use]
    pub fn read_lines(text: &str) -> impl DoubleEndedIterator<Item = Self> {
        text.lines().filter_map(|line| {
            // Quotes inside a value are escaped, so this always starts an event.
            let start = line.rfind("{\"time\":").unwrap_or_default();
            serde_json::from_str(line.get(start..)?).ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Event;

    #[test]
    fn an_event_is_one_line_whatever_stands_in_it_and_comes_back() {
        let event = Event {
            time: "2026-11-22T20:00:00Z".into(),
            outcome: "wrong".into(),
            remote_host: "a\nb\u{1b}[2J".into(),
            terminal: "x".repeat(10_000),
            ..Event::default()
        };
        let line = event.to_line().unwrap();
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.len() < 512);
        let back: Vec<Event> = Event::read_lines(&line).collect();
        assert_eq!(back[0].remote_host, "a?b?[2J");
    }

    #[test]
    fn an_event_that_happens_again_keeps_its_name() {
        let first = Event {
            time: "2026-11-22T20:00:00Z".into(),
            outcome: "asked".into(),
            ..Event::default()
        };
        let again = Event {
            time: "2026-11-22T20:05:00Z".into(),
            since: first.time.clone(),
            count: 2,
            ..first.clone()
        };
        assert_eq!(again.id(), first.id());
        let another = Event {
            since: String::new(),
            count: 0,
            ..again
        };
        assert_ne!(another.id(), first.id());
    }

    #[test]
    fn a_spoilt_line_hides_no_other() {
        let good = Event {
            outcome: "accepted".into(),
            ..Event::default()
        }
        .to_line()
        .unwrap();
        let text = format!("{good}{{\"time\":\"20\n[1,2]\n\n{good}");
        assert_eq!(Event::read_lines(&text).count(), 2);
        for half in ["{", "{\"time\":", "{\"time\":\"20", &good[..good.len() - 1]] {
            assert_eq!(Event::read_lines(&format!("{half}{good}")).count(), 1);
        }
    }
}
