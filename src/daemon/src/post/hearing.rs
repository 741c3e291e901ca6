//! The connection by which a relay hears of the others, and by which they see that it lives.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_postgres::{AsyncMessage, Client, Error};

use super::{Heard, News};
use crate::engine::{Engine, Line};
use crate::log;
use crate::seldom::Seldom;

/// Where relays notify each other.
pub(super) const CHANNEL: &str = "antiphon";

/// How often a relay shows that it lives. One that has not for ten seconds is dead, and its requests with it.
const BEAT: Duration = Duration::from_secs(2);
const LEASE: Duration = Duration::from_secs(10);
/// How long a beat may take: after it the connection is given up.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long after a lost connection the next one is tried.
const PAUSE: Duration = Duration::from_millis(500);
/// After how many beats what is long past is swept away.
const SELDOM_BEATS: u32 = 300;

/// When the engine has last shown that it takes this relay for living.
#[derive(Default)]
pub(super) struct Pulse(Mutex<Option<Instant>>);

impl Pulse {
    /// It has, just now.
    pub(super) fn beat(&self) {
        *self.last() = Some(Instant::now());
    }

    /// Whether it still does.
    pub(super) fn is_felt(&self) -> bool {
        self.last().is_some_and(|last| last.elapsed() < LEASE)
    }

    fn last(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What leads to the other relays.
pub(super) struct Way {
    pub(super) engine: Arc<Engine>,
    /// This relay.
    pub(super) own: Arc<str>,
    /// Where what is heard goes.
    pub(super) tell: mpsc::Sender<Heard>,
    pub(super) pulse: Arc<Pulse>,
}

impl Way {
    /// Hears, for ever, over one connection after the other.
    pub(super) async fn hear(self) {
        static SELDOM: Seldom = Seldom::once_a_minute();
        let mut was_lost = false;
        loop {
            match self.engine.line().await {
                Ok(line) => {
                    if was_lost {
                        log::note(format_args!("the other relays are heard again"));
                    }
                    let why = self.hear_by(line).await;
                    SELDOM.fail(format_args!("the other relays are not heard: {why}"));
                }
                Err(why) => SELDOM.fail(format_args!("the other relays are not heard: {why}")),
            }
            was_lost = true;
            if self.tell.is_closed() {
                return;
            }
            sleep(PAUSE).await;
        }
    }

    /// Hears by one connection, until it is lost: why.
    async fn hear_by(&self, line: Line) -> String {
        let Line { client, mut driver } = line;
        let (from, to) = (Arc::clone(&self.own), self.tell.clone());
        let mut driven = tokio::spawn(async move {
            loop {
                match poll_fn(|context| driver.poll_message(context)).await {
                    Some(Ok(AsyncMessage::Notification(notice))) => {
                        if let Some(news) = News::read(notice.payload(), &from) {
                            let _ = to.send(Heard::News(news)).await;
                        }
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return error.to_string(),
                    None => return "the engine has closed the connection".to_owned(),
                }
            }
        });
        let why = tokio::select! {
            why = &mut driven => return why.unwrap_or_else(|error| error.to_string()),
            why = self.beat(&client) => why,
        };
        driven.abort();
        why
    }

    /// Listens, and shows that this relay lives, until that fails: why.
    async fn beat(&self, client: &Client) -> String {
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last: Option<Instant> = None;
        for number in 0_u32.. {
            beats.tick().await;
            let done = timeout(PATIENCE, async {
                if last.is_none() {
                    client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
                }
                client.execute(LIVE, &[&&*self.own]).await?;
                client.execute(SWEEP, &[&&*self.own, &CHANNEL]).await?;
                if number % SELDOM_BEATS == 0 {
                    client.batch_execute(FORGET).await?;
                }
                Ok::<_, Error>(())
            });
            match done.await {
                Ok(Ok(())) => self.pulse.beat(),
                Ok(Err(error)) => return error.to_string(),
                Err(_) => return "the engine does not answer".to_owned(),
            }
            // Also if we were asleep so long that the others took us for dead.
            let was_asleep = last.is_none_or(|last| last.elapsed() > LEASE);
            if was_asleep && self.tell.send(Heard::Back).await.is_err() {
                break;
            }
            last = Some(Instant::now());
        }
        "nobody listens any more".to_owned()
    }
}

/// $1 is the relay.
pub(super) const LIVE: &str = "\
INSERT INTO replica (id, seen) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen";

/// Requests that are over, and those of relays that have died. Their phones are told.
const SWEEP: &str = "\
WITH gone AS (
    DELETE FROM open_request WHERE expires < now() OR replica <> $1 AND NOT EXISTS (
        SELECT FROM replica WHERE replica.id = open_request.replica AND seen > now() - interval '10 seconds')
    RETURNING person, id, CASE WHEN expires < now() THEN 'expired' ELSE 'cancelled' END AS outcome)
SELECT pg_notify($2, json_build_object('from', '', 'ended',
    json_build_object('user', person, 'id', id, 'outcome', outcome))::text)::text FROM gone";

const FORGET: &str = "\
DELETE FROM replica WHERE seen < now() - interval '1 hour';
DELETE FROM reply WHERE at < now() - interval '1 hour';
DELETE FROM ticket WHERE until < now() - interval '1 hour' OR NOT EXISTS (
    SELECT FROM replica WHERE replica.id = ticket.replica AND seen > now() - interval '10 minutes');
DELETE FROM call WHERE at < now() - interval '5 minutes';
DELETE FROM pause WHERE until < extract(epoch FROM now())";
