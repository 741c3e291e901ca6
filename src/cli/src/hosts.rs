//! `antiphon hosts`: who is in the fleet; and `hosts revoke`, after which one no longer is.

use antiphon_core::logline::LogLine;
use antiphon_core::visible::visible;
use antiphon_core::wire::{FromFleet, HostEntry, HostRole, ToFleet};
use serde::Serialize;

use crate::arguments::{self, HostsDeed, RevokeHost};
use crate::failure::Failure;
use crate::fleet::{Unasked, ask};
use crate::house::House;
use crate::screen::Screen;
use crate::{clock, log};

/// The longest name shown, in bytes.
const LONGEST: usize = 64;
/// Most answers that one list can take: a relay that lies must not keep us for ever.
pub(crate) const MOST_ANSWERS: usize = 10_000;

/// The object of `--json`.
#[derive(Serialize)]
struct List {
    hosts: Vec<Row>,
}

/// One host.
#[derive(Serialize)]
struct Row {
    name: String,
    role: &'static str,
    joined: String,
    /// When it was last connected, to the hour; null for never.
    seen: Option<String>,
    revoked: Option<String>,
}

/// The object of `revoke --json`.
#[derive(Serialize)]
struct Taken<'a> {
    host: &'a str,
    revoked: bool,
    /// null if it could not be asked.
    role: Option<&'static str>,
}

pub(crate) fn run(
    wanted: &arguments::Hosts,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    match &wanted.deed {
        Some(HostsDeed::Revoke(wanted)) => revoke(wanted, house, screen),
        None => list(wanted.silent, house, screen),
    }
}

fn list(silent: Option<u64>, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let now = clock::now();
    let is_meant = |host: &HostEntry| {
        let last = host.seen.unwrap_or(host.joined);
        silent.is_none_or(|silent| host.revoked.is_none() && last.plus(silent) <= now)
    };
    let hosts = all(house)?.into_iter().filter(is_meant);
    let rows: Vec<Row> = hosts.map(|host| Row::of(&host)).collect();
    if screen.is_json() {
        return screen.object(&List { hosts: rows });
    }
    if rows.is_empty() {
        return screen.say(match silent {
            None => "No host has joined yet. To let one in: antiphon fleet token",
            Some(_) => "No host has been silent for so long.",
        });
    }
    let width = rows
        .iter()
        .map(|row| row.name.len())
        .max()
        .unwrap_or_default()
        .max(4);
    screen.line(&format!(
        "{:<width$}  {:<5}  {:<25}  {:<25}  REVOKED",
        "NAME", "ROLE", "JOINED", "LAST SEEN"
    ))?;
    for row in rows {
        let zone = screen.zone();
        let shown = |time: &Option<String>| time.as_deref().map(|time| zone.show(time));
        let line = format!(
            "{:<width$}  {:<5}  {:<25}  {:<25}  {}",
            row.name,
            row.role,
            zone.show(&row.joined),
            shown(&row.seen).unwrap_or_else(|| "never".to_owned()),
            shown(&row.revoked).unwrap_or_else(|| "-".to_owned())
        );
        screen.line(line.trim_end())?;
    }
    Ok(())
}

/// All hosts, in the order of their names.
fn all(house: &House) -> Result<Vec<HostEntry>, Failure> {
    let mut all: Vec<HostEntry> = Vec::new();
    for _ in 0..MOST_ANSWERS {
        let after = all.last().map(|host| host.name.clone()).unwrap_or_default();
        let FromFleet::Hosts { hosts, more } = ask(house, ToFleet::Hosts { after })? else {
            return Err(Unasked::Odd.into());
        };
        let is_over = !more || hosts.is_empty();
        all.extend(hosts);
        if is_over {
            break;
        }
    }
    Ok(all)
}

impl Row {
    fn of(host: &HostEntry) -> Self {
        Self {
            name: visible(&host.name, LONGEST),
            role: role_word(host.role),
            joined: host.joined.to_string(),
            seen: host.seen.map(|seen| seen.to_string()),
            revoked: host.revoked.map(|revoked| revoked.to_string()),
        }
    }
}

/// As `--role` has it.
pub(crate) fn role_word(role: HostRole) -> &'static str {
    match role {
        HostRole::Host => "host",
        HostRole::Enrol => "enrol",
    }
}

fn revoke(wanted: &RevokeHost, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let host = &wanted.name;
    let message = ToFleet::Revoke { host: host.clone() };
    let FromFleet::Revoked {} = ask(house, message)? else {
        return Err(Unasked::Odd.into());
    };
    let line = LogLine::new().with("fleet", "host-revoked");
    log::log_by_caller(line.with("detail", host));
    // It is revoked, whatever becomes of this question.
    let hosts = all(house).ok();
    let role = hosts.and_then(|hosts| {
        let found = hosts.into_iter().find(|entry| entry.name == *host);
        found.map(|entry| entry.role)
    });
    if screen.is_json() {
        return screen.object(&Taken {
            host,
            revoked: true,
            role: role.map(role_word),
        });
    }
    screen.say(&format!(
        "{host} is no longer let in, from its next connection on. To let it in again: antiphon fleet token, and there: antiphon \
         join TOKEN"
    ))?;
    if role == Some(HostRole::Host) {
        return Ok(());
    }
    screen.say(&format!(
        "If it was an enrolment host, what its key signs still counts. To end that, take the key's name from antiphon fleet status \
         (records-{host}), fetch the root key, and run: antiphon fleet renew --root-key FILE --leave-out records-{host}"
    ))
}
