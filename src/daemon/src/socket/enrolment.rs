//! An enrolment, from [`ToDaemon::Ticket`] to [`ToDaemon::Keep`].

use std::time::Duration;

use antiphon_certificate::Certificate;
use antiphon_core::enrolment::TICKET_LIFETIME;
use antiphon_core::wire::{FrameError, FromDaemon, Ticket, ToDaemon, Unwilling};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::frames::{Ended, Frames};
use crate::clock;
use crate::exchange::Exchange;
use crate::journal;
use crate::store::{Phone, StoreError};
use crate::tickets::OpenTicket;

/// A look and a passkey, and one to spare.
const QUEUE: usize = 4;

/// Carries the enrolment to its end.
pub(super) async fn carry(frames: &mut Frames, ticket: Ticket, exchange: &Exchange) -> Ended {
    if is_refused(exchange) {
        return unwilling(frames, Unwilling::Certificate).await;
    }
    let (sender, mut news) = mpsc::channel(QUEUE);
    let Some(open) = exchange.tickets.open(ticket, sender) else {
        return unwilling(frames, Unwilling::Overloaded).await;
    };
    let mut kept = false;
    let ended = converse(frames, &open, &mut news, &mut kept, exchange).await;
    let phone = open.phone();
    // First the ticket: whoever is told that the phone is kept finds it provisional no more, and no stream of one that is
    // not kept can begin behind our back and stay.
    drop(open);
    if kept {
        return frames
            .send(&FromDaemon::Kept {})
            .await
            .err()
            .unwrap_or(ended);
    }
    if let Some(phone) = phone {
        exchange
            .switchboard
            .end_tokens(&phone.credential, &[phone.token]);
    }
    ended
}

/// Whether phones would refuse the page that the ticket leads to.
fn is_refused(exchange: &Exchange) -> bool {
    let page = &exchange.config.page;
    let Some(files) = &page.tls else { return false };
    // A file that cannot be read now is one that the page is not served with.
    Certificate::load(&files.certificate).is_ok_and(|certificate| {
        let finding = certificate.finding(page.host(), clock::now());
        finding.is_some_and(|finding| finding.is_refused())
    })
}

async fn converse(
    frames: &mut Frames,
    open: &OpenTicket,
    news: &mut mpsc::Receiver<FromDaemon>,
    kept: &mut bool,
    exchange: &Exchange,
) -> Ended {
    if let Err(ended) = frames.send(&FromDaemon::TicketOpen {}).await {
        return ended;
    }
    // As long again for the test approval, if the phone comes at the last moment.
    let until = Instant::now() + Duration::from_secs(2 * TICKET_LIFETIME);
    loop {
        tokio::select! {
            said = news.recv() => match said {
                Some(said) => {
                    if let Err(ended) = frames.send(&said).await {
                        return ended;
                    }
                }
                None => return Ended::Closed,
            },
            message = frames.next() => match message {
                Ok(ToDaemon::Keep {}) => {
                    let Some(phone) = open.phone() else {
                        return Ended::Frame(FrameError::NotUnderstood);
                    };
                    if let Err(error) = keep(open, phone, exchange).await {
                        journal::fail(format_args!("a phone was not kept: {error}"));
                        return unwilling(frames, Unwilling::Overloaded).await;
                    }
                    *kept = true;
                    return Ended::Closed;
                }
                Ok(_) => return Ended::Frame(FrameError::NotUnderstood),
                Err(ended) => return ended,
            },
            () = sleep_until(until) => return Ended::Closed,
            () = exchange.closing() => return Ended::Closed,
        }
    }
}

async fn keep(open: &OpenTicket, phone: Phone, exchange: &Exchange) -> Result<(), StoreError> {
    exchange.store.keep(phone.clone()).await?;
    // Until now the phone could say to its provisional self where to call it.
    match open.phone() {
        Some(later) if later.push != phone.push => {
            let set = exchange.store.call_at(phone.token, later.push);
            set.await
        }
        _ => Ok(()),
    }
}

async fn unwilling(frames: &mut Frames, reason: Unwilling) -> Ended {
    match frames.send(&FromDaemon::Unwilling { reason }).await {
        Ok(()) => Ended::Closed,
        Err(ended) => ended,
    }
}
