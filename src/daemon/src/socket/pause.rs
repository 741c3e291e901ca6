//! A sign-in whose phone is paused: [`ToDaemon::Paused`](antiphon_core::wire::ToDaemon::Paused) and its answer.

use antiphon_core::wire::{FromDaemon, Silence};

use super::frames::{Ended, Frames};
use crate::clock;
use crate::exchange::Exchange;
use crate::pauses::Whose;

/// Replies with the answer that ends the pause, if any, and shows the pause to the person from now on.
pub(super) async fn carry(
    frames: &mut Frames,
    whose: Whose,
    pause: Silence,
    exchange: &Exchange,
) -> Ended {
    let taken_back = exchange.pauses.heard(whose, pause, clock::now());
    let said = taken_back.map_or(FromDaemon::StillPaused {}, FromDaemon::TakenBack);
    match frames.send(&said).await {
        Ok(()) => Ended::Closed,
        Err(ended) => ended,
    }
}
