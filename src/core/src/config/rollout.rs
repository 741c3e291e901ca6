//! `[[rollout]]`: what happens to the members of a group who are not enrolled, by date: first they are let in, then they
//! enrol at the sign-in, then they are refused. Elsewhere `unenrolled` says it, once and for all.

use std::fmt;

use time::Duration;
use toml::de::DeValue;
use toml_datetime::Offset;

use super::{Config, Unenrolled};
use crate::document::{Fault, Section};
use crate::time::{UnixTime, day_of};

const RULE: &str = "must be a date such as 2027-01-15, which begins at midnight UTC, or one with a time and its distance \
                    from UTC, such as 2027-01-15T06:00:00+01:00, both without quotes";

/// One `[[rollout]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// A system group.
    pub group: String,
    /// From when its members enrol at the sign-in.
    pub enroll_from: Option<UnixTime>,
    /// From when those who have not enrolled are refused; later than `enroll_from`.
    pub deny_from: Option<UnixTime>,
}

/// Whether a person is in a group.
///
/// Wherever being in a group lets somebody in with less than others need (`exempt.groups`, `enroll.groups`, a `[[rollout]]`
/// that is milder than what would hold without it), [`Self::Member`] alone counts: whoever may name a directory's groups
/// would otherwise let people in. Where it asks for more, [`Self::Namesake`] counts too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// They are, in the group that has this name on this computer.
    Member,
    /// They are in another group of this name only, as a directory may have one that is called as a local one.
    Namesake,
    /// They are not.
    Other,
    /// The system cannot say: it does not know the group, or gave no answer.
    Unknown,
}

/// What happens to one person who is not enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applies<'c> {
    /// The rule.
    pub unenrolled: Unenrolled,
    /// Where it comes from; `None` if from `unenrolled`.
    pub rollout: Option<&'c Rollout>,
    /// The next change.
    pub next: Option<Turn>,
}

/// What happens to a person is not clear, because it is not known whether they are in this group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclear<'c> {
    /// The first such group that makes a difference.
    pub group: &'c str,
}

impl fmt::Display for Unclear<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "it is not known whether the person is in the group {} of [[rollout]], and on that depends what happens to a \
             person who is not enrolled; see whether getent group knows it, or correct antiphon.toml; enrolled people \
             are not concerned",
            self.group
        )
    }
}

/// A change that a date brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// When.
    pub at: UnixTime,
    /// The rule from then on.
    pub unenrolled: Unenrolled,
}

impl Rollout {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Fault> {
        let name = "must be the name of a group";
        let rollout = Self {
            group: section.required("group", name, |value| {
                value
                    .as_str()
                    .filter(|name| !name.is_empty())
                    .map(Into::into)
            })?,
            enroll_from: section.optional("enroll_from", RULE, begin)?,
            deny_from: section.optional("deny_from", RULE, begin)?,
        };
        match (rollout.enroll_from, rollout.deny_from) {
            (None, None) => {
                let rule = "is missing, and so is enroll_from: without a date nothing changes";
                return Err(section.fault("deny_from", rule));
            }
            (Some(enroll), Some(deny)) if deny <= enroll => {
                return Err(section.fault("deny_from", "must be later than enroll_from"));
            }
            _ => {}
        }
        section.done()?;
        Ok(rollout)
    }

    /// What happens `now` to the members of the group who are not enrolled.
    #[must_use]
    pub fn unenrolled(&self, now: UnixTime) -> Unenrolled {
        let has_come = |date: Option<UnixTime>| date.is_some_and(|date| date <= now);
        if has_come(self.deny_from) {
            Unenrolled::Deny
        } else if has_come(self.enroll_from) {
            Unenrolled::Enroll
        } else {
            Unenrolled::Allow
        }
    }

    /// The next change after `now`.
    #[must_use]
    pub fn next(&self, now: UnixTime) -> Option<Turn> {
        let turn = |at: Option<UnixTime>, unenrolled| {
            let at = at.filter(|at| *at > now)?;
            Some(Turn { at, unenrolled })
        };
        turn(self.enroll_from, Unenrolled::Enroll)
            .or_else(|| turn(self.deny_from, Unenrolled::Deny))
    }
}

/// A `[[rollout]]`, and whether the person is in its group.
struct Table<'c> {
    rollout: &'c Rollout,
    membership: Membership,
}

impl Config {
    /// What happens `now` to a person who is not enrolled: of the tables whose group the person is in, the strictest rule
    /// counts; for root (`is_root`) and for people in none of the groups, `unenrolled` counts.
    ///
    /// # Errors
    /// [`Unclear`] if it is not known whether the person is in a group, and that makes a difference.
    pub fn of_unenrolled(
        &self,
        is_root: bool,
        membership: impl Fn(&str) -> Membership,
        now: UnixTime,
    ) -> Result<Applies<'_>, Unclear<'_>> {
        let tables = self.rollout.iter().filter(|_| !is_root);
        let tables: Vec<Table<'_>> = tables
            .map(|rollout| Table {
                rollout,
                membership: membership(&rollout.group),
            })
            .collect();
        let applies = self.strictest(&tables, now)?;
        let dates = tables.iter().flat_map(|table| {
            let Rollout {
                enroll_from,
                deny_from,
                ..
            } = table.rollout;
            [*enroll_from, *deny_from]
        });
        let mut dates: Vec<UnixTime> = dates.flatten().filter(|at| *at > now).collect();
        dates.sort_unstable();
        let next = dates.into_iter().find_map(|at| {
            let unenrolled = self.strictest(&tables, at).ok()?.unenrolled;
            (unenrolled != applies.unenrolled).then_some(Turn { at, unenrolled })
        });
        Ok(Applies { next, ..applies })
    }

    fn strictest<'c>(
        &'c self,
        tables: &[Table<'c>],
        now: UnixTime,
    ) -> Result<Applies<'c>, Unclear<'c>> {
        let rules = |membership| {
            let tables = tables.iter();
            let tables = tables.filter(move |table| table.membership == membership);
            tables.map(move |table| Applies {
                unenrolled: table.rollout.unenrolled(now),
                rollout: Some(table.rollout),
                next: None,
            })
        };
        let stricter = |one: Applies<'c>, other: Applies<'c>| {
            if other.unenrolled > one.unenrolled {
                other
            } else {
                one
            }
        };
        let otherwise = Applies {
            unenrolled: self.unenrolled,
            rollout: None,
            next: None,
        };
        // A namesake of the group makes nothing milder.
        let with_namesakes = |own: Option<Applies<'c>>| {
            rules(Membership::Namesake).fold(own.unwrap_or(otherwise), stricter)
        };
        let own = rules(Membership::Member).reduce(stricter);
        let applies = with_namesakes(own);
        for perhaps in rules(Membership::Unknown) {
            let as_member = own.map_or(perhaps, |own| stricter(own, perhaps));
            if with_namesakes(Some(as_member)).unenrolled != applies.unenrolled
                && let Some(Rollout { group, .. }) = perhaps.rollout
            {
                return Err(Unclear { group });
            }
        }
        Ok(applies)
    }

    /// Whether people without a record enrol at the sign-in `now`, at least some of them.
    #[must_use]
    pub fn enrols_somebody(&self, now: UnixTime) -> bool {
        self.has_rule(Unenrolled::Enroll, now)
    }

    /// Whether people without a record are let in `now`, at least some of them.
    #[must_use]
    pub fn allows_somebody(&self, now: UnixTime) -> bool {
        self.has_rule(Unenrolled::Allow, now)
    }

    fn has_rule(&self, rule: Unenrolled, now: UnixTime) -> bool {
        let mut rollouts = self.rollout.iter();
        self.unenrolled == rule || rollouts.any(|rollout| rollout.unenrolled(now) == rule)
    }
}

/// The instant of a TOML date, or of a date with a time and an offset.
fn begin(value: &DeValue<'_>) -> Option<UnixTime> {
    let named = value.as_datetime()?;
    let midnight = day_of(named.date?)?.midnight();
    let (clock, ahead) = match (named.time, named.offset) {
        (None, None) => (Duration::ZERO, 0),
        (Some(time), Some(Offset::Z)) => (since_midnight(time), 0),
        (Some(time), Some(Offset::Custom { minutes })) => (since_midnight(time), minutes),
        _ => return None,
    };
    // Beside the end of the calendar there may be nothing.
    let instant = midnight.assume_utc().checked_add(clock)?;
    let instant = instant.checked_sub(Duration::minutes(ahead.into()))?;
    u64::try_from(instant.unix_timestamp()).ok().map(UnixTime)
}

fn since_midnight(time: toml_datetime::Time) -> Duration {
    let minutes = 60 * i64::from(time.hour) + i64::from(time.minute);
    Duration::seconds(60 * minutes + i64::from(time.second.unwrap_or_default()))
}

#[cfg(test)]
mod tests;
