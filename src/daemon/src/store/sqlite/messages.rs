//! Counts messages in the database.

use antiphon_core::time::UnixTime;
use rusqlite::{Connection, params};

use super::super::messages::{DAY, Sent, TEN_MINUTES};
use super::super::{Ceilings, Counted, Sending, StoreError};
use super::deeds::write;

pub(super) fn count(
    connection: &mut Connection,
    sending: &Sending,
    now: UnixTime,
    ceilings: Ceilings,
) -> Result<Counted, StoreError> {
    let now = i64::try_from(now.0).unwrap_or(i64::MAX);
    let ago = |seconds: u64| now.saturating_sub_unsigned(seconds);
    write(connection, |transaction| {
        transaction.execute("UPDATE message SET at = ?1 WHERE at > ?1", [now])?;
        let select = "SELECT count(*) FILTER (WHERE user = ?1 AND at > ?3), count(*) FILTER (WHERE user = ?1), \
                      count(*) FILTER (WHERE host = ?2 AND host <> ''), count(*) FROM message WHERE at > ?4";
        let values = params![sending.user, sending.host, ago(TEN_MINUTES), ago(DAY)];
        let sent = transaction.query_row(select, values, |row| {
            let count = |column| row.get(column).map(i64::unsigned_abs);
            Ok(Sent {
                ten_minutes: count(0)?,
                day: count(1)?,
                day_of_host: count(2)?,
                day_of_all: count(3)?,
            })
        })?;
        let counted = ceilings.allow(sent);
        if counted == Counted::Fine {
            transaction.execute(
                "INSERT INTO message (at, user, host) VALUES (?1, ?2, ?3)",
                params![now, sending.user, sending.host],
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
