//! `antiphon unlock`: codes are looked at again.

use antiphon_core::disk::{Folder, RecordsLock};
use serde::Serialize;

use crate::arguments::Somebody;
use crate::failure::Failure;
use crate::house::House;
use crate::journal::{self, Done};
use crate::lock::{open_state, patience};
use crate::person;
use crate::screen::Screen;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    /// Whether there was anything to clear.
    unlocked: bool,
}

/// Clears the lock, the counter, and a last step that a clock running ahead had left in the future.
pub(crate) fn run(wanted: &Somebody, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.user, house.users()?.as_ref())?;
    // Asked first, for the clearer error.
    house.record_of(&user)?;
    let lock = RecordsLock::take(&Folder::open(&house.config.paths.users)?, &mut patience())?;
    // Under the lock: by a record that is just being replaced, the state would be bound to the old secret again.
    let record = house.record_of(&user)?;
    let folder = Folder::open(&house.config.paths.state)?;
    let opened = open_state(&folder, &user, &record, &house.config)?;
    let mut file = opened.file;
    if let Some(mended) = opened.mended {
        screen.note(&format!("note: {mended}"));
    }
    let mut next = file.state().clone();
    next.unlock(&record, &house.config, file.now());
    let unlocked = next != *file.state();
    if unlocked {
        file.write(next)?;
    }
    drop(file);
    drop(lock);
    if unlocked {
        let done = Done {
            outcome: "unlocked",
            command: "unlock",
            ..Done::default()
        };
        journal::write_down(done, &user, house, screen);
    }
    if screen.is_json() {
        return screen.object(&Object {
            user: user.as_str(),
            unlocked,
        });
    }
    screen.say(&if unlocked {
        format!("{user} can use codes again.")
    } else {
        format!("{user} was not locked; nothing to do.")
    })
}
