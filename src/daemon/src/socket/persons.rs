//! The Unix socket of people without root: each sees their own, and nobody another's.
//!
//! A socket of its own, so that no flood here stands in the queue of root's sign-ins. The kernel says whose the other end
//! is; connections, questions and time are bounded for each user id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use antiphon_core::name::UserName;
use antiphon_core::wire::{self, FromPerson, MAX_FRAME, NotTold, OwnEvent, ToPerson};
use nix::unistd::{Uid, User};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use super::frames::{Ended, Frames};
use crate::exchange::Exchange;
use crate::journal;
use crate::own::{self, NotRead, NotReported, Reported, Reporter};
use crate::tries::Tries;

/// Conversations at once, of all and of one user id.
const MOST: usize = 64;
const MOST_OF_ONE: usize = 4;
/// How long a conversation may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// What events may take of a frame, in bytes; the rest is around them.
const ROOM: usize = MAX_FRAME - 1024;
/// Whom a user namespace shows instead of those whom it does not know (`user_namespaces(7)`).
const NOBODY_KNOWN: u32 = 65534;

/// Conversations by user id.
#[derive(Default)]
struct Places(Mutex<HashMap<u32, usize>>);

/// One of them; it is free again when this is dropped.
struct Place {
    places: Arc<Places>,
    uid: u32,
}

impl Places {
    fn take(self: &Arc<Self>, uid: u32) -> Option<Place> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.get(&uid).copied().unwrap_or_default();
        if own >= MOST_OF_ONE || taken.values().sum::<usize>() >= MOST {
            return None;
        }
        taken.insert(uid, own + 1);
        Some(Place {
            places: Arc::clone(self),
            uid,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = taken.get_mut(&self.uid) {
            *own -= 1;
            if *own == 0 {
                taken.remove(&self.uid);
            }
        }
    }
}

/// Takes connections until the daemon ends.
pub(crate) async fn serve(listener: UnixListener, exchange: Arc<Exchange>) {
    let places = Arc::new(Places::default());
    let tries = Arc::new(Tries::default());
    let mut is_hidden_told = false;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = exchange.closing() => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, as a rule: some come back.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(uid) = stream.peer_cred().map(|peer| peer.uid()) else {
            continue;
        };
        if uid == NOBODY_KNOWN {
            if !is_hidden_told {
                journal::warn(format_args!(
                    "who asks at the people's socket is hidden by a user namespace, and gets nothing: PrivateUsers=no"
                ));
                is_hidden_told = true;
            }
            continue;
        }
        // With no place left the connection is closed, and its program says to try again.
        let Some(place) = places.take(uid) else {
            continue;
        };
        let (exchange, tries) = (Arc::clone(&exchange), Arc::clone(&tries));
        tokio::spawn(async move {
            let _ = timeout(PATIENCE, converse(stream, uid, &tries, &exchange)).await;
            drop(place);
        });
    }
}

async fn converse(stream: UnixStream, uid: u32, tries: &Tries<u32>, exchange: &Arc<Exchange>) {
    let mut frames = Frames::new(stream);
    let answer = match frames.next_of::<FromPerson>().await {
        Ok(question) if tries.count(uid, Instant::now()).is_ok() => {
            answer(question, uid, exchange).await
        }
        Ok(_) => Err(NotTold::TooOften),
        Err(Ended::Frame(_)) => Err(NotTold::NotUnderstood),
        Err(_) => return,
    };
    let answer = answer.unwrap_or_else(|reason| ToPerson::Refused { reason });
    // Who has gone needs no answer.
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
            let reported = own::report(exchange, &user, &id, Reporter::Command).await?;
            Ok(ToPerson::Reported {
                before: reported == Reported::Before,
            })
        }
    }
}

/// The canonical name of a user id. The user database may ask a server, and be slow.
async fn name_of(uid: u32) -> Option<UserName> {
    let found = spawn_blocking(move || User::from_uid(Uid::from_raw(uid))).await;
    UserName::new(&found.ok()?.ok()??.name).ok()
}

/// The latest events, as many as are wanted and fit into a frame.
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

impl From<NotRead> for NotTold {
    fn from(_: NotRead) -> Self {
        Self::NotNow
    }
}

impl From<NotReported> for NotTold {
    fn from(why: NotReported) -> Self {
        match why {
            NotReported::Unknown => Self::NoSuchSignIn,
            NotReported::NotRead => Self::NotNow,
            NotReported::Store(error) => {
                journal::fail(format_args!("a report was not kept: {error}"));
                Self::NotNow
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use antiphon_core::activity::Event;
    use antiphon_core::wire::{ToPerson, encode};

    use super::{MOST, MOST_OF_ONE, Places, fitting};
    use crate::own::Seen;

    #[test]
    fn one_user_id_takes_its_share_of_the_places_and_no_more() {
        let places = Arc::new(Places::default());
        let mut held: Vec<_> = (0..MOST_OF_ONE)
            .map(|_| places.take(1000).unwrap())
            .collect();
        assert!(places.take(1000).is_none());
        held.pop();
        held.extend(places.take(1000));
        for uid in 2000.. {
            match places.take(uid) {
                Some(place) => held.push(place),
                None => break,
            }
        }
        assert_eq!(held.len(), MOST);
        drop(held);
        assert!(places.0.lock().unwrap().is_empty());
    }

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
