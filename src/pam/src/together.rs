//! Phone or code at the same time: a forked child holds the conversation, the parent waits for child and phone.
//!
//! When the phone is first, the child is killed and the terminal set as it was. When the person types first, the child
//! hands the answer over by a pipe. When this process dies, the child dies with it, so that it never eats what the shell
//! is typed next.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{SetArg, Termios, tcgetattr, tcsetattr};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpid, getppid, pipe2};
use zeroize::Zeroizing;

use crate::conversation::{Conversation, Gone};
use crate::ffi;
use crate::pending::{News, PendingApproval};

/// How often a blocked Ctrl-C is looked for.
const TICK: Duration = Duration::from_millis(100);
/// The longest answer handed over, in bytes: anything longer is malformed anyway.
const LONGEST: usize = 4096;

/// What came first.
pub(crate) enum First {
    /// An answer was typed.
    Typed(Zeroizing<Vec<u8>>),
    /// There is news of the phone; never [`News::Nothing`].
    Phone(News),
}

/// Asks `prompt` and waits for the phone, whichever comes first.
pub(crate) fn ask(
    conversation: &dyn Conversation,
    prompt: &str,
    pending: &mut PendingApproval,
) -> Result<First, Gone> {
    let terminal = Terminal::as_it_is();
    let (from_child, to_parent) = pipe2(OFlag::O_CLOEXEC).map_err(|_| Gone)?;
    let parent = getpid();
    let mut from_child = File::from(from_child);
    let mut to_parent = Some(File::from(to_parent));
    let forked = ffi::fork_into(|| {
        // Too late if the parent has gone already: then nobody waits for the answer.
        if set_pdeathsig(Signal::SIGKILL).is_err() || getppid() != parent {
            return 1;
        }
        pending.hang_up();
        let Ok(typed) = conversation.ask(prompt) else {
            return 1;
        };
        let written = to_parent
            .take()
            .map(|mut pipe| pipe.write_all(typed.get(..LONGEST).unwrap_or(&typed)));
        u8::from(!matches!(written, Some(Ok(()))))
    });
    // The parent's copy: when the child's goes, the pipe ends.
    drop(to_parent.take());
    let child = Child(forked.map_err(|_| Gone)?);
    let first = wait_for_first(&mut from_child, pending);
    match first {
        Ok(None) => child.answer(&mut from_child).map(First::Typed),
        Ok(Some(news)) => {
            child.end();
            terminal.restore();
            Ok(First::Phone(news))
        }
        Err(Gone) => {
            child.end();
            terminal.restore();
            Err(Gone)
        }
    }
}

/// News of the phone, or `None` if the child has something to say.
fn wait_for_first(
    from_child: &mut File,
    pending: &mut PendingApproval,
) -> Result<Option<News>, Gone> {
    loop {
        match pending.look() {
            News::Nothing => {}
            news => return Ok(Some(news)),
        }
        if ffi::interrupt_is_pending() {
            return Err(Gone);
        }
        let Some(link) = pending.handle() else {
            return Err(Gone);
        };
        let mut watched = [
            PollFd::new(from_child.as_fd(), PollFlags::POLLIN),
            PollFd::new(link, PollFlags::POLLIN),
        ];
        let timeout = PollTimeout::try_from(TICK).unwrap_or(PollTimeout::ZERO);
        match poll(&mut watched, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return Err(Gone),
        }
        let child_spoke = watched.first().and_then(PollFd::any).unwrap_or(true);
        if child_spoke {
            return Ok(None);
        }
    }
}

/// The child that holds the conversation.
struct Child(Pid);

impl Child {
    /// What was typed, once the child has ended well.
    fn answer(self, from_child: &mut File) -> Result<Zeroizing<Vec<u8>>, Gone> {
        let mut typed = Zeroizing::new(Vec::with_capacity(LONGEST + 1));
        let read = from_child.take(LONGEST as u64).read_to_end(&mut typed);
        let ended_well = matches!(
            waitpid(self.0, None),
            Ok(nix::sys::wait::WaitStatus::Exited(_, 0))
        );
        match read {
            Ok(_) if ended_well => Ok(typed),
            _ => Err(Gone),
        }
    }

    fn end(self) {
        let _ = kill(self.0, Signal::SIGKILL);
        let _ = waitpid(self.0, None);
    }
}

/// The terminal that the conversation uses, and how it was set.
struct Terminal(Option<(File, Termios)>);

impl Terminal {
    fn as_it_is() -> Self {
        let own = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlag::O_NOCTTY.bits() | OFlag::O_NONBLOCK.bits())
            .open("/dev/tty")
            .ok();
        // login before it has a controlling terminal.
        let open = own.or_else(|| {
            std::io::stdin()
                .as_fd()
                .try_clone_to_owned()
                .ok()
                .map(File::from)
        });
        Self(open.and_then(|file| tcgetattr(&file).ok().map(|set| (file, set))))
    }

    /// Sets it back, and throws half-typed input away: it was for us.
    fn restore(self) {
        if let Some((file, set)) = self.0 {
            let _ = tcsetattr(&file, SetArg::TCSAFLUSH, &set);
        }
    }
}
