//! Rewrites a person's summary after each change of a record.

use antiphon_core::disk::summary_file::{self, Durable};
use antiphon_core::disk::{Distrust, Folder};
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::summary::Summary;

use crate::failure::Failure;
use crate::house::House;
use crate::screen::Screen;
use crate::standing::Standing;

/// Reports that the summary could not be written. The change is made all the same.
pub(crate) fn note(unseen: Option<&Distrust>, user: &UserName, screen: &mut Screen) {
    if let Some(distrust) = unseen {
        screen.note(&format!(
            "note: what {user} sees of their own ways to sign in was not written: {distrust}; later: antiphon check --fix"
        ));
    }
}

/// Writes the summary, or removes it if there is no record.
pub(crate) fn write(user: &UserName, house: &House) -> Result<(), Failure> {
    let Some(folder) = house.activity()? else {
        return Ok(());
    };
    match due(&Standing::of(user, house)) {
        Some(summary) => summary_file::store(&folder, user, &summary, Durable::Yes)?,
        None => {
            summary_file::remove(&folder, user)?;
        }
    }
    Ok(())
}

/// Whether the summary on file is outdated.
pub(crate) fn is_out_of_step(
    user: &UserName,
    standing: &Standing,
    folder: &Folder,
) -> Result<bool, Distrust> {
    // While the state is kept in memory, the number of valid recovery codes is unknown.
    Ok(!standing.is_in_memory() && summary_file::load(folder, user)? != due(standing))
}

/// The summary that should be on file; `None` without a readable record.
fn due(standing: &Standing) -> Option<Summary> {
    let record: &Record = standing.record.as_ref().ok()?.as_ref()?;
    Some(Summary::of(record, standing.recovery().0))
}
