//! By how much the clock of the person's app differs from this host's.

use serde::{Deserialize, Serialize};

use super::State;
use crate::code::{Step, step_at};
use crate::record::CodeSecret;
use crate::time::UnixTime;

/// The difference between two clocks, as shown by a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Skew {
    /// Seconds by which the app's clock is ahead of this host's; negative if it is behind. A multiple of the code's
    /// period.
    pub seconds: i64,
    /// When it was measured.
    pub seen: UnixTime,
}

impl State {
    /// How far the app's clock was ahead of this host's, from the last code that showed it.
    #[must_use]
    pub fn skew(&self) -> Option<Skew> {
        self.skew
    }

    /// Records how far the code of `step` was from `now`.
    pub(crate) fn remember_skew(&mut self, step: Step, code: &CodeSecret, now: UnixTime) {
        self.skew = Some(Skew {
            seconds: skew_of(step, code, now),
            seen: now,
        });
    }
}

/// Seconds by which the clock behind the code of `step` is ahead of `now`.
pub(crate) fn skew_of(step: Step, code: &CodeSecret, now: UnixTime) -> i64 {
    let seconds = step
        .abs_diff(step_at(now, code))
        .saturating_mul(code.period().get());
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    if step < step_at(now, code) {
        -seconds
    } else {
        seconds
    }
}
