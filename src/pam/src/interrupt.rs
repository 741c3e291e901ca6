//! Ctrl-C and its kin, where the program around us holds them back: sudo blocks the first two while it asks for the
//! password.

use antiphon_link::Interrupt;
use nix::sys::signal::Signal;

use crate::ffi;

/// They end a wait for the daemon.
pub(crate) struct Blocked;

impl Interrupt for Blocked {
    fn came(&self) -> bool {
        ffi::is_pending(&[
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGHUP,
            Signal::SIGTERM,
        ])
    }
}
