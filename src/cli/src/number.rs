//! `antiphon number`: the telephone numbers to which codes are sent.

use antiphon_core::config::{Config, Unenrolled};
use antiphon_core::disk::{Folder, RecordsLock, record_file};
use antiphon_core::name::UserName;
use antiphon_core::record::{Record, TelephoneNumber, TelephoneUse};
use antiphon_core::shell;
use serde::Serialize;

use crate::arguments::{AddNumber, NumberDeed, RemoveNumber};
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::journal::{self, Done};
use crate::lock::patience;
use crate::person;
use crate::publish;
use crate::screen::Screen;

/// The most numbers of one person: who needs more has another problem.
const MOST: usize = 8;

/// A number as objects and texts name it: whole, it stands in the record alone.
#[derive(Serialize)]
pub(crate) struct NumberObject {
    /// `+XX XXXXXXXXX21`.
    pub(crate) number: String,
    /// `sms`, `call`.
    pub(crate) uses: Vec<&'static str>,
}

impl NumberObject {
    pub(crate) fn new(number: &TelephoneNumber) -> Self {
        Self {
            number: number.masked(),
            uses: number.uses.iter().map(|by| by.method().word()).collect(),
        }
    }
}

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    /// Whether it was added, or else removed.
    added: bool,
    #[serde(flatten)]
    number: NumberObject,
}

/// Adds or removes a number.
pub(crate) fn run(wanted: &NumberDeed, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    match wanted {
        NumberDeed::Add(wanted) => add(wanted, house, screen),
        NumberDeed::Remove(wanted) => remove(wanted, house, screen),
    }
}

fn add(wanted: &AddNumber, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let user = person::canonical(&wanted.whose.user)?;
    let tel = number_of(&wanted.number)?;
    let added = TelephoneNumber {
        tel,
        uses: match (wanted.sms, wanted.call) {
            (true, false) => vec![TelephoneUse::Sms],
            (false, true) => vec![TelephoneUse::Call],
            _ => vec![TelephoneUse::Sms, TelephoneUse::Call],
        },
    };
    change(&user, house, |record| put(record, &added))?;
    write_down(&added, "added", &user, house, screen);
    for (by, is_on) in [
        (TelephoneUse::Sms, house.config.telephone.sms),
        (TelephoneUse::Call, house.config.telephone.call),
    ] {
        if added.uses.contains(&by) && !is_on {
            let word = by.method().word();
            screen.note(&format!(
                "note: no {word} is sent to anybody yet: set {word} = true in [telephone], and a gateway"
            ));
        }
    }
    said(&added, true, &user, screen)
}

/// Puts `added` into `record`; a number that is there already gets these uses besides its own.
fn put(record: &mut Record, added: &TelephoneNumber) -> Result<(), Failure> {
    let user = &record.user;
    if let Some(there) = record
        .numbers
        .iter_mut()
        .find(|there| there.tel == added.tel)
    {
        let missing: Vec<TelephoneUse> = added
            .uses
            .iter()
            .copied()
            .filter(|by| !there.uses.contains(by))
            .collect();
        if missing.is_empty() {
            let what = format!("{user} has the number {} already", there.masked());
            return Err(Failure::new(Kind::CannotCreate, what));
        }
        there.uses.extend(missing);
        return Ok(());
    }
    if record.numbers.len() >= MOST {
        let what = format!(
            "{user} has {MOST} numbers already; take one away first: antiphon number remove {} NUMBER",
            shell::word(user)
        );
        return Err(Failure::new(Kind::CannotCreate, what));
    }
    record.numbers.push(added.clone());
    Ok(())
}

fn remove(wanted: &RemoveNumber, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.whose.user, house.users()?.as_ref())?;
    let tel = number_of(&wanted.number)?;
    let removed = change(&user, house, |record| take(record, &tel))?;
    write_down(&removed, "removed", &user, house, screen);
    said(&removed, false, &user, screen)
}

/// Takes the number out of `record`, if anything is left then.
fn take(record: &mut Record, tel: &str) -> Result<TelephoneNumber, Failure> {
    let user = record.user.clone();
    let Some(place) = record.numbers.iter().position(|there| there.tel == tel) else {
        let word = shell::word(&user);
        let what = format!("{user} has no such number; see: antiphon status {word}");
        return Err(Failure::new(Kind::NoUser, what));
    };
    let taken = record.numbers.remove(place);
    if record.is_enrolled() || record.recovery.is_some() || !record.numbers.is_empty() {
        return Ok(taken);
    }
    let word = shell::word(&user);
    let what = format!(
        "that number is all that {user} has; first give another way (antiphon enroll {word} --replace), or take all \
         away: antiphon remove {word}"
    );
    Err(Failure::new(Kind::Data, what))
}

/// Changes the record under its lock; everything else in it stays, and the state is not touched.
fn change<T>(
    user: &UserName,
    house: &House,
    change: impl FnOnce(&mut Record) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let users = Folder::open(&house.config.paths.users)?;
    let _lock = RecordsLock::take(&users, &mut patience())?;
    let mut record = match record_file::load(&users, user)? {
        Some(record) => record,
        None => beginning(user, &house.config)?,
    };
    let done = change(&mut record)?;
    record_file::store(&users, user, &record)
        .map_err(|distrust| Failure::new(Kind::CannotCreate, distrust))?;
    Ok(done)
}

/// A record that holds only a number is there for a person who will enrol at a sign-in. Elsewhere it would be a factor that
/// nobody has decided on, or take away the leave to sign in without one.
fn beginning(user: &UserName, config: &Config) -> Result<Record, Failure> {
    if config.unenrolled == Unenrolled::Enroll {
        return Ok(Record::new(user));
    }
    let word = user.shell_word();
    let what = format!("{user} is not enrolled; first run: antiphon enroll {word}");
    Err(Failure::new(Kind::NoUser, what))
}

/// The number without the spaces, dashes and brackets with which people write it.
fn number_of(typed: &str) -> Result<String, Failure> {
    let tel: String = typed
        .chars()
        .filter(|character| !matches!(character, ' ' | '-' | '(' | ')'))
        .collect();
    if TelephoneNumber::takes(&tel) {
        return Ok(tel);
    }
    let what = "a number begins with a plus sign and the country, as in +46701234567";
    Err(Failure::new(Kind::Usage, what))
}

fn write_down(
    number: &TelephoneNumber,
    reason: &str,
    user: &UserName,
    house: &House,
    screen: &mut Screen,
) {
    let masked = format!("{reason} {}", number.masked());
    let done = Done {
        outcome: "number",
        reason: &masked,
        command: "number",
        ..Done::default()
    };
    journal::write_down(done, user, house, screen);
    publish::renew(user, house, screen);
}

fn said(
    number: &TelephoneNumber,
    added: bool,
    user: &UserName,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let object = NumberObject::new(number);
    if screen.is_json() {
        return screen.object(&Object {
            user: user.as_str(),
            added,
            number: object,
        });
    }
    screen.say(&if added {
        format!(
            "Codes can be sent to {user} at {}: {}.",
            object.number,
            object.uses.join(", ")
        )
    } else {
        format!("No code is sent to {user} at {} any more.", object.number)
    })
}
