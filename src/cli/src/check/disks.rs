//! The file systems of our folders.

use crate::file_systems;
use crate::finding::Findings;
use crate::house::House;

pub(super) fn look(house: &House, findings: &mut Findings) {
    for found in file_systems::ours(house) {
        if let Some(says) = found.read_only_in_words() {
            // For records or activity a read-only file system may be intended, and sign-ins still work.
            if found.has_states() {
                findings.fault(says);
            } else {
                findings.warning(says);
            }
        }
        if let Some(says) = found.full_in_words() {
            findings.warning(says);
        }
    }
}
