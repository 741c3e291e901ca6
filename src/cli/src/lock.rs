//! How a command waits for locks, and takes a person's files into its hands.

use std::time::{Duration, Instant};

use antiphon_core::disk::{Changed, Holder, Patience, PersonFiles, Place, Unwritten};
use antiphon_core::name::UserName;
use antiphon_core::person::{By, Edit};

use crate::clock;
use crate::failure::Failure;
use crate::house::House;
use crate::journal;
use crate::refusal;

const PAUSE: Duration = Duration::from_millis(50);
/// Whoever holds a lock is ended long before: see `antiphon_core::disk`.
const LONGEST: Duration = Duration::from_secs(10);

/// Ten seconds, with a pause between two tries. What held up the command for longer than it may is written down.
pub(crate) fn patience() -> impl Patience {
    Waiting(Instant::now())
}

struct Waiting(Instant);

impl Patience for Waiting {
    fn pause(&mut self) -> Option<Duration> {
        std::thread::sleep(PAUSE);
        Some(self.0.elapsed()).filter(|waited| *waited < LONGEST)
    }

    fn ended(&mut self, holder: &Holder) {
        journal::log_line(&holder.log_line());
    }
}

/// The files of `user`, in root's hands; who `insists` may take the last way in.
pub(crate) fn files<'a>(
    user: &'a UserName,
    house: &'a House,
    insists: bool,
) -> Result<PersonFiles<'a>, Unwritten> {
    PersonFiles::open(place(user, house, insists))
}

/// Makes `edit` of `user`, who must have a record.
pub(crate) fn change(edit: Edit<'_>, user: &UserName, house: &House) -> Result<Changed, Failure> {
    // Asked first, for the clearer error.
    house.record_of(user)?;
    files(user, house, false)
        .and_then(|files| files.change(edit))
        .map_err(|why| refusal::in_words(why, user, ""))
}

/// Where they are.
pub(crate) fn place<'a>(user: &'a UserName, house: &'a House, insists: bool) -> Place<'a> {
    Place {
        user,
        config: &house.config,
        by: By::Root { insists },
        moment: &|| Ok(clock::moment()),
        patience: &|| Box::new(patience()),
    }
}
