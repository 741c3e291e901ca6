//! `antiphon recovery`: ten new recovery codes.

use antiphon_core::draft::RecoverySet;
use antiphon_core::name::UserName;
use antiphon_core::person::Edit;
use antiphon_link::random;
use serde::Serialize;

use crate::arguments::Somebody;
use crate::enroll::recovery_codes;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::lock::change;
use crate::log::{self, Done};
use crate::person;
use crate::publish;
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    recovery_codes: Vec<&'a str>,
}

/// Makes new recovery codes and shows them once.
pub(crate) fn run(wanted: &Somebody, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.user, house)?;
    let codes = random::recovery_set()?;
    let changed = change(Edit::NewRecovery(&codes.hashes), &user, house)?;
    let done = Done {
        outcome: "recovery",
        reason: "renewed",
        method: "recovery",
        command: "recovery",
        ..Done::default()
    };
    log::write_down(done, &user, house, screen);
    publish::note(changed.unseen.as_ref(), &user, screen);
    show(&user, &codes, screen).map_err(|failure| {
        let what = format!(
            "{user}'s old recovery codes are void, and the new ones were not shown ({failure}); run the command again"
        );
        Failure::new(Kind::Io, what)
    })
}

fn show(user: &UserName, codes: &RecoverySet, screen: &mut Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.object(&Object {
            user: user.as_str(),
            recovery_codes: codes.texts(),
        });
    }
    screen.say(&format!(
        "{user} has ten new recovery codes; the old ones are void."
    ))?;
    screen.line("")?;
    recovery_codes(codes, screen)
}
