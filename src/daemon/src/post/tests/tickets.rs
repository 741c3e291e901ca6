//! Tickets that a phone can answer at another relay than the one where root's command waits.

use std::sync::Arc;

use antiphon_core::time::UnixTime;
use antiphon_core::wire::{Enrolled, FromDaemon, Ticket};
use tokio::sync::mpsc;

use super::{PATIENCE, until};
use crate::engine::tests::Served;
use crate::post::{ByEngine, Heard, News, Post};
use crate::push::Target;
use crate::tickets::{TicketTrouble, Tickets};
use crate::token::TokenHash;

/// What a relay knows of tickets.
async fn tickets(served: &Served) -> Arc<Tickets> {
    let post = Arc::new(ByEngine::new(served.engine().await, PATIENCE).unwrap());
    post.appear().await;
    let tickets = Arc::new(Tickets::by(post.clone()));
    let told = Arc::clone(&tickets);
    tokio::spawn(async move {
        loop {
            match post.heard().await {
                Heard::News(News::Ticket { name }) => told.hear(name).await,
                Heard::Back => told.read_again().await,
                Heard::News(_) => {}
            }
        }
    });
    tickets
}

fn ticket(name: u8) -> Ticket {
    Ticket {
        ticket: vec![name; 16],
        user: "anna".into(),
        host: "web1".into(),
        credentials: vec![vec![9]],
    }
}

fn enrolled(credential: u8) -> Enrolled {
    Enrolled {
        name: "Pixel 9".into(),
        credential: vec![credential],
        public_key: vec![4; 91],
        backup_eligible: true,
        proof: vec![0; 32],
    }
}

#[tokio::test]
async fn a_ticket_that_is_put_back_while_it_is_opened_is_open() {
    let served = Served::start();
    let relay = tickets(&served).await;
    let (asker, _told) = mpsc::channel(4);
    for name in 0..100 {
        let again = async {
            relay.read_again().await;
            relay.read_again().await;
        };
        let (open, ()) = tokio::join!(relay.open(ticket(name), asker.clone()), again);
        open.unwrap().close().await;
    }
}

#[tokio::test]
async fn a_ticket_serves_one_phone_at_whichever_relay() {
    let mut served = Served::start();
    let (a, b) = (tickets(&served).await, tickets(&served).await);
    let (asker, mut told) = mpsc::channel(4);
    let open = a.open(ticket(1), asker.clone()).await.unwrap();
    assert!(b.open(ticket(1), asker.clone()).await.is_none());
    assert_eq!(b.look(&[2; 16]).await, Err(TicketTrouble::Unknown));
    for tickets in [&b, &a, &b] {
        assert_eq!(tickets.look(&[1; 16]).await, Ok(ticket(1)));
    }
    assert_eq!(told.recv().await, Some(FromDaemon::TicketSeen {}));

    let token = |byte| TokenHash::stored([byte; 32]);
    let answer = async |tickets: &Tickets, name: u8, credential| {
        let (name, now) = ([name; 16], UnixTime(1_795_377_600));
        let enrolled = enrolled(credential);
        tickets
            .answer(&name, enrolled, token(credential), now)
            .await
    };
    assert_eq!(answer(&b, 1, 9).await, Err(TicketTrouble::Known));
    let (one, two) = tokio::join!(answer(&a, 1, 1), answer(&b, 1, 2));
    let won = if one == Ok(None) { 1 } else { 2 };
    let mut both = [one, two];
    both.sort_by_key(Result::is_err);
    assert_eq!(both, [Ok(None), Err(TicketTrouble::Answered)]);
    let expected = FromDaemon::Enrolled(enrolled(won));
    assert_eq!(told.recv().await, Some(expected));
    // Who missed the reply repeats it; nobody else may.
    assert_eq!(answer(&b, 1, won).await, Ok(Some(token(won))));
    assert_eq!(answer(&b, 1, 3 - won).await, Err(TicketTrouble::Answered));
    // The passkey is no other person's in the meantime.
    let other = b.open(ticket(2), asker).await.unwrap();
    assert_eq!(answer(&a, 2, won).await, Err(TicketTrouble::Known));
    let target = Some(Target::Post {
        post: "https://a.example".into(),
    });
    assert!(b.call_at(token(won), target.clone()).await);
    until(async || open.phone().is_some_and(|phone| phone.push == target)).await;

    served.server.crash();
    let looked = b.look(&[2; 16]).await;
    assert_eq!(looked, Err(TicketTrouble::Away));
    served.server.resume();
    until(async || b.of_token_elsewhere(token(won)).await.is_some()).await;
    assert_eq!(b.of_token_elsewhere(token(won)).await, open.phone());
    let phones = b.of_user_elsewhere("anna", &[vec![won]]).await;
    assert_eq!(phones.len(), 1);
    assert!(told.try_recv().is_err());
    open.close().await;
    other.close().await;
    assert_eq!(b.is_open(&[1; 16]).await, Err(TicketTrouble::Unknown));
    assert_eq!(b.of_token_elsewhere(token(won)).await, None);
}
