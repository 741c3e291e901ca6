//! `antiphon status` for the caller.

use antiphon_core::summary::{NumberSummary, Summary};
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
    phones: Vec<PhoneObject>,
    numbers: &'a [NumberSummary],
    recovery_left: u32,
}

#[derive(Serialize)]
struct PhoneObject {
    name: String,
    enrolled: String,
}

/// Shows the caller's factors.
pub(super) fn show(person: &Person, screen: &mut Screen) -> Result<(), Failure> {
    let answer = person.daemon.ask(&FromPerson::Ways {})?;
    let ToPerson::Ways { user, ways } = answer else {
        return Err(person.daemon.odd());
    };
    let user = visible(&user, LONGEST);
    // The daemon's text is no more trusted than any other text shown on a terminal.
    let phones = |ways: &Summary| -> Vec<PhoneObject> {
        let shown = |text: &str| visible(text, LONGEST);
        ways.phones
            .iter()
            .map(|phone| PhoneObject {
                name: shown(&phone.name),
                enrolled: shown(&phone.enrolled),
            })
            .collect()
    };
    let ways = ways.as_ref();
    if screen.is_json() {
        return screen.object(&Object {
            user: &user,
            ways: ways.map(|ways| Ways {
                code: ways.code,
                phones: phones(ways),
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
    for phone in phones(ways) {
        let since = screen.zone().show_day(&phone.enrolled);
        lines.push(person.say(&Text::Phone(&phone.name, &since)));
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
