//! `antiphon fleet renew`: signs again what would expire, and publishes what is not published yet.

use std::process::ExitCode;

use antiphon_certificate::authority::{Authority, Side};
use antiphon_core::disk::Walk;
use antiphon_core::disk::fleet_home::FleetFile;
use antiphon_core::disk::roster::{Roster, Signed};
use antiphon_core::fleet::{FleetNumbers, FleetRecord, PublicKey};
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromFleet, ToFleet};
use serde::Serialize;

use super::home::{Home, damaged};
use super::keys;
use super::publish::Publisher;
use super::relay::{self, Unasked};
use super::signer::not_enrolling;
use crate::arguments::FleetRenew;
use crate::clock;
use crate::failure::{self, Failure, Kind};
use crate::house::House;
use crate::person;
use crate::progress::Progress;
use crate::refusal;
use crate::screen::Screen;

/// How far ahead of a relay's clock a record may be signed, in seconds.
const AHEAD: u64 = 86_400;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    people: Vec<Row>,
    keys_until: String,
    /// Whether this relay's own certificate was renewed.
    certificate_renewed: bool,
}

/// One person.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) user: String,
    pub(super) outcome: Outcome,
    /// Until when the record is valid; null if that is not known.
    pub(super) until: Option<String>,
    /// Why it is not as it should be; empty if it is.
    pub(super) reason: String,
}

/// What was done about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    /// Would be signed and published.
    Ready,
    /// Is not to be published.
    LeftOut,
    /// Signed and published.
    Renewed,
    /// Published, as it was signed before.
    Published,
    /// Nothing was due.
    Unchanged,
    /// Signed, but no relay could be reached.
    Waiting,
    /// Not signed.
    Failed,
}

pub(super) fn run(
    wanted: &FleetRenew,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let home = Home::of_member()?;
    if let Some(file) = &wanted.root_key {
        keys::renew(file, wanted, &home, house)?;
    }
    let publisher = Publisher::find(house)?.ok_or_else(not_enrolling)?;
    publish_keys(&home, house)?;
    let certificate_renewed = renew_certificate(&home)?;
    let people = if wanted.users.is_empty() {
        due(&publisher)?
    } else {
        named(wanted, &publisher)?
    };
    let object = Object {
        people,
        keys_until: publisher.signer.keys.keys().until.to_string(),
        certificate_renewed,
    };
    let is_whole = object.people.iter().all(|row| row.reason.is_empty());
    if screen.is_json() {
        screen.object(&object)?;
    } else {
        show(&object, screen)?;
    }
    Ok(if is_whole {
        ExitCode::SUCCESS
    } else {
        failure::partly()
    })
}

/// The relay may be a new one, or have lost what it kept.
pub(super) fn publish_keys(home: &Home, house: &House) -> Result<(), Failure> {
    let document = home.keys()?;
    let message = ToFleet::Publish {
        document,
        numbers: None,
    };
    match relay::ask(house, message)? {
        FromFleet::Published {} | FromFleet::Outdated { .. } => Ok(()),
        _ => Err(Unasked::Odd.into()),
    }
}

/// Signs this relay's own certificate again when half of its time is over, where the authority's key is.
fn renew_certificate(home: &Home) -> Result<bool, Failure> {
    let Some(key) = home.text(FleetFile::AuthorityKey)? else {
        return Ok(false);
    };
    let own = home.certificate()?;
    let now = clock::now();
    if !own.is_half_over(now) {
        return Ok(false);
    }
    let unusable = |why: String| damaged(FleetFile::AuthorityKey, &why);
    let pinned = &home.pinned;
    let authority = Authority::read(&pinned.fleet, &key).map_err(unusable)?;
    let public = PublicKey::from_spki(own.key())
        .ok_or_else(|| damaged(FleetFile::Certificate, "has a key of another form"))?;
    let name = home.own_relay()?;
    let signed = authority
        .sign(name.host(), &public, Side::Relay, now)
        .map_err(unusable)?;
    home.write(FleetFile::Certificate, &signed)?;
    Ok(true)
}

/// Everybody in the roster.
fn due(publisher: &Publisher<'_>) -> Result<Vec<Row>, Failure> {
    let paths = &publisher.house.config.paths;
    let Some(roster) = Roster::look(paths, &Walk::default())? else {
        return Ok(Vec::new());
    };
    let people = roster.people()?;
    let mut progress = Progress::new(people.len());
    let mut rows = Vec::with_capacity(people.len());
    for name in people {
        progress.step(name.as_str());
        let row = match roster.of(&name) {
            Ok(Some(signed)) => keep(&name, &signed, publisher, &roster),
            Ok(None) => continue,
            Err(trouble) => Row::failed(&name, None, trouble.detail),
        };
        rows.push(row);
    }
    Ok(rows)
}

/// Keeps one person's record valid and published.
fn keep(name: &UserName, signed: &Signed, publisher: &Publisher<'_>, roster: &Roster) -> Row {
    let until = signed.record.until;
    let record = match publisher.local(name) {
        Ok(record) => record,
        // A file with an error takes nobody's phones away.
        Err(failure) => return Row::failed(name, Some(until), failure.to_string()),
    };
    let now = clock::now();
    let is_removed = signed.record.phones.is_empty();
    let Some(record) = record else {
        if is_removed && now >= until {
            // Everything that had been signed before is over, too.
            let forgotten = roster.forget(name);
            return match forgotten {
                Ok(()) => Row::new(name, Outcome::Unchanged, until),
                Err(trouble) => Row::failed(name, Some(until), trouble.detail),
            };
        }
        if is_removed {
            return again(name, signed, publisher);
        }
        let word = name.shell_word();
        let reason = format!(
            "has no record here any more, and is not signed again; put it back, or run: antiphon remove {word}"
        );
        return Row::failed(name, Some(until), reason);
    };
    let numbers = signed.numbers.as_ref();
    let numbers = numbers.and_then(|numbers| publisher.signer.numbers(numbers, name));
    let is_same = is_same(&signed.record, &record)
        && numbers.unwrap_or_default() == FleetNumbers::shared(&record)
        && publisher.signer.is_own(&signed.document, name);
    // What was signed when the clock was ahead is taken by no relay.
    let is_due = is_half_over(&signed.record, now) || signed.record.issued > now.plus(AHEAD);
    if is_same && !is_due {
        return again(name, signed, publisher);
    }
    sign(name, publisher)
}

/// Whether the phones and the language are still what was signed.
fn is_same(signed: &FleetRecord, record: &Record) -> bool {
    signed.phones == record.phones && signed.language == record.language
}

fn is_half_over(record: &FleetRecord, now: UnixTime) -> bool {
    record.issued.until(now) >= now.until(record.until)
}

fn again(name: &UserName, signed: &Signed, publisher: &Publisher<'_>) -> Row {
    let until = signed.record.until;
    match publisher.send_again(name, signed) {
        Ok(true) => Row::new(name, Outcome::Published, until),
        Ok(false) => Row::new(name, Outcome::Unchanged, until),
        Err(unasked) => Row {
            reason: unasked.to_string(),
            ..Row::new(name, Outcome::Waiting, until)
        },
    }
}

/// Signs and publishes the record that is here. One that is deleted this very moment takes nobody's phones away.
pub(super) fn sign(name: &UserName, publisher: &Publisher<'_>) -> Row {
    let look = || match publisher.local(name)? {
        Some(record) => Ok(Some(record)),
        None => Err(refusal::not_enrolled(name)),
    };
    match publisher.publish(name, &look) {
        Ok(sent) => match sent.waits {
            None => Row::new(name, Outcome::Renewed, sent.until),
            Some(reason) => Row {
                reason,
                ..Row::new(name, Outcome::Waiting, sent.until)
            },
        },
        Err(failure) => Row::failed(name, None, failure.to_string()),
    }
}

/// The people that root has named.
fn named(wanted: &FleetRenew, publisher: &Publisher<'_>) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for typed in &wanted.users {
        let user = person::canonical_or_on_file(typed, publisher.house)?;
        let Some(name) = publisher.name_of(&user) else {
            let what = format!("{user} is root, and root is never a person of the fleet");
            return Err(Failure::new(Kind::Data, what));
        };
        // Checked first: nobody's phones are taken out of the fleet by a name that was mistyped.
        publisher.house.record_of(&user)?;
        rows.push(sign(&name, publisher));
    }
    Ok(rows)
}

impl Row {
    fn new(name: &UserName, outcome: Outcome, until: UnixTime) -> Self {
        Self {
            user: name.as_str().to_owned(),
            outcome,
            until: Some(until.to_string()),
            reason: String::new(),
        }
    }

    fn failed(name: &UserName, until: Option<UnixTime>, reason: String) -> Self {
        Self {
            user: name.as_str().to_owned(),
            outcome: Outcome::Failed,
            until: until.map(|until| until.to_string()),
            reason,
        }
    }
}

fn show(object: &Object, screen: &mut Screen) -> Result<(), Failure> {
    for row in &object.people {
        match row.outcome {
            Outcome::Waiting | Outcome::Failed => {
                screen.say(&format!("{}: {}", row.user, row.reason))?;
            }
            Outcome::Renewed | Outcome::Published => {
                let until = row.until.as_deref().unwrap_or_default();
                let until = screen.zone().show(until);
                screen.say(&format!("{}: published, valid until {until}", row.user))?;
            }
            Outcome::Unchanged | Outcome::Ready | Outcome::LeftOut => {}
        }
    }
    if object.certificate_renewed {
        screen.say("This relay's certificate was renewed.")?;
    }
    let count = |wanted: Outcome| {
        let rows = object.people.iter();
        rows.filter(|row| row.outcome == wanted).count()
    };
    screen.say(&format!(
        "People: {}. Signed: {}. Published: {}. Waiting: {}. Failed: {}.",
        object.people.len(),
        count(Outcome::Renewed),
        count(Outcome::Renewed) + count(Outcome::Published),
        count(Outcome::Waiting),
        count(Outcome::Failed)
    ))
}
