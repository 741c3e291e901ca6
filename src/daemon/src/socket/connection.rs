//! A connection from root: one sign-in, enrolment, removal, code for a telephone or question about a pause.

use std::sync::Arc;
use std::time::Duration;

use antiphon_core::wire::{FrameError, FromDaemon, ToDaemon, Unwilling};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::frames::{Ended, Frames};
use super::{delivery, enrolment, forgetting, pause, sign_in};
use crate::exchange::Exchange;
use crate::pauses::Whose;
use crate::seldom::Seldom;

/// The time limit for the first frame.
const PATIENCE: Duration = Duration::from_secs(10);

/// Handles a connection to its end.
pub(super) async fn carry(stream: UnixStream, exchange: Arc<Exchange>) {
    let mut frames = Frames::new(stream);
    let first = timeout(PATIENCE, frames.next());
    let ended = match first.await {
        Ok(Ok(ToDaemon::Approve {
            request,
            credentials,
            digits,
            hints,
        })) => {
            let asked = sign_in::Asked {
                request,
                credentials,
                digits,
                hints,
            };
            sign_in::carry(&mut frames, asked, &exchange).await
        }
        // Boxed, so that thousands of sign-ins do not each reserve space for an enrolment or a message.
        Ok(Ok(ToDaemon::Ticket(ticket))) => {
            Box::pin(enrolment::carry(&mut frames, ticket, &exchange)).await
        }
        Ok(Ok(ToDaemon::Forget { credentials })) => {
            Box::pin(forgetting::carry(&mut frames, credentials, &exchange)).await
        }
        Ok(Ok(ToDaemon::Paused { user, host, pause })) => {
            let whose = Whose { user, host };
            pause::carry(&mut frames, whose, pause, &exchange).await
        }
        Ok(Ok(ToDaemon::Deliver(deliver))) => {
            Box::pin(delivery::carry(&mut frames, deliver, &exchange)).await
        }
        Ok(Ok(ToDaemon::Outcome { .. } | ToDaemon::Keep {})) => {
            Ended::Frame(FrameError::NotUnderstood)
        }
        Ok(Err(ended)) => ended,
        Err(_) => Ended::Broken,
    };
    if let Ended::Frame(error) = ended {
        static SELDOM: Seldom = Seldom::new();
        SELDOM.warn(format_args!("a connection of root was ended: {error}"));
        let reason = Unwilling::NotUnderstood;
        let _ = frames.send(&FromDaemon::Unwilling { reason }).await;
    }
}
