//! Enrolment with codes: a secret, shown once; a code that proves it arrived; then state and record.

use std::io;

use antiphon_core::name::UserName;

use super::draft::Draft;
use super::{already, confirm, show, write};
use crate::arguments::Enroll;
use crate::clock;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::log::{self, Done};
use crate::person;
use crate::publish;
use crate::screen::Screen;

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
    let draft = Draft::new(user, house)?;
    if screen.is_json() {
        // Before anything is written: if the output cannot be read, the person must not be enrolled.
        screen.object(&draft.object())?;
    } else {
        show::offer(&draft, screen)?;
    }
    let confirmed = if wanted.no_confirm {
        None
    } else {
        let window = house.config.code.window;
        let mut typed = io::stdin().lock();
        Some(confirm::ask(
            &draft.made.code,
            window,
            &mut typed,
            &clock::now,
            screen,
        )?)
    };
    let written = write::enrol(&draft, confirmed, wanted, house)?;
    let done = Done {
        outcome: "enrolled",
        reason: if written.replaced { "replaced" } else { "" },
        method: "code",
        command: "enroll",
        ..Done::default()
    };
    log::write_down(done, user, house, screen);
    publish::note(written.unseen.as_ref(), user, screen);
    if written.lost_old {
        screen.note(
            "note: the old record could not be read; what it held of phones and numbers is gone",
        );
    }
    if screen.is_json() {
        return Ok(());
    }
    show::enrolled(&draft, written.replaced, screen)
        .and_then(|()| show::who_else(house, screen))
        .map_err(|failure| {
        let word = user.shell_word();
        let what = format!("{user} is enrolled, but the recovery codes were not shown ({failure}); run: antiphon recovery {word}");
        Failure::new(Kind::Io, what)
    })
}
