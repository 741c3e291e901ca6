//! Updates the summary of a person's factors, shown by page and command, after a recovery code was used. A failure
//! changes nothing.

use std::path::Path;

use antiphon_core::disk::summary_file::{self, Durable};
use antiphon_core::disk::{Distrust, Folder};
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::summary::Summary;

/// Writes the summary of `record`, with `recovery_left` recovery codes left.
///
/// # Errors
/// [`Distrust`]; the caller goes on.
pub(crate) fn show(
    activity: &Path,
    user: &UserName,
    record: &Record,
    recovery_left: u32,
) -> Result<(), Distrust> {
    let summary = Summary::of(record, recovery_left);
    summary_file::store(&Folder::open(activity)?, user, &summary, Durable::No)
}
