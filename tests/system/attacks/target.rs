//! What of ours is attacked: each time a `su` by alice, up to the answer after which it takes the lock.

use std::fs;

use antiphon_tests::{PASSWORD, Terminal, World};
use nix::unistd::Pid;

use crate::enrolment::{PENDING, SQUARES};
use crate::methods::take;
use crate::prompts::{CODE, PASSWORD_PROMPT};

/// Microseconds until a disk has written.
const SYNC: u32 = 20_000;

/// Which lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A code is judged.
    State,
    /// Bob's methods are looked after.
    Records,
    /// Carol, who is not enrolled, begins.
    Pending,
}

/// A `su` before its last answer.
pub(crate) struct Attacked {
    pub(crate) terminal: Terminal,
    /// What called it.
    pub(crate) shell: Pid,
    pub(crate) id: Pid,
    last: String,
}

impl Target {
    pub(crate) fn start(self, world: &World, code: &str) -> Attacked {
        let whom = if self == Self::Pending {
            "carol"
        } else {
            "bob"
        };
        // In a shell with job control, which Ctrl-Z comes back to. And on a slow disk: strace is root's.
        let mut strace = world.command("strace");
        let trace = world.folder().join("trace-attack");
        strace.args([
            "-f",
            "-qq",
            "-u",
            "alice",
            "-e",
            "trace=fsync,fdatasync",
            "-o",
        ]);
        strace.arg(trace);
        strace.arg(format!("--inject=fsync,fdatasync:delay_exit={SYNC}"));
        let line = format!("su {whom} -c \"echo let in as {whom}\"; read over");
        strace.args(["sh", "-m", "-c", &line]);
        let mut terminal = Terminal::start(&strace);
        terminal.expect(PASSWORD_PROMPT);
        let shell = child_of(Pid::from_raw(terminal.id().cast_signed()));
        let id = child_of(shell);
        let last = match self {
            Self::State => {
                terminal.send_line(PASSWORD).expect(CODE);
                code.to_owned()
            }
            Self::Records => {
                terminal.send_line(PASSWORD).expect(CODE);
                terminal.send_line("?");
                take(&mut terminal, "Look after my methods");
                take(&mut terminal, "Use a verification code");
                terminal.expect(CODE);
                terminal.send_line(code);
                terminal.expect("Your choice: ");
                let shown = terminal.shown();
                let (_, list) = shown.rsplit_once("Your methods").unwrap();
                let line = list.lines().find(|line| line.ends_with(". Svenska"));
                let (place, _) = line.unwrap().trim().split_once('.').unwrap();
                place.to_owned()
            }
            Self::Pending => {
                // Of one before, which went on after the last look.
                let _ = fs::remove_file(format!("{PENDING}/carol"));
                terminal.send_line(PASSWORD).expect(SQUARES);
                String::new()
            }
        };
        Attacked {
            terminal,
            shell,
            id,
            last,
        }
    }
}

impl Attacked {
    /// Gives the last answer: from here on it is about to take the lock.
    pub(crate) fn go(&mut self) {
        let last = std::mem::take(&mut self.last);
        self.terminal.send_line(&last);
    }

    /// Whether the kernel says that it holds a lock.
    pub(crate) fn holds_a_lock(&self) -> bool {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let id = self.id.to_string();
        locks.lines().any(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.get(1) == Some(&"FLOCK") && words.get(4) == Some(&id.as_str())
        })
    }

    /// Whether it runs, or could.
    pub(crate) fn goes_on(&self) -> bool {
        fs::read_to_string(format!("/proc/{}/stat", self.id)).is_ok_and(|stat| {
            let rest = stat.rsplit(')').next().unwrap().trim_start();
            !rest.starts_with(['T', 'Z', 'X'])
        })
    }
}

fn child_of(parent: Pid) -> Pid {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
    let first = children.split_whitespace().next().unwrap();
    Pid::from_raw(first.parse().unwrap())
}
