//! Rate limit on calls to a person's phone, so that nobody approves just to be left in peace.
//!
//! Each origin from which the person has signed in lately has a budget of its own, and all others share one: a stranger
//! who has the password cannot block the phone where its owner is.
//!
//! Separate from the counters of codes: nothing that the daemon says affects the throttle.

use serde::{Deserialize, Serialize};

use super::Tag;
use crate::config::PushLimits;
use crate::time::UnixTime;

/// The span of the rate limit, in seconds.
const SPAN: u64 = 300;

/// The calls made, and the reports that pause them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushBudget {
    /// Recent pushes, oldest first.
    sent: Vec<UnixTime>,
    /// Unapproved pushes in a row.
    unanswered: u32,
    /// When "It is not me" was last said.
    reported: Option<UnixTime>,
}

/// A pause of the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Its reason.
    pub why: Quiet,
    /// When it began.
    pub since: UnixTime,
    /// When it ends.
    pub until: UnixTime,
}

/// A pause and its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paused {
    /// The pause.
    pub pause: Pause,
    /// Whether it applies to one usual origin, or else to all others together.
    pub usual_origin: bool,
}

/// Why the phone is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// Too many pushes in five minutes.
    TooOften,
    /// Too many unapproved pushes in a row.
    Unanswered,
    /// Somebody said "It is not me".
    Reported,
}

impl PushBudget {
    /// Whether the phone may be called `now`.
    ///
    /// # Errors
    /// [`Pause`] if not; the daemon is not even contacted then.
    pub fn allows(&self, limits: &PushLimits, now: UnixTime) -> Result<(), Pause> {
        let most = usize::try_from(limits.most_in_five_minutes).unwrap_or(usize::MAX);
        // With a limit of three, the third last must be older than the span.
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

    /// Counts a push before it is sent.
    pub(crate) fn count(&mut self, limits: &PushLimits, now: UnixTime) {
        // After a whole pause of silence the row starts again.
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

    /// Uncounts the push of `at`, which reached nobody.
    pub(crate) fn uncount(&mut self, at: UnixTime) {
        if let Some(index) = self.sent.iter().rposition(|sent| *sent == at) {
            self.sent.remove(index);
            self.unanswered = self.unanswered.saturating_sub(1);
        }
    }

    /// "It is not me" was said at `since`. A later report stays in effect.
    pub(crate) fn report(&mut self, since: UnixTime) {
        self.reported = self.reported.max(Some(since));
    }

    /// The report of `since` was a mistake and no longer pauses anything.
    pub(crate) fn take_report_back(&mut self, since: UnixTime) {
        self.reported = self.reported.filter(|reported| *reported != since);
    }

    /// The person has signed in, so somebody is there.
    pub(crate) fn answered(&mut self) {
        self.unanswered = 0;
    }

    /// The phone approved: that call was wanted, and does not count as harassment.
    pub(crate) fn approved(&mut self) {
        self.sent.pop();
    }

    /// Times that a since corrected clock left in the future become `now`, so that no pause lasts too long.
    pub(crate) fn restart_future(&mut self, now: UnixTime) {
        for since in self.sent.iter_mut().chain(&mut self.reported) {
            *since = (*since).min(now);
        }
    }
}

/// The origins of recent sign-ins, the latest first.
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
    /// The most that are stored: a state has a fixed size.
    const MOST: usize = 4;
    /// Seconds after which an origin is no longer usual.
    const LATELY: u64 = 30 * 24 * 3600;

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The budget of `origin`, if it is a usual one.
    pub(super) fn at(&self, origin: Option<Tag>, now: UnixTime) -> Option<&PushBudget> {
        let origin = origin?;
        self.0
            .iter()
            .find(|usual| usual.is(origin, now))
            .map(|usual| &usual.push)
    }

    pub(super) fn at_mut(&mut self, origin: Option<Tag>, now: UnixTime) -> Option<&mut PushBudget> {
        let origin = origin?;
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
        // Other reports than the retracted one stay in effect, and so do other pauses.
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
                .filter(|number| origins.at(Some(tag(*number)), now).is_some())
                .collect::<Vec<u8>>()
        };
        assert_eq!(UsualOrigins::LATELY, 2_592_000);
        assert_eq!(usual(&origins, NOW.plus(6)), [2, 3, 4, 5]);
        origins.signed_in(tag(2), NOW.plus(UsualOrigins::LATELY));
        assert_eq!(usual(&origins, NOW.plus(UsualOrigins::LATELY + 4)), [2, 5]);
        // A clock that ran ahead does not keep an origin usual for longer.
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
    fn a_row_goes_on_over_hours_in_which_it_was_not_paused() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        let mut now = NOW;
        for _ in 0..10 {
            now = now.plus(2 * 3600);
            budget.count(&limits, now);
            assert_eq!(budget.sent, [now]);
        }
        assert_eq!(why(&budget, now.plus(3599)), Some(Quiet::Unanswered));
        // What is five minutes old hinders nobody, and is not kept.
        budget.answered();
        budget.count(&limits, now.plus(300));
        assert_eq!(budget.sent, [now.plus(300)]);
    }

    #[test]
    fn it_is_not_me_pauses_them_for_fifteen_minutes() {
        let limits = PushLimits::default();
        let mut budget = PushBudget::default();
        budget.report(NOW);
        assert_eq!(why(&budget, NOW.plus(899)), Some(Quiet::Reported));
        assert_eq!(budget.allows(&limits, NOW.plus(900)), Ok(()));
        // An earlier report that arrives later does not shorten the pause.
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
