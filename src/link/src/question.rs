//! A question to the daemon, which it answers at once.

use std::path::Path;

use antiphon_core::wire::{FromDaemon, ToDaemon};

use crate::connection::{Away, Link};
use crate::interrupt::Interrupt;

/// Asks the daemon at `socket`.
///
/// # Errors
/// [`Away`], also if interrupted.
pub fn ask(
    socket: &Path,
    question: &ToDaemon,
    interrupt: &dyn Interrupt,
) -> Result<FromDaemon, Away> {
    Ok(Link::open(socket)?.ask(question, interrupt)?)
}

/// Has the daemon revoke the tokens of the phones with these passkeys, which are invalid even if this fails.
///
/// # Errors
/// [`Away`].
pub fn forget(
    socket: &Path,
    credentials: Vec<Vec<u8>>,
    interrupt: &dyn Interrupt,
) -> Result<(), Away> {
    match ask(socket, &ToDaemon::Forget { credentials }, interrupt)? {
        FromDaemon::Forgotten {} => Ok(()),
        other => Err(Away::odd(&other)),
    }
}
