//! Approvals with an account that were accepted, by the tags of their digests: each lets somebody in once.
//!
//! Not by the token: a provider may sign again for the same nonce, and an ECDSA signature has two forms.

use serde::{Deserialize, Serialize};

use crate::tag::Tag;
use crate::time::UnixTime;

/// The most that are stored, of the few minutes that they are open for. With more, none is accepted.
const MOST: usize = 8;
/// No approval is open for longer, in seconds: one that seems to be was made by a clock that ran ahead.
const LONGEST: u64 = 3600;

/// The used ones, until they expire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct UsedApprovals(Vec<(Tag, UnixTime)>);

impl UsedApprovals {
    /// Stores the one with this tag, which is open until `expires`; returns whether it was not there.
    pub(super) fn take(&mut self, tag: Tag, expires: UnixTime, now: UnixTime) -> bool {
        self.forget_past(now);
        let is_known = self.0.iter().any(|(known, _)| *known == tag);
        if is_known || self.0.len() >= MOST {
            return false;
        }
        self.0.push((tag, expires));
        true
    }

    pub(super) fn forget_past(&mut self, now: UnixTime) {
        self.0
            .retain(|(_, expires)| now < *expires && *expires <= now.plus(LONGEST));
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, MOST, UsedApprovals};
    use crate::state::{SlotPair, State};
    use crate::tag::Tag;
    use crate::time::UnixTime;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn tag(number: usize) -> Tag {
        Tag([u8::try_from(number).unwrap(); 16])
    }

    #[test]
    fn one_is_taken_once_until_it_expires_and_then_no_longer_kept() {
        let mut used = UsedApprovals::default();
        let expires = NOW.plus(180);
        assert!(used.take(tag(1), expires, NOW));
        assert!(!used.take(tag(1), expires, NOW));
        assert!(!used.take(tag(1), expires, NOW.plus(179)));
        assert!(used.take(tag(2), expires, NOW.plus(179)));
        used.forget_past(expires);
        assert_eq!(used, UsedApprovals::default());
    }

    #[test]
    fn where_there_is_no_room_none_is_taken_and_a_full_list_fits_into_a_state() {
        let mut state = State::empty();
        for number in 0..MOST {
            assert!(state.approved.take(tag(number), NOW.plus(180), NOW));
        }
        assert!(!state.approved.take(tag(MOST), NOW.plus(180), NOW));
        let file = SlotPair::decode(&[]).unwrap().encode_file(&state).unwrap();
        assert_eq!(
            SlotPair::decode(&file).unwrap().state.as_ref(),
            Some(&state)
        );
        assert!(state.approved.take(tag(MOST), NOW.plus(400), NOW.plus(180)));
    }

    #[test]
    fn what_a_clock_that_ran_ahead_has_left_takes_no_room() {
        let mut used = UsedApprovals::default();
        let ahead = NOW.plus(1_000_000);
        assert!(used.take(tag(1), ahead.plus(180), ahead));
        used.forget_past(NOW);
        assert_eq!(used, UsedApprovals::default());
        assert!(used.take(tag(1), NOW.plus(LONGEST), NOW));
        used.forget_past(NOW);
        assert_ne!(used, UsedApprovals::default());
    }
}
