//! A line of ours: what it says, and how it is shown.

use std::collections::BTreeMap;

use antiphon_core::logline;
use antiphon_core::visible::visible;
use serde::Serialize;

use super::entry::Entry;
use crate::failure::Failure;
use crate::screen::Screen;

/// The longest displayed name or value, in bytes.
const LONGEST: usize = 512;
/// The longest sentence, in bytes.
const LONGEST_SENTENCE: usize = 4096;

/// Who writes lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Writer {
    Module,
    Command,
    Daemon,
}

/// A line of ours, safe to show; also the object of `--json`.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    time: String,
    host: String,
    from: Writer,
    program: String,
    pid: Option<u32>,
    /// Whether the journal knows that it is from us; null in files, which know no senders.
    verified: Option<bool>,
    /// The PAM service; only for the module.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    #[serde(flatten)]
    said: Said,
}

/// What a line says.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    /// `outcome=accepted method=code …`.
    Fields(Fields),
    /// A sentence.
    Text(String),
}

/// In their order; in JSON, by name.
#[derive(Debug, PartialEq, Eq)]
struct Fields(Vec<(String, String)>);

impl Serialize for Fields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The first of a name, as for readers of the line.
        let mut named = BTreeMap::new();
        for (key, value) in &self.0 {
            named.entry(key).or_insert(value);
        }
        named.serialize(serializer)
    }
}

impl Line {
    /// The line in `entry`, if it is one of ours.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        let (from, service, text) = match of_module(&entry.text) {
            Some((service, text)) => (Writer::Module, Some(service.to_owned()), text),
            None if entry.program == "antiphon" => (Writer::Command, None, entry.text.as_str()),
            None if entry.program == "antiphond" => (Writer::Daemon, None, entry.text.as_str()),
            None => return None,
        };
        let said = match logline::fields(text) {
            Some(fields) => {
                // What a stranger would have root type is not repeated.
                let is_strangers = entry.is_verified == Some(false);
                let fields = fields
                    .into_iter()
                    .filter(|(key, _)| !(is_strangers && *key == "fix"));
                // In the order of the text, which the journal's own fields have not.
                let safe = fields.map(|(key, value)| {
                    let value = entry.fields.get(key).unwrap_or(&value);
                    (key.to_owned(), visible(value, LONGEST))
                });
                Said::Fields(Fields(safe.collect()))
            }
            None => Said::Text(visible(text, LONGEST_SENTENCE)),
        };
        Some(Self {
            time: entry.time.to_string(),
            host: visible(&entry.host, LONGEST),
            from,
            program: visible(&entry.program, LONGEST),
            pid: entry.pid,
            verified: entry.is_verified,
            service,
            said,
        })
    }

    /// The value of a field.
    pub(super) fn value(&self, wanted: &str) -> Option<&str> {
        let Said::Fields(Fields(fields)) = &self.said else {
            return None;
        };
        let found = fields.iter().find(|(key, _)| key == wanted);
        found.map(|(_, value)| value.as_str())
    }

    /// `2026-11-22 21:00:00 CET  sshd       alice     accepted, code, from 203.0.113.5`, and the fix below it.
    pub(super) fn show(&self, screen: &mut Screen) -> Result<(), Failure> {
        let time = screen.zone().show(&self.time);
        let who = self.service.as_deref().unwrap_or(&self.program);
        let user = self.value("user").unwrap_or_default();
        let (head, rest) = self.in_words();
        let head = if self.is_bad(&["unusable", "panic", "reported"]) {
            screen.red(&head)
        } else if self.is_bad(&["wrong", "locked", "refused", "failed"]) {
            screen.yellow(&head)
        } else {
            head
        };
        let doubt = (self.verified == Some(false)).then(|| "sender not known".to_owned());
        let words: Vec<String> = [head].into_iter().chain(rest).chain(doubt).collect();
        screen.line(&format!("{time}  {who:9}  {user:9}  {}", words.join(", ")))?;
        match self.value("fix") {
            // Anybody can write a line that looks like ours, and root might type what it says.
            Some(_) if self.verified != Some(true) => screen.line("    fix: see antiphon doctor"),
            Some(fix) => screen.line(&format!("    fix: {fix}")),
            None => Ok(()),
        }
    }

    /// What happened, and the circumstances.
    fn in_words(&self) -> (String, Vec<String>) {
        let fields = match &self.said {
            Said::Text(text) => return (text.clone(), Vec::new()),
            Said::Fields(Fields(fields)) => fields,
        };
        let mut words = fields
            .iter()
            .filter(|(key, _)| !matches!(key.as_str(), "user" | "fix"))
            .map(|(key, value)| match key.as_str() {
                "outcome" | "method" | "reason" | "detail" => value.clone(),
                "rhost" => format!("from {value}"),
                "tty" => format!("on {value}"),
                "caller" => format!("called by {value}"),
                _ => format!("{key} {value}"),
            });
        (words.next().unwrap_or_default(), words.collect())
    }

    /// Whether the first field, which says what happened, has one of these values.
    fn is_bad(&self, values: &[&str]) -> bool {
        match &self.said {
            Said::Text(_) => false,
            Said::Fields(Fields(fields)) => fields
                .first()
                .is_some_and(|(_, value)| values.contains(&value.as_str())),
        }
    }
}

/// The service and what follows, of `pam_antiphon(sshd:auth): outcome=…`.
fn of_module(text: &str) -> Option<(&str, &str)> {
    let (service, text) = text.strip_prefix("pam_antiphon(")?.split_once(":auth): ")?;
    // As the module writes it.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+@]?".contains(&byte);
    service.bytes().all(plain).then_some((service, text))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use antiphon_core::time::UnixTime;

    use super::super::entry::Entry;
    use super::Line;

    fn line(program: &str, text: &str) -> Option<Line> {
        Line::of(&Entry {
            time: UnixTime(1_795_377_600),
            host: "harbour".to_owned(),
            program: program.to_owned(),
            pid: Some(7),
            text: text.to_owned(),
            fields: BTreeMap::new(),
            is_verified: None,
        })
    }

    fn words(program: &str, text: &str) -> String {
        let (head, rest) = line(program, text).unwrap().in_words();
        [vec![head], rest].concat().join(", ")
    }

    #[test]
    fn a_line_of_each_of_our_programs_is_told_in_words() {
        for (program, text, told) in [
            (
                "sshd-session",
                "pam_antiphon(sshd:auth): outcome=accepted method=code user=alice rhost=203.0.113.5 tty=ssh",
                "accepted, code, from 203.0.113.5, on ssh",
            ),
            (
                "sudo",
                "pam_antiphon(sudo:auth): answer=wrong method=code skew=-90s user=alice caller=bob",
                "answer wrong, code, skew -90s, called by bob",
            ),
            (
                "antiphon",
                "outcome=enrolled method=code user=alice by=root",
                "enrolled, code, by root",
            ),
            (
                "antiphond",
                "serves https://id.example.org at 127.0.0.1:8470",
                "serves https://id.example.org at 127.0.0.1:8470",
            ),
        ] {
            assert_eq!(words(program, text), told);
        }
    }

    #[test]
    fn what_others_say_about_us_is_not_ours() {
        for (program, text) in [
            ("sshd", "Failed password for pam_antiphon(sshd:auth): x"),
            ("su", "pam_unix(su:auth): authentication failure"),
            ("antiphon-x", "outcome=accepted"),
            ("x", "antiphon(su:auth): outcome=accepted"),
            ("x", "pam_antiphon(a b:auth): outcome=accepted"),
        ] {
            assert!(line(program, text).is_none(), "{program}: {text}");
        }
    }

    #[test]
    fn no_control_character_is_shown() {
        let line = line("antiphond", "a\u{1b}[31mb\nc\u{202e}d").unwrap();
        let shown = serde_json::to_string(&line).unwrap();
        assert!(shown.contains("a?[31mb?c?d"), "{shown}");
    }
}
