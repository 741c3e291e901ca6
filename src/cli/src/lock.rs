//! How commands wait for locks and change a person's files.

use std::time::Duration;

use antiphon_core::disk::{Changed, Editing, Patience, PersonFiles, Unwritten};
use antiphon_core::name::UserName;
use antiphon_core::person::{By, Edit};
use antiphon_link::{LockPatience, clock};

use crate::failure::Failure;
use crate::house::House;
use crate::log;
use crate::refusal;
use crate::screen::Screen;

/// Lock holders are killed long before that: see `antiphon_core::disk`.
const LONGEST: Duration = Duration::from_secs(10);

/// Waits up to ten seconds. Killed holders are logged.
pub(crate) fn patience() -> impl Patience {
    LockPatience::new(LONGEST, log::log_line)
}

/// The files of `user`, for root; `insists` permits removing the last way in.
pub(crate) fn files<'a>(
    user: &'a UserName,
    house: &'a House,
    insists: bool,
) -> Result<PersonFiles<'a>, Unwritten> {
    PersonFiles::open(editing(user, house, insists))
}

/// Applies `edit` to `user`, who must have a record.
pub(crate) fn change(edit: Edit<'_>, user: &UserName, house: &House) -> Result<Changed, Failure> {
    // Checked first, for a clearer error.
    house.record_of(user)?;
    files(user, house, false)
        .and_then(|files| files.change(edit))
        .map_err(|why| refusal::in_words(why, user, ""))
}

/// The same, and says what had been lost of the state.
pub(crate) fn change_noting(
    edit: Edit<'_>,
    user: &UserName,
    house: &House,
    screen: &mut Screen,
) -> Result<Changed, Failure> {
    let changed = change(edit, user, house)?;
    if let Some(repaired) = changed.repaired {
        screen.note(&format!("note: {repaired}"));
    }
    Ok(changed)
}

/// The parameters of an edit by root.
pub(crate) fn editing<'a>(user: &'a UserName, house: &'a House, insists: bool) -> Editing<'a> {
    Editing {
        user,
        config: &house.config,
        by: By::Root { insists },
        moment: &|| clock::now().map(clock::moment),
        patience: &|| Box::new(patience()),
    }
}
