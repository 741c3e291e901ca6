//! Passes a message to the daemon, and waits for its gateway: seconds at most.

use std::path::Path;
use std::time::{Duration, Instant};

use antiphon_core::wire::{FromDaemon, ToDaemon, Undelivered};

use crate::connection::{Away, Link, Unheard};
use crate::interrupt::Interrupt;

/// How long to wait for a gateway.
const PATIENCE: Duration = Duration::from_secs(15);

/// The result of a delivery.
pub enum Delivery {
    /// The gateway accepted it. Whether it arrives is unknown.
    Taken,
    /// The gateway did not accept it.
    Failed(Undelivered),
    /// The daemon is not available.
    Away(Away),
    /// The person pressed Ctrl-C, or has gone.
    Interrupted,
}

/// Passes `message`, which carries a one-time code, to the daemon at `socket`. The connection ends with this call, so a later
/// answer reaches nobody.
pub fn deliver(socket: &Path, mut message: ToDaemon, interrupt: &dyn Interrupt) -> Delivery {
    let sent = Link::open(socket).and_then(|mut link| {
        link.send(&message)?;
        Ok(link)
    });
    message.wipe_code();
    let mut link = match sent {
        Ok(link) => link,
        Err(away) => return Delivery::Away(away),
    };
    match link.wait(Instant::now() + PATIENCE, interrupt) {
        Ok(FromDaemon::Delivered {}) => Delivery::Taken,
        Ok(FromDaemon::Undelivered { reason }) => Delivery::Failed(reason),
        Ok(other) => Delivery::Away(Away::odd(&other)),
        Err(Unheard::Stopped) => Delivery::Interrupted,
        Err(unheard) => Delivery::Away(unheard.into()),
    }
}
