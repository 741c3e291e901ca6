//! What people may see of their own ways to sign in, written anew after each change of a record.

use antiphon_core::disk::summary_file::{self, Durable};
use antiphon_core::disk::{Distrust, Folder};
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::summary::Summary;

use crate::failure::Failure;
use crate::house::House;
use crate::screen::Screen;
use crate::standing::Standing;

/// Notes on the screen what of a change was not written here. The change stands all the same.
pub(crate) fn note(unseen: Option<&Distrust>, user: &UserName, screen: &mut Screen) {
    if let Some(distrust) = unseen {
        screen.note(&format!(
            "note: what {user} sees of their own ways to sign in was not written: {distrust}; later: antiphon check --fix"
        ));
    }
}

/// Writes it, or takes it away with the record.
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

/// Whether what is on file is not what should be.
pub(crate) fn is_out_of_step(
    user: &UserName,
    standing: &Standing,
    folder: &Folder,
) -> Result<bool, Distrust> {
    // How many recovery codes count is not known while the state is kept in memory.
    Ok(!standing.is_in_memory() && summary_file::load(folder, user)? != due(standing))
}

/// What should be on file; nothing for who has no record, or one that cannot be read.
fn due(standing: &Standing) -> Option<Summary> {
    let record: &Record = standing.record.as_ref().ok()?.as_ref()?;
    Some(Summary::of(record, standing.recovery().0))
}
