//! A one-time code for a telephone, from [`ToDaemon::Deliver`] to its result.
//!
//! [`ToDaemon::Deliver`]: antiphon_core::wire::ToDaemon::Deliver

use antiphon_core::wire::{Deliver, FrameError, FromDaemon};

use super::frames::{Ended, Frames};
use crate::exchange::Exchange;
use crate::gateway::Fate;

/// Sends it and reports the result. A caller that hangs up gets no answer; a sending in progress is completed.
pub(super) async fn carry(frames: &mut Frames, deliver: Deliver, exchange: &Exchange) -> Ended {
    let fate = tokio::select! {
        // Nothing is sent for a caller that has already gone.
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
