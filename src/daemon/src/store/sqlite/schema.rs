//! The database file and its tables.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

/// The form that this version reads and writes.
const VERSION: i64 = 1;

/// How long another's lock is waited for; longer, and a sign-in would notice.
const LOCK_PATIENCE: Duration = Duration::from_millis(250);

const TABLES: &str = "
CREATE TABLE phone (
    credential      BLOB PRIMARY KEY,
    user            TEXT NOT NULL,
    host            TEXT NOT NULL,
    name            TEXT NOT NULL,
    public_key      BLOB NOT NULL,
    backup_eligible INTEGER NOT NULL,
    enrolled        INTEGER NOT NULL,
    token           BLOB NOT NULL UNIQUE,  -- SHA-256
    push            TEXT                   -- JSON, as PUT /api/push has it
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_of_user ON phone (user);
CREATE TABLE key (
    name  TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
";

/// Opens or makes the database.
pub(super) fn open(path: &Path) -> Result<Connection, String> {
    let said = |error: rusqlite::Error| error.to_string();
    let mut connection = Connection::open(path).map_err(said)?;
    connection.busy_timeout(LOCK_PATIENCE).map_err(said)?;
    // A commit is on the disk before it is answered, and readers are never in a writer's way.
    connection
        .pragma_update(None, "journal_mode", "wal")
        .map_err(said)?;
    connection
        .pragma_update(None, "synchronous", "full")
        .map_err(said)?;
    // A file that somebody else has made runs nothing.
    connection
        .pragma_update(None, "trusted_schema", "off")
        .map_err(said)?;
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(said)?;
    let found: i64 = transaction
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(said)?;
    match found {
        0 => transaction.execute_batch(TABLES).map_err(said)?,
        VERSION => {}
        later => {
            return Err(format!(
                "has form {later}, of another antiphond; this one knows form {VERSION}: \
                 take that version, or move the file away and enrol the phones again"
            ));
        }
    }
    transaction.commit().map_err(said)?;
    Ok(connection)
}
