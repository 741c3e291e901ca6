//! The engine: the PostgreSQL that the relays of a fleet share.
//!
//! Here are its connections alone. [`crate::store::Postgres`] keeps in it what must last, and [`crate::post::ByEngine`] what
//! may be lost. Two sorts of connections, by [`Care`]: what is soft is not waited for until it is on disk, and only soft
//! connections notify other relays. (A notification takes a lock of the whole engine until its transaction has ended;
//! ended durably, it would let through some sixty sign-ins a second.)

mod address;
mod schema;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use antiphon_outgoing::innermost;
use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, RecyclingMethod, Runtime,
};
use tokio::time::timeout;
use tokio_postgres::error::SqlState;

pub(crate) use address::{Address, Line};
pub(crate) use deadpool_postgres::{Object as Client, Transaction};

use crate::store::StoreError;

/// Connections of each sort that a relay keeps: some ten relays fit into an engine's usual hundred.
const MOST: usize = 5;
/// How long an operation waits for a connection, a free one or a new one.
const PATIENCE_FOR_ONE: Duration = Duration::from_secs(3);
/// How long it waits for the answers. The engine gives up sooner: see [`address`].
const PATIENCE: Duration = Duration::from_secs(6);
/// After how long without use a connection is asked whether it is still one: the engine may have gone and come back.
const IDLE: Duration = Duration::from_secs(1);
/// How long another relay may take to change the tables.
const PATIENCE_FOR_TABLES: Duration = Duration::from_secs(300);

/// What is to become of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Care {
    /// It is on disk before it is reported, and at the standbys that the engine waits for.
    Sure,
    /// It may be lost.
    Soft,
}

/// What is done with a connection.
pub(crate) type Deed<'c, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'c>>;

/// Why a relay cannot begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The engine cannot be reached now, or is just starting.
    Away(String),
    /// It, or what is in it, must be changed first. One sentence.
    Refused(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away(why) | Self::Refused(why) => f.write_str(why),
        }
    }
}

pub(crate) struct Engine {
    address: Address,
    sure: Pool,
    soft: Pool,
}

impl Engine {
    /// Keeps connections to `address`, none yet.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) fn new(address: Address) -> Result<Self, String> {
        Ok(Self {
            sure: pool(&address, Care::Sure)?,
            soft: pool(&address, Care::Soft)?,
            address,
        })
    }

    /// Makes the tables, or brings them to our form.
    ///
    /// # Errors
    /// Why the relay cannot begin.
    pub(crate) async fn begin(&self) -> Result<(), Trouble> {
        let client = self.sure.get().await;
        let mut client = client.map_err(|error| match error {
            deadpool_postgres::PoolError::Backend(error) => trouble(&error),
            other => Trouble::Away(other.to_string()),
        })?;
        let prepared = timeout(PATIENCE_FOR_TABLES, schema::prepare(&mut client)).await;
        prepared.unwrap_or_else(|_| Err(Trouble::Away("it does not answer".to_owned())))
    }

    /// Does `deed` to its end, whether or not somebody waits for it.
    ///
    /// # Errors
    /// `Unavailable` if it has not begun, and else the deed's own.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        care: Care,
        deed: impl for<'c> FnOnce(&'c mut Client) -> Deed<'c, T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let pool = match care {
            Care::Sure => self.sure.clone(),
            Care::Soft => self.soft.clone(),
        };
        let done = tokio::spawn(async move {
            let client = pool.get().await;
            let mut client =
                client.map_err(|error| StoreError::Unavailable(said_by_pool(&error)))?;
            let done = timeout(PATIENCE, deed(&mut client)).await;
            let done = done.unwrap_or_else(|_| {
                Err(StoreError::Indeterminate(
                    "the engine does not answer".to_owned(),
                ))
            });
            if matches!(
                done,
                Err(StoreError::Unavailable(_) | StoreError::Indeterminate(_))
            ) {
                // It may hang, or lead to what is no longer the primary.
                drop(Object::take(client));
            }
            done
        });
        done.await
            .map_err(|_| StoreError::Indeterminate("the operation has ended".to_owned()))?
    }

    /// A connection to hear notifications by.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn line(&self) -> Result<Line, String> {
        self.address.line().await
    }
}

fn pool(address: &Address, care: Care) -> Result<Pool, String> {
    let config = ManagerConfig {
        // One that has failed is never put back.
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = Manager::from_config(address.config(care), address.tls(), config);
    Pool::builder(manager)
        .max_size(MOST)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(PATIENCE_FOR_ONE))
        .create_timeout(Some(PATIENCE_FOR_ONE))
        .recycle_timeout(Some(PATIENCE_FOR_ONE))
        .pre_recycle(Hook::async_fn(|client, metrics| {
            Box::pin(async move {
                if metrics.last_used() > IDLE {
                    let answered = client.simple_query("").await;
                    answered.map_err(HookError::Backend)?;
                }
                Ok(())
            })
        }))
        .build()
        .map_err(|error| error.to_string())
}

/// An error without an answer, or before a commit, of a deed that has then changed nothing.
impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Unavailable(said(&error))
    }
}

/// The error of a statement that is a transaction by itself, or of a commit.
pub(crate) fn of_commit(error: &tokio_postgres::Error) -> StoreError {
    // Whatever the engine answers but this, it has not committed.
    let answered = error
        .code()
        .is_some_and(|code| *code != SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN);
    if answered {
        StoreError::Unavailable(said(error))
    } else {
        StoreError::Indeterminate(said(error))
    }
}

/// What went wrong, in one line.
fn said(error: &tokio_postgres::Error) -> String {
    let said = match error.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => innermost(error),
    };
    said.lines().collect::<Vec<_>>().join(" ")
}

fn said_by_pool(error: &deadpool_postgres::PoolError) -> String {
    match error {
        deadpool_postgres::PoolError::Backend(error) => said(error),
        deadpool_postgres::PoolError::Timeout(_) => "the engine does not answer".to_owned(),
        other => other.to_string(),
    }
}

/// What of it passes by itself, and what does not.
fn trouble(error: &tokio_postgres::Error) -> Trouble {
    let why = said(error);
    let Some(code) = error.code() else {
        return Trouble::Away(why);
    };
    let fix = match code.code() {
        "28P01" | "28000" => {
            "let the role in (pg_hba.conf); its password, if it needs one, stands in /etc/antiphon/engine and is handed over \
             by LoadCredential=engine:/etc/antiphon/engine"
        }
        "3D000" => {
            "make the role and the database: CREATE ROLE antiphon LOGIN; CREATE DATABASE antiphon OWNER antiphon"
        }
        "42501" => "the role must own the database: ALTER DATABASE antiphon OWNER TO antiphon",
        _ => return Trouble::Away(why),
    };
    Trouble::Refused(format!("[relay] engine: {why}; {fix}"))
}
