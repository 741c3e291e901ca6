//! Operations on the database.

use antiphon_core::time::UnixTime;
use rusqlite::types::Type;
use rusqlite::{
    Connection, ErrorCode, OptionalExtension, Row, ToSql, Transaction, TransactionBehavior, params,
};

use super::super::{Device, MOST_DEVICES, MOST_REPORTS, StoreError};
use crate::push::Target;
use crate::token::TokenHash;

/// Phones with their devices, with the columns that [`phone`] reads.
const SELECT: &str = "SELECT phone.credential, user, host, name, public_key, backup_eligible, enrolled, token, push \
                      FROM phone JOIN device ON device.credential = phone.credential";

pub(super) fn keep(connection: &mut Connection, phone: &Device) -> Result<(), StoreError> {
    write(connection, |transaction| {
        let owner: Option<String> = transaction
            .query_row(
                "SELECT user FROM phone WHERE credential = ?1",
                [&phone.credential],
                |row| row.get(0),
            )
            .optional()?;
        if owner.is_some_and(|owner| owner != phone.user) {
            return Err(StoreError::Conflict);
        }
        let enrolled = i64::try_from(phone.enrolled.0).unwrap_or(i64::MAX);
        transaction.execute(
            "REPLACE INTO phone (credential, user, host, name, public_key, backup_eligible, enrolled) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                phone.credential,
                phone.user,
                phone.host,
                phone.name,
                phone.public_key,
                phone.backup_eligible,
                enrolled,
            ],
        )?;
        transaction.execute(
            "DELETE FROM device WHERE credential = ?1",
            [&phone.credential],
        )?;
        transaction.execute(
            "INSERT INTO device (credential, token, push) VALUES (?1, ?2, ?3)",
            params![
                phone.credential,
                phone.token.bytes(),
                written(phone.push.as_ref()),
            ],
        )?;
        Ok(())
    })
}

/// The phone for which `condition` holds, with the data of its latest device.
pub(super) fn one(
    connection: &mut Connection,
    condition: &str,
    value: &(impl ToSql + ?Sized),
) -> Result<Option<Device>, StoreError> {
    let select = format!("{SELECT} WHERE {condition} ORDER BY number DESC LIMIT 1");
    Ok(connection.query_row(&select, [value], phone).optional()?)
}

pub(super) fn of_user(connection: &mut Connection, user: &str) -> Result<Vec<Device>, StoreError> {
    let select = format!("{SELECT} WHERE user = ?1 ORDER BY enrolled, phone.credential, number");
    let mut statement = connection.prepare(&select)?;
    let phones = statement.query_map([user], phone)?;
    Ok(phones.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn add_token(
    connection: &mut Connection,
    credential: &[u8],
    token: TokenHash,
) -> Result<Vec<TokenHash>, StoreError> {
    write(connection, |transaction| {
        let added = transaction.execute(
            "INSERT INTO device (credential, token) SELECT credential, ?2 FROM phone WHERE credential = ?1",
            params![credential, token.bytes()],
        )?;
        one_row(added)?;
        let most = i64::try_from(MOST_DEVICES).unwrap_or(i64::MAX);
        let mut ending = transaction.prepare(
            "DELETE FROM device WHERE credential = ?1 AND number NOT IN \
             (SELECT number FROM device WHERE credential = ?1 ORDER BY number DESC LIMIT ?2) RETURNING token",
        )?;
        let ended = ending
            .query_map(params![credential, most], |row| {
                row.get(0).map(TokenHash::stored)
            })?
            .collect::<rusqlite::Result<_>>()?;
        Ok(ended)
    })
}

pub(super) fn call_at(
    connection: &mut Connection,
    token: TokenHash,
    target: Option<&Target>,
) -> Result<(), StoreError> {
    write(connection, |transaction| {
        let changed = transaction.execute(
            "UPDATE device SET push = ?2 WHERE token = ?1",
            params![token.bytes(), written(target)],
        )?;
        one_row(changed)
    })
}

pub(super) fn lost(
    connection: &mut Connection,
    credential: &[u8],
    target: &Target,
) -> Result<(), StoreError> {
    write(connection, |transaction| {
        transaction.execute(
            "UPDATE device SET push = NULL WHERE credential = ?1 AND push = ?2",
            params![credential, written(Some(target))],
        )?;
        Ok(())
    })
}

pub(super) fn forget(
    connection: &mut Connection,
    credentials: &[Vec<u8>],
) -> Result<usize, StoreError> {
    write(connection, |transaction| {
        let mut forgotten = 0;
        for credential in credentials {
            transaction.execute("DELETE FROM device WHERE credential = ?1", [credential])?;
            forgotten +=
                transaction.execute("DELETE FROM phone WHERE credential = ?1", [credential])?;
        }
        Ok(forgotten)
    })
}

pub(super) fn report(
    connection: &mut Connection,
    user: &str,
    event: &str,
) -> Result<bool, StoreError> {
    write(connection, |transaction| {
        let added = transaction.execute(
            "INSERT INTO report (user, event) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![user, event],
        )?;
        let most = i64::try_from(MOST_REPORTS).unwrap_or(i64::MAX);
        transaction.execute(
            "DELETE FROM report WHERE user = ?1 AND number NOT IN \
             (SELECT number FROM report WHERE user = ?1 ORDER BY number DESC LIMIT ?2)",
            params![user, most],
        )?;
        Ok(added == 1)
    })
}

pub(super) fn reported(connection: &mut Connection, user: &str) -> Result<Vec<String>, StoreError> {
    let mut statement =
        connection.prepare("SELECT event FROM report WHERE user = ?1 ORDER BY number")?;
    let events = statement.query_map([user], |row| row.get(0))?;
    Ok(events.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn push_key(connection: &mut Connection, new: &[u8]) -> Result<Vec<u8>, StoreError> {
    write(connection, |transaction| {
        transaction.execute(
            "INSERT INTO key (name, bytes) VALUES ('push', ?1) ON CONFLICT DO NOTHING",
            [new],
        )?;
        Ok(
            transaction.query_row("SELECT bytes FROM key WHERE name = 'push'", [], |row| {
                row.get(0)
            })?,
        )
    })
}

/// Whatever fails before a commit has changed nothing.
impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// Runs a transaction, durable on return.
pub(super) fn write<T>(
    connection: &mut Connection,
    deed: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Dropped without a commit, it is rolled back.
    let done = deed(&transaction)?;
    match transaction.commit() {
        Ok(()) => Ok(done),
        // Neither of these leaves WAL frames that a recovery would take for committed.
        Err(error)
            if matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy)
            ) =>
        {
            Err(error.into())
        }
        Err(error) => Err(StoreError::Indeterminate(error.to_string())),
    }
}

fn one_row(changed: usize) -> Result<(), StoreError> {
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

fn phone(row: &Row<'_>) -> rusqlite::Result<Device> {
    let push: Option<String> = row.get(8)?;
    let push = push
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(8, Type::Text, Box::new(error))
        })?;
    let enrolled: i64 = row.get(6)?;
    Ok(Device {
        credential: row.get(0)?,
        user: row.get(1)?,
        host: row.get(2)?,
        name: row.get(3)?,
        public_key: row.get(4)?,
        backup_eligible: row.get(5)?,
        enrolled: UnixTime(enrolled.try_into().unwrap_or_default()),
        token: TokenHash::stored(row.get(7)?),
        push,
    })
}
