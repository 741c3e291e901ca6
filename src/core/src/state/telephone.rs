//! Rate limit on codes sent to a person's telephones: each costs money and disturbs somebody.

use serde::{Deserialize, Serialize};

use crate::config::Telephone;
use crate::time::UnixTime;

const TEN_MINUTES: u64 = 600;
const DAY: u64 = 86_400;

/// The codes sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TelephoneBudget {
    /// The last day's, oldest first.
    sent: Vec<UnixTime>,
}

/// A limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManySent {
    /// Seconds until another code may be sent.
    pub again_in: u64,
}

impl TelephoneBudget {
    /// Whether another code may be sent `now`.
    pub(super) fn allows(&self, limits: &Telephone, now: UnixTime) -> Result<(), TooManySent> {
        let again_in = [
            (limits.most_in_ten_minutes, TEN_MINUTES),
            (limits.most_a_day, DAY),
        ]
        .into_iter()
        .filter_map(|(most, span)| {
            // The one that must leave the span first: with a limit of three, the third last.
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            let hinders = self.sent.iter().rev().nth(most.checked_sub(1)?)?;
            Some(now.until(hinders.plus(span)))
        })
        .max()
        .unwrap_or_default();
        if again_in == 0 {
            Ok(())
        } else {
            Err(TooManySent { again_in })
        }
    }

    /// Counts a code before it is sent.
    pub(super) fn count(&mut self, now: UnixTime) {
        self.sent.retain(|since| now < since.plus(DAY));
        self.sent.push(now);
    }

    /// Times that a since corrected clock left in the future become `now`, so that no limit lasts longer than a day.
    pub(super) fn restart_future(&mut self, now: UnixTime) {
        for since in &mut self.sent {
            *since = (*since).min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, TelephoneBudget, TooManySent};
    use crate::config::Telephone;
    use crate::time::UnixTime;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    #[test]
    fn three_are_sent_in_any_ten_minutes_and_not_one_more() {
        let limits = Telephone::default();
        let mut budget = TelephoneBudget::default();
        for second in [0, 100, 200] {
            assert_eq!(budget.allows(&limits, NOW.plus(second)), Ok(()));
            budget.count(NOW.plus(second));
        }
        let again_in = |again_in| Err(TooManySent { again_in });
        assert_eq!(budget.allows(&limits, NOW.plus(200)), again_in(400));
        assert_eq!(budget.allows(&limits, NOW.plus(599)), again_in(1));
        assert_eq!(budget.allows(&limits, NOW.plus(600)), Ok(()));
        budget.count(NOW.plus(600));
        assert_eq!(budget.allows(&limits, NOW.plus(600)), again_in(100));
    }

    #[test]
    fn ten_are_sent_in_any_day_and_not_one_more() {
        let limits = Telephone::default();
        let mut budget = TelephoneBudget::default();
        for sent in 0..10 {
            assert_eq!(budget.allows(&limits, NOW.plus(sent * 1000)), Ok(()));
            budget.count(NOW.plus(sent * 1000));
        }
        let refused = Err(TooManySent {
            again_in: DAY - 10_000,
        });
        assert_eq!(budget.allows(&limits, NOW.plus(10_000)), refused);
        assert_eq!(
            budget.allows(&limits, NOW.plus(DAY - 1)),
            Err(TooManySent { again_in: 1 })
        );
        assert_eq!(budget.allows(&limits, NOW.plus(DAY)), Ok(()));
    }

    #[test]
    fn what_is_a_day_old_is_not_kept() {
        let mut budget = TelephoneBudget::default();
        for since in [NOW, NOW.plus(1), NOW.plus(DAY)] {
            budget.count(since);
        }
        assert_eq!(budget.sent, [NOW.plus(1), NOW.plus(DAY)]);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_ceiling_last_longer_nor_any_higher() {
        let limits = Telephone::default();
        let mut budget = TelephoneBudget::default();
        for _ in 0..3 {
            budget.count(NOW);
        }
        let back = UnixTime(NOW.0 - 1_000_000);
        budget.restart_future(back);
        assert!(budget.allows(&limits, back.plus(599)).is_err());
        assert_eq!(budget.allows(&limits, back.plus(600)), Ok(()));
    }

    #[test]
    fn a_ceiling_that_was_lowered_holds_at_once() {
        let mut budget = TelephoneBudget::default();
        for second in 0..3 {
            budget.count(NOW.plus(second));
        }
        let strict = Telephone {
            most_in_ten_minutes: 1,
            ..Telephone::default()
        };
        assert_eq!(
            budget.allows(&strict, NOW.plus(10)),
            Err(TooManySent { again_in: 592 })
        );
    }
}
