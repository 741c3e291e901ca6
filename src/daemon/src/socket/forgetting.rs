//! A removal: [`ToDaemon::Forget`](antiphon_core::wire::ToDaemon::Forget) and its answer.
//!
//! What the phones could still do was to look: who they are, and the person's recent activity. An approval of theirs has
//! not counted since root's record was written.

use antiphon_core::wire::{FrameError, FromDaemon, Unwilling};

use super::frames::{Ended, Frames};
use super::sign_in::are_sound;
use crate::exchange::Exchange;
use crate::log;

/// Ends the tokens of the phones with these passkeys, and what they have open.
pub(super) async fn carry(
    frames: &mut Frames,
    credentials: Vec<Vec<u8>>,
    exchange: &Exchange,
) -> Ended {
    if !are_sound(&credentials) {
        return Ended::Frame(FrameError::NotUnderstood);
    }
    let forgotten = exchange.store.forget(credentials.clone()).await;
    // First the tokens, then the streams: none can begin in between and stay. Also where the store does not know whether
    // it has written: a phone that is still known comes back.
    for credential in &credentials {
        exchange.switchboard.hang_up(credential);
    }
    let said = match forgotten {
        Ok(forgotten) => {
            log::note(format_args!("phones removed by root: {forgotten}"));
            FromDaemon::Forgotten {}
        }
        Err(error) => {
            log::fail(format_args!("a phone was not forgotten: {error}"));
            FromDaemon::Unwilling {
                reason: Unwilling::Overloaded,
            }
        }
    };
    match frames.send(&said).await {
        Ok(()) => Ended::Closed,
        Err(ended) => ended,
    }
}
