//! Pauses in the engine, for all relays and by its clock.

use antiphon_core::time::UnixTime;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::by_engine::{ByEngine, rows};
use super::{Changed, MOST_PEOPLE};
use crate::pauses::{Paused, Whose};
use crate::store::StoreError;

/// A person's pauses, as they are at a moment.
#[derive(Debug)]
pub(crate) struct PauseBook {
    /// The moment, by the clock that they go by.
    pub(crate) now: UnixTime,
    pub(crate) pages: Vec<PausePage>,
}

/// A person's pauses at a host.
#[derive(Debug, Clone)]
pub(crate) struct PausePage {
    pub(crate) whose: Whose,
    pub(crate) pauses: Vec<Paused>,
    /// What it was when it was read; `None` if there was none. No other page ever has the same.
    pub(super) version: Option<i64>,
}

impl PausePage {
    /// An empty one.
    pub(crate) fn new(whose: Whose) -> Self {
        Self {
            whose,
            pauses: Vec::new(),
            version: None,
        }
    }

    /// When the last of them is over.
    fn until(&self) -> UnixTime {
        let ends = self.pauses.iter().map(|paused| paused.pause.until);
        ends.max().unwrap_or(UnixTime(0))
    }
}

impl ByEngine {
    pub(super) async fn paused(&self, user: String) -> Option<PauseBook> {
        let read = self.ask(move |client| {
            Box::pin(async move {
                let rows = rows(client, READ, &[&user]).await?;
                let now = rows
                    .first()
                    .map(|row| row.try_get::<_, i64>(0))
                    .transpose()?;
                let pages: Result<Vec<_>, _> = rows.iter().map(|row| page(row, &user)).collect();
                Ok(PauseBook {
                    now: UnixTime(now.unwrap_or_default().unsigned_abs()),
                    pages: pages?.into_iter().flatten().collect(),
                })
            })
        });
        read.await
    }

    pub(super) async fn replace_pauses(&self, page: PausePage) -> Changed {
        let changed = self.ask(move |client| {
            Box::pin(async move {
                let Whose { user, host } = &page.whose;
                // Only strings, bytes and numbers: this cannot fail.
                let written = serde_json::to_string(&page.pauses).unwrap_or_default();
                let until = i64::try_from(page.until().0).unwrap_or(i64::MAX);
                let most = i64::from(MOST_PEOPLE);
                let (statement, parameters): (_, &[&(dyn ToSql + Sync)]) = match &page.version {
                    None => (ADD, &[user, host, &written, &until, &most]),
                    Some(version) if page.pauses.is_empty() => (REMOVE, &[user, host, version]),
                    Some(version) => (CHANGE, &[user, host, &written, &until, version]),
                };
                let changed = rows(client, statement, parameters).await?;
                Ok(if changed.is_empty() {
                    Changed::Before
                } else {
                    Changed::Fine
                })
            })
        });
        changed.await.unwrap_or(Changed::Away)
    }
}

/// `None` in the row that only tells the time.
fn page(row: &Row, user: &str) -> Result<Option<PausePage>, StoreError> {
    let Some(host) = row.try_get(1)? else {
        return Ok(None);
    };
    let pauses = serde_json::from_str(row.try_get(2)?);
    Ok(Some(PausePage {
        whose: Whose {
            user: user.to_owned(),
            host,
        },
        pauses: pauses.map_err(|error| StoreError::Unavailable(error.to_string()))?,
        version: row.try_get(3)?,
    }))
}

const READ: &str = "\
SELECT floor(extract(epoch FROM clock_timestamp()))::bigint, host, pauses, version
FROM (SELECT) AS moment LEFT JOIN pause ON person = $1";

const ADD: &str = "\
INSERT INTO pause (person, host, pauses, until)
SELECT $1::text, $2::text, $3::text, $4::bigint WHERE (SELECT count(*) FROM pause WHERE host = $2) < $5::bigint
ON CONFLICT DO NOTHING RETURNING 1";

const CHANGE: &str = "\
UPDATE pause SET pauses = $3, until = $4, version = nextval('pause_version')
WHERE person = $1 AND host = $2 AND version = $5 RETURNING 1";

const REMOVE: &str =
    "DELETE FROM pause WHERE person = $1 AND host = $2 AND version = $3 RETURNING 1";
