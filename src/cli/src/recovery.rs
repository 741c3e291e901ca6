//! `antiphon recovery`: ten new recovery codes.

use antiphon_core::disk::{Folder, RecordsLock, record_file};
use antiphon_core::draft::RecoverySet;
use antiphon_core::name::UserName;
use serde::Serialize;

use crate::arguments::Somebody;
use crate::enroll::{recovery_codes, recovery_set};
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::journal::{self, Done};
use crate::lock::{open_state, patience};
use crate::person;
use crate::publish;
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    recovery_codes: Vec<&'a str>,
}

/// Makes them, and shows them once.
pub(crate) fn run(wanted: &Somebody, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.user, house.users()?.as_ref())?;
    let codes = recovery_set()?;
    write(&user, &codes, house)?;
    let done = Done {
        outcome: "recovery",
        reason: "renewed",
        method: "recovery",
        command: "recovery",
        ..Done::default()
    };
    journal::write_down(done, &user, house, screen);
    publish::renew(&user, house, screen);
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

/// State first, then record, under the locks of both: after a crash in between, the old codes are closed and none of
/// the used ones is open.
fn write(user: &UserName, codes: &RecoverySet, house: &House) -> Result<(), Failure> {
    // Asked first, for the clearer error.
    house.record_of(user)?;
    let users = Folder::open(&house.config.paths.users)?;
    let states = Folder::open(&house.config.paths.state)?;
    let _lock = RecordsLock::take(&users, &mut patience())?;
    let mut record = house.record_of(user)?;
    let mut state = open_state(&states, user, &record, &house.config)?.file;
    let before = state.state().clone();
    let mut next = before.clone();
    next.open_recovery(&codes.hashes);
    state.write(next)?;
    record.recovery = Some(codes.hashes.clone());
    if let Err(distrust) = record_file::store(&users, user, &record) {
        // The old codes go on as before.
        let _ = state.write(before);
        return Err(Failure::new(Kind::CannotCreate, distrust));
    }
    Ok(())
}
