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

/// How much of a token's hash is its id, in bytes.
const ID: usize = 4;
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

/// By what a token is called: nobody can join with it.
pub(super) fn id(hash: &[u8; 32]) -> String {
    let mut id = HEXLOWER.encode(hash);
    id.truncate(2 * ID);
    id
}

pub(super) fn list(house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let rows: Vec<Row> = all(house)?.iter().map(Row::of).collect();
    if screen.is_json() {
        return screen.object(&List { tokens: rows });
    }
    if rows.is_empty() {
        return screen.say("Nobody can join now. To let a host in: antiphon fleet token");
    }
    screen.line(&format!(
        "{:<8}  {:<5}  {:>6}  {:<25}  {:<18}  OPENED BY",
        "ID", "ROLE", "HOSTS", "UNTIL", "NETWORK"
    ))?;
    for row in rows {
        let line = format!(
            "{:<8}  {:<5}  {:>6}  {:<25}  {:<18}  {}",
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
    let mut named = all.iter().filter(|token| id(&token.hash) == wanted.id);
    let (Some(token), None) = (named.next(), named.next()) else {
        let what = format!(
            "{}: not the id of one token with which hosts can still join; see: antiphon fleet tokens",
            visible(&wanted.id, LONGEST)
        );
        return Err(Failure::new(Kind::Data, what));
    };
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
    fn of(token: &TokenEntry) -> Self {
        let shown = |text: &str| Some(visible(text, LONGEST)).filter(|text| !text.is_empty());
        Self {
            id: id(&token.hash),
            role: role_word(token.role),
            hosts: token.hosts,
            until: token.until.to_string(),
            network: shown(&token.network),
            opened_by: shown(&token.opener),
        }
    }
}
