//! Enrolment with codes: a secret, shown once; a code that proves it arrived; then state and record.

use std::io;

use antiphon_core::code::{Step, otpauth_uri};
use antiphon_core::disk::Changed;
use antiphon_core::draft::Draft;
use antiphon_core::name::UserName;
use antiphon_core::person::{Edit, NewCode};
use antiphon_link::random;
use serde::Serialize;

use super::{confirm, show};
use crate::arguments::Enroll;
use crate::clock;
use crate::failure::{Failure, Kind};
use crate::folders;
use crate::house::House;
use crate::lock::files;
use crate::log::{self, Done};
use crate::person;
use crate::publish;
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    otpauth: &'a str,
    secret: &'a str,
    recovery_codes: Vec<&'a str>,
}

/// Enrols `user`. Nothing is written before the code is confirmed, unless confirmation is turned off.
pub(super) fn add(
    user: &UserName,
    wanted: &Enroll,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let users = house.users()?;
    let is_there = users.is_some_and(|users| person::has_record(&users, user));
    if is_there && !wanted.replace {
        return Err(already(user));
    }
    let draft = Draft::new(&*random::bytes()?);
    let account = format!("{user}@{}", house.host);
    let otpauth = otpauth_uri(&draft.code, house.issuer(), &account);
    if screen.is_json() {
        // Before anything is written: if the output cannot be read, the person must not be enrolled.
        screen.object(&Object {
            user: user.as_str(),
            otpauth: &otpauth,
            secret: &draft.code.base32(),
            recovery_codes: draft.recovery.texts(),
        })?;
    } else {
        let title = format!("A second factor for {user} on {}", house.host);
        show::offer(&title, &draft.code.key(), &otpauth, screen)?;
    }
    let confirmed = if wanted.no_confirm {
        None
    } else {
        let window = house.config.code.window;
        let mut typed = io::stdin().lock();
        let now = &clock::now;
        Some(confirm::ask(&draft.code, window, &mut typed, now, screen)?)
    };
    let (replaced, changed) = write(user, &draft, confirmed, wanted, house)?;
    let done = Done {
        outcome: "enrolled",
        reason: if replaced { "replaced" } else { "" },
        method: "code",
        command: "enroll",
        ..Done::default()
    };
    log::write_down(done, user, house, screen);
    publish::note(changed.unseen.as_ref(), user, screen);
    if changed.unreadable.is_some() {
        screen.note(
            "note: the old record could not be read; what it held of phones and numbers is gone",
        );
    }
    if screen.is_json() {
        return Ok(());
    }
    show::enrolled(user, &draft.recovery, replaced, screen)
        .and_then(|()| show::who_else(house, screen))
        .map_err(|failure| show::codes_not_shown(user, &failure))
}

/// Writes the enrolment completely or not at all, and ends one that the person may have started at a sign-in. Returns
/// whether there was a record, and what has changed.
fn write(
    user: &UserName,
    draft: &Draft,
    confirmed: Option<Step>,
    wanted: &Enroll,
    house: &House,
) -> Result<(bool, Changed), Failure> {
    folders::make_ready(&house.config.paths)?;
    let files = files(user, house, false)?;
    // Checked again under the lock: the person may have been enrolled while we asked for the code.
    let replaced = !matches!(files.record(), Ok(None));
    if replaced && !wanted.replace {
        return Err(already(user));
    }
    let new = NewCode {
        code: &draft.code,
        recovery: &draft.recovery.hashes,
        confirmed,
        language: wanted.language,
    };
    Ok((replaced, files.change(Edit::Enrol(&new))?))
}

fn already(user: &UserName) -> Failure {
    let word = user.shell_word();
    let what = format!(
        "{user} has a record already; for a new secret: antiphon enroll {word} --replace; for a phone: antiphon enroll \
         {word} --phone"
    );
    Failure::new(Kind::CannotCreate, what)
}
