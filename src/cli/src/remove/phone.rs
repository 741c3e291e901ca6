//! `antiphon remove USER --phone NAME`: one phone is taken away, and never the only way to sign in.

use antiphon_core::disk::{Folder, RecordsLock, record_file};
use antiphon_core::record::{Phone, Record};
use antiphon_core::shell;
use serde::Serialize;

use super::ask;
use super::pages::Pages;
use crate::arguments::Remove;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::journal::{self, Done};
use crate::lock::patience;
use crate::person;
use crate::publish;
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
    let user = person::canonical_or_on_file(&wanted.whose.user, house.users()?.as_ref())?;
    without(house.record_of(&user)?, name)?;
    if !wanted.yes {
        let what = format!(
            "This removes {user}'s phone {}; what else there is stays.",
            shell::word(name)
        );
        ask(&user, &what, screen)?;
    }
    let users = Folder::open(&house.config.paths.users)?;
    let lock = RecordsLock::take(&users, &mut patience())?;
    // Looked at again under the lock.
    let (record, phone) = without(house.record_of(&user)?, name)?;
    record_file::store(&users, &user, &record)
        .map_err(|distrust| Failure::new(Kind::CannotCreate, distrust))?;
    drop(lock);
    let done = Done {
        outcome: "removed",
        method: "phone",
        phone: name,
        command: "remove",
        ..Done::default()
    };
    journal::write_down(done, &user, house, screen);
    publish::renew(&user, house, screen);
    let pages = Pages::end([&phone].into_iter(), &user, house, screen);
    if screen.is_json() {
        return screen.object(&Object {
            user: user.as_str(),
            removed: true,
            phone: name,
            pages: &pages,
        });
    }
    screen.say(&format!(
        "{user}'s phone {} counts no more.",
        shell::word(name)
    ))
}

/// `record` without the phone called `name`, and that phone.
fn without(mut record: Record, name: &str) -> Result<(Record, Phone), Failure> {
    let user = &record.user;
    let is_meant = |phone: &Phone| phone.name == name;
    let Some(place) = record.phones.iter().position(is_meant) else {
        let names: Vec<String> = record
            .phones
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
        return Err(Failure::new(Kind::NoUser, what));
    };
    let phone = record.phones.remove(place);
    if record.is_enrolled() {
        return Ok((record, phone));
    }
    let user = &record.user;
    let word = shell::word(user);
    let what = format!(
        "{} is the only way in that {user} has; first give another (antiphon enroll {word} --phone, or --replace for \
         codes), or take all away: antiphon remove {word}",
        shell::word(name)
    );
    Err(Failure::new(Kind::Data, what))
}
