//! `antiphon unlock`: unlocks codes and the phone.

use antiphon_core::config::Config;
use antiphon_core::person::{Edit, Person};
use antiphon_core::state::Gate;
use antiphon_core::time::UnixTime;
use serde::Serialize;

use crate::arguments::Somebody;
use crate::failure::Failure;
use crate::house::House;
use crate::lock::change;
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

/// Something that kept the person from signing in.
struct Lifted {
    word: &'static str,
    says: &'static str,
}

impl Lifted {
    /// What unlocking lifts for `person`.
    fn of(person: &Person, config: &Config, now: UnixTime) -> Vec<Self> {
        let Person { record, state, .. } = person;
        let has_phone = !record.phones.is_empty();
        [
            (
                state.gate(config, now) != Gate::Open || state.wrong_in_a_row() > 0,
                "codes",
                "the lock or the count of wrong codes",
            ),
            (
                has_phone && !state.pauses(config, now).is_empty(),
                "phone",
                "the pause of the phone",
            ),
            (
                state.clock_was_ahead(record, config, now),
                "clock",
                "the refusal of codes since the clock ran ahead",
            ),
        ]
        .into_iter()
        .filter_map(|(is_so, word, says)| is_so.then_some(Self { word, says }))
        .collect()
    }
}

/// Resets the lock, the counter, the pauses of the phone, and a last step that a fast clock left in the future.
pub(crate) fn run(wanted: &Somebody, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.user, house.users()?.as_ref())?;
    let changed = change(Edit::Unlock, &user, house)?;
    if let Some(repaired) = changed.repaired {
        screen.note(&format!("note: {repaired}"));
    }
    let lifted = Lifted::of(&changed.before, &house.config, changed.now);
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
            lifted: lifted.iter().map(|lifted| lifted.word).collect(),
        });
    }
    if lifted.is_empty() {
        return screen.say(&if unlocked {
            format!("{user} was not locked; what was counted begins anew.")
        } else {
            format!("{user} was not locked; nothing to do.")
        });
    }
    let says: Vec<&str> = lifted.iter().map(|lifted| lifted.says).collect();
    screen.say(&format!("{user}: lifted {}.", says.join(", and ")))
}
