//! An enrolment, from [`ToDaemon::Ticket`] to [`ToDaemon::Keep`].

use std::time::Duration;

use antiphon_certificate::Certificate;
use antiphon_core::invitation::TICKET_LIFETIME;
use antiphon_core::wire::{FrameError, FromDaemon, Ticket, ToDaemon, Unwilling};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::frames::{Ended, Frames};
use crate::clock;
use crate::exchange::Exchange;
use crate::log;
use crate::store::{Device, StoreError};
use crate::tickets::OpenTicket;

/// A look and a passkey, and one to spare.
const QUEUE: usize = 4;

/// Handles the enrolment to its end.
pub(super) async fn carry(frames: &mut Frames, ticket: Ticket, exchange: &Exchange) -> Ended {
    if is_refused(exchange) {
        return unwilling(frames, Unwilling::Certificate).await;
    }
    let (sender, mut news) = mpsc::channel(QUEUE);
    let Some(open) = exchange.tickets.open(ticket, sender).await else {
        return unwilling(frames, Unwilling::Overloaded).await;
    };
    let kept = converse(frames, &open, &mut news, exchange).await;
    let phone = open.phone();
    // The ticket first: once root is told that the phone is kept, it is no longer provisional, and no stream of a
    // rejected phone can start unnoticed and stay.
    open.close().await;
    let Err(ended) = kept else {
        return frames.reply(&FromDaemon::Kept {}).await;
    };
    if let Some(phone) = phone {
        exchange
            .switchboard
            .end_tokens(&phone.credential, &[phone.token])
            .await;
    }
    ended
}

/// Whether phones would refuse the ticket's page.
pub(super) fn is_refused(exchange: &Exchange) -> bool {
    let page = &exchange.config.page;
    let Some(files) = &page.tls else { return false };
    // An unreadable file is not the one the page is served with.
    Certificate::load(&files.certificate).is_ok_and(|certificate| {
        let host = page.answering_host(|host| certificate.is_for(host));
        let finding = certificate.finding(host, clock::now());
        finding.is_some_and(|finding| finding.is_refused())
    })
}

/// Tells root what the phone does, until root has it kept.
async fn converse(
    frames: &mut Frames,
    open: &OpenTicket,
    news: &mut mpsc::Receiver<FromDaemon>,
    exchange: &Exchange,
) -> Result<(), Ended> {
    frames.send(&FromDaemon::TicketOpen {}).await?;
    // Twice the lifetime leaves time for the trial if the phone comes at the last moment.
    let until = Instant::now() + Duration::from_secs(2 * TICKET_LIFETIME);
    loop {
        tokio::select! {
            said = news.recv() => frames.send(&said.ok_or(Ended::Closed)?).await?,
            message = frames.next() => match (message?, open.phone()) {
                (ToDaemon::Keep {}, Some(phone)) => {
                    let Err(error) = keep(open, phone, exchange).await else {
                        return Ok(());
                    };
                    log::fail(format_args!("a phone was not kept: {error}"));
                    return Err(unwilling(frames, Unwilling::Overloaded).await);
                }
                _ => return Err(Ended::Frame(FrameError::NotUnderstood)),
            },
            () = sleep_until(until) => return Err(Ended::Closed),
            () = exchange.closing() => return Err(Ended::Closed),
        }
    }
}

async fn keep(open: &OpenTicket, phone: Device, exchange: &Exchange) -> Result<(), StoreError> {
    exchange.store.keep(phone.clone()).await?;
    // Until now the phone could set the push address of its provisional self.
    match open.phone() {
        Some(later) if later.push != phone.push => {
            exchange.store.call_at(phone.token, later.push).await
        }
        _ => Ok(()),
    }
}

async fn unwilling(frames: &mut Frames, reason: Unwilling) -> Ended {
    frames.reply(&FromDaemon::Unwilling { reason }).await
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::net;
    use std::sync::Arc;

    use antiphon_core::config::Config;
    use antiphon_core::wire::{Enrolled, FromDaemon, Peer, Ticket, ToDaemon, encode};
    use antiphon_gateway::Gateways;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;
    use tokio::task::yield_now;

    use super::carry;
    use crate::clock;
    use crate::exchange::Exchange;
    use crate::socket::frames::Frames;
    use crate::store::{Memory, Store};
    use crate::token::TokenHash;

    const NAME: [u8; 16] = [1; 16];

    async fn hear(root: &mut UnixStream, expected: &FromDaemon) {
        let expected = encode(expected).unwrap();
        let mut heard = vec![0; expected.len()];
        root.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, expected);
    }

    /// When root gets to read the reply, the phone is already what the reply says.
    #[tokio::test]
    async fn a_phone_that_root_is_told_to_be_kept_is_provisional_no_more() {
        let store = Arc::new(Memory::default());
        let (gateways, kept_in) = (Gateways::default(), Arc::clone(&store) as Arc<dyn Store>);
        let exchange = Exchange::new(Config::default(), &gateways, kept_in).await;
        let exchange = Arc::new(exchange.unwrap());
        let (ours, theirs) = net::UnixStream::pair().unwrap();
        for end in [&ours, &theirs] {
            end.set_nonblocking(true).unwrap();
        }
        let mut full = ours.try_clone().unwrap();
        let mut root = UnixStream::from_std(theirs).unwrap();
        let mut frames = Frames::new(Box::new(UnixStream::from_std(ours).unwrap()), Peer::Root);
        let ticket = Ticket {
            ticket: NAME.to_vec(),
            user: "alice".into(),
            host: "web1".into(),
            credentials: Vec::new(),
        };
        let carried = {
            let exchange = Arc::clone(&exchange);
            tokio::spawn(async move { carry(&mut frames, ticket, &exchange).await })
        };
        hear(&mut root, &FromDaemon::TicketOpen {}).await;
        let enrolled = Enrolled {
            name: "Pixel 9".into(),
            credential: vec![1],
            public_key: vec![4; 91],
            backup_eligible: false,
            proof: vec![0; 32],
        };
        let token = TokenHash::stored([1; 32]);
        let tickets = &exchange.tickets;
        let answered = tickets.answer(&NAME, enrolled.clone(), token, clock::now());
        assert_eq!(answered.await, Ok(None));
        hear(&mut root, &FromDaemon::Enrolled(enrolled)).await;

        while full.write(&[0; 4096]).is_ok() {}
        drop(full);
        let keep = encode(&ToDaemon::Keep {}).unwrap();
        root.write_all(&keep).await.unwrap();
        while tickets.of_token(token).is_some() {
            yield_now().await;
        }
        assert!(store.of_token(token).await.unwrap().is_some());
        let mut heard = Vec::new();
        root.read_to_end(&mut heard).await.unwrap();
        assert!(heard.ends_with(&encode(&FromDaemon::Kept {}).unwrap()));
        carried.await.unwrap();
    }
}
