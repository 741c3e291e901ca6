//! Which codes are used up: the steps of the authenticator app's secret, and the recovery codes.

use serde::{Deserialize, Serialize};

use super::State;
use crate::code::{Step, step_at};
use crate::config::Config;
use crate::record::{CodeSecret, Record, RecoveryHashes};
use crate::tag::Tag;
use crate::time::UnixTime;

/// The used steps of one secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsedSteps {
    /// The secret; steps of other secrets are unrelated.
    pub(crate) secret: Tag,
    /// This step and all earlier ones are refused.
    pub(crate) last: Step,
    /// The latest accepted steps. They stay refused even after root has moved `last` back because a clock had run
    /// ahead: their time will come once more.
    pub(crate) accepted: Vec<Step>,
}

impl UsedSteps {
    /// How many accepted steps are stored: this many sign-ins with a wrong clock cannot be replayed.
    const MOST_ACCEPTED: usize = 16;
    /// How many earlier secrets are stored. Only codes of the last minute could be used again, and each of these was used,
    /// and then replaced by root.
    const MOST_FORMER: usize = 4;

    /// Marks `step` as used.
    pub(crate) fn accept(&mut self, step: Step) {
        self.last = self.last.max(step);
        self.accepted.retain(|known| *known != step);
        self.accepted.push(step);
        if self.accepted.len() > Self::MOST_ACCEPTED {
            self.accepted.remove(0);
        }
    }

    /// Whether the code of `step`, or a later one up to `last`, is known to have been used. Otherwise it is refused
    /// because its past is unknown.
    pub(crate) fn is_known(&self, step: Step) -> bool {
        let mut accepted = self.accepted.iter();
        accepted.any(|known| *known >= step && *known <= self.last)
    }

    /// Whether the code of `step` was used, or counts as used.
    pub(crate) fn refuses(&self, step: Step) -> bool {
        step <= self.last || self.accepted.contains(&step)
    }
}

/// The used codes of one set of recovery codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsedRecovery {
    /// The set.
    pub(crate) salt: Tag,
    /// Bit n is set if the code at index n was used.
    pub(crate) marks: u32,
}

impl UsedRecovery {
    /// Whether the marks are of this set.
    pub(crate) fn is_of(&self, recovery: &RecoveryHashes) -> bool {
        self.salt == Tag::of_recovery(recovery) || self.salt == Tag::of_recovery_v2(recovery)
    }

    /// Replaces the tag that states had up to version 2.
    pub(super) fn carry_over(&mut self, recovery: &RecoveryHashes) {
        let tag = Tag::of_recovery(recovery);
        if self.salt != tag && self.salt == Tag::of_recovery_v2(recovery) {
            self.salt = tag;
        }
    }
}

impl State {
    /// The fresh-step rule: steps up to `now` and the window count as used, in addition to earlier ones.
    pub fn refuse_present_steps(&mut self, record: &Record, config: &Config, now: UnixTime) {
        let Some(code) = &record.code else { return };
        let newest = step_at(now, code).saturating_add(config.code.window.into());
        let used = self.turn_to(code);
        used.last = used.last.max(newest);
    }

    /// Makes `code` the secret in use, with what was used of it before; what was used of another one is kept.
    pub(super) fn turn_to(&mut self, code: &CodeSecret) -> &mut UsedSteps {
        let secret = code.tag();
        let former = std::mem::take(&mut self.former);
        let (own, mut others): (Vec<_>, Vec<_>) = self
            .code
            .take()
            .into_iter()
            .chain(former)
            .partition(|used| used.secret == secret);
        others.retain(|used| used.last > 0 || !used.accepted.is_empty());
        others.truncate(UsedSteps::MOST_FORMER);
        self.former = others;
        self.code
            .insert(own.into_iter().next().unwrap_or(UsedSteps {
                secret,
                last: 0,
                accepted: Vec::new(),
            }))
    }

    /// The last used step of this secret, if any is known.
    pub(crate) fn last_step(&self, code: &CodeSecret) -> Option<Step> {
        self.used_steps(code).map(|used| used.last)
    }

    /// What was used of this secret, if known.
    pub(crate) fn used_steps(&self, code: &CodeSecret) -> Option<&UsedSteps> {
        self.code.as_ref().filter(|used| used.secret == code.tag())
    }

    /// Whether the last accepted step is beyond every step acceptable now.
    #[must_use]
    pub fn clock_was_ahead(&self, record: &Record, config: &Config, now: UnixTime) -> bool {
        record.code.as_ref().is_some_and(|code| {
            // Twice the window: the fresh-step rule itself refuses one window ahead of a clock that may since have been
            // set back by as much.
            let ahead = step_at(now, code).saturating_add(2 * Step::from(config.code.window) + 1);
            self.last_step(code).is_some_and(|last| last > ahead)
        })
    }

    /// Starts a new set of recovery codes, all unused.
    pub fn open_recovery(&mut self, recovery: &RecoveryHashes) {
        self.recovery = Some(unused(recovery));
    }

    /// How many recovery codes of the record are left.
    #[must_use]
    pub fn recovery_left(&self, record: &Record) -> u32 {
        let Some(recovery) = record.recovery.as_ref().filter(|_| !self.in_memory) else {
            return 0;
        };
        let used = self.recovery.as_ref();
        // Compared once, not for each code.
        let Some(used) = used.filter(|used| used.is_of(recovery)) else {
            return 0;
        };
        (0..)
            .zip(&recovery.hashes)
            .filter(|(index, _)| {
                1_u32
                    .checked_shl(*index)
                    .is_some_and(|bit| used.marks & bit == 0)
            })
            .map(|_| 1)
            .sum()
    }
}

pub(super) fn unused(recovery: &RecoveryHashes) -> UsedRecovery {
    UsedRecovery {
        salt: Tag::of_recovery(recovery),
        marks: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::UsedSteps;
    use crate::code::Step;
    use crate::tag::Tag;

    #[test]
    fn the_last_sixteen_accepted_steps_are_refused_even_where_root_has_taken_the_last_one_back() {
        let mut used = UsedSteps {
            secret: Tag([0; 16]),
            last: 0,
            accepted: Vec::new(),
        };
        for step in [5, 7, 5, 3] {
            used.accept(step);
        }
        assert_eq!((used.last, used.accepted.as_slice()), (7, &[7, 5, 3][..]));
        for step in 100..116 {
            used.accept(step);
        }
        assert_eq!(used.accepted.len(), UsedSteps::MOST_ACCEPTED);
        assert_eq!(used.accepted, (100..116).collect::<Vec<_>>());
        used.accept(116);
        assert_eq!(used.accepted, (101..117).collect::<Vec<_>>());
        used.last = 50;
        let refused: Vec<Step> = (49..=118).filter(|step| used.refuses(*step)).collect();
        let expected: Vec<Step> = [49, 50].into_iter().chain(101..117).collect();
        assert_eq!(refused, expected);
    }

    #[test]
    fn a_step_is_known_as_used_by_itself_or_by_a_later_one_that_counts() {
        let used = UsedSteps {
            secret: Tag([0; 16]),
            last: 20,
            accepted: vec![10, 30],
        };
        // 30 is in a future that root has taken back.
        for (step, is_known) in [(9, true), (10, true), (11, false), (20, false), (30, false)] {
            assert_eq!(used.is_known(step), is_known, "{step}");
        }
    }
}
