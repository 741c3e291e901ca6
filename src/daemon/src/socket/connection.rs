//! A connection from root: one sign-in, enrolment, removal, code for a telephone or question about a pause.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::approval::Assertion;
use antiphon_core::wire::{
    Deliver, DeliverToPerson, FleetRefusal, FrameError, FromDaemon, FromFleet, Peer, Silence,
    ToDaemon, ToFleet, Unwilling,
};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::frames::{Ended, Frames, Stream};
use super::waiting::Waiting;
use super::{account_ticket, enrolment, sign_in};
use crate::exchange::Exchange;
use crate::fleet::Asked;
use crate::log;
use crate::pauses::Whose;
use crate::seldom::Seldom;

/// The time limit for the first frame.
const PATIENCE: Duration = Duration::from_secs(10);

/// Handles a connection of root to its end.
pub(super) async fn carry_root(stream: UnixStream, exchange: Arc<Exchange>) {
    let mut frames = Frames::new(Box::new(stream), Peer::Root);
    carry(&mut frames, &exchange).await;
}

/// Handles a connection over the network to its end.
pub(crate) async fn carry_remote(
    stream: Box<dyn Stream>,
    peer: Peer,
    from: IpAddr,
    exchange: Arc<Exchange>,
) {
    let mut frames = Frames::of(stream, peer, from);
    carry(&mut frames, &exchange).await;
}

async fn carry(frames: &mut Frames, exchange: &Arc<Exchange>) {
    // Boxed, so that thousands of sign-ins that wait do not each reserve space for what comes before and after.
    let ended = match Box::pin(begin(frames, exchange)).await {
        Ok(waiting) => waiting.wait(frames, exchange).await,
        Err(ended) => ended,
    };
    Box::pin(say_why(frames, ended)).await;
}

/// Says why a connection is ended, if it is this side that ends it.
async fn say_why(frames: &mut Frames, ended: Ended) {
    static SELDOM: Seldom = Seldom::new();
    match ended {
        Ended::Frame(error) => {
            SELDOM.warn(format_args!(
                "a connection of {} was ended: {error}",
                frames.peer()
            ));
            let reason = Unwilling::NotUnderstood;
            let _ = frames.send(&FromDaemon::Unwilling { reason }).await;
        }
        Ended::Forbidden => {
            SELDOM.warn(format_args!(
                "{} sent what it has no right to send, and was refused",
                frames.peer()
            ));
            let reason = FleetRefusal::NotAllowed;
            let refused = FromDaemon::Fleet(FromFleet::Refused { reason });
            let _ = frames.send(&refused).await;
        }
        Ended::Closed | Ended::Broken => {}
    }
}

/// Handles all but a sign-in to its end, and a sign-in until it waits.
async fn begin(frames: &mut Frames, exchange: &Arc<Exchange>) -> Result<Box<Waiting>, Ended> {
    Err(match timeout(PATIENCE, first(frames, exchange)).await {
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
                account: None,
            };
            return sign_in::begin(frames, asked, exchange).await;
        }
        Ok(Ok(ToDaemon::ApproveByAccount(asked))) => {
            return sign_in::begin(frames, asked.into(), exchange).await;
        }
        Ok(Ok(ToDaemon::Ticket(ticket))) => {
            Box::pin(enrolment::carry(frames, ticket, exchange)).await
        }
        Ok(Ok(ToDaemon::Forget { credentials })) => {
            Box::pin(forget(frames, credentials, exchange)).await
        }
        Ok(Ok(ToDaemon::Paused { user, host, pause })) => {
            let whose = Whose { user, host };
            let taken_back = Box::pin(hear_pause(whose, pause, exchange)).await;
            let said = taken_back.map_or(FromDaemon::StillPaused {}, FromDaemon::TakenBack);
            frames.reply(&said).await
        }
        Ok(Ok(ToDaemon::Deliver(deliver))) => Box::pin(send_code(frames, deliver, exchange)).await,
        Ok(Ok(ToDaemon::DeliverToPerson(wanted))) => {
            Box::pin(send_to_person(frames, wanted, exchange)).await
        }
        Ok(Ok(ToDaemon::AccountTicket(ticket))) => {
            Box::pin(account_ticket::carry(frames, ticket, exchange)).await
        }
        Ok(Ok(ToDaemon::Fleet(message))) => Box::pin(answer(frames, message, exchange)).await,
        // Before anything is opened: without keys nothing is.
        Ok(Ok(ToDaemon::KeyUnknown {})) => {
            exchange.accounts.keys.ask(std::time::Instant::now());
            Ended::Closed
        }
        Ok(Ok(ToDaemon::Outcome { .. } | ToDaemon::Keep {})) => {
            Ended::Frame(FrameError::NotUnderstood)
        }
        Ok(Err(ended)) => ended,
        Err(_) => Ended::Broken,
    })
}

/// Shows the pause to its person from now on, unless it has been ended. Who has no phone is shown nothing, and could not end
/// it.
async fn hear_pause(whose: Whose, pause: Silence, exchange: &Exchange) -> Option<Assertion> {
    if exchange.has_phone(&whose.user).await {
        exchange.pauses.heard(&whose, pause).await
    } else {
        None
    }
}

/// The first message that asks for something. A host says hello before it.
async fn first(frames: &mut Frames, exchange: &Exchange) -> Result<ToDaemon, Ended> {
    let mut message = frames.next().await?;
    if matches!(frames.peer(), Peer::Host { .. }) {
        let (ToDaemon::Fleet(hello @ ToFleet::Hello { .. }), Some(relay)) =
            (message, &exchange.relay)
        else {
            return Err(Ended::Frame(FrameError::NotUnderstood));
        };
        let asked = Asked {
            message: hello,
            peer: frames.peer(),
            from: frames.from(),
        };
        let said = relay.answer(asked, &exchange.store).await;
        let is_welcome = matches!(said, FromFleet::Welcome { .. });
        frames.send(&FromDaemon::Fleet(said)).await?;
        if !is_welcome {
            return Err(Ended::Closed);
        }
        message = frames.next().await?;
    }
    Ok(message)
}

/// Answers what is asked of a relay. Elsewhere it is not understood.
async fn answer(frames: &mut Frames, message: ToFleet, exchange: &Exchange) -> Ended {
    let Some(relay) = &exchange.relay else {
        return Ended::Frame(FrameError::NotUnderstood);
    };
    let asked = Asked {
        message,
        peer: frames.peer(),
        from: frames.from(),
    };
    let stranger = asked.from.filter(|_| *asked.peer == Peer::Newcomer);
    let said = if stranger.is_none_or(|from| exchange.may_join(from)) {
        relay.answer(asked, &exchange.store).await
    } else {
        FromFleet::Refused {
            reason: FleetRefusal::Overloaded,
        }
    };
    if let Some(from) = stranger
        && matches!(said, FromFleet::Refused { .. })
    {
        exchange.count_join(from);
    }
    frames.reply(&FromDaemon::Fleet(said)).await
}

/// Sends a one-time code to a telephone and reports the result. A caller that hangs up gets no answer; a sending in
/// progress is completed.
async fn send_code(frames: &mut Frames, deliver: Deliver, exchange: &Exchange) -> Ended {
    let by = deliver.by;
    let host = match frames.peer() {
        Peer::Host { name, .. } => Some(name.clone()),
        Peer::Root | Peer::Newcomer => None,
    };
    let sent = tokio::select! {
        // Nothing is sent for a caller that has already gone.
        biased;
        message = frames.next() => return match message {
            Ok(_) => Ended::Frame(FrameError::NotUnderstood),
            Err(ended) => ended,
        },
        sent = exchange.desk.deliver(deliver, host) => sent,
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

/// The same for a person of the fleet, whose number is looked up. Where there is no fleet it is not understood.
async fn send_to_person(
    frames: &mut Frames,
    wanted: DeliverToPerson,
    exchange: &Exchange,
) -> Ended {
    let by = wanted.by;
    let message = match &exchange.relay {
        Some(relay) => relay.message(wanted, &exchange.store).await,
        None => None,
    };
    match message {
        Some(Ok(deliver)) => send_code(frames, deliver, exchange).await,
        Some(Err(reason)) => {
            exchange.metrics.delivered(by, false);
            frames.reply(&FromDaemon::Undelivered { reason }).await
        }
        None => Ended::Frame(FrameError::NotUnderstood),
    }
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
        exchange.switchboard.hang_up(credential).await;
    }
    let reason = Unwilling::Overloaded;
    let said = match forgotten {
        Ok(forgotten) => {
            log::note(format_args!(
                "phones removed by {}: {forgotten}",
                frames.peer()
            ));
            FromDaemon::Forgotten {}
        }
        Err(error) => {
            log::fail(format_args!("a phone was not forgotten: {error}"));
            FromDaemon::Unwilling { reason }
        }
    };
    frames.reply(&said).await
}
