//! Ctrl-C and similar signals that the calling program blocks: sudo blocks the first two while it asks for the
//! password.

use antiphon_link::Interrupt;
use nix::sys::signal::Signal;

use crate::ffi;

/// Pending signals end a wait for the daemon.
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
