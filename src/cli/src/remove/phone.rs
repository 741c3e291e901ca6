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
        return screen.object(&Object {
            user: user.as_str(),
            removed: true,
            phone: name,
            pages: &pages,
        });
    }
    screen.say(&format!("{user}'s phone {shown} is no longer valid."))
}

fn named<'r>(name: &str, record: &'r Record, user: &UserName) -> Result<&'r Phone, Failure> {
    let phones = &record.phones;
    phones
        .iter()
        .find(|phone| phone.name == name)
        .ok_or_else(|| {
            let names: Vec<String> = phones
                .iter()
                .map(|phone| shell::word(&phone.name))
                .collect();
            let what = match names.as_slice() {
                [] => format!("{user} has no phone"),
                names => format!(
                    "{user} has no phone {}; there is {}",
                    shell::word(name),
                    names.join(", ")
                ),
            };
            Failure::new(Kind::NoUser, what)
        })
}
