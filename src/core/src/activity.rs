//! A person's recent activity: one JSON object a line, `/var/lib/antiphon/activity/NAME.jsonl`.
//!
//! It is there to be looked at. No decision reads it, and losing it changes none.

use base32ct::{Base32Unpadded, Encoding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::visible::visible;

/// The longest field, in bytes.
const LONGEST_FIELD: usize = 128;

/// Bytes of the hash that an event is named by.
const NAME: usize = 5;

/// One event. Absent fields are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// `accepted`, `wrong`, `locked`, … as in the log; `enrolled`, `unlocked`, … for what root did.
    pub outcome: String,
    /// More about the outcome.
    pub reason: String,
    /// `code`, `recovery`, …
    pub method: String,
    /// The computer that was signed in to.
    pub host: String,
    /// The PAM service, or the command that root gave.
    pub service: String,
    /// From where.
    pub remote_host: String,
    /// On which terminal.
    pub terminal: String,
    /// Who asked for it, where that is another than the person: the caller of su or sudo.
    pub caller: String,
}

impl Event {
    /// The line, with its newline; safe to show on a terminal.
    ///
    /// # Errors
    /// None in practice: all fields are text.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        let [
            time,
            outcome,
            reason,
            method,
            host,
            service,
            remote_host,
            terminal,
            caller,
        ] = [
            &self.time,
            &self.outcome,
            &self.reason,
            &self.method,
            &self.host,
            &self.service,
            &self.remote_host,
            &self.terminal,
            &self.caller,
        ]
        .map(|field| visible(field, LONGEST_FIELD));
        let shown = Self {
            time,
            outcome,
            reason,
            method,
            host,
            service,
            remote_host,
            terminal,
            caller,
        };
        serde_json::to_string(&shown).map(|line| line + "\n")
    }

    /// Names the event, for the person to point at it: eight letters and digits. Events that are alike in everything have
    /// one name.
    #[must_use]
    pub fn id(&self) -> String {
        let mut sum = Sha256::new_with_prefix("antiphon activity v1");
        for field in [
            &self.time,
            &self.outcome,
            &self.reason,
            &self.method,
            &self.host,
            &self.service,
            &self.remote_host,
            &self.terminal,
            &self.caller,
        ] {
            sum.update((field.len() as u64).to_be_bytes());
            sum.update(field);
        }
        let hash = sum.finalize();
        Base32Unpadded::encode_string(hash.get(..NAME).unwrap_or_default())
    }

    /// Whether it is a sign-in, and not something that root did with the command.
    #[must_use]
    pub fn is_sign_in(&self) -> bool {
        !self.service.starts_with("antiphon ")
    }

    /// The events of a file's text, oldest first. A line cut short by a full disk is passed over, and hides nothing of
    /// the one that was then written on the same line.
    #[must_use]
    pub fn read_lines(text: &str) -> impl DoubleEndedIterator<Item = Self> {
        text.lines().filter_map(|line| {
            // Quotes within a value are escaped: this begins an event wherever it stands.
            let start = line.rfind("{\"time\":").unwrap_or_default();
            serde_json::from_str(line.get(start..)?).ok()
        })
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
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
