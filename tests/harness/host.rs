//! `pam_host`, a PAM application by script: what it is given and what it saw.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;

use crate::world::World;

/// One run of `pam_host`, as it is being put together.
pub struct PamHost {
    command: Command,
    answers: Vec<u8>,
}

impl World {
    /// A sign-in of `name` by our line alone, with these answers, which must end with this PAM code.
    #[track_caller]
    pub fn sign_in<A: AsRef<[u8]>>(
        &self,
        name: &str,
        answers: impl IntoIterator<Item = A>,
        result: &str,
    ) -> Played {
        PamHost::new(self, name).answers(answers).ends(result)
    }
}

/// What `pam_host` printed: each line a JSON object.
#[derive(Debug)]
pub struct Played {
    /// The lines.
    pub lines: Vec<Value>,
    /// Whether it left with 0: it does, whatever PAM said.
    pub succeeded: bool,
}

/// A message of the module to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// `echo_on`, `echo_off`, `info` or `error`.
    pub style: String,
    /// The text.
    pub text: String,
}

impl PamHost {
    /// An authentication of `user` by the service `antiphon-alone`, in whose stack only our line stands.
    #[must_use]
    pub fn new(world: &World, user: &str) -> Self {
        Self::of_service(world, "antiphon-alone", user)
    }

    /// An authentication of `user` by `service`.
    #[must_use]
    pub fn of_service(world: &World, service: &str, user: &str) -> Self {
        let command = world.command(&world.product().pam_host);
        Self::started_by(command, service, user)
    }

    /// The same, started by another program: `command` ends with the path of `pam_host`, as in `strace -f pam_host`.
    #[must_use]
    pub fn started_by(mut command: Command, service: &str, user: &str) -> Self {
        command.args([service, user]);
        Self {
            command,
            answers: Vec::new(),
        }
    }

    /// One more option: see `pam_host` without arguments.
    #[must_use]
    pub fn option(mut self, option: &str) -> Self {
        self.command.arg(option);
        self
    }

    /// Answers the next prompt; when there are no more answers, the conversation fails.
    #[must_use]
    pub fn answer(mut self, answer: impl AsRef<[u8]>) -> Self {
        self.answers.extend_from_slice(answer.as_ref());
        self.answers.push(b'\n');
        self
    }

    /// Gives these answers to the next prompts.
    #[must_use]
    pub fn answers<A: AsRef<[u8]>>(self, answers: impl IntoIterator<Item = A>) -> Self {
        answers.into_iter().fold(self, Self::answer)
    }

    /// By a clock that is so many seconds ahead.
    #[must_use]
    pub fn ahead(self, seconds: i64) -> Self {
        self.option(&format!("--clock={seconds}"))
    }

    /// Runs it to its end.
    #[must_use]
    pub fn play(self) -> Played {
        self.play_heard(|_| {})
    }

    /// Runs it to its end, which must be this PAM code.
    #[track_caller]
    pub fn ends(self, result: &str) -> Played {
        let answers = String::from_utf8_lossy(&self.answers).into_owned();
        let case = format!("{:?} with {answers:?}", self.command);
        let played = self.play();
        assert_eq!(played.result(), result, "{case}: {played:#?}");
        played
    }

    /// Runs it to its end, and hears each message to the person as it comes.
    #[must_use]
    pub fn play_heard(mut self, mut hear: impl FnMut(&str)) -> Played {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("pam_host, which `cargo test` builds");
        let mut stdin = child.stdin.take().unwrap();
        // In a thread: it may print before it has read everything, or end without reading.
        let writer = thread::spawn(move || drop(stdin.write_all(&self.answers)));
        let printed = BufReader::new(child.stdout.take().unwrap());
        let mut lines: Vec<Value> = Vec::new();
        for line in printed.lines() {
            // What a killed one left half is passed over.
            if let Ok(line) = serde_json::from_str::<Value>(&line.unwrap()) {
                if let Some(text) = line["text"].as_str() {
                    hear(text);
                }
                lines.push(line);
            }
        }
        writer.join().unwrap();
        let succeeded = child.wait().unwrap().success();
        Played { lines, succeeded }
    }
}

impl Played {
    /// The PAM codes of all authentications, in words: `PAM_SUCCESS`, `PAM_AUTH_ERR`, …
    #[must_use]
    pub fn results(&self) -> Vec<&str> {
        self.lines
            .iter()
            .filter_map(|line| line["result"].as_str())
            .collect()
    }

    /// The PAM code of the only authentication; panics if there is another number of them.
    #[must_use]
    pub fn result(&self) -> &str {
        let results = self.results();
        assert_eq!(results.len(), 1, "{self:#?}");
        results[0]
    }

    /// How many authentications ended with this PAM code.
    #[must_use]
    pub fn count(&self, result: &str) -> usize {
        let results = self.results();
        results.iter().filter(|got| **got == result).count()
    }

    /// The texts of all messages to the person, in order.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        self.said().into_iter().map(|said| said.text).collect()
    }

    /// How many messages to the person have this part.
    #[must_use]
    pub fn times_said(&self, part: &str) -> usize {
        let texts = self.texts();
        texts.iter().filter(|text| text.contains(part)).count()
    }

    /// All messages to the person, in order.
    #[must_use]
    pub fn said(&self) -> Vec<Said> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.lines
            .iter()
            .filter_map(|line| {
                Some(Said {
                    style: text(&line["style"])?,
                    text: text(&line["text"])?,
                })
            })
            .collect()
    }
}
