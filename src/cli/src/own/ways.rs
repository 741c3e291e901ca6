//! `antiphon status` for the caller.

use antiphon_core::summary::{AccountSummary, NumberSummary};
use antiphon_core::visible::visible;
use antiphon_core::wire::{FromPerson, ToPerson};
use serde::Serialize;

use super::Person;
use super::text::Text;
use crate::failure::Failure;
use crate::screen::Screen;

/// The longest text in a column, in bytes.
const LONGEST: usize = 128;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    ways: Option<Ways<'a>>,
}

#[derive(Serialize)]
struct Ways<'a> {
    code: bool,
    phones: Vec<PhoneObject<'a>>,
    accounts: &'a [AccountSummary],
    numbers: &'a [NumberSummary],
    recovery_left: u32,
}

#[derive(Serialize)]
struct PhoneObject<'a> {
    name: &'a str,
    enrolled: &'a str,
}

/// Shows the caller's factors.
pub(super) fn show(person: &Person, screen: &mut Screen) -> Result<(), Failure> {
    let answer = person.ask(&FromPerson::Ways {})?;
    let ToPerson::Ways { user, mut ways } = answer else {
        return Err(person.odd());
    };
    // The daemon's text is no more trusted than any other text shown on a terminal.
    let user = visible(&user, LONGEST);
    for phone in ways.iter_mut().flat_map(|ways| &mut ways.phones) {
        phone.name = visible(&phone.name, LONGEST);
        phone.enrolled = visible(&phone.enrolled, LONGEST);
    }
    for account in ways.iter_mut().flat_map(|ways| &mut ways.accounts) {
        for text in [
            &mut account.provider,
            &mut account.name,
            &mut account.enrolled,
        ] {
            *text = visible(text, LONGEST);
        }
    }
    if screen.is_json() {
        return screen.object(&Object {
            user: &user,
            ways: ways.as_ref().map(|ways| Ways {
                code: ways.code,
                phones: ways
                    .phones
                    .iter()
                    .map(|phone| PhoneObject {
                        name: &phone.name,
                        enrolled: &phone.enrolled,
                    })
                    .collect(),
                accounts: &ways.accounts,
                numbers: &ways.numbers,
                recovery_left: ways.recovery_left,
            }),
        });
    }
    screen.line(&screen.bold(&user))?;
    let Some(ways) = ways else {
        return screen.say(&format!("  {}", person.say(&Text::NothingKnown)));
    };
    let mut lines = Vec::new();
    for phone in &ways.phones {
        let since = screen.zone().show_day(&phone.enrolled);
        lines.push(person.say(&Text::Phone(&phone.name, &since)));
    }
    for account in &ways.accounts {
        let since = screen.zone().show_day(&account.enrolled);
        lines.push(person.say(&Text::Account(&account.name, &account.provider, &since)));
    }
    if ways.code {
        lines.push(person.say(&Text::Codes));
    }
    for number in &ways.numbers {
        lines.push(person.say(&Text::Number(&number.ending, &number.uses)));
    }
    lines.push(person.say(&Text::RecoveryLeft(ways.recovery_left)));
    for line in lines {
        screen.say(&format!("  {line}"))?;
    }
    screen.line("")?;
    screen.say(&person.say(&Text::HowToChange))
}
