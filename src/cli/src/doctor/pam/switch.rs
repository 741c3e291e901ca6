//! The edits of a service's own file that have it ask, or no longer ask.

use super::edit::{Change, Edit};
use super::folder::Folder;
use super::repair::{Repair, Tries};
use super::service::Service;
use crate::finding::At;

/// The line in the files that we ship.
const LINE: &str = "auth required pam_antiphon.so";

/// The edit after which `service`, one of `services`, asks; or if there is none, the one that puts our line last, which
/// shows what is wrong. `None` if there is no line to put it behind.
pub(crate) fn on(service: &Service, services: &[Service], folder: &Folder) -> Option<Vec<Edit>> {
    let repair = Repair {
        tries: &Tries::default(),
        folder,
        services,
        service,
    };
    let candidates = with_ours(&repair);
    let asking = repair.asking_by(&candidates).map(<[Edit]>::to_vec);
    asking.or_else(|| candidates.into_iter().next())
}

/// The edits that delete our lines from the file of `service`.
///
/// # Errors
/// The line that cannot be deleted: it stands in another file, or spans several lines.
pub(crate) fn off(service: &Service, folder: &Folder) -> Result<Vec<Edit>, At> {
    let deleted = service.ours().map(|step| {
        if step.through.is_empty() && step.rows == 1 && folder.line(&step.at).is_some() {
            Ok(Edit::new(&step.at, Change::Delete))
        } else {
            Err(step.at.clone())
        }
    });
    deleted.collect()
}

/// Candidates: our line after each line of the service's own file, the last one first.
pub(super) fn with_ours(repair: &Repair<'_>) -> Vec<Vec<Edit>> {
    let service = repair.service;
    let own = |step: &super::stack::Step| step.through.first().unwrap_or(&step.at).clone();
    let mut lines: Vec<At> = service.stack.steps.iter().map(own).collect();
    lines.sort();
    lines.dedup();
    let append = |at: &At| vec![Edit::new(at, Change::Append(LINE.to_owned()))];
    let is_one = |at: &&At| {
        let line = repair.folder.line(at);
        line.is_some_and(|line| line.rows == 1)
    };
    lines.iter().rev().filter(is_one).map(append).collect()
}
