//! The enrolment of an account, from [`ToDaemon::AccountTicket`] to the provider's token.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use antiphon_core::wire::{AccountTicket, FrameError, FromDaemon, ToDaemon, Unwilling};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::enrolment::is_refused;
use super::frames::{Ended, Frames};
use crate::account::{Name, OpenPage, Purpose, Route};
use crate::clock;
use crate::exchange::Exchange;
use crate::switchboard::Ending;

/// The longest lifetime of a ticket in seconds, whatever it says.
const LONGEST: u64 = 3600;
/// A look and a token, and one to spare.
const QUEUE: usize = 4;

/// Handles the enrolment to its end.
pub(super) async fn carry(
    frames: &mut Frames,
    ticket: AccountTicket,
    exchange: &Exchange,
) -> Ended {
    let unwilling = |reason| FromDaemon::Unwilling { reason };
    if ticket.user.is_empty() || !ticket.terms.subject.is_empty() {
        return Ended::Frame(FrameError::NotUnderstood);
    }
    if is_refused(exchange) {
        return frames.reply(&unwilling(Unwilling::Certificate)).await;
    }
    let is_known = match exchange.accounts.providers.of(&ticket.terms) {
        Some(found) => Arc::clone(found).discovery().await.is_some(),
        None => false,
    };
    if !is_known {
        return frames.reply(&unwilling(Unwilling::NoProvider)).await;
    }
    let (asker, mut news) = mpsc::channel(QUEUE);
    let lasts = clock::now().until(ticket.expires).min(LONGEST);
    let until = Instant::now() + Duration::from_secs(lasts);
    let name = Name::Ticket(ticket.name);
    let route = Route::Ticket {
        asker,
        used: AtomicBool::new(false),
    };
    let purpose = Purpose::Enrolment(Box::new(ticket));
    let room = &exchange.accounts.room;
    let Some(page) = room.open(name, purpose, route, until.into_std()) else {
        return frames.reply(&unwilling(Unwilling::Overloaded)).await;
    };
    converse(frames, page, &mut news, until, exchange).await
}

/// Tells root what the page does, until root hangs up, or says how it ended.
async fn converse(
    frames: &mut Frames,
    page: OpenPage,
    news: &mut mpsc::Receiver<FromDaemon>,
    until: Instant,
    exchange: &Exchange,
) -> Ended {
    if let Err(ended) = frames.send(&FromDaemon::TicketOpen {}).await {
        return ended;
    }
    loop {
        tokio::select! {
            // A token that has arrived is passed on before the time limit is checked.
            biased;
            said = news.recv() => {
                // The page's hold on the other end goes with `page` alone.
                let Some(said) = said else { return Ended::Closed };
                if let Err(ended) = frames.send(&said).await {
                    return ended;
                }
            }
            message = frames.next() => match message {
                Ok(ToDaemon::Outcome { outcome, .. }) => {
                    page.end(Ending::of_outcome(&outcome));
                    return Ended::Closed;
                }
                Ok(ToDaemon::KeyUnknown {}) => {
                    exchange.accounts.keys.ask(std::time::Instant::now());
                }
                Ok(_) => return Ended::Frame(FrameError::NotUnderstood),
                Err(ended) => return ended,
            },
            () = sleep_until(until) => {
                page.end(Ending::Expired);
                return Ended::Closed;
            }
            () = exchange.closing() => return Ended::Closed,
        }
    }
}
