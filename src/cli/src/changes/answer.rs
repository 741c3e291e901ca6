//! Asks whether a change works, until its time is over.

use std::io;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use antiphon_link::Interrupt;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{FlushArg, tcflush};
use nix::unistd::read;

use crate::interrupt::Interrupts;
use crate::screen::Screen;

/// The longest accepted line, in bytes.
const LONGEST: usize = 256;

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    /// Also by Ctrl-C, or by the end of the terminal.
    No,
    /// Nothing, until the time was over.
    Late,
}

/// What to ask.
pub(super) struct Question<'a> {
    pub(super) until: Instant,
    /// That time by the wall clock, as in [`antiphon_core::time::UnixTime`].
    pub(super) shown: &'a str,
    /// What else may happen meanwhile.
    pub(super) or_else: &'a str,
    /// How to see whether the change works.
    pub(super) try_it: &'a str,
}

/// Asks on standard error, and reads standard input.
pub(super) fn ask(question: &Question<'_>, screen: &mut Screen) -> Answer {
    let at = screen.zone().show(question.shown);
    screen.note("");
    screen.note(question.try_it);
    screen.note(&format!(
        "Then type \"yes\" here. Without it, everything is as before at {at}, even if this terminal is closed{}.",
        question.or_else
    ));
    // What was typed before cannot mean this.
    let _ = tcflush(io::stdin(), FlushArg::TCIFLUSH);
    screen.prompt("Does it work? [yes/no] ");
    let Ok(interrupts) = Interrupts::hold() else {
        return Answer::No;
    };
    let mut typed = Vec::new();
    loop {
        match wait(question.until, &interrupts) {
            Waited::Typed => {}
            Waited::Late => {
                screen.note("");
                return Answer::Late;
            }
            Waited::Stopped => {
                screen.note("");
                return Answer::No;
            }
        }
        let mut buffer = [0; LONGEST];
        let length = match read(io::stdin(), &mut buffer) {
            Ok(0) => return Answer::No,
            Ok(length) => length,
            Err(Errno::EINTR | Errno::EAGAIN) => continue,
            // As when the terminal is gone.
            Err(_) => return Answer::No,
        };
        typed.extend_from_slice(buffer.get(..length).unwrap_or_default());
        if !typed.ends_with(b"\n") && typed.len() < LONGEST {
            continue;
        }
        let answer = typed.trim_ascii().to_ascii_lowercase();
        match answer.as_slice() {
            b"yes" => return Answer::Yes,
            b"no" => return Answer::No,
            _ => screen.prompt("Please type yes or no: "),
        }
        typed.clear();
    }
}

enum Waited {
    Typed,
    Late,
    Stopped,
}

fn wait(until: Instant, interrupts: &Interrupts) -> Waited {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Waited::Late;
        }
        let stdin = io::stdin();
        let mut watched = vec![PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
        watched.extend(
            interrupts
                .handle()
                .map(|handle| PollFd::new(handle, PollFlags::POLLIN)),
        );
        // Clamped, and rounded up: a timeout of 0 ms would spin.
        let timeout =
            PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
        let polled = poll(&mut watched, timeout);
        if interrupts.came() {
            return Waited::Stopped;
        }
        match polled {
            Ok(0) | Err(Errno::EINTR) => {}
            // A terminal that is gone is readable, and has an end or an error.
            Ok(_) => return Waited::Typed,
            Err(_) => return Waited::Stopped,
        }
    }
}
