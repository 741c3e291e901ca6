//! A program on a terminal of its own, and somebody who reads it and types.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::openpty;
use nix::sys::termios::{LocalFlags, tcgetattr};

use crate::PATIENCE;

/// A program on a terminal.
pub struct Terminal {
    master: File,
    child: Child,
    /// All that was shown.
    seen: Vec<u8>,
    /// So much of it has been expected already.
    passed: usize,
}

/// How it ended.
#[derive(Debug)]
pub struct Ended {
    /// All that was shown, from the beginning.
    pub text: String,
    /// The exit status.
    pub status: ExitStatus,
}

impl Ended {
    /// Whether the program left with 0.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status.success()
    }

    /// Holds that the program left with 0; all that was shown.
    #[track_caller]
    pub fn well(self) -> String {
        assert!(self.succeeded(), "{self:#?}");
        self.text
    }

    /// Holds that the program did not leave with 0, and never showed `text`; all that was shown.
    #[track_caller]
    pub fn refused(self, text: &str) -> String {
        assert!(!self.succeeded() && !self.text.contains(text), "{self:#?}");
        self.text
    }

    /// The signal that ended it, if one did.
    #[must_use]
    pub fn signal(&self) -> Option<i32> {
        self.status.signal()
    }
}

/// Gives `command` an environment that nothing of the machine's shows through, in UTF-8.
pub fn plain_environment(command: &mut Command) {
    command.env_clear().envs([
        ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
        ("LC_ALL", "C.UTF-8"),
        ("TERM", "dumb"),
        ("HOME", "/"),
    ]);
}

impl Terminal {
    /// Starts `command` as the leader of a session on a new terminal.
    #[must_use]
    pub fn start(command: &Command) -> Self {
        let pty = openpty(None, None).unwrap();
        // Else the program holds its own terminal's other end, and no loss of it is ever noticed.
        fcntl(&pty.master, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        // `setsid` takes the terminal and becomes the program: the same without code between fork and exec.
        let mut leader = Command::new("setsid");
        leader
            .arg("--ctty")
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear();
        leader.envs(
            command
                .get_envs()
                .filter_map(|(key, value)| Some((key, value?))),
        );
        if let Some(folder) = command.get_current_dir() {
            leader.current_dir(folder);
        }
        leader.stdin(pty.slave.try_clone().unwrap());
        leader.stdout(pty.slave.try_clone().unwrap());
        leader.stderr(pty.slave);
        let child = leader.spawn().expect("setsid of util-linux");
        Self {
            master: pty.master.into(),
            child,
            seen: Vec::new(),
            passed: 0,
        }
    }
}

/// What one look at the terminal found.
enum Look {
    Text,
    Nothing,
    End,
}

impl Terminal {
    /// Reads on until `text` is shown, after what was expected before.
    ///
    /// Panics, with all that was shown, if it does not come.
    pub fn expect(&mut self, text: &str) -> &mut Self {
        self.expect_any(&[text]);
        self
    }

    /// Reads on until one of `texts` is shown, and says which; the earliest one counts.
    ///
    /// Panics, with all that was shown, if none comes.
    pub fn expect_any<'text>(&mut self, texts: &[&'text str]) -> &'text str {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rest = &self.seen[self.passed..];
            let first = texts
                .iter()
                .filter_map(|text| Some((find(rest, text.as_bytes())?, *text)))
                .min();
            if let Some((place, text)) = first {
                self.passed += place + text.len();
                return text;
            }
            if let Look::End = self.look() {
                panic!(
                    "{texts:?} did not come before the end; shown was:\n{}",
                    self.shown()
                );
            }
            self.must_not_hang(deadline, &format!("waiting for {texts:?}"));
        }
    }

    /// The number that is shown behind `words`: whole when something else stands behind it.
    pub fn number(&mut self, words: &str) -> String {
        self.expect(words);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rest = String::from_utf8_lossy(&self.seen[self.passed..]);
            let rest = rest.trim_start();
            if let Some(end) = rest.find(|end: char| !end.is_ascii_digit()) {
                return rest[..end].to_owned();
            }
            let is_over = matches!(self.look(), Look::End);
            assert!(!is_over, "no number at the end of:\n{}", self.shown());
            self.must_not_hang(deadline, "waiting for a number");
        }
    }

    /// The word with `part` in it, of all that was shown.
    #[must_use]
    pub fn word_with(&self, part: &str) -> String {
        let shown = self.shown();
        let word = shown.split_whitespace().find(|word| word.contains(part));
        word.unwrap_or_else(|| panic!("{part} in {shown}"))
            .to_owned()
    }

    /// Answers the question that ends with `question`.
    pub fn answer(&mut self, question: &str, text: &str) -> &mut Self {
        self.expect(question).send_line(text)
    }

    /// Answers that question once the terminal shows nothing of what is typed: a program that turns the echo off after it has
    /// asked drops what was typed before.
    pub fn answer_unseen(&mut self, question: &str, text: &str) -> &mut Self {
        self.expect(question);
        let deadline = Instant::now() + PATIENCE;
        while self.echoes() {
            self.must_not_hang(deadline, &format!("waiting for no echo after {question:?}"));
            self.look();
        }
        self.send_line(text)
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.master).is_ok_and(|now| now.local_flags.contains(LocalFlags::ECHO))
    }

    /// Types `text` and Enter.
    pub fn send_line(&mut self, text: &str) -> &mut Self {
        self.send(format!("{text}\r").as_bytes())
    }

    /// Presses Ctrl and C.
    pub fn send_interrupt(&mut self) -> &mut Self {
        self.send(b"\x03")
    }

    /// Types these bytes.
    pub fn send(&mut self, bytes: &[u8]) -> &mut Self {
        if let Err(error) = self.master.write_all(bytes) {
            panic!("{error} while typing; shown was:\n{}", self.shown());
        }
        self
    }

    /// All that was shown so far.
    #[must_use]
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }

    /// The process id of the program.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the program has ended.
    #[must_use]
    pub fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        while !matches!(self.look(), Look::End) {
            self.must_not_hang(deadline, "waiting for the end");
        }
        let status = self.child.wait().unwrap();
        Ended {
            text: self.shown(),
            status,
        }
    }

    /// Waits for `text` and for the end, which must be with 0; all that was shown.
    #[track_caller]
    pub fn arrive(mut self, text: &str) -> String {
        self.expect(text);
        self.end().well()
    }

    /// Presses Ctrl and C until the program has ended. Not once: a signal that comes between its prompt and its read is
    /// lost on sudo, and a person presses again.
    #[must_use]
    pub fn interrupt(mut self) -> Ended {
        let mut next = Instant::now();
        let deadline = next + PATIENCE;
        while !matches!(self.look(), Look::End) {
            if Instant::now() >= next {
                self.send_interrupt();
                next += Duration::from_millis(500);
            }
            self.must_not_hang(deadline, "waiting for the end after Ctrl-C");
        }
        self.end()
    }

    /// Takes the terminal away, as when a window is closed, and waits until the program has ended.
    #[must_use]
    pub fn hang_up(self) -> ExitStatus {
        let Self {
            master, mut child, ..
        } = self;
        drop(master);
        child.wait().unwrap()
    }

    fn look(&mut self) -> Look {
        // First the program, then its output: what it wrote before it ended is still read.
        let ended = self.child.try_wait().unwrap().is_some();
        let mut waiting = [PollFd::new(self.master.as_fd(), PollFlags::POLLIN)];
        let patience = if ended {
            PollTimeout::ZERO
        } else {
            PollTimeout::from(20_u8)
        };
        let ready = poll(&mut waiting, patience).unwrap_or_default() > 0;
        if !ready {
            return if ended { Look::End } else { Look::Nothing };
        }
        let mut buffer = [0; 4096];
        match self.master.read(&mut buffer) {
            Ok(length) if length > 0 => {
                self.seen.extend_from_slice(&buffer[..length]);
                Look::Text
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Look::Nothing,
            _ if ended => Look::End,
            // Nobody has the terminal open at this moment: login hangs it up and opens it again.
            _ => {
                std::thread::sleep(Duration::from_millis(5));
                Look::Nothing
            }
        }
    }

    fn must_not_hang(&mut self, deadline: Instant, doing: &str) {
        if Instant::now() > deadline {
            let _ = self.child.kill();
            panic!("hung {doing}; shown was:\n{}", self.shown());
        }
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
