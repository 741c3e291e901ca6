//! Handing a message to the daemon, and waiting for its gateway: seconds, and never long.

use std::path::Path;
use std::time::{Duration, Instant};

use antiphon_core::wire::{Deliver, FromDaemon, ToDaemon, Undelivered, Unwilling};
use antiphon_link::{Away, DaemonLink};
use nix::sys::signal::Signal;
use zeroize::Zeroize;

use crate::ffi;

/// How long a gateway is waited for.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often a blocked Ctrl-C is looked for.
const TICK: Duration = Duration::from_millis(100);

/// What became of it.
pub(crate) enum Delivery {
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
pub(crate) fn deliver(socket: &Path, message: Deliver) -> Delivery {
    let mut message = ToDaemon::Deliver(message);
    let sent = DaemonLink::open(socket).and_then(|mut link| {
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
    let deadline = Instant::now() + PATIENCE;
    loop {
        match link.receive() {
            Ok(Some(FromDaemon::Delivered {})) => return Delivery::Taken,
            Ok(Some(FromDaemon::Undelivered { reason })) => return Delivery::Failed(reason),
            Ok(Some(FromDaemon::Unwilling { reason })) => return away(unwilling(reason)),
            Ok(Some(_)) => return away("it speaks of something else"),
            Ok(None) => {}
            Err(away) => return Delivery::Away(away),
        }
        // sudo blocks the first two while it asks for the password.
        if ffi::is_pending(&[
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGHUP,
            Signal::SIGTERM,
        ]) {
            return Delivery::Interrupted;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return away("it says nothing");
        }
        if let Err(away) = link.rest(left.min(TICK)) {
            return Delivery::Away(away);
        }
    }
}

fn unwilling(reason: Unwilling) -> &'static str {
    match reason {
        Unwilling::Busy => "it is unwilling: busy",
        Unwilling::NoPhone => "it is unwilling: no phone",
        Unwilling::Overloaded => "it is unwilling: overloaded",
        Unwilling::Certificate => "it is unwilling: phones refuse its certificate",
        Unwilling::NotUnderstood => "it did not understand; module and antiphond differ in version",
    }
}

fn away(why: &str) -> Delivery {
    Delivery::Away(Away(why.to_owned()))
}
