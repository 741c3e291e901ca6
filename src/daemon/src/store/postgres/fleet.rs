//! Documents, hosts and tokens of a fleet in the engine, by whose clock all relays go: one whose own is ahead would delete
//! tokens that are good.

use antiphon_core::fleet::Kind;
use antiphon_core::wire::HostEntry;
use tokio_postgres::Row;

use super::deeds::{hash, seconds, time, write};
use super::gathered::Found;
use super::{NOW, now};
use crate::engine::{Client, Transaction, of_commit};
use crate::store::StoreError;
use crate::store::fleet::{
    FleetHost, Joining, Newcomer, Numbered, NumbersText, OpenToken, Opening, Publication,
    Published, kind_word, role_of, role_word,
};

const HOST: &str = "SELECT name, role, joined, seen, revoked, key FROM fleet_host";
const TOKEN: &str = "SELECT role, hosts, until, network, opener, hash FROM join_token";

pub(super) async fn publish(
    client: &mut Client,
    document: &Published,
) -> Result<Publication, StoreError> {
    let Published {
        kind,
        name,
        serial,
        text,
        numbers,
    } = document;
    let kind = kind_word(*kind);
    let numbers = numbers.as_ref().map(|NumbersText(text)| text);
    let kept = write(
        client,
        "INSERT INTO fleet_document (kind, name, serial, text, numbers) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (kind, name) DO UPDATE SET serial = excluded.serial, text = excluded.text, numbers = excluded.numbers \
         WHERE fleet_document.serial < excluded.serial",
        &[&kind, name, &i64::from(*serial), text, &numbers],
    )
    .await?;
    if kept == 1 {
        return Ok(Publication::Kept);
    }
    let select = "SELECT serial FROM fleet_document WHERE kind = $1 AND name = $2";
    let known: i64 = client.query_one(select, &[&kind, name]).await?.try_get(0)?;
    Ok(Publication::Outdated(
        u32::try_from(known).unwrap_or(u32::MAX),
    ))
}

pub(super) async fn document(
    client: &mut Client,
    kind: Kind,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let select = "SELECT text FROM fleet_document WHERE kind = $1 AND name = $2";
    let statement = client.prepare_cached(select).await?;
    let found = client
        .query_opt(&statement, &[&kind_word(kind), &name])
        .await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn numbered(
    client: &mut Client,
    name: &str,
) -> Result<Option<Numbered>, StoreError> {
    let select = "SELECT text, numbers FROM fleet_document \
                  WHERE kind = $1 AND name = $2 AND numbers IS NOT NULL";
    let found = client
        .query_opt(select, &[&kind_word(Kind::Record), &name])
        .await?;
    let numbered = |row: Row| {
        Ok(Numbered {
            record: row.try_get(0)?,
            numbers: NumbersText(row.try_get(1)?),
        })
    };
    found.map(numbered).transpose()
}

/// The opener's row is locked, so that whoever revokes it finds the token.
pub(super) async fn open_token(
    client: &mut Client,
    token: &OpenToken,
) -> Result<Opening, StoreError> {
    let opened = write(
        client,
        "INSERT INTO join_token (hash, role, hosts, until, network, opener) \
         SELECT $1::bytea, $2::text, $3::bigint, $4::bigint, $5::text, $6::text \
         WHERE $6 = '' OR EXISTS (SELECT FROM fleet_host WHERE name = $6 AND revoked IS NULL FOR SHARE) \
         ON CONFLICT (hash) DO NOTHING",
        &[
            &&token.hash[..],
            &role_word(token.role),
            &i64::from(token.hosts),
            &seconds(token.until),
            &token.network.map(|network| network.to_string()),
            &token.opener,
        ],
    )
    .await?;
    if opened > 0 {
        return Ok(Opening::Opened);
    }
    let known = "SELECT FROM join_token WHERE hash = $1";
    let known = client.query_opt(known, &[&&token.hash[..]]).await?;
    Ok(match known {
        Some(_) => Opening::Known,
        None => Opening::NoOpener,
    })
}

/// The token's count and the host's row change together.
pub(super) async fn join(
    client: &mut Client,
    mut newcomer: Newcomer,
) -> Result<Joining, StoreError> {
    let transaction = client.transaction().await?;
    let delete = format!("DELETE FROM join_token WHERE until <= {NOW}");
    transaction.execute(&delete, &[]).await?;
    let joining = enter(&transaction, &mut newcomer).await?;
    transaction
        .commit()
        .await
        .map_err(|error| of_commit(&error))?;
    Ok(joining)
}

async fn enter(
    transaction: &Transaction<'_>,
    newcomer: &mut Newcomer,
) -> Result<Joining, StoreError> {
    let token = token(transaction, newcomer.hash).await?;
    newcomer.now = time(now(transaction).await?);
    let Some(token) = token.filter(|token| token.serves(newcomer)) else {
        return Ok(Joining::Token);
    };
    let select = "SELECT FROM revoked_key WHERE key = $1";
    if transaction
        .query_opt(select, &[&&newcomer.key[..]])
        .await?
        .is_some()
    {
        return Ok(Joining::Revoked);
    }
    let select = "SELECT role FROM fleet_host WHERE name = $1 AND key = $2 AND revoked IS NULL";
    let again = transaction
        .query_opt(select, &[&newcomer.name, &&newcomer.key[..]])
        .await?;
    if let Some(again) = again {
        return Ok(Joining::Joined(role_of(again.try_get(0)?)));
    }
    if token.hosts == 0 {
        return Ok(Joining::Token);
    }
    // Of two that ask for the name at the same time, one finds the other's row.
    let entered = transaction
        .execute(
            "INSERT INTO fleet_host (name, role, key, joined) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (name) DO UPDATE SET role = excluded.role, key = excluded.key, joined = excluded.joined, \
             seen = NULL, revoked = NULL WHERE fleet_host.revoked IS NOT NULL",
            &[
                &newcomer.name,
                &role_word(token.role),
                &&newcomer.key[..],
                &seconds(newcomer.now),
            ],
        )
        .await?;
    if entered == 0 {
        return Ok(Joining::NameTaken);
    }
    transaction
        .execute(
            "UPDATE join_token SET hosts = hosts - 1 WHERE hash = $1",
            &[&&newcomer.hash[..]],
        )
        .await?;
    Ok(Joining::Joined(token.role))
}

/// The token, which nobody else uses until the transaction's end.
async fn token(
    transaction: &Transaction<'_>,
    hash: [u8; 32],
) -> Result<Option<OpenToken>, StoreError> {
    let select = format!("{TOKEN} WHERE hash = $1 FOR UPDATE");
    let found = transaction.query_opt(&select, &[&&hash[..]]).await?;
    Ok(found.as_ref().map(read_token).transpose()?.flatten())
}

/// `None` if its network is not understood: a limit that cannot be left out.
fn read_token(row: &Row) -> Result<Option<OpenToken>, StoreError> {
    let network: Option<&str> = row.try_get(3)?;
    let Ok(network) = network.map(str::parse).transpose() else {
        return Ok(None);
    };
    Ok(Some(OpenToken {
        role: role_of(row.try_get(0)?),
        hosts: u32::try_from(row.try_get::<_, i64>(1)?).unwrap_or_default(),
        until: time(row.try_get(2)?),
        network,
        opener: row.try_get(4)?,
        hash: hash(row, 5)?,
    }))
}

pub(super) async fn tokens(
    client: &mut Client,
    after: [u8; 32],
    most: u32,
) -> Result<Vec<OpenToken>, StoreError> {
    let select =
        format!("{TOKEN} WHERE hash > $1 AND hosts > 0 AND until > {NOW} ORDER BY hash LIMIT $2");
    let rows = client
        .query(&select, &[&&after[..], &i64::from(most)])
        .await?;
    let tokens = rows.iter().map(read_token).collect::<Result<Vec<_>, _>>()?;
    Ok(tokens.into_iter().flatten().collect())
}

pub(super) async fn withdraw(client: &mut Client, hash: [u8; 32]) -> Result<bool, StoreError> {
    let delete = "DELETE FROM join_token WHERE hash = $1";
    Ok(write(client, delete, &[&&hash[..]]).await? > 0)
}

pub(super) async fn hosts_named(
    client: &mut Client,
    names: &[&str],
) -> Result<Found<Option<FleetHost>>, StoreError> {
    let statement = client
        .prepare_cached(&format!("{HOST} WHERE name = ANY ($1)"))
        .await?;
    let rows = client.query(&statement, &[&names]).await?;
    let hosts = rows.iter();
    hosts
        .map(|row| Ok((row.try_get(0)?, read_host(row).map(Some))))
        .collect()
}

pub(super) async fn hosts(
    client: &mut Client,
    after: &str,
    most: u32,
) -> Result<Vec<HostEntry>, StoreError> {
    let select = format!("{HOST} WHERE name > $1 ORDER BY name LIMIT $2");
    let rows = client.query(&select, &[&after, &i64::from(most)]).await?;
    let hosts = rows.iter().map(|row| read_host(row).map(|host| host.entry));
    hosts.collect()
}

pub(super) async fn seen(client: &mut Client, names: &[String]) -> Result<(), StoreError> {
    let update = format!("UPDATE fleet_host SET seen = {NOW} WHERE name = ANY ($1)");
    write(client, &update, &[&names]).await.map(drop)
}

pub(super) async fn revoke(client: &mut Client, name: &str) -> Result<bool, StoreError> {
    let transaction = client.transaction().await?;
    // First: it waits for a token that the host is just opening.
    let update =
        format!("UPDATE fleet_host SET revoked = coalesce(revoked, {NOW}) WHERE name = $1");
    let changed = transaction.execute(&update, &[&name]).await?;
    for statement in [
        "INSERT INTO revoked_key SELECT key FROM fleet_host WHERE name = $1 ON CONFLICT DO NOTHING",
        "DELETE FROM join_token WHERE opener = $1",
    ] {
        transaction.execute(statement, &[&name]).await?;
    }
    transaction
        .commit()
        .await
        .map_err(|error| of_commit(&error))?;
    Ok(changed > 0)
}

fn read_host(row: &Row) -> Result<FleetHost, StoreError> {
    let moment = |column| row.try_get(column).map(|at: Option<i64>| at.map(time));
    Ok(FleetHost {
        entry: HostEntry {
            name: row.try_get(0)?,
            role: role_of(row.try_get(1)?),
            joined: time(row.try_get(2)?),
            seen: moment(3)?,
            revoked: moment(4)?,
        },
        key: hash(row, 5)?,
    })
}
