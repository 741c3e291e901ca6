//! Operations on phones, reports and the push key.

use antiphon_core::time::UnixTime;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::gathered::Found;
use crate::engine::{Client, of_commit};
use crate::push::Target;
use crate::store::{Device, MOST_DEVICES, MOST_REPORTS, StoreError};
use crate::token::TokenHash;

/// Phones with their devices, with the columns that [`phone`] reads.
const SELECT: &str = "SELECT phone.credential, person, host, name, public_key, backup_eligible, enrolled, token, push \
                      FROM phone JOIN device ON device.credential = phone.credential";

type Parameters<'a> = [&'a (dyn ToSql + Sync)];

pub(super) async fn keep(client: &mut Client, phone: &Device) -> Result<(), StoreError> {
    let transaction = client.transaction().await?;
    let enrolled = seconds(phone.enrolled);
    let kept = transaction
        .execute(
            "INSERT INTO phone (credential, person, host, name, public_key, backup_eligible, enrolled) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (credential) DO UPDATE SET host = excluded.host, name = excluded.name, \
             public_key = excluded.public_key, backup_eligible = excluded.backup_eligible, enrolled = excluded.enrolled \
             WHERE phone.person = excluded.person",
            &[
                &phone.credential,
                &phone.user,
                &phone.host,
                &phone.name,
                &phone.public_key,
                &phone.backup_eligible,
                &enrolled,
            ],
        )
        .await?;
    one_row(kept)?;
    transaction
        .execute(
            "DELETE FROM device WHERE credential = $1",
            &[&phone.credential],
        )
        .await?;
    transaction
        .execute(
            "INSERT INTO device (credential, token, push) VALUES ($1, $2, $3)",
            &[
                &phone.credential,
                &&phone.token.bytes()[..],
                &written(phone.push.as_ref()),
            ],
        )
        .await?;
    transaction
        .commit()
        .await
        .map_err(|error| of_commit(&error))
}

pub(super) async fn of_token(
    client: &mut Client,
    token: TokenHash,
) -> Result<Option<Device>, StoreError> {
    one(client, "token = $1", &&token.bytes()[..]).await
}

pub(super) async fn of_credential(
    client: &mut Client,
    credential: &[u8],
) -> Result<Option<Device>, StoreError> {
    one(client, "phone.credential = $1", &credential).await
}

/// The phone for which `condition` holds, with the data of its latest device.
async fn one(
    client: &mut Client,
    condition: &str,
    value: &(dyn ToSql + Sync),
) -> Result<Option<Device>, StoreError> {
    let select = format!("{SELECT} WHERE {condition} ORDER BY number DESC LIMIT 1");
    let statement = client.prepare_cached(&select).await?;
    let found = client.query_opt(&statement, &[value]).await?;
    found.as_ref().map(phone).transpose()
}

pub(super) async fn of_users(
    client: &mut Client,
    users: &[&str],
) -> Result<Found<Vec<Device>>, StoreError> {
    let select =
        format!("{SELECT} WHERE person = ANY ($1) ORDER BY enrolled, phone.credential, number");
    let statement = client.prepare_cached(&select).await?;
    let mut found = Found::new();
    for row in client.query(&statement, &[&users]).await? {
        let phones = found
            .entry(row.try_get(1)?)
            .or_insert_with(|| Ok(Vec::new()));
        match (phone(&row), phones) {
            (Ok(phone), Ok(phones)) => phones.push(phone),
            (Err(error), phones) => *phones = Err(error),
            (Ok(_), Err(_)) => {}
        }
    }
    Ok(found)
}

pub(super) async fn add_token(
    client: &mut Client,
    credential: &[u8],
    token: TokenHash,
) -> Result<Vec<TokenHash>, StoreError> {
    let transaction = client.transaction().await?;
    // One after the other: two that add at the same time would each keep too many.
    let locked = transaction
        .execute(
            "SELECT FROM phone WHERE credential = $1 FOR UPDATE",
            &[&credential],
        )
        .await?;
    one_row(locked)?;
    transaction
        .execute(
            "INSERT INTO device (credential, token) VALUES ($1, $2)",
            &[&credential, &&token.bytes()[..]],
        )
        .await?;
    let most = i64::try_from(MOST_DEVICES).unwrap_or(i64::MAX);
    let ended = transaction
        .query(
            "DELETE FROM device WHERE credential = $1 AND number NOT IN \
             (SELECT number FROM device WHERE credential = $1 ORDER BY number DESC LIMIT $2) RETURNING token",
            &[&credential, &most],
        )
        .await?;
    let ended = ended.iter().map(|row| hash(row, 0).map(TokenHash::stored));
    let ended = ended.collect::<Result<_, _>>()?;
    transaction
        .commit()
        .await
        .map_err(|error| of_commit(&error))?;
    Ok(ended)
}

pub(super) async fn call_at(
    client: &mut Client,
    token: TokenHash,
    target: Option<&Target>,
) -> Result<(), StoreError> {
    let update = "UPDATE device SET push = $2 WHERE token = $1";
    let changed = write(client, update, &[&&token.bytes()[..], &written(target)]).await?;
    one_row(changed)
}

pub(super) async fn lost(
    client: &mut Client,
    credential: &[u8],
    target: &Target,
) -> Result<(), StoreError> {
    let update = "UPDATE device SET push = NULL WHERE credential = $1 AND push = $2";
    write(client, update, &[&credential, &written(Some(target))])
        .await
        .map(drop)
}

pub(super) async fn forget(
    client: &mut Client,
    credentials: &[Vec<u8>],
) -> Result<usize, StoreError> {
    // Its devices go with it.
    let delete = "DELETE FROM phone WHERE credential = ANY ($1)";
    let forgotten = write(client, delete, &[&credentials]).await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}

pub(super) async fn report(
    client: &mut Client,
    user: &str,
    event: &str,
) -> Result<bool, StoreError> {
    let transaction = client.transaction().await?;
    let added = transaction
        .execute(
            "INSERT INTO report (person, event) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &[&user, &event],
        )
        .await?;
    let most = i64::try_from(MOST_REPORTS).unwrap_or(i64::MAX);
    transaction
        .execute(
            "DELETE FROM report WHERE person = $1 AND number NOT IN \
             (SELECT number FROM report WHERE person = $1 ORDER BY number DESC LIMIT $2)",
            &[&user, &most],
        )
        .await?;
    transaction
        .commit()
        .await
        .map_err(|error| of_commit(&error))?;
    Ok(added == 1)
}

pub(super) async fn reported(client: &mut Client, user: &str) -> Result<Vec<String>, StoreError> {
    let select = "SELECT event FROM report WHERE person = $1 ORDER BY number";
    let rows = client.query(select, &[&user]).await?;
    let events = rows.iter().map(|row| row.try_get(0));
    Ok(events.collect::<Result<_, _>>()?)
}

pub(super) async fn push_key(client: &mut Client, new: &[u8]) -> Result<Vec<u8>, StoreError> {
    write(
        client,
        "INSERT INTO key (name, bytes) VALUES ('push', $1) ON CONFLICT DO NOTHING",
        &[&new],
    )
    .await?;
    let select = "SELECT bytes FROM key WHERE name = 'push'";
    Ok(client.query_one(select, &[]).await?.try_get(0)?)
}

/// A statement that is a transaction by itself; how many rows it has changed.
pub(super) async fn write(
    client: &mut Client,
    statement: &str,
    parameters: &Parameters<'_>,
) -> Result<u64, StoreError> {
    let statement = client.prepare_cached(statement).await?;
    let done = client.execute(&statement, parameters).await;
    done.map_err(|error| of_commit(&error))
}

pub(super) fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

pub(super) fn time(seconds: i64) -> UnixTime {
    UnixTime(u64::try_from(seconds).unwrap_or_default())
}

/// 32 bytes of a row.
pub(super) fn hash(row: &Row, column: usize) -> Result<[u8; 32], StoreError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes
        .try_into()
        .map_err(|_| StoreError::Unavailable("a hash of it is none".to_owned()))
}

fn one_row(changed: u64) -> Result<(), StoreError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict)
    }
}

fn written(target: Option<&Target>) -> Option<String> {
    // Only strings: this cannot fail.
    target.and_then(|target| serde_json::to_string(target).ok())
}

fn phone(row: &Row) -> Result<Device, StoreError> {
    let push: Option<&str> = row.try_get(8)?;
    let push = push.map(serde_json::from_str).transpose();
    Ok(Device {
        credential: row.try_get(0)?,
        user: row.try_get(1)?,
        host: row.try_get(2)?,
        name: row.try_get(3)?,
        public_key: row.try_get(4)?,
        backup_eligible: row.try_get(5)?,
        enrolled: time(row.try_get(6)?),
        token: TokenHash::stored(hash(row, 7)?),
        push: push.map_err(|error| StoreError::Unavailable(error.to_string()))?,
    })
}
