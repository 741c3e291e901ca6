//! Counts messages to telephones, of all relays together and by the engine's clock: by its own, one relay that is behind
//! would set back what all the others have counted.

use super::now;
use crate::engine::{Client, of_commit};
use crate::store::messages::{DAY, Sent, TEN_MINUTES};
use crate::store::{Ceilings, Counted, Sending, StoreError};

/// The lock under which messages are counted: two counts at the same time would not see each other.
const LOCK: i64 = 0x616e_7469_7068_6f6f;

pub(super) async fn count(
    client: &mut Client,
    sending: &Sending,
    ceilings: Ceilings,
) -> Result<Counted, StoreError> {
    let transaction = client.transaction().await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    // Once nobody else counts.
    let now = now(&transaction).await?;
    let ago = |seconds: u64| now.saturating_sub_unsigned(seconds);
    transaction
        .execute("UPDATE message SET at = $1 WHERE at > $1", &[&now])
        .await?;
    let row = transaction
        .query_one(
            "SELECT count(*) FILTER (WHERE person = $1 AND at > $3), count(*) FILTER (WHERE person = $1), \
             count(*) FILTER (WHERE host = $2 AND host <> ''), count(*) FROM message WHERE at > $4",
            &[
                &sending.user,
                &sending.host,
                &ago(TEN_MINUTES),
                &ago(DAY),
            ],
        )
        .await?;
    let count = |column| row.try_get(column).map(i64::unsigned_abs);
    let counted = ceilings.allow(Sent {
        ten_minutes: count(0)?,
        day: count(1)?,
        day_of_host: count(2)?,
        day_of_all: count(3)?,
    });
    if counted == Counted::Fine {
        transaction
            .execute(
                "INSERT INTO message (at, person, host) VALUES ($1, $2, $3)",
                &[&now, &sending.user, &sending.host],
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
