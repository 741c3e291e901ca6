//! Phone or code at the same time: a forked child holds the conversation, the parent waits for child and phone.
//!
//! When the phone is first, the child is killed and the terminal set as it was. When the person types first, the child
//! hands the answer over by a pipe. When this process dies, the child dies with it, so that it never eats what the shell
//! is typed next.
//!
//! Nothing here depends on the child's exit status: the program around us may ignore SIGCHLD, as a caller of su can make
//! it, or reap every child itself.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::time::Duration;

use antiphon_link::{News, OpenApproval, above_standard};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpid, getppid, pipe2};
use zeroize::Zeroizing;

use crate::conversation::Conversation;
use crate::ffi;
use crate::suspension::Held;
use crate::terminal::Terminal;

/// How often a blocked Ctrl-C or Ctrl-Z is looked for.
const TICK: Duration = Duration::from_millis(100);
/// The longest answer handed over, in bytes: anything longer is malformed anyway. With its end it goes through a pipe in
/// one piece.
const LONGEST: usize = 4095;
/// Says that an answer is whole. It is in none: the conversation gives strings of C.
const END: u8 = 0;

/// What came first.
pub(crate) enum First {
    /// An answer was typed.
    Typed(Zeroizing<Vec<u8>>),
    /// There is news of the phone; never [`News::Nothing`].
    Phone(News),
}

/// Neither came.
pub(crate) enum Failed {
    /// The person is not there to answer.
    Gone,
    /// There can be no child, as under a limit on processes: nothing was asked.
    NoChild,
}

/// What ended the wait.
enum Heard {
    Phone(News),
    /// The child has something to say, or has ended.
    Child,
    /// Ctrl-C, or there is nothing to wait for.
    Interrupt,
    /// Ctrl-Z.
    Suspend,
}

/// Asks `prompt` and waits for the phone, whichever comes first. After a pause by Ctrl-Z it is asked again.
pub(crate) fn ask(
    conversation: &dyn Conversation,
    prompt: &str,
    approval: &mut OpenApproval,
) -> Result<First, Failed> {
    let mut first = ask_once(conversation, prompt, approval)?;
    let again = format!("\n{prompt}");
    while first.is_none() {
        first = ask_once(conversation, &again, approval)?;
    }
    first.ok_or(Failed::Gone)
}

/// The same, until it is suspended: then nothing.
fn ask_once(
    conversation: &dyn Conversation,
    prompt: &str,
    approval: &mut OpenApproval,
) -> Result<Option<First>, Failed> {
    let mut held = Held::begin();
    let terminal = Terminal::as_it_is();
    let (mut from_child, to_parent) = pipe().ok_or(Failed::NoChild)?;
    let parent = getpid();
    let mut to_parent = Some(to_parent);
    let forked = ffi::fork_into(|| {
        // Too late if the parent has gone already: then nobody waits for the answer.
        if set_pdeathsig(Signal::SIGKILL).is_err() || getppid() != parent {
            return 1;
        }
        approval.hang_up();
        held.end();
        let Ok(mut typed) = conversation.ask(prompt) else {
            return 1;
        };
        typed.truncate(LONGEST);
        typed.push(END);
        let written = to_parent.take().map(|mut pipe| pipe.write_all(&typed));
        u8::from(!matches!(written, Some(Ok(()))))
    });
    // The parent's copy: when the child's goes, the pipe ends.
    drop(to_parent.take());
    let child = Child(forked.map_err(|_| Failed::NoChild)?);
    let first = match wait_for_first(&from_child, approval, &held) {
        Heard::Phone(news) => Ok(Some(First::Phone(news))),
        Heard::Child | Heard::Interrupt => answer(&mut from_child)
            .map(|typed| Some(First::Typed(typed)))
            .ok_or(Failed::Gone),
        Heard::Suspend => Ok(None),
    };
    drop(child);
    if !matches!(first, Ok(Some(First::Typed(_)))) {
        terminal.restore();
    }
    // It stops here, if at all, with no child that could still read what is typed.
    drop(held);
    first
}

fn pipe() -> Option<(File, File)> {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).ok()?;
    let reader = above_standard(reader).ok()?;
    Some((reader.into(), above_standard(writer).ok()?.into()))
}

/// Waits for what comes first.
fn wait_for_first(from_child: &File, approval: &mut OpenApproval, held: &Held) -> Heard {
    loop {
        match approval.look() {
            News::Nothing => {}
            news => return Heard::Phone(news),
        }
        if ffi::is_pending(&[Signal::SIGINT, Signal::SIGQUIT]) {
            return Heard::Interrupt;
        }
        if held.is_wanted() {
            return Heard::Suspend;
        }
        let Some(link) = approval.handle() else {
            return Heard::Interrupt;
        };
        let mut watched = [
            PollFd::new(from_child.as_fd(), PollFlags::POLLIN),
            PollFd::new(link, PollFlags::POLLIN),
        ];
        let timeout = PollTimeout::try_from(TICK).unwrap_or(PollTimeout::ZERO);
        match poll(&mut watched, timeout) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return Heard::Interrupt,
        }
        if watched.first().and_then(PollFd::any).unwrap_or(true) {
            return Heard::Child;
        }
    }
}

/// What was typed, if it has come whole. Does not wait: the child writes it in one piece.
fn answer(from_child: &mut File) -> Option<Zeroizing<Vec<u8>>> {
    let mut typed = Zeroizing::new(vec![0; LONGEST + 1]);
    let length = loop {
        match from_child.read(&mut typed) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            read => break read.ok()?,
        }
    };
    typed.truncate(length);
    (typed.pop()? == END).then_some(typed)
}

/// The child that holds the conversation. It ends with the value, whatever it was doing.
struct Child(Pid);

impl Drop for Child {
    fn drop(&mut self) {
        // Looked at first: where the program around us has it reaped, its id may be another's by now.
        if waitpid(self.0, Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive) {
            let _ = kill(self.0, Signal::SIGKILL);
            while waitpid(self.0, None) == Err(Errno::EINTR) {}
        }
    }
}
