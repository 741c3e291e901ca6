//! How often a person's phone may be called: so that nobody approves only to be left in peace.
//!
//! Its counters are apart from those of codes: nothing that the daemon says moves the throttle.

use serde::{Deserialize, Serialize};

use crate::config::PushLimits;
use crate::time::UnixTime;

/// Seconds in which so many pushes are counted.
const SPAN: u64 = 300;

/// What was sent, and when it pauses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushBudget {
    /// The latest pushes, oldest first.
    sent: Vec<UnixTime>,
    /// Pushes in a row that nobody approved.
    unanswered: u32,
    /// When "It is not me" was last said.
    reported: Option<UnixTime>,
}

/// Why the phone is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// Too many in five minutes.
    TooOften,
    /// Too many that nobody approved.
    Unanswered,
    /// Somebody said "It is not me".
    Reported,
}

impl PushBudget {
    /// Whether the phone may be called `now`.
    ///
    /// # Errors
    /// [`Quiet`] if not: then the daemon is not even asked.
    pub fn allows(&self, limits: &PushLimits, now: UnixTime) -> Result<(), Quiet> {
        let within = |since: &UnixTime, seconds: u64| now < since.plus(seconds);
        if self
            .reported
            .is_some_and(|since| within(&since, limits.reported_pause.into()))
        {
            return Err(Quiet::Reported);
        }
        let latest = self.sent.last();
        if self.unanswered >= limits.most_unanswered
            && latest.is_some_and(|since| within(since, limits.unanswered_pause.into()))
        {
            return Err(Quiet::Unanswered);
        }
        let recent = self.sent.iter().filter(|since| within(since, SPAN)).count();
        if recent >= usize::try_from(limits.most_in_five_minutes).unwrap_or(usize::MAX) {
            return Err(Quiet::TooOften);
        }
        Ok(())
    }

    /// Counts a push that is about to be sent.
    pub(crate) fn count(&mut self, limits: &PushLimits, now: UnixTime) {
        // An hour of silence, or whatever the pause is, begins a new row.
        let paused = u64::from(limits.unanswered_pause);
        if self.unanswered >= limits.most_unanswered
            && self
                .sent
                .last()
                .is_some_and(|latest| now >= latest.plus(paused))
        {
            self.unanswered = 0;
        }
        self.sent.retain(|since| now < since.plus(SPAN));
        self.sent.push(now);
        self.unanswered = self.unanswered.saturating_add(1);
    }

    /// Somebody said "It is not me".
    pub(crate) fn report(&mut self, now: UnixTime) {
        self.reported = Some(now);
    }

    /// The person has signed in: whoever answers is there.
    pub(crate) fn answered(&mut self) {
        self.unanswered = 0;
    }

    /// The phone has approved: that call was wanted, and is none of those that could wear the person down.
    pub(crate) fn approved(&mut self) {
        self.sent.pop();
    }

    /// What a clock since set back left in the future begins now: no pause outlasts its length.
    pub(crate) fn restart_future(&mut self, now: UnixTime) {
        for since in self.sent.iter_mut().chain(&mut self.reported) {
            *since = (*since).min(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PushBudget, Quiet};
    use crate::config::PushLimits;
    use crate::time::UnixTime;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    #[test]
    fn there_are_three_pushes_in_five_minutes() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        for second in 0..3 {
            assert_eq!(budget.allows(&limits, NOW.plus(second)), Ok(()));
            budget.count(&limits, NOW.plus(second));
        }
        assert_eq!(budget.allows(&limits, NOW.plus(3)), Err(Quiet::TooOften));
        assert_eq!(budget.allows(&limits, NOW.plus(299)), Err(Quiet::TooOften));
        assert_eq!(budget.allows(&limits, NOW.plus(300)), Ok(()));
    }

    #[test]
    fn an_approved_push_does_not_count_towards_the_three() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        budget.count(&limits, NOW);
        budget.count(&limits, NOW);
        for second in 1..10 {
            assert_eq!(budget.allows(&limits, NOW.plus(second)), Ok(()));
            budget.count(&limits, NOW.plus(second));
            budget.approved();
            budget.answered();
        }
        budget.count(&limits, NOW.plus(10));
        assert_eq!(budget.allows(&limits, NOW.plus(10)), Err(Quiet::TooOften));
    }

    #[test]
    fn ten_in_a_row_that_nobody_approved_pause_them_for_an_hour_or_until_a_sign_in() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        let mut now = NOW;
        for _ in 0..10 {
            now = now.plus(200);
            assert_eq!(budget.allows(&limits, now), Ok(()));
            budget.count(&limits, now);
        }
        assert_eq!(
            budget.allows(&limits, now.plus(3599)),
            Err(Quiet::Unanswered)
        );
        let mut after_an_hour = budget.clone();
        assert_eq!(after_an_hour.allows(&limits, now.plus(3600)), Ok(()));
        after_an_hour.count(&limits, now.plus(3600));
        assert_eq!(after_an_hour.allows(&limits, now.plus(3900)), Ok(()));
        budget.answered();
        assert_eq!(budget.allows(&limits, now.plus(300)), Ok(()));
    }

    #[test]
    fn it_is_not_me_pauses_them_for_fifteen_minutes() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        budget.report(NOW);
        assert_eq!(budget.allows(&limits, NOW.plus(899)), Err(Quiet::Reported));
        assert_eq!(budget.allows(&limits, NOW.plus(900)), Ok(()));
    }

    #[test]
    fn no_pause_outlasts_its_length_when_the_clock_is_set_back() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        budget.report(NOW);
        let back = UnixTime(NOW.0 - 1_000_000);
        budget.restart_future(back);
        assert_eq!(budget.allows(&limits, back.plus(900)), Ok(()));
    }
}
