//! The terminal that a conversation uses, put back as it was when the conversation is ended from outside.

use std::fs::{File, OpenOptions};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

use nix::fcntl::OFlag;
use nix::sys::termios::{FlushArg, SetArg, Termios, tcflush, tcgetattr, tcsetattr};
use nix::unistd::{getpgrp, tcgetpgrp};

use crate::ffi;

/// Whether the program around us has a terminal on which a person can see a prompt.
pub(crate) fn is_there() -> bool {
    File::open("/dev/tty").is_ok() || ffi::is_terminal(libc::STDIN_FILENO)
}

/// A terminal and how it was set; nothing where there is none.
pub(crate) struct Terminal(Option<(File, Termios)>);

impl Terminal {
    pub(crate) fn as_it_is() -> Self {
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

    /// Sets it back, and throws half-typed input away: it was for us, and the shell must not get it.
    pub(crate) fn restore(self) {
        let Some((file, set)) = self.0 else { return };
        // In the background it is another program's now, and touching it would stop us.
        if tcgetpgrp(&file).is_ok_and(|foreground| foreground != getpgrp()) {
            return;
        }
        // Not TCSAFLUSH, which waits until all is shown: after Ctrl-S that is never.
        let _ = tcsetattr(&file, SetArg::TCSANOW, &set);
        let _ = tcflush(&file, FlushArg::TCIFLUSH);
    }
}
