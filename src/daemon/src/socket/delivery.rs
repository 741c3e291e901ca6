//! A one-time code for a telephone, from [`ToDaemon::Deliver`] to its fate.
//!
//! [`ToDaemon::Deliver`]: antiphon_core::wire::ToDaemon::Deliver

use antiphon_core::wire::{Deliver, FrameError, FromDaemon};

use super::frames::{Ended, Frames};
use crate::exchange::Exchange;
use crate::gateway::Fate;

/// Sends it, and says what came of it. Who hangs up hears nothing; what is under way then goes to its end.
pub(super) async fn carry(frames: &mut Frames, deliver: Deliver, exchange: &Exchange) -> Ended {
    let fate = tokio::select! {
        // Who has gone already gets no message.
        biased;
        message = frames.next() => return match message {
            Ok(_) => Ended::Frame(FrameError::NotUnderstood),
            Err(ended) => ended,
        },
        fate = exchange.desk.deliver(deliver) => fate,
        () = exchange.closing() => return Ended::Closed,
    };
    let answer = match fate {
        Fate::Taken => FromDaemon::Delivered {},
        Fate::Not(reason) => FromDaemon::Undelivered { reason },
        Fate::NotUnderstood => return Ended::Frame(FrameError::NotUnderstood),
    };
    match frames.send(&answer).await {
        Ok(()) => Ended::Closed,
        Err(ended) => ended,
    }
}
