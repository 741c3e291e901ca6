//! Counts messages to telephones, of all relays together.

use antiphon_core::time::UnixTime;

use super::deeds::seconds;
use crate::engine::{Client, of_commit};
use crate::store::messages::{DAY, TEN_MINUTES};
use crate::store::{Ceilings, Counted, StoreError};

/// The lock under which messages are counted: two counts at the same time would not see each other.
const LOCK: i64 = 0x616e_7469_7068_6f6f;

pub(super) async fn count(
    client: &mut Client,
    user: &str,
    now: UnixTime,
    ceilings: Ceilings,
) -> Result<Counted, StoreError> {
    let now = seconds(now);
    let ago = |seconds: u64| now.saturating_sub_unsigned(seconds);
    let transaction = client.transaction().await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    transaction
        .execute("UPDATE message SET at = $1 WHERE at > $1", &[&now])
        .await?;
    let row = transaction
        .query_one(
            "SELECT count(*) FILTER (WHERE person = $1 AND at > $2), count(*) FILTER (WHERE person = $1), count(*) \
             FROM message WHERE at > $3",
            &[&user, &ago(TEN_MINUTES), &ago(DAY)],
        )
        .await?;
    let counted = |column| row.try_get(column).map(i64::unsigned_abs);
    let counted = ceilings.allow(counted(0)?, counted(1)?, counted(2)?);
    if counted == Counted::Fine {
        transaction
            .execute(
                "INSERT INTO message (at, person) VALUES ($1, $2)",
                &[&now, &user],
            )
            .await?;
        transaction
            .execute(
                "DELETE FROM message WHERE number IN \
             (SELECT number FROM message ORDER BY at DESC, number DESC OFFSET $1)",
                &[&i64::from(ceilings.day_of_all)],
            )
            .await?;
    }
    // Also if it is refused: what was in the future stays set back.
    transaction
        .commit()
        .await
        .map_err(|error| of_commit(&error))?;
    Ok(counted)
}
