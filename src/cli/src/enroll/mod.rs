//! `antiphon enroll`: gives a person codes, a phone, or both, one after the other; or an account; or gives many people codes at once.

mod account;
mod code;
mod confirm;
mod many;
mod phone;
mod show;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use antiphon_core::name::UserName;

use crate::arguments::Enroll;
use crate::failure::Failure;
use crate::fleet::Publisher;
use crate::house::House;
use crate::person;
use crate::screen::Screen;
pub(crate) use account::{AccountObject, account_of};
pub(crate) use phone::PhoneObject;
pub(crate) use show::recovery_codes;

pub(crate) fn run(
    wanted: &Enroll,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    match &wanted.user {
        Some(typed) => one(typed, wanted, house, screen).map(|()| ExitCode::SUCCESS),
        None => many::run(wanted, house, screen),
    }
}

fn one(typed: &str, wanted: &Enroll, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let user = person::canonical(typed)?;
    if let Some(first) = person::other_name(&user) {
        screen.note(&format!(
            "note: {first} has the same user id as {user}; sign-ins as {first} do not use what {user} is given"
        ));
    }
    if wanted.phone {
        return phone::add(&user, wanted, house, screen);
    }
    if let Some(provider) = &wanted.account {
        return account::add(&user, provider, wanted, house, screen);
    }
    code::add(&user, wanted, house, screen)?;
    let anybody_there = io::stdin().is_terminal() && screen.size().is_some();
    if wanted.code || wanted.no_confirm || screen.is_json() || !anybody_there {
        return Ok(());
    }
    offer_phone(&user, wanted, house, screen)
}

/// After the code, offers to add a phone now if possible, or says how to do it later.
fn offer_phone(
    user: &UserName,
    wanted: &Enroll,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    screen.line("")?;
    let word = user.shell_word();
    let page = &house.config.page;
    if house.config.fleet.is_some() && Publisher::find(house)?.is_none() {
        return screen.say(
            "To approve on a phone instead of typing codes: enrol it on the fleet's enrolment host, and write fleet = true into \
             this record.",
        );
    }
    let missing = match phone::connect(house) {
        Err(_) => Some("start antiphond"),
        Ok(_) if page.is_for_this_computer_only() => Some("set origin in [page]"),
        Ok(_) => None,
    };
    if let Some(missing) = missing {
        return screen.say(&format!(
            "To approve on a phone instead of typing codes: {missing}, then: antiphon enroll {word} --phone"
        ));
    }
    match screen.ask("Add a phone now? [Y/n] ").as_deref() {
        Some(b"" | b"y" | b"Y" | b"yes") => {
            screen.line("")?;
            phone::add(user, wanted, house, screen)
        }
        _ => screen.say(&format!("Later: antiphon enroll {word} --phone")),
    }
}
