//! The conversation's terminal, restored when the conversation is ended from outside.

use std::fs::{File, OpenOptions};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

use nix::fcntl::OFlag;
use nix::sys::termios::{FlushArg, SetArg, Termios, tcflush, tcgetattr, tcsetattr};
use nix::unistd::{getpgrp, tcgetpgrp};

use crate::ffi;

/// Whether the calling program has a terminal on which a person can see a prompt.
pub(crate) fn is_there() -> bool {
    File::open("/dev/tty").is_ok() || ffi::is_terminal(libc::STDIN_FILENO)
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
        let open = own.or_else(|| {
            std::io::stdin()
                .as_fd()
                .try_clone_to_owned()
                .ok()
                .map(File::from)
        });
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
