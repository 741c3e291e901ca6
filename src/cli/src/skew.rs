//! Clock skew between people's apps and this host, as measured by codes.

use antiphon_core::config::Config;
use antiphon_core::record::CodeSecret;
use antiphon_core::state::Skew;
use antiphon_core::time::UnixTime;
use serde::Serialize;

use crate::zone::Zone;

/// Seconds for which a measurement is relevant.
const LATELY: u64 = 3 * 24 * 3600;
/// The fewest people by whom the host's clock is judged: a single app may be wrong itself.
const FEWEST: usize = 2;

/// The skew of a person's last code.
#[derive(Serialize)]
pub(crate) struct SkewObject {
    /// Seconds by which the app's clock is ahead of this host's; negative if it is behind.
    seconds: i64,
    seen: String,
    /// Whether it causes codes to be refused.
    refused: bool,
    #[serde(skip)]
    period: u64,
    #[serde(skip)]
    when: UnixTime,
}

impl SkewObject {
    pub(crate) fn new(skew: Skew, code: &CodeSecret, config: &Config) -> Self {
        let period = code.period().get();
        let most = period.saturating_mul(config.code.window.into());
        Self {
            seconds: skew.seconds,
            seen: skew.seen.to_string(),
            refused: skew.seconds.unsigned_abs() > most,
            period,
            when: skew.seen,
        }
    }

    pub(crate) fn refuses(&self) -> bool {
        self.refused
    }

    /// `the clock of the app was 90 s ahead, seen …`; `None` if the clocks agree.
    pub(crate) fn in_words(&self, zone: &Zone) -> Option<String> {
        let by = self.seconds.unsigned_abs();
        (by > 0).then(|| {
            format!(
                "the clock of the app was {by} s {}, seen {}",
                ahead_or_behind(self.seconds),
                zone.show(&self.seen)
            )
        })
    }

    /// By how much the app's clock is ahead.
    pub(crate) fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Not if it is from the future, before the clock was set back.
    pub(crate) fn is_recent(&self, now: UnixTime) -> bool {
        self.when <= now && now < self.when.plus(LATELY)
    }

    /// A code is accurate to one period, so two codes of the same instant may differ by one.
    fn agrees_with(&self, other: &Self) -> bool {
        self.seconds.abs_diff(other.seconds) <= self.period.max(other.period)
    }
}

/// The error of this host's clock, according to most people's apps.
pub(crate) struct ClockIsOff {
    /// Seconds by which it is ahead; negative if it is behind.
    seconds: i64,
    people: usize,
    of: usize,
}

impl ClockIsOff {
    pub(crate) fn by(seen: &[SkewObject], now: UnixTime) -> Option<Self> {
        let mut recent: Vec<&SkewObject> = seen.iter().filter(|skew| skew.is_recent(now)).collect();
        recent.sort_by_key(|skew| skew.seconds);
        // The majority's value is the median.
        let middle = recent.get(recent.len() / 2)?;
        let same = |skew: &&&SkewObject| skew.refused && skew.agrees_with(middle);
        let people = recent.iter().filter(same).count();
        let is_off = people >= FEWEST && 2 * people > recent.len();
        is_off.then(|| Self {
            seconds: middle.seconds.saturating_neg(),
            people,
            of: recent.len(),
        })
    }

    /// With the fix.
    pub(crate) fn in_words(&self) -> String {
        format!(
            "this computer's clock is about {} s {}, by the apps of {} of {} people whose codes told lately, and their codes \
             are refused; see what sets it: timedatectl; with chrony, set it at once by: chronyc makestep; else run: \
             timedatectl set-ntp true",
            self.seconds.unsigned_abs(),
            ahead_or_behind(self.seconds),
            self.people,
            self.of
        )
    }
}

fn ahead_or_behind(seconds: i64) -> &'static str {
    if seconds < 0 { "behind" } else { "ahead" }
}

#[cfg(test)]
mod tests {
    use antiphon_core::config::Config;
    use antiphon_core::record::CodeSecret;
    use antiphon_core::state::Skew;
    use antiphon_core::time::UnixTime;

    use super::{ClockIsOff, LATELY, SkewObject};

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn off_by(skews: &[Skew]) -> Option<i64> {
        let code = CodeSecret::usual([7; 20]);
        let seen: Vec<SkewObject> = skews
            .iter()
            .map(|skew| SkewObject::new(*skew, &code, &Config::default()))
            .collect();
        ClockIsOff::by(&seen, NOW).map(|off| off.seconds)
    }

    #[test]
    fn the_clock_is_off_where_two_and_most_of_those_who_told_lately_say_the_same() {
        let lately = |skews: &[i64]| {
            let seen = |seconds: &i64| Skew {
                seconds: *seconds,
                seen: NOW,
            };
            off_by(&skews.iter().map(seen).collect::<Vec<_>>())
        };
        assert_eq!(lately(&[90, 90]), Some(-90));
        assert_eq!(lately(&[90, 120, 0]), Some(-90));
        assert_eq!(lately(&[-300, -300, -330, 60, 0]), Some(300));
        // One, or one half, or all different, or within the window.
        for skews in [
            &[90][..],
            &[90, 0],
            &[90, 90, 0, 0],
            &[90, -90],
            &[90, 180, 300],
            &[30, 30, 0],
            &[],
        ] {
            assert_eq!(lately(skews), None, "{skews:?}");
        }
    }

    #[test]
    fn what_was_seen_long_ago_or_by_a_clock_that_was_set_back_says_nothing() {
        let long_ago = UnixTime(NOW.0 - LATELY);
        for (other, off) in [
            (long_ago, None),
            (NOW.plus(1), None),
            (long_ago.plus(1), Some(-90)),
        ] {
            let skews = [NOW, other].map(|seen| Skew { seconds: 90, seen });
            assert_eq!(off_by(&skews), off);
        }
    }
}
