//! Documents, hosts and tokens of a fleet in the database.

use antiphon_core::fleet::Kind;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::HostEntry;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::super::StoreError;
use super::super::fleet::{
    FleetHost, Joining, Newcomer, Numbered, NumbersText, OpenToken, Opening, Publication,
    Published, kind_word, role_of, role_word,
};
use super::deeds::write;

const HOST: &str = "SELECT name, role, joined, seen, revoked, key FROM fleet_host";
const TOKEN: &str = "SELECT role, hosts, until, network, opener, hash FROM join_token";

pub(super) fn publish(
    connection: &mut Connection,
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
    write(connection, |transaction| {
        let known: Option<u32> = transaction
            .query_row(
                "SELECT serial FROM fleet_document WHERE kind = ?1 AND name = ?2",
                params![kind, name],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(known) = known.filter(|known| known >= serial) {
            return Ok(Publication::Outdated(known));
        }
        transaction.execute(
            "REPLACE INTO fleet_document (kind, name, serial, text, numbers) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![kind, name, serial, text, numbers],
        )?;
        Ok(Publication::Kept)
    })
}

pub(super) fn document(
    connection: &mut Connection,
    kind: Kind,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let select = "SELECT text FROM fleet_document WHERE kind = ?1 AND name = ?2";
    let found = connection.query_row(select, params![kind_word(kind), name], |row| row.get(0));
    Ok(found.optional()?)
}

pub(super) fn numbered(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<Numbered>, StoreError> {
    let select = "SELECT text, numbers FROM fleet_document \
                  WHERE kind = ?1 AND name = ?2 AND numbers IS NOT NULL";
    let found = connection.query_row(select, params![kind_word(Kind::Record), name], |row| {
        Ok(Numbered {
            record: row.get(0)?,
            numbers: NumbersText(row.get(1)?),
        })
    });
    Ok(found.optional()?)
}

pub(super) fn open_token(
    connection: &mut Connection,
    token: &OpenToken,
) -> Result<Opening, StoreError> {
    write(connection, |transaction| {
        let known = "SELECT EXISTS (SELECT 1 FROM join_token WHERE hash = ?1)";
        if transaction.query_row(known, [token.hash], |row| row.get(0))? {
            return Ok(Opening::Known);
        }
        let opened = transaction.execute(
            "INSERT INTO join_token (hash, role, hosts, until, network, opener) SELECT ?1, ?2, ?3, ?4, ?5, ?6 \
             WHERE ?6 = '' OR EXISTS (SELECT 1 FROM fleet_host WHERE name = ?6 AND revoked IS NULL)",
            params![
                token.hash,
                role_word(token.role),
                token.hosts,
                seconds(token.until),
                token.network.map(|network| network.to_string()),
                token.opener,
            ],
        )?;
        Ok(if opened > 0 {
            Opening::Opened
        } else {
            Opening::NoOpener
        })
    })
}

/// The token's count and the host's row change together.
pub(super) fn join(
    connection: &mut Connection,
    newcomer: &Newcomer,
) -> Result<Joining, StoreError> {
    write(connection, |transaction| {
        transaction.execute(
            "DELETE FROM join_token WHERE until <= ?1",
            [seconds(newcomer.now)],
        )?;
        let Some(token) = token(transaction, newcomer.hash)?.filter(|token| token.serves(newcomer))
        else {
            return Ok(Joining::Token);
        };
        let is_revoked = transaction.query_row(
            "SELECT EXISTS (SELECT 1 FROM revoked_key WHERE key = ?1)",
            [newcomer.key],
            |row| row.get(0),
        )?;
        if is_revoked {
            return Ok(Joining::Revoked);
        }
        let select = format!("{HOST} WHERE name = ?1 AND revoked IS NULL");
        let holder = transaction
            .query_row(&select, [&newcomer.name], read_host)
            .optional()?;
        match holder {
            Some(again) if again.key == newcomer.key => {
                return Ok(Joining::Joined(again.entry.role));
            }
            _ if token.hosts == 0 => return Ok(Joining::Token),
            Some(_) => return Ok(Joining::NameTaken),
            None => {}
        }
        transaction.execute(
            "UPDATE join_token SET hosts = hosts - 1 WHERE hash = ?1",
            [newcomer.hash],
        )?;
        transaction.execute(
            "REPLACE INTO fleet_host (name, role, key, joined, seen, revoked) \
             VALUES (?1, ?2, ?3, ?4, NULL, NULL)",
            params![
                newcomer.name,
                role_word(token.role),
                newcomer.key,
                seconds(newcomer.now)
            ],
        )?;
        Ok(Joining::Joined(token.role))
    })
}

fn token(transaction: &Transaction<'_>, hash: [u8; 32]) -> rusqlite::Result<Option<OpenToken>> {
    let select = format!("{TOKEN} WHERE hash = ?1");
    let found = transaction.query_row(&select, [hash], read_token);
    Ok(found.optional()?.flatten())
}

/// `None` if its network is not understood: a limit that cannot be left out.
fn read_token(row: &Row<'_>) -> rusqlite::Result<Option<OpenToken>> {
    let network: Option<String> = row.get(3)?;
    let Ok(network) = network.map(|network| network.parse()).transpose() else {
        return Ok(None);
    };
    Ok(Some(OpenToken {
        role: role_of(&row.get::<_, String>(0)?),
        hosts: row.get(1)?,
        until: time(row.get(2)?),
        network,
        opener: row.get(4)?,
        hash: row.get(5)?,
    }))
}

pub(super) fn tokens(
    connection: &mut Connection,
    after: [u8; 32],
    most: u32,
    now: UnixTime,
) -> Result<Vec<OpenToken>, StoreError> {
    let select =
        format!("{TOKEN} WHERE hash > ?1 AND hosts > 0 AND until > ?2 ORDER BY hash LIMIT ?3");
    let mut statement = connection.prepare(&select)?;
    let tokens = statement.query_map(params![after, seconds(now), most], read_token)?;
    let tokens: Vec<Option<OpenToken>> = tokens.collect::<rusqlite::Result<_>>()?;
    Ok(tokens.into_iter().flatten().collect())
}

pub(super) fn withdraw(connection: &mut Connection, hash: [u8; 32]) -> Result<bool, StoreError> {
    write(connection, |transaction| {
        let deleted = transaction.execute("DELETE FROM join_token WHERE hash = ?1", [hash])?;
        Ok(deleted > 0)
    })
}

pub(super) fn host(
    connection: &mut Connection,
    name: &str,
) -> Result<Option<FleetHost>, StoreError> {
    let select = format!("{HOST} WHERE name = ?1");
    Ok(connection
        .query_row(&select, [name], read_host)
        .optional()?)
}

pub(super) fn hosts(
    connection: &mut Connection,
    after: &str,
    most: u32,
) -> Result<Vec<HostEntry>, StoreError> {
    let select = format!("{HOST} WHERE name > ?1 ORDER BY name LIMIT ?2");
    let mut statement = connection.prepare(&select)?;
    let hosts = statement.query_map(params![after, most], |row| {
        read_host(row).map(|host| host.entry)
    })?;
    Ok(hosts.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn seen(
    connection: &mut Connection,
    names: &[String],
    now: UnixTime,
) -> Result<(), StoreError> {
    write(connection, |transaction| {
        let mut update = transaction.prepare("UPDATE fleet_host SET seen = ?2 WHERE name = ?1")?;
        for name in names {
            update.execute(params![name, seconds(now)])?;
        }
        Ok(())
    })
}

pub(super) fn revoke(
    connection: &mut Connection,
    name: &str,
    now: UnixTime,
) -> Result<bool, StoreError> {
    write(connection, |transaction| {
        let changed = transaction.execute(
            "UPDATE fleet_host SET revoked = coalesce(revoked, ?2) WHERE name = ?1",
            params![name, seconds(now)],
        )?;
        transaction.execute(
            "INSERT OR IGNORE INTO revoked_key SELECT key FROM fleet_host WHERE name = ?1",
            [name],
        )?;
        transaction.execute("DELETE FROM join_token WHERE opener = ?1", [name])?;
        Ok(changed > 0)
    })
}

fn read_host(row: &Row<'_>) -> rusqlite::Result<FleetHost> {
    let moment = |at: Option<i64>| at.map(time);
    Ok(FleetHost {
        entry: HostEntry {
            name: row.get(0)?,
            role: role_of(&row.get::<_, String>(1)?),
            joined: time(row.get(2)?),
            seen: moment(row.get(3)?),
            revoked: moment(row.get(4)?),
        },
        key: row.get(5)?,
    })
}

fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

fn time(seconds: i64) -> UnixTime {
    UnixTime(u64::try_from(seconds).unwrap_or_default())
}
