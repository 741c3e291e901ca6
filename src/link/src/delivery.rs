//! Handing a message to the daemon, and waiting for its gateway: seconds, and never long.

use std::path::Path;
use std::time::{Duration, Instant};

use antiphon_core::wire::{Deliver, FromDaemon, ToDaemon, Undelivered};
use zeroize::Zeroize;

use crate::connection::{Away, Link, Unheard};
use crate::interrupt::Interrupt;

/// How long a gateway is waited for.
const PATIENCE: Duration = Duration::from_secs(15);

/// What became of it.
pub enum Delivery {
    /// The gateway has taken it. Whether it arrives nobody knows.
    Taken,
    /// It has not.
    Failed(Undelivered),
    /// The daemon is not to be had.
    Away(Away),
    /// The person has pressed Ctrl-C, or gone.
    Interrupted,
}

/// Hands `message` to the daemon at `socket`. When this ends, the connection does: an answer that comes later is for nobody.
pub fn deliver(socket: &Path, message: Deliver, interrupt: &dyn Interrupt) -> Delivery {
    let mut message = ToDaemon::Deliver(message);
    let sent = Link::open(socket).and_then(|mut link| {
        link.send(&message)?;
        Ok(link)
    });
    if let ToDaemon::Deliver(sent) = &mut message {
        sent.code.zeroize();
        sent.text.zeroize();
    }
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
