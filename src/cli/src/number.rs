//! `antiphon number`: the telephone numbers that codes are sent to.

use antiphon_core::disk::Unwritten;
use antiphon_core::name::UserName;
use antiphon_core::person::Edit;
use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use serde::Serialize;

use crate::arguments::{AddNumber, NumberDeed, RemoveNumber};
use crate::clock;
use crate::failure::{Failure, Kind};
use crate::fleet;
use crate::folders;
use crate::house::House;
use crate::lock::files;
use crate::log::{self, Done};
use crate::person;
use crate::publish;
use crate::refusal;
use crate::screen::Screen;

/// A number in objects and messages; only the record has all its digits.
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
    /// Whether it was added rather than removed.
    added: bool,
    #[serde(flatten)]
    number: NumberObject,
}

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
        tel: tel.into(),
        uses: match (wanted.sms, wanted.call) {
            (true, false) => vec![TelephoneUse::Sms],
            (false, true) => vec![TelephoneUse::Call],
            _ => vec![TelephoneUse::Sms, TelephoneUse::Call],
        },
    };
    if house.config.enrols_somebody(clock::now()) {
        // May be the very first record.
        folders::make_ready(&house.config.paths)?;
    } else {
        // Checked first, for a clearer error.
        house.record_of(&user)?;
    }
    give(&added, &user, house, screen)
        .map_err(|why| refusal::in_words(why, &user, &added.masked()))?;
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
    said(&added, true, &user, screen)?;
    fleet::tell_of_change(&user, house, screen)
}

/// Adds a number to `user`'s record.
///
/// # Errors
/// [`Unwritten`].
pub(crate) fn give(
    added: &TelephoneNumber,
    user: &UserName,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Unwritten> {
    let changed = files(user, house, false)?.change(Edit::AddNumber(added))?;
    write_down(added, "added", user, house, screen);
    publish::note(changed.unseen.as_ref(), user, screen);
    Ok(())
}

fn remove(wanted: &RemoveNumber, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.whose.user, house)?;
    let tel = number_of(&wanted.number)?;
    let changed = files(&user, house, wanted.force)
        .and_then(|files| files.change(Edit::RemoveNumber(&tel)))
        .map_err(|why| refusal::in_words(why, &user, "that number"))?;
    let mut before = changed.before.record.numbers.into_iter();
    let Some(removed) = before.find(|number| number.tel.digits() == Some(&tel)) else {
        return Ok(());
    };
    write_down(&removed, "removed", &user, house, screen);
    publish::note(changed.unseen.as_ref(), &user, screen);
    said(&removed, false, &user, screen)?;
    fleet::tell_of_change(&user, house, screen)
}

/// Removes the spaces, dashes and parentheses in which people write numbers.
pub(crate) fn number_of(typed: &str) -> Result<String, Failure> {
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
    let done = Done {
        outcome: "number",
        reason,
        detail: &number.masked(),
        command: "number",
        ..Done::default()
    };
    log::write_down(done, user, house, screen);
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
