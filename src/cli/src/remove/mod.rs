//! `antiphon remove`: removes the second factor, or one phone.

mod account;
mod pages;
mod phone;

use std::io::{self, IsTerminal};

use antiphon_core::config::Unenrolled;
use antiphon_core::disk::{PersonFiles, activity_file};
use antiphon_core::name::UserName;
use serde::Serialize;

use crate::arguments::Remove;
use crate::clock;
use crate::failure::{Failure, Kind};
use crate::fleet::Publisher;
use crate::house::House;
use crate::lock::editing;
use crate::log::{self, Done};
use crate::person;
use crate::publish;
use crate::rollout;
use crate::screen::Screen;
use pages::Pages;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    removed: bool,
    /// Whether state and activity were removed as well.
    purged: bool,
    #[serde(flatten)]
    pages: &'a Pages,
}

/// Removes the record; with `--purge`, everything else on file.
///
/// Otherwise the state stays: if the record is restored from a backup, what was used counts as used. Without the state,
/// the current codes and all recovery codes are refused.
pub(crate) fn run(wanted: &Remove, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    if !wanted.forget.is_empty() {
        return pages::end_later(wanted, house, screen);
    }
    if let Some(name) = &wanted.phone {
        return phone::run(name, wanted, house, screen);
    }
    if let Some(which) = &wanted.account {
        return account::run(which, wanted, house, screen);
    }
    let user = whose(&wanted.whose.user, wanted.purge, house)?;
    let users = house.users()?;
    let is_there = users
        .as_ref()
        .is_some_and(|users| person::has_record(users, &user));
    // Somebody whose record here was deleted by hand can still be in the fleet.
    let publisher = Publisher::find(house)?;
    let fleet_name = publisher
        .as_ref()
        .and_then(|publisher| publisher.name_of(&user));
    let is_known = match (&publisher, &fleet_name) {
        (Some(publisher), Some(name)) => publisher.knows(name)?,
        _ => false,
    };
    if !is_there && !wanted.purge && !is_known {
        let what = format!(
            "{user} is not enrolled; what state and activity are left goes by: antiphon remove {} --purge",
            user.shell_word()
        );
        return Err(Failure::new(Kind::NoUser, what));
    }
    if !wanted.yes {
        let what = format!(
            "This removes {user}'s secret, phones, accounts and recovery codes. {}",
            consequence(&user, house)
        );
        ask(&user, &what, screen)?;
    }
    // The fleet first: if this is stopped, the same command goes on with what is left here.
    let withdrawn = match (&publisher, &fleet_name) {
        (Some(publisher), Some(name)) => publisher.withdraw(name, &user)?,
        _ => None,
    };
    let gone = PersonFiles::remove(editing(&user, house, true), wanted.purge)?;
    if let Some(trouble) = gone.unreadable {
        screen.note(&format!(
            "note: which phones {user} had is not known, so their pages stay open: {}",
            Failure::from(trouble)
        ));
    }
    if let Some(why) = gone.bypass_stays {
        screen.note(&format!(
            "note: a bypass code that {user} may have had is valid again if the record is put back: {}",
            Failure::from(why)
        ));
    }
    let removed = gone.had_record;
    let had_activity = wanted.purge && forget_activity(&user, house)?;
    let purged = gone.had_state || had_activity;
    if !removed && !purged && withdrawn.is_none() {
        let what = format!("there is nothing of {user} on file");
        return Err(Failure::new(Kind::NoUser, what));
    }
    let done = Done {
        outcome: "removed",
        reason: if wanted.purge { "purged" } else { "" },
        command: "remove",
        ..Done::default()
    };
    if wanted.purge {
        log::log_only(done, &user);
    } else {
        log::write_down(done, &user, house, screen);
    }
    publish::note(gone.unseen.as_ref(), &user, screen);
    let phones = gone.record.map(|record| record.phones).unwrap_or_default();
    let pages = Pages::end(&phones, &user, house, screen);
    let unpublished = withdrawn.and_then(|withdrawn| withdrawn.waits);
    if let Some(why) = &unpublished {
        screen.note(&format!(
            "note: the hosts of the fleet do not know it yet: {why}; then run: antiphon fleet renew"
        ));
    }
    if screen.is_json() {
        return screen.object(&Object {
            user: user.as_str(),
            removed,
            purged,
            pages: &pages,
        });
    }
    if wanted.purge {
        screen.say(&format!("Nothing of {user} is on file any more."))?;
    } else {
        screen.say(&format!("{user} has no second factor any more."))?;
    }
    screen.say(&consequence(&user, house))
}

/// Returns whether there was any.
fn forget_activity(user: &UserName, house: &House) -> Result<bool, Failure> {
    match house.activity()? {
        Some(activity) => Ok(activity_file::remove(&activity, user)?),
        None => Ok(false),
    }
}

/// Purging needs no record: only the activity may be left.
fn whose(typed: &str, purge: bool, house: &House) -> Result<UserName, Failure> {
    match person::canonical_or_on_file(typed, house) {
        Err(failure) if purge && failure.kind() == Kind::NoUser => {
            UserName::new(typed).map_err(|error| Failure::new(Kind::Data, error))
        }
        found => found,
    }
}

fn consequence(user: &UserName, house: &House) -> String {
    let Ok(applies) = rollout::of_name(user.as_str(), &house.config, clock::now()) else {
        return "Sign-ins that ask for one are refused from now on, until it is known in which groups of [[rollout]] \
                the person is."
            .to_owned();
    };
    let by = match applies.rollout {
        Some(rollout) => format!("[[rollout]] of {}", rollout.group),
        None => format!("unenrolled = \"{}\"", rollout::word(applies.unenrolled)),
    };
    match applies.unenrolled {
        Unenrolled::Deny => {
            format!("Sign-ins that ask for one are refused from now on ({by}).")
        }
        Unenrolled::Enroll => {
            format!(
                "Who has the password can enrol anew at a sign-in, as far as [enroll] lets ({by})."
            )
        }
        Unenrolled::Allow => format!("Sign-ins need none from now on ({by})."),
    }
}

fn ask(user: &UserName, what: &str, screen: &mut Screen) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            Kind::Usage,
            format!(
                "nobody to ask whether {user} is meant; to remove without a question, add --yes"
            ),
        ));
    }
    screen.note(what);
    match screen.ask("Remove? [y/N] ").as_deref() {
        Some(b"y" | b"Y" | b"yes") => Ok(()),
        _ => Err(Failure::new(Kind::Data, "nothing was removed")),
    }
}
