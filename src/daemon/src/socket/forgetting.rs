//! A removal: [`ToDaemon::Forget`](antiphon_core::wire::ToDaemon::Forget) and its answer.
//!
//! Until now the phones could still read: their identity, and the person's recent activity. Their approvals have been
//! invalid since root's record was written.

use antiphon_core::wire::{FrameError, FromDaemon, Unwilling};

use super::frames::{Ended, Frames};
use super::sign_in::are_sound;
use crate::exchange::Exchange;
use crate::log;

/// Revokes the tokens of the phones with these passkeys, and closes their streams.
pub(super) async fn carry(
    frames: &mut Frames,
    credentials: Vec<Vec<u8>>,
    exchange: &Exchange,
) -> Ended {
    if !are_sound(&credentials) {
        return Ended::Frame(FrameError::NotUnderstood);
    }
    let forgotten = exchange.store.forget(credentials.clone()).await;
    // First the tokens, then the streams, so that none can start in between and stay. Even if the store does not know
    // whether it has written: a phone that is still known reconnects.
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
