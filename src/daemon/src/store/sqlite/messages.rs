//! Counts messages in the database.

use antiphon_core::time::UnixTime;
use rusqlite::{Connection, params};

use super::super::messages::{DAY, TEN_MINUTES};
use super::super::{Ceilings, Counted, StoreError};
use super::deeds::write;

pub(super) fn count(
    connection: &mut Connection,
    user: &str,
    now: UnixTime,
    ceilings: Ceilings,
) -> Result<Counted, StoreError> {
    let now = i64::try_from(now.0).unwrap_or(i64::MAX);
    let ago = |seconds: u64| now.saturating_sub_unsigned(seconds);
    write(connection, |transaction| {
        transaction.execute("UPDATE message SET at = ?1 WHERE at > ?1", [now])?;
        let of_user = |since: i64| {
            transaction.query_row(
                "SELECT count(*) FROM message WHERE user = ?1 AND at > ?2",
                params![user, since],
                |row| row.get::<_, i64>(0),
            )
        };
        let of_all = transaction.query_row(
            "SELECT count(*) FROM message WHERE at > ?1",
            [ago(DAY)],
            |row| row.get::<_, i64>(0),
        )?;
        let counts = [of_user(ago(TEN_MINUTES))?, of_user(ago(DAY))?, of_all];
        let [ten_minutes, day, day_of_all] = counts.map(i64::unsigned_abs);
        let counted = ceilings.allow(ten_minutes, day, day_of_all);
        if counted == Counted::Fine {
            transaction.execute(
                "INSERT INTO message (at, user) VALUES (?1, ?2)",
                params![now, user],
            )?;
            transaction.execute(
                "DELETE FROM message WHERE rowid IN \
                 (SELECT rowid FROM message ORDER BY at DESC LIMIT -1 OFFSET ?1)",
                [ceilings.day_of_all],
            )?;
        }
        Ok(counted)
    })
}
