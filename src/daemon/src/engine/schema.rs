//! The engine's tables.
//!
//! Each form of them is one more than the last. A relay brings them to the form that it knows, and works with a later one
//! too if that says so: the next version only adds, so that relays are brought up to date one after the other, and can go
//! back by one version.

use super::{Trouble, trouble};
use deadpool_postgres::Object;
use tokio_postgres::Error;

/// What the engine must be at least: before it, anybody who could connect could make tables beside ours.
const OLDEST_SERVER: i32 = 150_000;

/// From each form to the next; their number is the form that we read and write.
pub(super) const FORMS: [&str; 4] = [FIRST, TELEPHONES, DISPLACEMENT, PAUSES];
/// The oldest form whose relays work with ours.
const NEEDS: i32 = 1;
/// The lock that a relay holds while it changes tables.
const LOCK: i64 = 0x616e_7469_7068_6f6e;

const FIRST: &str = r#"
CREATE TABLE phone (
    credential      bytea PRIMARY KEY,
    person          text NOT NULL,
    host            text NOT NULL,
    name            text NOT NULL,
    public_key      bytea NOT NULL,
    backup_eligible boolean NOT NULL,
    enrolled        bigint NOT NULL
);
CREATE INDEX phone_of_person ON phone (person);
CREATE TABLE device (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- the higher, the later
    credential bytea NOT NULL REFERENCES phone ON DELETE CASCADE,
    token      bytea NOT NULL UNIQUE,  -- SHA-256
    push       text                    -- JSON, as PUT /api/push has it
);
CREATE INDEX device_of_phone ON device (credential);
CREATE TABLE report (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person text NOT NULL,
    event  text NOT NULL,  -- as the activity names it
    UNIQUE (person, event)
);
CREATE TABLE message (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     bigint NOT NULL,
    person text NOT NULL
);
CREATE INDEX message_at ON message (at);
CREATE TABLE key (
    name  text PRIMARY KEY,
    bytes bytea NOT NULL
);
CREATE TABLE fleet_document (
    kind   text NOT NULL,
    name   text NOT NULL,  -- of the person
    serial bigint NOT NULL,
    text   text NOT NULL,  -- as it was signed
    PRIMARY KEY (kind, name)
);
CREATE TABLE fleet_host (
    name    text COLLATE "C" PRIMARY KEY,
    role    text NOT NULL,
    key     bytea NOT NULL,  -- SHA-256 of its public key
    joined  bigint NOT NULL,
    seen    bigint,
    revoked bigint
);
CREATE TABLE join_token (
    hash    bytea PRIMARY KEY,  -- SHA-256
    role    text NOT NULL,
    hosts   bigint NOT NULL,    -- that may still join
    until   bigint NOT NULL,
    network text,
    opener  text NOT NULL       -- a host's name; empty for root at a relay
);
CREATE TABLE revoked_key (
    key bytea PRIMARY KEY    -- SHA-256 of a host's public key
);
-- What follows is gone after a crash or a fail-over, and that is right: it is put back by the relays that live.
CREATE UNLOGGED TABLE replica (
    id   text PRIMARY KEY,
    seen timestamptz NOT NULL
);
CREATE UNLOGGED TABLE open_request (
    person      text PRIMARY KEY,
    id          text NOT NULL UNIQUE,
    replica     text NOT NULL,     -- where the sign-in waits
    credentials bytea[] NOT NULL,
    event       bytea NOT NULL,    -- as phones are shown it
    answered_by bytea,
    expires     timestamptz NOT NULL
);
-- Apart from its request, which the person's next one may replace before the answer is fetched.
CREATE UNLOGGED TABLE reply (
    id          text PRIMARY KEY,  -- the request's
    person      text NOT NULL,
    answer      text NOT NULL,     -- as the module is told it
    answered_by bytea NOT NULL,
    at          timestamptz NOT NULL
);
CREATE UNLOGGED TABLE ticket (
    name       bytea PRIMARY KEY,
    replica    text NOT NULL,      -- where root's command waits
    slip       text NOT NULL,      -- JSON
    version    bigint NOT NULL,    -- how often the slip was replaced
    person     text NOT NULL,
    token      bytea UNIQUE,       -- of the phone that has answered, and its passkey
    credential bytea UNIQUE,
    until      timestamptz NOT NULL
);
CREATE INDEX ticket_of_person ON ticket (person);
CREATE UNLOGGED TABLE call (
    id       text PRIMARY KEY,     -- the request's
    person   text NOT NULL,
    host     text NOT NULL,
    familiar boolean NOT NULL,     -- whether it came from where the person has signed in lately
    at       timestamptz NOT NULL
);
CREATE INDEX call_of_person ON call (person);
"#;

/// Telephones of the fleet's people.
const TELEPHONES: &str = "
ALTER TABLE fleet_document ADD COLUMN numbers text;            -- of a record, as they were signed
ALTER TABLE message ADD COLUMN host text NOT NULL DEFAULT '';  -- of the fleet; empty for the relay itself
";

/// Requests that give way to others. Those of a relay that does not know of it do not.
const DISPLACEMENT: &str = "
ALTER TABLE open_request ADD COLUMN gives_way boolean NOT NULL DEFAULT false;
";

/// Pauses of people's phones. Relays of the form before keep theirs in their memory. They outlive a crash: what a module has
/// not been told of is known from nowhere else.
const PAUSES: &str = "
CREATE SEQUENCE pause_version;
CREATE TABLE pause (
    person  text NOT NULL,
    host    text NOT NULL,
    pauses  text NOT NULL,    -- JSON
    version bigint NOT NULL DEFAULT nextval('pause_version'),
    until   bigint NOT NULL,  -- when the last of them is over
    PRIMARY KEY (host, person)
);
CREATE INDEX pause_of_person ON pause (person);
";

/// Brings the tables to our form.
pub(super) async fn prepare(client: &mut Object) -> Result<(), Trouble> {
    prepare_as(client, &FORMS).await
}

/// The same for a relay that knows these forms alone.
pub(super) async fn prepare_as(client: &mut Object, forms: &[&str]) -> Result<(), Trouble> {
    let prepared = change(client, forms).await;
    prepared.unwrap_or_else(|error| Err(trouble(&error)))
}

async fn change(client: &mut Object, forms: &[&str]) -> Result<Result<(), Trouble>, Error> {
    let version = client
        .query_one("SELECT current_setting('server_version_num')::int4", &[])
        .await?
        .try_get::<_, i32>(0)?;
    if version < OLDEST_SERVER {
        let (is, least) = (version / 10_000, OLDEST_SERVER / 10_000);
        return Ok(Err(Trouble::Refused(format!(
            "[relay] engine: it is PostgreSQL {is}, and must be {least} or later"
        ))));
    }
    // A name that it cannot write would fail every question that it is asked in.
    let encoding = client
        .query_one("SELECT current_setting('server_encoding')", &[])
        .await?
        .try_get::<_, String>(0)?;
    if !["UTF8", "SQL_ASCII"].contains(&&*encoding) {
        return Ok(Err(Trouble::Refused(format!(
            "[relay] engine: its database is written in {encoding}, and must be in UTF8: create it anew, with ENCODING 'UTF8' \
             and TEMPLATE template0"
        ))));
    }
    let transaction = client.transaction().await?;
    transaction
        .batch_execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '120s'")
        .await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    let exists = transaction
        .query_one("SELECT to_regclass('antiphon') IS NOT NULL", &[])
        .await?
        .try_get::<_, bool>(0)?;
    if !exists {
        transaction
            .batch_execute(
                "CREATE TABLE antiphon (form int4 NOT NULL, needs int4 NOT NULL); INSERT INTO antiphon VALUES (0, 0)",
            )
            .await?;
    }
    let row = transaction
        .query_one("SELECT form, needs FROM antiphon", &[])
        .await?;
    let (found, needs): (i32, i32) = (row.try_get(0)?, row.try_get(1)?);
    let ours = i32::try_from(forms.len()).unwrap_or(i32::MAX);
    if found > ours {
        if needs <= ours {
            return Ok(Ok(()));
        }
        return Ok(Err(Trouble::Refused(format!(
            "[relay] engine: its tables have form {found}, of a later antiphond; this one knows form {ours}: take that \
             version"
        ))));
    }
    let missing = usize::try_from(found).ok().and_then(|had| forms.get(had..));
    for form in missing.unwrap_or_default() {
        transaction.batch_execute(form).await?;
    }
    if found < ours {
        transaction
            .execute(
                "UPDATE antiphon SET form = $1, needs = $2",
                &[&ours, &NEEDS],
            )
            .await?;
    }
    transaction.commit().await?;
    Ok(Ok(()))
}
