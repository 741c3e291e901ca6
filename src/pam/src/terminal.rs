//! The conversation's terminal, restored when the conversation is ended from outside.

use std::fs::{File, OpenOptions};
use std::io::IsTerminal as _;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, recv};
use nix::sys::stat::{SFlag, fstat};
use nix::sys::termios::{FlushArg, SetArg, Termios, tcflush, tcgetattr, tcsetattr};
use nix::unistd::{Whence, getpgrp, lseek, tcgetpgrp};

use crate::ffi;

/// Whether the calling program has a terminal on which a person can see a prompt, or had one that has hung up.
pub(crate) fn is_there() -> bool {
    let has_hung_up =
        || input_kind() == Some(SFlag::S_IFCHR) && input_events().contains(PollFlags::POLLHUP);
    File::open("/dev/tty").is_ok() || standard_input().is_terminal() || has_hung_up()
}

/// Whether standard input is a file, a pipe or a socket that has come to its end.
pub(crate) fn input_has_ended() -> bool {
    match input_kind() {
        Some(SFlag::S_IFIFO) => {
            let events = input_events();
            events.contains(PollFlags::POLLHUP) && !events.contains(PollFlags::POLLIN)
        }
        // A socket whose other end is gone can be read without waiting, and nothing is there.
        Some(SFlag::S_IFSOCK) => {
            let mut next = [0];
            let seen = recv(
                standard_input().as_raw_fd(),
                &mut next,
                MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT,
            );
            matches!(seen, Ok(0))
        }
        Some(SFlag::S_IFREG) => {
            let read = lseek(standard_input(), 0, Whence::SeekCur);
            let length = fstat(standard_input()).map(|seen| seen.st_size);
            matches!((read, length), (Ok(read), Ok(length)) if read >= length)
        }
        _ => false,
    }
}

/// The application's standard input.
pub(crate) fn standard_input() -> BorrowedFd<'static> {
    ffi::descriptor_of_application(libc::STDIN_FILENO)
}

/// What kind of file standard input is.
fn input_kind() -> Option<SFlag> {
    let seen = fstat(standard_input()).ok()?;
    Some(SFlag::from_bits_truncate(seen.st_mode) & SFlag::S_IFMT)
}

/// What can be read from standard input without waiting, and whether its other end is there.
fn input_events() -> PollFlags {
    let mut watched = [PollFd::new(standard_input(), PollFlags::POLLIN)];
    let seen = poll(&mut watched, PollTimeout::ZERO);
    let [input] = watched;
    let events = seen.ok().and_then(|_| input.revents());
    events.unwrap_or(PollFlags::empty())
}

/// A terminal and its settings; `None` without a terminal.
pub(crate) struct Terminal(Option<(File, Termios)>);

impl Terminal {
    pub(crate) fn as_it_is() -> Self {
        let own = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlag::O_NOCTTY.bits() | OFlag::O_NONBLOCK.bits())
            .open("/dev/tty")
            .ok();
        // For login, before it has a controlling terminal.
        let open = own.or_else(|| standard_input().try_clone_to_owned().ok().map(File::from));
        Self(open.and_then(|file| tcgetattr(&file).ok().map(|set| (file, set))))
    }

    /// Restores it and discards half-typed input, which was for us and must not reach the shell.
    pub(crate) fn restore(self) {
        let Some((file, set)) = self.0 else { return };
        // In the background the terminal belongs to another program, and touching it would stop us.
        if tcgetpgrp(&file).is_ok_and(|foreground| foreground != getpgrp()) {
            return;
        }
        // Not TCSAFLUSH, which waits for pending output: after Ctrl-S that never ends.
        let _ = tcsetattr(&file, SetArg::TCSANOW, &set);
        let _ = tcflush(&file, FlushArg::TCIFLUSH);
    }
}
