//! How often a person's phone may be called: so that nobody approves only to be left in peace.
//!
//! Origins from which the person has signed in lately have a budget each, and all others one together: a stranger who has the
//! password cannot keep the phone way shut where its owner is.
//!
//! Its counters are apart from those of codes: nothing that the daemon says moves the throttle.

use serde::{Deserialize, Serialize};

use super::Tag;
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

/// The phone is not called for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Why.
    pub why: Quiet,
    /// Since when.
    pub since: UnixTime,
    /// Until when.
    pub until: UnixTime,
}

/// A pause, and for whom it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paused {
    /// It.
    pub pause: Pause,
    /// Whether it holds for an origin that the person has signed in from lately, or for all others together.
    pub usual_origin: bool,
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
    /// [`Pause`] if not: then the daemon is not even asked.
    pub fn allows(&self, limits: &PushLimits, now: UnixTime) -> Result<(), Pause> {
        let most = usize::try_from(limits.most_in_five_minutes).unwrap_or(usize::MAX);
        // Of three, the third last must have left the span before there is room.
        let hinders = most
            .checked_sub(1)
            .and_then(|before| self.sent.iter().rev().nth(before));
        let latest = self.sent.last();
        let row = latest.filter(|_| self.unanswered >= limits.most_unanswered);
        let pauses = [
            (
                Quiet::Reported,
                self.reported.as_ref(),
                limits.reported_pause.into(),
            ),
            (Quiet::Unanswered, row, limits.unanswered_pause.into()),
            (Quiet::TooOften, hinders, SPAN),
        ];
        for (why, since, seconds) in pauses {
            let Some(since) = since.copied() else {
                continue;
            };
            let until = since.plus(seconds);
            if now < until {
                return Err(Pause { why, since, until });
            }
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

    /// Takes back the push of `at`, which reached nobody.
    pub(crate) fn uncount(&mut self, at: UnixTime) {
        if let Some(index) = self.sent.iter().rposition(|sent| *sent == at) {
            self.sent.remove(index);
            self.unanswered = self.unanswered.saturating_sub(1);
        }
    }

    /// Somebody said "It is not me" at `since`. What was said later stands.
    pub(crate) fn report(&mut self, since: UnixTime) {
        self.reported = self.reported.max(Some(since));
    }

    /// It was the person after all: what they said at `since` pauses nothing any more.
    pub(crate) fn take_report_back(&mut self, since: UnixTime) {
        self.reported = self.reported.filter(|reported| *reported != since);
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

/// The origins from which the person has signed in lately, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct UsualOrigins(Vec<UsualOrigin>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UsualOrigin {
    origin: Tag,
    /// When somebody last signed in from there.
    seen: UnixTime,
    push: PushBudget,
}

impl UsualOrigins {
    /// The most that are kept: a state has one size.
    const MOST: usize = 4;
    /// Seconds after which an origin is no longer a usual one.
    const LATELY: u64 = 30 * 24 * 3600;

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The budget of `origin`, if it is a usual one.
    pub(super) fn at(&self, origin: Tag, now: UnixTime) -> Option<&PushBudget> {
        self.0
            .iter()
            .find(|usual| usual.is(origin, now))
            .map(|usual| &usual.push)
    }

    pub(super) fn at_mut(&mut self, origin: Tag, now: UnixTime) -> Option<&mut PushBudget> {
        self.0
            .iter_mut()
            .find(|usual| usual.is(origin, now))
            .map(|usual| &mut usual.push)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &PushBudget> {
        self.0.iter().map(|usual| &usual.push)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut PushBudget> {
        self.0.iter_mut().map(|usual| &mut usual.push)
    }

    /// The person has signed in from there.
    pub(super) fn signed_in(&mut self, origin: Tag, now: UnixTime) {
        let known = self.0.iter().position(|usual| usual.origin == origin);
        let mut usual = known.map_or_else(
            || UsualOrigin {
                origin,
                seen: now,
                push: PushBudget::default(),
            },
            |index| self.0.remove(index),
        );
        usual.seen = now;
        self.0.retain(|usual| usual.is_lately(now));
        self.0.insert(0, usual);
        self.0.truncate(Self::MOST);
    }

    pub(super) fn restart_future(&mut self, now: UnixTime) {
        for usual in &mut self.0 {
            usual.seen = usual.seen.min(now);
            usual.push.restart_future(now);
        }
    }
}

impl UsualOrigin {
    fn is(&self, origin: Tag, now: UnixTime) -> bool {
        self.origin == origin && self.is_lately(now)
    }

    fn is_lately(&self, now: UnixTime) -> bool {
        now < self.seen.plus(UsualOrigins::LATELY)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pause, PushBudget, Quiet, UsualOrigins};
    use crate::config::PushLimits;
    use crate::tag::Tag;
    use crate::time::UnixTime;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn why(budget: &PushBudget, now: UnixTime) -> Option<Quiet> {
        let pause = budget.allows(&PushLimits::default(), now).err();
        pause.map(|pause| pause.why)
    }

    #[test]
    fn a_pause_says_when_it_ends() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        for second in 0..3 {
            budget.count(&limits, NOW.plus(second));
        }
        let pause = |why, since, until| Err(Pause { why, since, until });
        assert_eq!(
            budget.allows(&limits, NOW.plus(5)),
            pause(Quiet::TooOften, NOW, NOW.plus(300))
        );
        budget.report(NOW.plus(5));
        assert_eq!(
            budget.allows(&limits, NOW.plus(5)),
            pause(Quiet::Reported, NOW.plus(5), NOW.plus(905))
        );
        // Another report than the one that is taken back stands, and so do the other pauses.
        for since in [NOW.plus(4), NOW.plus(5)] {
            budget.take_report_back(since);
        }
        assert_eq!(why(&budget, NOW.plus(5)), Some(Quiet::TooOften));
        budget.report(NOW.plus(6));
        budget.take_report_back(NOW.plus(5));
        assert_eq!(why(&budget, NOW.plus(6)), Some(Quiet::Reported));
    }

    #[test]
    fn a_call_that_reached_nobody_is_none() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        for second in 0..100 {
            budget.count(&limits, NOW.plus(second));
            budget.uncount(NOW.plus(second));
        }
        assert_eq!(budget, PushBudget::default());
        budget.count(&limits, NOW);
        budget.uncount(NOW.plus(1));
        assert_eq!(budget.sent, [NOW]);
    }

    #[test]
    fn the_latest_four_origins_of_the_last_thirty_days_are_usual() {
        let tag = |number: u8| Tag([number; 16]);
        let mut origins = UsualOrigins::default();
        for number in 0..6 {
            origins.signed_in(tag(number), NOW.plus(number.into()));
        }
        let usual = |origins: &UsualOrigins, now| {
            (0..6)
                .filter(|number| origins.at(tag(*number), now).is_some())
                .collect::<Vec<u8>>()
        };
        assert_eq!(usual(&origins, NOW.plus(6)), [2, 3, 4, 5]);
        origins.signed_in(tag(2), NOW.plus(UsualOrigins::LATELY));
        assert_eq!(usual(&origins, NOW.plus(UsualOrigins::LATELY + 4)), [2, 5]);
        // A clock that ran ahead makes no origin a usual one for longer.
        origins.restart_future(NOW);
        assert_eq!(usual(&origins, NOW.plus(UsualOrigins::LATELY)), [0_u8; 0]);
    }

    #[test]
    fn there_are_three_pushes_in_five_minutes() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        for second in 0..3 {
            assert_eq!(budget.allows(&limits, NOW.plus(second)), Ok(()));
            budget.count(&limits, NOW.plus(second));
        }
        assert_eq!(why(&budget, NOW.plus(3)), Some(Quiet::TooOften));
        assert_eq!(why(&budget, NOW.plus(299)), Some(Quiet::TooOften));
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
        assert_eq!(why(&budget, NOW.plus(10)), Some(Quiet::TooOften));
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
        assert_eq!(why(&budget, now.plus(3599)), Some(Quiet::Unanswered));
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
        assert_eq!(why(&budget, NOW.plus(899)), Some(Quiet::Reported));
        assert_eq!(budget.allows(&limits, NOW.plus(900)), Ok(()));
        // One that is heard of later is no later one.
        budget.report(NOW.plus(100));
        budget.report(NOW);
        assert_eq!(why(&budget, NOW.plus(999)), Some(Quiet::Reported));
        assert_eq!(budget.allows(&limits, NOW.plus(1000)), Ok(()));
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
