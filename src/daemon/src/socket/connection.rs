//! A connection from root: one sign-in, enrolment, removal, code for a telephone or question about a pause.

use std::sync::Arc;
use std::time::Duration;

use antiphon_core::wire::{Deliver, FrameError, FromDaemon, ToDaemon, Unwilling};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::frames::{Ended, Frames};
use super::{enrolment, sign_in};
use crate::clock;
use crate::exchange::Exchange;
use crate::log;
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
            Box::pin(forget(&mut frames, credentials, &exchange)).await
        }
        Ok(Ok(ToDaemon::Paused { user, host, pause })) => {
            // Shown to the person from now on, unless it has been ended.
            let whose = Whose { user, host };
            let taken_back = exchange.pauses.heard(whose, pause, clock::now());
            let said = taken_back.map_or(FromDaemon::StillPaused {}, FromDaemon::TakenBack);
            frames.reply(&said).await
        }
        Ok(Ok(ToDaemon::Deliver(deliver))) => {
            Box::pin(send_code(&mut frames, deliver, &exchange)).await
        }
        Ok(Ok(ToDaemon::ApproveByAccount(_))) => {
            // Until the provider's sign-in is there, accounts are not asked.
            let reason = Unwilling::NoProvider;
            frames.reply(&FromDaemon::Unwilling { reason }).await
        }
        Ok(Ok(ToDaemon::Outcome { .. } | ToDaemon::Keep {} | ToDaemon::KeyUnknown {})) => {
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

/// Sends a one-time code to a telephone and reports the result. A caller that hangs up gets no answer; a sending in
/// progress is completed.
async fn send_code(frames: &mut Frames, deliver: Deliver, exchange: &Exchange) -> Ended {
    let by = deliver.by;
    let sent = tokio::select! {
        // Nothing is sent for a caller that has already gone.
        biased;
        message = frames.next() => return match message {
            Ok(_) => Ended::Frame(FrameError::NotUnderstood),
            Err(ended) => ended,
        },
        sent = exchange.desk.deliver(deliver) => sent,
        () = exchange.closing() => return Ended::Closed,
    };
    if let Some(sent) = &sent {
        exchange.metrics.delivered(by, sent.is_ok());
    }
    let answer = match sent {
        Some(Ok(())) => FromDaemon::Delivered {},
        Some(Err(reason)) => FromDaemon::Undelivered { reason },
        None => return Ended::Frame(FrameError::NotUnderstood),
    };
    frames.reply(&answer).await
}

/// Revokes the tokens of removed phones, by their passkeys, and closes their streams. Until now the phones could still
/// read: their identity, and the person's recent activity. Their approvals have been invalid since root's record was
/// written.
async fn forget(frames: &mut Frames, credentials: Vec<Vec<u8>>, exchange: &Exchange) -> Ended {
    if !sign_in::are_sound(&credentials) {
        return Ended::Frame(FrameError::NotUnderstood);
    }
    let forgotten = exchange.store.forget(credentials.clone()).await;
    // First the tokens, then the streams, so that none can start in between and stay. Even if the store does not know
    // whether it has written: a phone that is still known reconnects.
    for credential in &credentials {
        exchange.switchboard.hang_up(credential);
    }
    let reason = Unwilling::Overloaded;
    let said = match forgotten {
        Ok(forgotten) => {
            log::note(format_args!("phones removed by root: {forgotten}"));
            FromDaemon::Forgotten {}
        }
        Err(error) => {
            log::fail(format_args!("a phone was not forgotten: {error}"));
            FromDaemon::Unwilling { reason }
        }
    };
    frames.reply(&said).await
}
