//! Tickets in the engine: the row is what counts, wherever the command and the phone are.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::News;
use super::by_engine::{ByEngine, rows};
use super::hearing::CHANNEL;
use crate::engine::of_commit;
use crate::store::StoreError;
use crate::tickets::Slip;
use crate::token::TokenHash;

/// Which tickets are meant.
#[derive(Clone)]
pub(crate) enum OpenTickets {
    /// The one of this name.
    Named(Vec<u8>),
    /// The one whose phone has this token.
    OfToken(TokenHash),
    /// Those for this person.
    Of(String),
}

impl OpenTickets {
    /// Whether it is one of them.
    pub(crate) fn names(&self, slip: &Slip) -> bool {
        match self {
            Self::Named(name) => slip.ticket.ticket == *name,
            Self::OfToken(token) => slip.token() == Some(*token),
            Self::Of(user) => slip.ticket.user == *user,
        }
    }
}

/// A ticket in the engine.
#[derive(Clone)]
pub(crate) struct TicketRow {
    pub(crate) slip: Slip,
    /// Whether a phone may still answer it.
    pub(crate) is_timely: bool,
    /// How often it has been changed.
    version: i64,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changed {
    /// It is made.
    Fine,
    /// Another change was before it: read it again.
    Before,
    /// Another ticket's phone has this passkey.
    Known,
    /// The engine cannot be asked.
    Away,
}

impl ByEngine {
    pub(super) async fn put(&self, slip: Slip, lasts: Duration) -> bool {
        let replica = Arc::clone(self.id());
        let put = self.ask(move |client| {
            Box::pin(async move {
                let (token, lasts) = (
                    slip.token().map(|token| token.bytes().to_vec()),
                    lasts.as_secs_f64(),
                );
                let put: [&(dyn ToSql + Sync); 7] = [
                    &slip.ticket.ticket,
                    &&*replica,
                    &written(&slip),
                    &slip.ticket.user,
                    &token,
                    &slip.credential(),
                    &lasts,
                ];
                let statement = client.prepare_cached(PUT).await?;
                match client.query(&statement, &put).await {
                    Ok(rows) => Ok(!rows.is_empty()),
                    Err(error) if is_known(&error) => Ok(false),
                    Err(error) => Err(of_commit(&error)),
                }
            })
        });
        put.await.unwrap_or(false)
    }

    pub(super) async fn find(&self, which: OpenTickets) -> Option<Vec<TicketRow>> {
        let found = self.ask(move |client| {
            Box::pin(async move {
                let found = match &which {
                    OpenTickets::Named(name) => rows(client, NAMED, &[name]).await,
                    OpenTickets::OfToken(token) => {
                        rows(client, OF_TOKEN, &[&&token.bytes()[..]]).await
                    }
                    OpenTickets::Of(user) => rows(client, OF_PERSON, &[user]).await,
                };
                found?.iter().map(row).collect()
            })
        });
        found.await
    }

    pub(super) async fn replace(&self, row: TicketRow) -> Changed {
        let TicketRow { slip, version, .. } = row;
        let notice = self.notice(News::Ticket {
            name: slip.ticket.ticket.clone(),
        });
        let changed = self.ask(move |client| {
            Box::pin(async move {
                let token = slip.token().map(|token| token.bytes().to_vec());
                let change: [&(dyn ToSql + Sync); 7] = [
                    &slip.ticket.ticket,
                    &version,
                    &written(&slip),
                    &token,
                    &slip.credential(),
                    &CHANNEL,
                    &notice,
                ];
                let statement = client.prepare_cached(CHANGE).await?;
                match client.query(&statement, &change).await {
                    Ok(rows) if rows.is_empty() => Ok(Changed::Before),
                    Ok(_) => Ok(Changed::Fine),
                    Err(error) if is_known(&error) => Ok(Changed::Known),
                    Err(error) => Err(of_commit(&error)),
                }
            })
        });
        changed.await.unwrap_or(Changed::Away)
    }

    pub(super) async fn remove(&self, name: Vec<u8>) {
        let removed =
            self.ask(move |client| Box::pin(async move { rows(client, REMOVE, &[&name]).await }));
        removed.await;
    }
}

/// Whether another ticket's phone has this passkey.
fn is_known(error: &Error) -> bool {
    error.code() == Some(&SqlState::UNIQUE_VIOLATION)
}

fn written(slip: &Slip) -> String {
    // Only strings, bytes and numbers: this cannot fail.
    serde_json::to_string(slip).unwrap_or_default()
}

fn row(row: &Row) -> Result<TicketRow, StoreError> {
    let slip = serde_json::from_str(row.try_get(0)?);
    Ok(TicketRow {
        slip: slip.map_err(|error| StoreError::Unavailable(error.to_string()))?,
        version: row.try_get(1)?,
        is_timely: row.try_get(2)?,
    })
}

/// One of ours that is there already stays what it is: it may have been put back, or changed, in the meantime.
const PUT: &str = "\
INSERT INTO ticket (name, replica, slip, version, person, token, credential, until)
VALUES ($1, $2, $3, 0, $4, $5, $6, now() + $7 * interval '1 second')
ON CONFLICT (name) DO UPDATE SET until = ticket.until WHERE ticket.replica = excluded.replica RETURNING 1";

const NAMED: &str = "SELECT slip, version, now() < until FROM ticket WHERE name = $1";

const OF_TOKEN: &str = "SELECT slip, version, now() < until FROM ticket WHERE token = $1";

const OF_PERSON: &str = "SELECT slip, version, now() < until FROM ticket WHERE person = $1";

const CHANGE: &str = "\
WITH changed AS (
    UPDATE ticket SET slip = $3, version = version + 1, token = $4, credential = $5
    WHERE name = $1 AND version = $2 RETURNING 1)
SELECT pg_notify($6, $7)::text FROM changed";

const REMOVE: &str = "DELETE FROM ticket WHERE name = $1 RETURNING 1";
