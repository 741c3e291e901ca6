//! Enrolment with codes: a secret, shown once; a code that proves it arrived; then state and record.

use std::io;

use antiphon_core::code::{Step, otpauth_uri};
use antiphon_core::disk::Changed;
use antiphon_core::draft::Draft;
use antiphon_core::name::UserName;
use antiphon_core::person::{Edit, NewCode};
use antiphon_core::text::Language;
use antiphon_link::random;
use serde::Serialize;
use zeroize::Zeroizing;

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

/// What becomes of an earlier record, and the language of the prompts.
pub(super) struct Terms {
    pub(super) replace: bool,
    pub(super) language: Option<Language>,
}

/// A record that was written.
pub(super) struct Written {
    /// Whether there was one before.
    pub(super) replaced: bool,
    changed: Changed,
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
    let otpauth = address(&draft, user, house);
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
    let terms = Terms {
        replace: wanted.replace,
        language: wanted.language,
    };
    let written = write(user, &draft, confirmed, &terms, house)?;
    written.write_down(user, house, screen);
    if screen.is_json() {
        return Ok(());
    }
    show::enrolled(user, &draft.recovery, written.replaced, screen)
        .and_then(|()| show::who_else(house, screen))
        .map_err(|failure| show::codes_not_shown(user, &failure))
}

/// Writes the enrolment completely or not at all, and ends one that the person may have started at a sign-in.
pub(super) fn write(
    user: &UserName,
    draft: &Draft,
    confirmed: Option<Step>,
    terms: &Terms,
    house: &House,
) -> Result<Written, Failure> {
    folders::make_ready(&house.config.paths)?;
    let files = files(user, house, false)?;
    // Checked again under the lock: the person may have been enrolled while we asked for the code.
    let replaced = !matches!(files.record(), Ok(None));
    if replaced && !terms.replace {
        return Err(already(user));
    }
    let new = NewCode {
        code: &draft.code,
        recovery: &draft.recovery.hashes,
        confirmed,
        language: terms.language,
    };
    Ok(Written {
        replaced,
        changed: files.change(Edit::Enrol(&new))?,
    })
}

impl Written {
    /// Records the enrolment, and says what could not be kept or written.
    pub(super) fn write_down(&self, user: &UserName, house: &House, screen: &mut Screen) {
        let done = Done {
            outcome: "enrolled",
            reason: if self.replaced { "replaced" } else { "" },
            method: "code",
            command: "enroll",
            ..Done::default()
        };
        log::write_down(done, user, house, screen);
        publish::note(self.changed.unseen.as_ref(), user, screen);
        if self.changed.unreadable.is_some() {
            screen.note(
                "note: the old record could not be read; what it held of phones and numbers is gone",
            );
        }
    }
}

/// What the app is to scan.
pub(super) fn address(draft: &Draft, user: &UserName, house: &House) -> Zeroizing<String> {
    let account = format!("{user}@{}", house.host);
    otpauth_uri(&draft.code, house.issuer(), &account)
}

fn already(user: &UserName) -> Failure {
    let word = user.shell_word();
    let what = format!(
        "{user} has a record already; for a new secret: antiphon enroll {word} --replace; for a phone: antiphon enroll \
         {word} --phone"
    );
    Failure::new(Kind::CannotCreate, what)
}
