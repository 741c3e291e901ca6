//! The Unix socket for people without root: they see their own data, and nobody else's.
//!
//! It is separate so that a flood here does not fill the queue of root's sign-ins. The kernel identifies the peer;
//! connections, requests and time are limited per person, with all their subordinate user ids counted together.

use std::sync::Arc;
use std::time::{Duration, Instant};

use antiphon_core::name::UserName;
use antiphon_core::wire::{self, FromPerson, MAX_FRAME, NotTold, OwnEvent, Peer, ToPerson};
use nix::unistd::{Uid, User};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::frames::{Ended, Frames};
use super::subordinate::Subordinates;
use crate::exchange::Exchange;
use crate::own::{self, OwnTrouble, Reporter};
use crate::seats::{Full, Seat, Seats, Share};
use crate::seldom::Seldom;
use crate::tries::Tries;

/// Most connections, in total and per person.
const MOST: usize = 64;
const MOST_OF_ONE: usize = 4;
/// The time limit for a connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// Space for events in a frame, in bytes; the rest is overhead.
const ROOM: usize = MAX_FRAME - 1024;
/// The user id that stands for unmapped ones in a user namespace (`user_namespaces(7)`).
const NOBODY_KNOWN: u32 = 65534;

/// Accepts connections until the daemon shuts down.
pub(crate) async fn serve(listener: UnixListener, exchange: Arc<Exchange>) {
    static HIDDEN: Seldom = Seldom::once_a_minute();
    let seats = Seats::new(MOST);
    let tries = Arc::new(Tries::default());
    let mut subordinates = Subordinates::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = exchange.closing() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Usually out of file descriptors: some will be freed.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(uid) = stream.peer_cred().map(|peer| peer.uid()) else {
            continue;
        };
        if uid == NOBODY_KNOWN {
            HIDDEN.warn(format_args!(
                "who asks at the people's socket is hidden by a user namespace, and gets nothing: PrivateUsers=no"
            ));
            continue;
        }
        let counted = subordinates.counted_as(uid, Instant::now());
        // Without a free seat the connection is closed, and its program says to try again.
        let Some(seat) = seat(&seats, counted).await else {
            continue;
        };
        let person = Person { uid, counted };
        let (exchange, tries) = (Arc::clone(&exchange), Arc::clone(&tries));
        tokio::spawn(async move {
            tokio::select! {
                _ = timeout(PATIENCE, converse(stream, person, &seat, &tries, &exchange)) => {}
                () = seat.sent_away() => {}
            }
        });
    }
}

async fn seat(seats: &Arc<Seats<u32>>, counted: u32) -> Option<Seat<u32>> {
    static SHARES: Seldom = Seldom::once_a_minute();
    static ALL: Seldom = Seldom::once_a_minute();
    let share = Share {
        of: counted,
        most: MOST_OF_ONE,
    };
    let taken = seats.take(&[share]).await;
    match &taken {
        Ok(seat) if !seat.was_full => {}
        Err(Full::Share(uid)) => SHARES.warn(format_args!(
            "user id {uid} has {MOST_OF_ONE} connections to the people's socket open, all that one person may; \
             further ones are closed"
        )),
        Ok(_) | Err(Full::All) => ALL.warn(format_args!(
            "the people's socket has {MOST} connections open, all that it takes: those that ask nothing give way"
        )),
    }
    taken.ok()
}

#[derive(Clone, Copy)]
struct Person {
    uid: u32,
    /// The user id under which it is counted.
    counted: u32,
}

async fn converse(
    stream: UnixStream,
    person: Person,
    seat: &Seat<u32>,
    tries: &Tries<u32>,
    exchange: &Arc<Exchange>,
) {
    // Without any right at root's socket.
    let mut frames = Frames::new(Box::new(stream), Peer::Newcomer);
    let asked = frames.next_of::<FromPerson>().await;
    seat.work();
    let answer = match asked {
        Ok(question) if tries.count(person.counted, Instant::now()).is_ok() => {
            answer(question, person.uid, exchange).await
        }
        Ok(_) => Err(NotTold::TooOften),
        Err(Ended::Frame(_)) => Err(NotTold::NotUnderstood),
        Err(_) => return,
    };
    let answer = answer.unwrap_or_else(|reason| ToPerson::Refused { reason });
    // The peer may have gone.
    let _ = frames.send(&answer).await;
}

async fn answer(
    question: FromPerson,
    uid: u32,
    exchange: &Arc<Exchange>,
) -> Result<ToPerson, NotTold> {
    let user = name_of(uid).await.ok_or(NotTold::Unknown)?;
    match question {
        FromPerson::Ways {} => Ok(ToPerson::Ways {
            ways: own::summary(exchange, &user).await?,
            user: user.to_string(),
        }),
        FromPerson::Activity { most } => {
            let events = own::events(exchange, &user).await?;
            Ok(ToPerson::Activity {
                events: fitting(events, most),
                user: user.to_string(),
            })
        }
        FromPerson::Report { id } => {
            let before = own::report(exchange, &user, &id, Reporter::Command).await?;
            Ok(ToPerson::Reported { before })
        }
    }
}

/// The canonical name of a user id. The user database may query a server, and be slow.
async fn name_of(uid: u32) -> Option<UserName> {
    let found = spawn_blocking(move || User::from_uid(Uid::from_raw(uid))).await;
    UserName::new(&found.ok()?.ok()??.name).ok()
}

/// The latest events, as many as requested and as fit in a frame.
fn fitting(events: Vec<own::Seen>, most: u32) -> Vec<OwnEvent> {
    let mut left = ROOM;
    let events = events.into_iter().map(|seen| OwnEvent {
        id: seen.id,
        reported: seen.reported,
        event: seen.event,
    });
    events
        .take(usize::try_from(most).unwrap_or(usize::MAX))
        .take_while(|event| {
            let length = wire::encode(event).map_or(MAX_FRAME, |frame| frame.len());
            let fits = length <= left;
            left = left.saturating_sub(length);
            fits
        })
        .collect()
}

impl From<OwnTrouble> for NotTold {
    fn from(why: OwnTrouble) -> Self {
        match why {
            OwnTrouble::Unknown => Self::NoSuchSignIn,
            OwnTrouble::NotRead => Self::NotNow,
            OwnTrouble::Store(error) => {
                static SELDOM: Seldom = Seldom::new();
                SELDOM.fail(format_args!("a report was not kept: {error}"));
                Self::NotNow
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::activity::Event;
    use antiphon_core::wire::{ToPerson, encode};

    use super::fitting;
    use crate::own::Seen;

    #[test]
    fn the_latest_events_that_fit_are_told_however_long_they_are() {
        let long = "\"".repeat(4000);
        let event = Event {
            reason: long.clone(),
            host: long,
            ..Event::default()
        };
        let events = (0..100).map(|number| Seen {
            id: number.to_string(),
            event: event.clone(),
            reported: false,
        });
        let events = fitting(events.collect(), u32::MAX);
        assert!((1..10).contains(&events.len()));
        assert_eq!(events[0].id, "0");
        let answer = ToPerson::Activity {
            user: "a".repeat(240),
            events,
        };
        assert!(encode(&answer).is_ok());
    }
}
