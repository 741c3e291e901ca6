//! Phone or code at the same time: a forked child holds the conversation, the parent waits for child and phone.
//!
//! If the phone answers first, the child is killed and the terminal restored. If the person types first, the child
//! passes the answer through a pipe. If this process dies, the child dies too, so that it does not swallow input meant
//! for the shell.
//!
//! Nothing here depends on the child's exit status: the calling program may ignore SIGCHLD, which a caller of su can
//! arrange, or reap all children itself.

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

/// How often to check for a blocked Ctrl-C or Ctrl-Z.
const TICK: Duration = Duration::from_millis(100);
/// The longest answer passed on, in bytes; anything longer is malformed anyway. With its end marker it goes through a
/// pipe atomically.
const LONGEST: usize = 4095;
/// Marks a complete answer. Answers cannot contain it, since the conversation returns C strings.
const END: u8 = 0;

pub(crate) enum First {
    Typed(Zeroizing<Vec<u8>>),
    /// News from the phone; never [`News::Nothing`]. What comes of them is found out while the child dies.
    Phone(News, Box<Child>),
}

pub(crate) enum Failed {
    Gone,
    /// The child could not be created, for instance because of a process limit: nothing was asked.
    NoChild,
}

/// What ended the wait.
enum Heard {
    Phone(News),
    /// The child has written something or exited.
    Child,
    /// Ctrl-C, or nothing to wait for.
    Interrupt,
    /// Ctrl-Z.
    Suspend,
}

/// Asks `prompt` and waits for person and phone, whichever comes first. After a suspension by Ctrl-Z, asks again.
pub(crate) fn ask(
    conversation: &dyn Conversation,
    prompt: &str,
    approval: &mut OpenApproval<'_>,
) -> Result<First, Failed> {
    let mut first = ask_once(conversation, prompt, approval)?;
    let again = format!("\n{prompt}");
    while first.is_none() {
        first = ask_once(conversation, &again, approval)?;
    }
    first.ok_or(Failed::Gone)
}

/// Asks once; `None` if suspended.
fn ask_once(
    conversation: &dyn Conversation,
    prompt: &str,
    approval: &mut OpenApproval<'_>,
) -> Result<Option<First>, Failed> {
    let mut held = Held::begin();
    let terminal = Terminal::as_it_is();
    let (mut from_child, to_parent) = pipe().ok_or(Failed::NoChild)?;
    let parent = getpid();
    let mut to_parent = Some(to_parent);
    let forked = ffi::fork_into(|| {
        // Too late if the parent has gone already: nobody waits for the answer then.
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
    // The parent's copy: the pipe then ends when the child's is closed.
    drop(to_parent.take());
    let mut child = Child {
        id: forked.map_err(|_| Failed::NoChild)?,
        terminal: Some(terminal),
        held,
    };
    let heard = wait_for_first(&from_child, approval, &child.held);
    child.kill();
    match heard {
        Heard::Phone(news) => Ok(Some(First::Phone(news, Box::new(child)))),
        Heard::Child | Heard::Interrupt => {
            let typed = answer(&mut from_child).ok_or(Failed::Gone)?;
            child.terminal = None;
            Ok(Some(First::Typed(typed)))
        }
        Heard::Suspend => Ok(None),
    }
}

fn pipe() -> Option<(File, File)> {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK).ok()?;
    let reader = above_standard(reader).ok()?;
    Some((reader.into(), above_standard(writer).ok()?.into()))
}

fn wait_for_first(from_child: &File, approval: &mut OpenApproval<'_>, held: &Held) -> Heard {
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

/// The typed answer, if complete. Does not wait: the child writes it atomically.
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

/// The child that holds the conversation. When the value is dropped, it is gone, whatever it was doing.
pub(crate) struct Child {
    id: Pid,
    /// What it may have changed; `None` if its conversation has ended by itself.
    terminal: Option<Terminal>,
    /// Lets a stop that is due happen at last, without a child that could still read input.
    held: Held,
}

impl Child {
    fn kill(&self) {
        // Checked first: if the calling program has reaped it, its id may be another process's by now.
        if waitpid(self.id, Some(WaitPidFlag::WNOHANG)) == Ok(WaitStatus::StillAlive) {
            let _ = kill(self.id, Signal::SIGKILL);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
        while waitpid(self.id, None) == Err(Errno::EINTR) {}
        if let Some(terminal) = self.terminal.take() {
            terminal.restore();
        }
    }
}
