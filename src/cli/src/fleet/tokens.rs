//! `antiphon fleet tokens`: with which tokens hosts can still join; and `fleet withdraw`, after which nobody joins with one.

use antiphon_core::logline::LogLine;
use antiphon_core::visible::visible;
use antiphon_core::wire::{FromFleet, ToFleet, TokenEntry};
use data_encoding::HEXLOWER;
use serde::Serialize;

use super::relay::{self, Unasked};
use crate::arguments::FleetWithdraw;
use crate::failure::{Failure, Kind};
use crate::hosts::{MOST_ANSWERS, role_word};
use crate::house::House;
use crate::log;
use crate::screen::Screen;

/// How many digits of a token's hash are its id, at least.
const ID: usize = 8;
/// The longest name of a network or a host shown, in bytes.
const LONGEST: usize = 64;

/// The object of `tokens --json`.
#[derive(Serialize)]
struct List {
    tokens: Vec<Row>,
}

/// One token.
#[derive(Serialize)]
struct Row {
    id: String,
    role: &'static str,
    /// How many may still join.
    hosts: u32,
    until: String,
    /// null for everywhere.
    network: Option<String>,
    /// The host that has opened it; null for root at the relay.
    opened_by: Option<String>,
}

/// The object of `withdraw --json`.
#[derive(Serialize)]
struct Withdrawn<'a> {
    id: &'a str,
    withdrawn: bool,
}

/// By what a token is called, unless another one begins so too: nobody can join with it.
pub(super) fn id(hash: &[u8; 32]) -> String {
    let mut id = HEXLOWER.encode(hash);
    id.truncate(ID);
    id
}

/// By what each of all tokens is called: as many digits as no other begins with. Whoever opens a token chooses its hash.
fn ids(tokens: &[TokenEntry]) -> Vec<String> {
    let digits = |token: &TokenEntry| HEXLOWER.encode(&token.hash);
    let mut ids: Vec<String> = tokens.iter().map(digits).collect();
    // In their order, those that begin most alike are neighbours.
    let neighbours = ids.iter().zip(ids.iter().skip(1));
    let alike: Vec<usize> = neighbours.map(|(one, other)| shared(one, other)).collect();
    for (index, id) in ids.iter_mut().enumerate() {
        let before = index.checked_sub(1).and_then(|index| alike.get(index));
        let most = before.max(alike.get(index)).copied().unwrap_or_default();
        id.truncate(ID.max(most + 1));
    }
    ids
}

/// How many of their first digits two hashes share.
fn shared(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    pairs.take_while(|(one, other)| one == other).count()
}

/// Whether `id` means this token: any number of its first digits, [`ID`] at least.
fn is_called(token: &TokenEntry, id: &str) -> bool {
    id.len() >= ID && HEXLOWER.encode(&token.hash).starts_with(id)
}

/// The one of `tokens` that `id` means.
fn named<'t>(tokens: &'t [TokenEntry], id: &str) -> Result<&'t TokenEntry, Failure> {
    let mut named = tokens.iter().filter(|token| is_called(token, id));
    let what = match (named.next(), named.next()) {
        (Some(token), None) => return Ok(token),
        (Some(_), Some(_)) => "several tokens' ids begin so; give it in full, as in",
        (None, _) => "not the id of a token with which hosts can still join; see",
    };
    let id = visible(id, LONGEST);
    let what = format!("{id}: {what}: antiphon fleet tokens");
    Err(Failure::new(Kind::Data, what))
}

pub(super) fn list(house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let tokens = all(house)?;
    let rows = tokens.iter().zip(ids(&tokens));
    let rows: Vec<Row> = rows.map(|(token, id)| Row::of(token, id)).collect();
    if screen.is_json() {
        return screen.object(&List { tokens: rows });
    }
    if rows.is_empty() {
        return screen.say("Nobody can join now. To let a host in: antiphon fleet token");
    }
    let ids = rows.iter().map(|row| row.id.len());
    let width = ids.max().unwrap_or(ID);
    screen.line(&format!(
        "{:<width$}  {:<5}  {:>6}  {:<25}  {:<18}  OPENED BY",
        "ID", "ROLE", "HOSTS", "UNTIL", "NETWORK"
    ))?;
    for row in rows {
        let line = format!(
            "{:<width$}  {:<5}  {:>6}  {:<25}  {:<18}  {}",
            row.id,
            row.role,
            row.hosts,
            screen.zone().show(&row.until),
            row.network.as_deref().unwrap_or("everywhere"),
            row.opened_by.as_deref().unwrap_or("root at the relay")
        );
        screen.line(&line)?;
    }
    Ok(())
}

pub(super) fn withdraw(
    wanted: &FleetWithdraw,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let all = all(house)?;
    let token = named(&all, &wanted.id)?;
    let FromFleet::Withdrawn {} = relay::ask(house, ToFleet::Withdraw { hash: token.hash })? else {
        return Err(Unasked::Odd.into());
    };
    let id = wanted.id.as_str();
    log::log_by_caller(
        LogLine::new()
            .with("fleet", "token-withdrawn")
            .with("detail", id),
    );
    if screen.is_json() {
        return screen.object(&Withdrawn {
            id,
            withdrawn: true,
        });
    }
    screen.say(&format!(
        "No host joins with {id} any more. Those that have joined stay; to take one out: antiphon hosts revoke NAME"
    ))
}

/// All tokens, in the order of their hashes.
fn all(house: &House) -> Result<Vec<TokenEntry>, Failure> {
    let mut all: Vec<TokenEntry> = Vec::new();
    for _ in 0..MOST_ANSWERS {
        let after = all.last().map_or([0; 32], |token| token.hash);
        let FromFleet::Tokens { tokens, more } = relay::ask(house, ToFleet::Tokens { after })?
        else {
            return Err(Unasked::Odd.into());
        };
        let is_over = !more || tokens.is_empty();
        all.extend(tokens);
        if is_over {
            break;
        }
    }
    Ok(all)
}

impl Row {
    fn of(token: &TokenEntry, id: String) -> Self {
        let shown = |text: &str| Some(visible(text, LONGEST)).filter(|text| !text.is_empty());
        Self {
            id,
            role: role_word(token.role),
            hosts: token.hosts,
            until: token.until.to_string(),
            network: shown(&token.network),
            opened_by: shown(&token.opener),
        }
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;
    use antiphon_core::wire::{HostRole, TokenEntry};

    use super::{ids, named};

    /// One whose hash begins with these bytes.
    fn token(beginning: &[u8]) -> TokenEntry {
        let mut hash = [0; 32];
        hash[..beginning.len()].copy_from_slice(beginning);
        TokenEntry {
            hash,
            role: HostRole::Host,
            hosts: 1,
            until: UnixTime(0),
            network: String::new(),
            opener: String::new(),
        }
    }

    #[test]
    fn the_ids_of_tokens_that_begin_alike_are_as_long_as_it_takes() {
        let tokens = [
            token(&[1]),
            token(&[2, 2, 2, 2]),
            token(&[2, 2, 2, 2, 0x30]),
            token(&[2, 2, 2, 2, 0x31]),
            token(&[3; 31]),
            token(&[3; 32]),
        ];
        let whole = |end: &str| format!("{}{end}", "03".repeat(31));
        let expected = [
            "01000000".to_owned(),
            "020202020".to_owned(),
            "0202020230".to_owned(),
            "0202020231".to_owned(),
            whole("00"),
            whole("03"),
        ];
        let ids = ids(&tokens);
        assert_eq!(ids, expected);
        for (token, id) in tokens.iter().zip(&ids) {
            assert_eq!(named(&tokens, id).ok(), Some(token));
        }
    }

    #[test]
    fn a_token_is_named_by_eight_of_its_first_digits_or_more_if_they_mean_one() {
        let tokens = [
            token(&[0xab, 1, 1, 1]),
            token(&[0xcd, 2, 2, 2]),
            token(&[0xcd, 2, 2, 2, 2]),
        ];
        for id in ["ab010101", "ab0101010", "ab01010100000000"] {
            assert_eq!(named(&tokens, id).ok(), Some(&tokens[0]), "{id}");
        }
        assert_eq!(named(&tokens, "cd02020202").ok(), Some(&tokens[2]));
        for (id, why) in [
            ("ab01010", "not the id"),
            ("", "not the id"),
            ("ab010102", "not the id"),
            ("b0101010", "not the id"),
            ("cd020202", "several tokens"),
        ] {
            let refused = named(&tokens, id).err().unwrap().to_string();
            assert!(refused.contains(why), "{id}: {refused}");
        }
    }
}
