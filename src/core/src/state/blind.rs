//! Where nobody sees the number: services whose program answers our prompt by itself, or cannot show it at all.
//!
//! Stored per person rather than per host: otherwise whoever can call such a program could disable everybody's phones
//! there.

use serde::{Deserialize, Serialize};

use super::Tag;
use crate::time::UnixTime;

/// How many seconds it is remembered.
const DAY: u64 = 86_400;
/// The most that are stored: a state has a fixed size.
const MOST: usize = 4;

/// Blind screens, the latest last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct BlindScreens(Vec<BlindScreen>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BlindScreen {
    screen: Tag,
    since: UnixTime,
}

impl BlindScreens {
    /// `screen` is asked for only if there are any.
    pub(super) fn has(&self, screen: impl Fn() -> Tag, now: UnixTime) -> bool {
        let mut known = self.0.iter();
        known.any(|known| known.screen == screen() && now < known.since.plus(DAY))
    }

    pub(super) fn remember(&mut self, screen: Tag, now: UnixTime) {
        self.0
            .retain(|known| known.screen != screen && now < known.since.plus(DAY));
        self.0.push(BlindScreen { screen, since: now });
        let surplus = self.0.len().saturating_sub(MOST);
        self.0.drain(..surplus);
    }

    pub(super) fn forget(&mut self, screen: Tag) {
        self.0.retain(|known| known.screen != screen);
    }

    pub(super) fn restart_future(&mut self, now: UnixTime) {
        for known in &mut self.0 {
            known.since = known.since.min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BlindScreens, DAY, MOST};
    use crate::tag::Tag;
    use crate::time::UnixTime;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    #[test]
    fn a_screen_is_blind_for_a_day_or_until_somebody_answers_there() {
        let (one, other) = (Tag([1; 16]), Tag([2; 16]));
        let mut screens = BlindScreens::default();
        screens.remember(one, NOW);
        assert!(screens.has(|| one, NOW.plus(DAY - 1)) && !screens.has(|| other, NOW));
        assert!(!screens.has(|| one, NOW.plus(DAY)));
        screens.remember(one, NOW.plus(10));
        screens.forget(other);
        assert!(screens.has(|| one, NOW.plus(DAY)));
        screens.remember(other, NOW.plus(10 + DAY));
        assert_eq!(screens.0.len(), 1);
        screens.forget(other);
        assert!(screens.0.is_empty());
        for number in 0..10 {
            screens.remember(Tag([number; 16]), NOW);
        }
        assert_eq!(screens.0.len(), MOST);
        let back = UnixTime(NOW.0 - 1_000_000);
        screens.restart_future(back);
        assert!(!screens.has(|| Tag([9; 16]), back.plus(DAY)));
    }
}
