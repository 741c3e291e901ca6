//! `antiphon unlock`: unlocks codes and the phone.

use antiphon_core::config::Config;
use antiphon_core::person::{Edit, Person};
use antiphon_core::state::Gate;
use antiphon_core::time::UnixTime;
use serde::Serialize;

use crate::arguments::Somebody;
use crate::failure::Failure;
use crate::house::House;
use crate::lock::change_noting;
use crate::log::{self, Done};
use crate::person;
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    /// Whether there was anything to reset.
    unlocked: bool,
    /// What had been in effect: `codes` were locked, the `phone` paused, or the `clock` had run ahead.
    lifted: Vec<&'static str>,
}

/// What kept the person from signing in, and unlocking lifts: the word of `--json`, and the words for people.
fn lifted(person: &Person, config: &Config, now: UnixTime) -> Vec<(&'static str, &'static str)> {
    let Person { record, state, .. } = person;
    let mut lifted = Vec::new();
    if state.gate(config, now) != Gate::Open || state.wrong_in_a_row() > 0 {
        lifted.push(("codes", "the lock or the count of wrong codes"));
    }
    if !record.phones.is_empty() && !state.pauses(config, now).is_empty() {
        lifted.push(("phone", "the pause of the phone"));
    }
    if state.clock_was_ahead(record, config, now) {
        lifted.push(("clock", "the refusal of codes since the clock ran ahead"));
    }
    lifted
}

/// Resets the lock, the counter, the pauses of the phone, and a last step that a fast clock left in the future.
pub(crate) fn run(wanted: &Somebody, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.user, house)?;
    let changed = change_noting(Edit::Unlock, &user, house, screen)?;
    let lifted = lifted(&changed.before, &house.config, changed.now);
    let unlocked = changed.before.state != changed.after.state;
    if unlocked {
        let done = Done {
            outcome: "unlocked",
            command: "unlock",
            ..Done::default()
        };
        log::write_down(done, &user, house, screen);
    }
    if screen.is_json() {
        return screen.object(&Object {
            user: user.as_str(),
            unlocked,
            lifted: lifted.iter().map(|(word, _)| *word).collect(),
        });
    }
    if lifted.is_empty() {
        return screen.say(&if unlocked {
            format!("{user} was not locked; what was counted begins anew.")
        } else {
            format!("{user} was not locked; nothing to do.")
        });
    }
    let says: Vec<&str> = lifted.iter().map(|(_, says)| *says).collect();
    screen.say(&format!("{user}: lifted {}.", says.join(", and ")))
}
