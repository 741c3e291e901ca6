//! `antiphon enroll USER --phone --json` or `--account` while it runs, step by step.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStderr, Stdio};

use antiphon_tests::World;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::command::{Said, command, end};

/// The command, and what it has told so far.
pub(crate) struct Enrolling {
    child: Child,
    steps: BufReader<ChildStderr>,
    err: String,
}

impl Enrolling {
    /// Adds a phone of alice's.
    pub(crate) fn start(world: &World) -> Self {
        Self::start_with(world, &["alice"])
    }

    pub(crate) fn start_with(world: &World, arguments: &[&str]) -> Self {
        Self::of(world, &[&["--phone"], arguments].concat())
    }

    /// Adds an account of alice's at kmh.
    pub(crate) fn account(world: &World) -> Self {
        Self::of(world, &["--account", "kmh", "alice"])
    }

    /// The same, which is to be called `name`.
    pub(crate) fn account_called(world: &World, name: &str) -> Self {
        Self::of(world, &["--account", "kmh", "--name", name, "alice"])
    }

    fn of(world: &World, arguments: &[&str]) -> Self {
        let mut child = command(world, &["enroll", "--json"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("antiphon, as built for release");
        Self {
            steps: BufReader::new(child.stderr.take().unwrap()),
            child,
            err: String::new(),
        }
    }

    /// The next step, which must be this one.
    pub(crate) fn step(&mut self, name: &str) -> Value {
        loop {
            let mut line = String::new();
            let length = self.steps.read_line(&mut line).unwrap();
            assert_ne!(length, 0, "ended before {name}: {}", self.err);
            self.err += &line;
            if line.starts_with('{') {
                let step: Value = serde_json::from_str(&line).unwrap();
                assert_eq!(step["progress"], name, "{}", self.err);
                return step;
            }
        }
    }

    /// The address of the first step.
    pub(crate) fn address(&mut self) -> String {
        self.step("ticket")["address"].as_str().unwrap().to_owned()
    }

    /// The number of a trial.
    pub(crate) fn number(&mut self) -> String {
        self.step("trial")["number"].as_str().unwrap().to_owned()
    }

    /// Types this line.
    pub(crate) fn types(&mut self, line: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        input.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Presses Ctrl and C.
    pub(crate) fn interrupt(&self) -> &Self {
        kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGINT).unwrap();
        self
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Said {
        self.steps.read_to_string(&mut self.err).unwrap();
        let mut said = end(self.child);
        said.err = self.err;
        said
    }
}

/// Another number of as many digits.
pub(crate) fn other_than(number: &str) -> String {
    if number == "42" { "43" } else { "42" }.to_owned()
}
