//! `antiphon remove USER --phone NAME`: removes one phone, but not the only way to sign in unless forced.

use antiphon_core::disk::Unwritten;
use antiphon_core::name::UserName;
use antiphon_core::person::{By, Edit};
use antiphon_core::record::{Phone, Record};
use antiphon_core::shell;
use serde::Serialize;

use super::ask;
use super::pages::Pages;
use crate::arguments::Remove;
use crate::failure::{Failure, Kind};
use crate::fleet;
use crate::house::House;
use crate::lock::files;
use crate::log::{self, Done};
use crate::person;
use crate::publish;
use crate::refusal;
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    removed: bool,
    phone: &'a str,
    #[serde(flatten)]
    pages: &'a Pages,
}

/// Removes the phone called `name`.
pub(super) fn run(
    name: &str,
    wanted: &Remove,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.whose.user, house)?;
    let record = house.record_of(&user)?;
    let phone = named(name, &record, &user)?;
    let edit = Edit::RemovePhone(&phone.credential);
    let shown = shell::word(name);
    let refused = |why| refusal::in_words(why, &user, &shown);
    // Checked before the question, to answer sooner.
    let by = By::Root {
        insists: wanted.force,
    };
    edit.applied_to_record(&record, by, &house.config)
        .map_err(|why| refused(Unwritten::Refused(why)))?;
    if !wanted.yes {
        let what = format!("This removes {user}'s phone {shown}; what else there is stays.");
        ask(&user, &what, screen)?;
    }
    let changed = files(&user, house, wanted.force)
        .and_then(|files| files.change(edit))
        .map_err(refused)?;
    let done = Done {
        outcome: "removed",
        method: "phone",
        phone: name,
        command: "remove",
        ..Done::default()
    };
    log::write_down(done, &user, house, screen);
    publish::note(changed.unseen.as_ref(), &user, screen);
    let pages = Pages::end(std::slice::from_ref(phone), &user, house, screen);
    if screen.is_json() {
        screen.object(&Object {
            user: user.as_str(),
            removed: true,
            phone: name,
            pages: &pages,
        })?;
    } else {
        screen.say(&format!("{user}'s phone {shown} is no longer valid."))?;
    }
    fleet::tell_of_change(&user, house, screen)
}

/// The phone of this name: as it is on file, or as lists show it, where no two names look alike.
fn named<'r>(name: &str, record: &'r Record, user: &UserName) -> Result<&'r Phone, Failure> {
    let phones = &record.phones;
    let shown = record.shown_phone_names();
    let is_meant = |phone: &Phone, shown: &str| {
        phone.name == name || [shown, shown.trim()].contains(&name.trim())
    };
    let mut meant = phones
        .iter()
        .zip(&shown)
        .filter(|(phone, shown)| is_meant(phone, shown))
        .map(|(phone, _)| phone);
    let what = match (meant.next(), meant.next()) {
        (Some(phone), None) => return Ok(phone),
        (Some(_), Some(_)) => format!("{user} has more than one phone {}", shell::word(name)),
        (None, _) => format!("{user} has no phone {}", shell::word(name)),
    };
    let names: Vec<String> = shown.iter().map(shell::word).collect();
    let what = match names.as_slice() {
        [] => format!("{user} has no phone"),
        names => format!("{what}; there is {}", names.join(", ")),
    };
    Err(Failure::new(Kind::NoUser, what))
}

#[cfg(test)]
mod tests {
    use antiphon_core::name::UserName;
    use antiphon_core::record::{Phone, Record};

    use super::named;

    #[test]
    fn a_phone_is_named_as_lists_show_it_and_two_of_a_name_are_never_taken_for_one() {
        let user = UserName::new("alice").unwrap();
        let mut record = Record::new(&user);
        for (number, name) in [(1, "Pixel"), (2, " Old\u{7} "), (3, "Same"), (4, "Same")] {
            record.phones.push(Phone {
                name: name.into(),
                credential: vec![number],
                public_key: Vec::new(),
                origin: "https://mfa.example.org".into(),
                backup_eligible: false,
                enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
            });
        }
        let shown = record.shown_phone_names();
        for (name, found) in [
            ("Pixel", Some(1)),
            (" Pixel", Some(1)),
            (shown[1].trim(), Some(2)),
            (" Old\u{7} ", Some(2)),
            ("Same", None),
            (&shown[3], Some(4)),
            ("Other", None),
        ] {
            let phone = named(name, &record, &user).ok();
            let credential = phone.map(|phone| phone.credential[0]);
            assert_eq!(credential, found, "{name:?}");
        }
    }
}
