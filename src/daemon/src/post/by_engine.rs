//! The post by rows and notifications of the engine.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::alone::Alone;
use super::hearing::{self, CHANNEL, LIVE, Pulse};
use super::opening::{End, Left, Opening};
use super::statements::{ANSWER, END, HOLD, IS_ANSWERED, OPEN, STATUS, TELL, WAITING};
use super::{
    Call, Changed, Ended, Heard, Letter, News, Noted, OpenTickets, PauseBook, PausePage, Placed,
    Post, PostFuture, Reply, Status, TicketRow,
};
use crate::engine::{Care, Client, Deed, Engine, of_commit};
use crate::random::{self, NoRandomness};
use crate::seldom::Seldom;
use crate::store::StoreError;
use crate::tickets::Slip;

/// News that wait to be heard.
const QUEUE: usize = 1024;
/// How often an end is told that the engine does not take, and after which pause each time.
const ENDS: usize = 20;
const PAUSE: Duration = Duration::from_secs(2);

pub(crate) struct ByEngine {
    engine: Arc<Engine>,
    /// This relay, since its start.
    id: Arc<str>,
    /// How long a sign-in or a phone waits for the engine before it goes on without.
    patience: Duration,
    heard: Mutex<mpsc::Receiver<Heard>>,
    opening: Opening,
    /// Counts while the engine does not.
    alone: Alone,
    pulse: Arc<Pulse>,
    /// Ends with the value.
    pub(super) hearing: JoinHandle<()>,
}

impl ByEngine {
    /// Begins to hear what happens at other relays. A sign-in or a phone waits for the engine for `patience`, and goes on
    /// without.
    pub(crate) fn new(engine: Arc<Engine>, patience: Duration) -> Result<Self, NoRandomness> {
        let id: Arc<str> = BASE64URL_NOPAD.encode(&random::bytes::<16>()?).into();
        let (tell, heard) = mpsc::channel(QUEUE);
        let pulse = Arc::<Pulse>::default();
        let line = hearing::Way {
            engine: Arc::clone(&engine),
            own: Arc::clone(&id),
            tell,
            pulse: Arc::clone(&pulse),
        };
        let hearing = tokio::spawn(line.hear());
        Ok(Self {
            engine,
            id,
            patience,
            heard: Mutex::new(heard),
            opening: Opening::default(),
            alone: Alone::default(),
            pulse,
            hearing,
        })
    }

    /// Shows that this relay lives, before it serves: what it opened until its first beat would be a dead relay's, and be
    /// swept away by the others.
    pub(crate) async fn appear(&self) {
        let id = Arc::clone(&self.id);
        let shown =
            self.ask(move |client| Box::pin(async move { rows(client, LIVE, &[&&*id]).await }));
        if shown.await.is_some() {
            self.pulse.beat();
        }
    }

    /// Does `deed`; `None` if the engine cannot, or does not in time.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        deed: impl for<'c> FnOnce(&'c mut Client) -> Deed<'c, T> + Send + 'static,
    ) -> Option<T> {
        static SELDOM: Seldom = Seldom::once_a_minute();
        let done = timeout(self.patience, self.engine.run(Care::Soft, deed)).await;
        let why = match done {
            Ok(Ok(done)) => return Some(done),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it does not answer".to_owned(),
        };
        SELDOM.fail(format_args!("the other relays are not told: {why}"));
        None
    }

    /// This relay, since its start.
    pub(super) fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// The text of a notification; an empty one is heard by nobody.
    pub(super) fn notice(&self, news: News) -> String {
        news.write(&self.id).unwrap_or_default()
    }
}

impl ByEngine {
    /// Ends a request in the background: if its end is left to who opens it, when that has come to nothing. The engine may have
    /// opened it all the same.
    fn end_after(&self, told: Option<oneshot::Receiver<bool>>, end: End) {
        let engine = Arc::clone(&self.engine);
        tokio::spawn(async move {
            let is_ended = match told {
                Some(told) => told.await.is_ok(),
                None => false,
            };
            if !is_ended {
                end_later(engine, end).await;
            }
        });
    }

    fn as_told(&self, ended: Ended) -> End {
        let notice = self.notice(News::Ended {
            user: ended.user.clone(),
            id: ended.id.clone(),
            outcome: ended.outcome.to_owned(),
        });
        End { ended, notice }
    }
}

impl Drop for ByEngine {
    fn drop(&mut self) {
        self.hearing.abort();
    }
}

impl Post for ByEngine {
    fn is_shared(&self) -> bool {
        true
    }

    fn open(&self, letter: Letter, call: Option<Call>) -> PostFuture<'_, Placed> {
        let (replica, news) = (
            Arc::clone(&self.id),
            News::Opened {
                user: letter.user.clone(),
                id: letter.id.clone(),
            },
        );
        let notice = self.notice(news);
        let begun = self.opening.begin(&letter.id);
        let (user, id, uncounted) = (letter.user.clone(), letter.id.clone(), call.clone());
        Box::pin(async move {
            let opened = self.ask(move |client| {
                Box::pin(async move {
                    let host = call.as_ref().map(|call| call.host.as_str());
                    let is_familiar = call.as_ref().is_some_and(|call| call.is_familiar);
                    let most = call.as_ref().map(|call| i64::from(call.most));
                    let most_of_all = call.as_ref().map(|call| i64::from(call.most_of_all()));
                    let opened: [&(dyn ToSql + Sync); 13] = [
                        &letter.user,
                        &letter.id,
                        &&*replica,
                        &letter.credentials,
                        &&letter.event[..],
                        &letter.lasts.as_secs_f64(),
                        &CHANNEL,
                        &notice,
                        &host,
                        &is_familiar,
                        &most,
                        &most_of_all,
                        &letter.gives_way,
                    ];
                    // What is opened takes the place of any other one of this relay, and this one may come late.
                    let rows = if begun.has_ended() {
                        Vec::new()
                    } else {
                        rows(client, OPEN, &opened).await?
                    };
                    let row = rows.first();
                    let is = |column| row.map_or(Ok(false), |row| row.try_get(column));
                    let (is_open, is_too_often): (bool, bool) = (is(1)?, is(2)?);
                    if let Some(Left { end, told }) = begun.finish() {
                        let _ = told.send(end_row(client, end).await?);
                    }
                    Ok(match (is_open, is_too_often) {
                        (true, _) => Placed::Fine,
                        (false, true) => Placed::TooOften,
                        (false, false) => Placed::Busy,
                    })
                })
            });
            match opened.await {
                Some(placed) => placed,
                None if self.alone.admits(&user, &id, uncounted) => Placed::Away,
                None => {
                    // It may be opened late, and nobody is asked.
                    let end = self.as_told(Ended {
                        user,
                        id,
                        outcome: "cancelled",
                        is_uncounted: true,
                    });
                    self.end_after(self.opening.leave(&end), end);
                    Placed::TooOften
                }
            }
        })
    }

    fn settled(&self, id: String) -> PostFuture<'_, ()> {
        Box::pin(async move { self.opening.settled(&id).await })
    }

    fn answer(&self, reply: Reply) -> PostFuture<'_, Noted> {
        let notice = self.notice(News::Answered {
            user: reply.user.clone(),
            id: reply.id.clone(),
            credential: reply.credential.clone(),
        });
        Box::pin(async move {
            let noted = self.ask(move |client| {
                Box::pin(async move {
                    // Strings and bytes: this cannot fail.
                    let said = serde_json::to_string(&reply.said).unwrap_or_default();
                    let Reply {
                        user,
                        id,
                        credential,
                        ..
                    } = &reply;
                    let answered: [&(dyn ToSql + Sync); 6] =
                        [user, id, credential, &said, &CHANNEL, &notice];
                    if !rows(client, ANSWER, &answered).await?.is_empty() {
                        return Ok(Noted::First);
                    }
                    let found = rows(client, IS_ANSWERED, &[user, id, credential, &said]).await?;
                    Ok(match found.first().map(|row| row.try_get(0)).transpose()? {
                        None => Noted::Unknown,
                        Some(Some(true)) => Noted::Again,
                        Some(_) => Noted::Before,
                    })
                })
            });
            noted.await.unwrap_or(Noted::Away)
        })
    }

    fn hold(&self, user: String, id: String) -> PostFuture<'_, Noted> {
        Box::pin(async move {
            let noted = self.ask(move |client| {
                Box::pin(async move {
                    let held = rows(client, HOLD, &[&user, &id]).await?;
                    Ok(match held.first().map(|row| row.try_get(0)).transpose()? {
                        None => Noted::Unknown,
                        Some(true) => Noted::Before,
                        Some(false) => Noted::First,
                    })
                })
            });
            noted.await.unwrap_or(Noted::Away)
        })
    }

    fn end(&self, ended: Ended) -> PostFuture<'_, bool> {
        if ended.is_uncounted {
            self.alone.uncount(&ended.user, &ended.id);
        }
        let end = self.as_told(ended);
        let left = self.opening.leave(&end);
        Box::pin(async move {
            if let Some(mut told) = left {
                match timeout(self.patience, &mut told).await {
                    Ok(Ok(is_overtaken)) => return is_overtaken,
                    // It is ended when the engine has opened it.
                    Err(_) => {
                        self.end_after(Some(told), end);
                        return false;
                    }
                    // The engine has not opened it as far as is known, or just has.
                    Ok(Err(_)) => {}
                }
            }
            let again = end.clone();
            let ended = self.ask(move |client| Box::pin(end_row(client, end)));
            let Some(is_overtaken) = ended.await else {
                self.end_after(None, again);
                return false;
            };
            is_overtaken
        })
    }

    fn hang_up(&self, credential: Vec<u8>) -> PostFuture<'_, ()> {
        let notice = self.notice(News::HangUp { credential });
        Box::pin(async move {
            let told = self.ask(move |client| {
                Box::pin(async move { rows(client, TELL, &[&CHANNEL, &notice]).await })
            });
            told.await;
        })
    }

    fn status(&self, id: String) -> PostFuture<'_, Option<Status>> {
        Box::pin(async move {
            let status = self.ask(move |client| {
                Box::pin(async move {
                    let rows = rows(client, STATUS, &[&id]).await?;
                    // Always one.
                    rows.first().map_or(Ok(Status::Gone), |row| status(row, id))
                })
            });
            status.await
        })
    }

    fn waiting(&self, users: Vec<String>) -> PostFuture<'_, Option<Vec<Letter>>> {
        let replica = Arc::clone(&self.id);
        Box::pin(async move {
            let waiting = self.ask(move |client| {
                Box::pin(async move {
                    let rows = rows(client, WAITING, &[&users, &&*replica]).await?;
                    rows.iter().map(letter).collect()
                })
            });
            waiting.await
        })
    }

    fn put_ticket(&self, slip: Slip, lasts: Duration) -> PostFuture<'_, bool> {
        Box::pin(self.put(slip, lasts))
    }

    fn tickets(&self, which: OpenTickets) -> PostFuture<'_, Option<Vec<TicketRow>>> {
        Box::pin(self.find(which))
    }

    fn change_ticket(&self, row: TicketRow) -> PostFuture<'_, Changed> {
        Box::pin(self.replace(row))
    }

    fn drop_ticket(&self, name: Vec<u8>) -> PostFuture<'_, ()> {
        Box::pin(self.remove(name))
    }

    fn pauses(&self, user: String) -> PostFuture<'_, Option<PauseBook>> {
        Box::pin(self.paused(user))
    }

    fn change_pauses(&self, page: PausePage) -> PostFuture<'_, Changed> {
        Box::pin(self.replace_pauses(page))
    }

    fn is_heard(&self) -> bool {
        self.pulse.is_felt()
    }

    fn heard(&self) -> PostFuture<'_, Heard> {
        Box::pin(async {
            match self.heard.lock().await.recv().await {
                Some(heard) => heard,
                // The runtime ends, and with it who asks.
                None => std::future::pending().await,
            }
        })
    }
}

/// A statement that is a transaction by itself.
pub(super) async fn rows(
    client: &mut Client,
    statement: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, StoreError> {
    let statement = client.prepare_cached(statement).await?;
    let done = client.query(&statement, parameters).await;
    done.map_err(|error| of_commit(&error))
}

/// Ends a request that the engine could not end in time: phones at other relays would be shown it, and the person be busy with it,
/// for as long as it could have lasted.
async fn end_later(engine: Arc<Engine>, end: End) {
    for _ in 0..ENDS {
        sleep(PAUSE).await;
        let again = end.clone();
        let ended = engine.run(Care::Soft, move |client| Box::pin(end_row(client, again)));
        if ended.await.is_ok() {
            return;
        }
    }
}

/// Ends a request; whether the person's next one had its place by then.
async fn end_row(client: &mut Client, end: End) -> Result<bool, StoreError> {
    let End { ended, notice } = end;
    let Ended {
        user,
        id,
        is_uncounted,
        ..
    } = &ended;
    let rows = rows(client, END, &[id, user, &CHANNEL, &notice, is_uncounted]).await?;
    let overtaken = rows.first().map(|row| row.try_get(1)).transpose()?;
    Ok(overtaken.unwrap_or(false))
}

fn status(row: &Row, id: String) -> Result<Status, StoreError> {
    let Some(user) = row.try_get(0)? else {
        let is_open = row.try_get(3)?;
        return Ok(if is_open { Status::Open } else { Status::Gone });
    };
    let said = serde_json::from_str(row.try_get(1)?);
    Ok(Status::Answered(Box::new(Reply {
        user,
        id,
        said: said.map_err(|error| StoreError::Unavailable(error.to_string()))?,
        credential: row.try_get(2)?,
    })))
}

fn letter(row: &Row) -> Result<Letter, StoreError> {
    let event: Vec<u8> = row.try_get(3)?;
    let lasts: f64 = row.try_get(5)?;
    Ok(Letter {
        user: row.try_get(0)?,
        id: row.try_get(1)?,
        credentials: row.try_get(2)?,
        event: Bytes::from(event),
        answered_by: row.try_get(4)?,
        lasts: Duration::try_from_secs_f64(lasts).unwrap_or_default(),
        gives_way: row.try_get(6)?,
    })
}
