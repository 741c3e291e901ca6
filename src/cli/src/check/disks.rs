//! The file systems that our folders are on.

use crate::file_systems;
use crate::finding::Findings;
use crate::house::House;

pub(super) fn look(house: &House, findings: &mut Findings) {
    for found in file_systems::ours(house) {
        if let Some(says) = found.read_only_in_words() {
            // Where records or activity cannot be changed, that may be as it should be, and sign-ins go on.
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
