//! The database file and its tables.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;

/// How long to wait for another process's lock; sign-ins would notice a longer wait.
const LOCK_PATIENCE: Duration = Duration::from_millis(250);

/// Migrations from each version of the schema to the next; their number is the version that we read and write.
const FORMS: [&str; 7] = [
    PHONES, REPORTS, MESSAGES, DEVICES, FLEET, REVOKED, TELEPHONES,
];

pub(super) const PHONES: &str = "
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
";

const REPORTS: &str = "
CREATE TABLE report (
    number INTEGER PRIMARY KEY,
    user   TEXT NOT NULL,
    event  TEXT NOT NULL,  -- as the activity names it
    UNIQUE (user, event)
) STRICT;
";

const MESSAGES: &str = "
CREATE TABLE message (
    at   INTEGER NOT NULL,
    user TEXT NOT NULL
) STRICT;
CREATE INDEX message_at ON message (at);
";

/// Gives each device of a phone its own token and address.
const DEVICES: &str = "
CREATE TABLE device (
    number     INTEGER PRIMARY KEY,  -- the higher, the later
    credential BLOB NOT NULL,
    token      BLOB NOT NULL UNIQUE,
    push       TEXT
) STRICT;
CREATE INDEX device_of_phone ON device (credential);
INSERT INTO device (credential, token, push) SELECT credential, token, push FROM phone;
CREATE TABLE phone_without_token (
    credential      BLOB PRIMARY KEY,
    user            TEXT NOT NULL,
    host            TEXT NOT NULL,
    name            TEXT NOT NULL,
    public_key      BLOB NOT NULL,
    backup_eligible INTEGER NOT NULL,
    enrolled        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO phone_without_token
    SELECT credential, user, host, name, public_key, backup_eligible, enrolled FROM phone;
DROP TABLE phone;
ALTER TABLE phone_without_token RENAME TO phone;
CREATE INDEX phone_of_user ON phone (user);
";

const FLEET: &str = "
CREATE TABLE fleet_document (
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,     -- of the person
    serial INTEGER NOT NULL,
    text   TEXT NOT NULL,     -- as it was signed
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE fleet_host (
    name    TEXT PRIMARY KEY,
    role    TEXT NOT NULL,
    key     BLOB NOT NULL,    -- SHA-256 of its public key
    joined  INTEGER NOT NULL,
    seen    INTEGER,
    revoked INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE join_token (
    hash    BLOB PRIMARY KEY, -- SHA-256
    role    TEXT NOT NULL,
    hosts   INTEGER NOT NULL, -- that may still join
    until   INTEGER NOT NULL,
    network TEXT
) STRICT, WITHOUT ROWID;
";

/// What ends with a host: its key, and the tokens that it has opened.
const REVOKED: &str = "
ALTER TABLE join_token ADD COLUMN opener TEXT NOT NULL DEFAULT '';  -- a host's name; empty for root at the relay
CREATE TABLE revoked_key (
    key BLOB PRIMARY KEY      -- SHA-256 of a host's public key
) STRICT, WITHOUT ROWID;
INSERT INTO revoked_key SELECT DISTINCT key FROM fleet_host WHERE revoked IS NOT NULL;
";

/// Telephones of the fleet's people.
const TELEPHONES: &str = "
ALTER TABLE fleet_document ADD COLUMN numbers TEXT;           -- of a record, as they were signed
ALTER TABLE message ADD COLUMN host TEXT NOT NULL DEFAULT ''; -- of the fleet; empty for this computer
";

/// Opens or creates the database.
pub(super) fn open(path: &Path) -> Result<Connection, Box<dyn Error>> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(LOCK_PATIENCE)?;
    // Commits are on disk before they are reported, and readers never block a writer.
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    // A database made by somebody else must not execute anything.
    connection.pragma_update(None, "trusted_schema", "off")?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let missing = usize::try_from(found).ok().and_then(|had| FORMS.get(had..));
    let Some(missing) = missing else {
        return Err(format!(
            "has form {found}, of another antiphond; this one knows form {}: take that version, or move the file away \
             and enrol the phones again",
            FORMS.len()
        )
        .into());
    };
    for form in missing {
        transaction.execute_batch(form)?;
    }
    let reached = i64::try_from(FORMS.len())?;
    transaction.pragma_update(None, "user_version", reached)?;
    transaction.commit()?;
    Ok(connection)
}
