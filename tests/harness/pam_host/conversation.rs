//! The person: says nothing but what the script says.

use std::collections::VecDeque;

use serde_json::json;

use crate::ffi::Style;
use crate::meeting::Meeting;

/// The answers that are still to be given.
#[derive(Clone)]
pub(crate) struct Script {
    answers: VecDeque<Vec<u8>>,
    meeting: Option<Meeting>,
    phone_first: bool,
}

impl Script {
    /// The lines of `text`, each an answer, whatever bytes it holds. A last line without its end counts.
    pub(crate) fn new(text: &[u8]) -> Self {
        let lines = text.split_inclusive(|byte| *byte == b'\n');
        let bare = |line: &[u8]| line.strip_suffix(b"\n").unwrap_or(line).to_vec();
        let answers = lines.map(bare).collect();
        Self {
            answers,
            meeting: None,
            phone_first: false,
        }
    }

    /// The same script, the first answer of which is given when everybody has been asked.
    pub(crate) fn at(mut self, meeting: Meeting) -> Self {
        self.meeting = Some(meeting);
        self
    }

    /// The same script, in which nobody answers a prompt that shows a number.
    pub(crate) fn phone_first(mut self, is_so: bool) -> Self {
        self.phone_first = is_so;
        self
    }

    /// Prints what the module says; to a prompt the answer, `None` when there is none left.
    pub(crate) fn hear(&mut self, style: Style, text: &str) -> Option<Vec<u8>> {
        let word = match style {
            Style::EchoOff => "echo_off",
            Style::EchoOn => "echo_on",
            Style::Error => "error",
            Style::Info => "info",
        };
        println!("{}", json!({ "style": word, "text": text }));
        if !style.asks() {
            return Some(Vec::new());
        }
        while self.phone_first && text.contains("the number") {
            // Until this process, the child that asks, is killed.
            nix::unistd::pause();
        }
        if let Some(meeting) = self.meeting.take() {
            meeting.arrive();
        }
        self.answers.pop_front()
    }
}
