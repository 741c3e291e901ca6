//! The history of one person's factors: the last accepted step, used recovery codes, wrong codes in a row. 8 KiB,
//! `/var/lib/antiphon/state/NAME`.
//!
//! A [`State`] is a value: [`crate::judge`] derives a new one from it, [`crate::disk`] makes that durable.

mod blind;
mod bypass;
mod push;
mod slot;
mod telephone;
mod throttle;
mod upkeep;

use serde::{Deserialize, Serialize};

use blind::BlindScreens;
pub use bypass::Bypass;
use push::UsualOrigins;
pub use push::{Pause, Paused, PushBudget, Quiet};
pub use slot::{FILE_LENGTH, SLOT_LENGTH, SlotPair, StateError};
pub use telephone::{TelephoneBudget, TooManySent};
pub use throttle::{Gate, Throttle};
pub use upkeep::Reminder;
use upkeep::Upkeep;

use crate::approval::VerifiedPasskey;
use crate::bypass::BypassCode;
use crate::code::{Step, step_at};
use crate::config::Config;
use crate::method::Method;
use crate::origin::{Origin, Screen};
use crate::record::{CodeSecret, Phone, Record, RecoveryHashes};
use crate::tag::Tag;
use crate::time::UnixTime;

/// One person's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Used codes.
    pub(crate) code: Option<UsedSteps>,
    /// Used recovery codes; `None` disables all of them.
    pub(crate) recovery: Option<UsedRecovery>,
    /// Wrong codes in a row, and the lock they caused.
    pub(crate) throttle: Throttle,
    /// What to tell the person at the next sign-in.
    pub(crate) missed: Missed,
    /// The budget of calls to the phone for all but the usual origins.
    pub(crate) push: PushBudget,
    /// The passkeys' signature counters, by the credential's tag.
    pub(crate) passkeys: Vec<(Tag, u32)>,
    /// The bypass code that root granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bypass: Option<Bypass>,
    /// Codes sent to telephones. Absent in states of earlier versions and while empty.
    #[serde(default, skip_serializing_if = "TelephoneBudget::is_empty")]
    pub(crate) telephone: TelephoneBudget,
    /// When each phone last answered ([`Upkeep`]). Likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answered: Vec<(Tag, u32)>,
    /// When the person was last asked about their methods. Likewise.
    #[serde(default, skip_serializing_if = "is_zero")]
    asked: u32,
    /// The budgets of calls to the phone for the person's usual origins. Since version 2, like the following.
    #[serde(default, skip_serializing_if = "UsualOrigins::is_empty")]
    usual: UsualOrigins,
    /// Where nobody sees a number.
    #[serde(default, skip_serializing_if = "BlindScreens::is_empty")]
    blind: BlindScreens,
    /// How far the app's clock was ahead of ours, from the last code that showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skew: Option<Skew>,
    /// Whether the state is only kept in memory, so that marks made now may be lost.
    #[serde(default, skip_serializing_if = "is_false")]
    in_memory: bool,
}

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

/// Wrong codes that the person has not been told about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Missed {
    /// How many.
    pub wrong: u32,
    /// Their latest origins, at most three.
    pub from: Vec<String>,
}

impl Missed {
    const MOST_ORIGINS: usize = 3;
    /// The longest stored origin, in bytes.
    const LONGEST_PLACE: usize = 64;

    pub(crate) fn add(&mut self, from: &str) {
        self.wrong = self.wrong.saturating_add(1);
        let origin: String = from
            .chars()
            .scan(0, |length, character| {
                *length += character.len_utf8();
                (*length <= Self::LONGEST_PLACE).then_some(character)
            })
            .collect();
        if origin.is_empty() {
            return;
        }
        self.from.retain(|known| *known != origin);
        self.from.push(origin);
        if self.from.len() > Self::MOST_ORIGINS {
            self.from.remove(0);
        }
    }
}

impl State {
    /// The state after enrolment: all recovery codes unused, and only `confirmed` used, the step of the code that
    /// confirmed the secret; without it nothing was used.
    #[must_use]
    pub fn enrolled(record: &Record, confirmed: Option<Step>) -> Self {
        Self {
            code: record.code.as_ref().map(|code| UsedSteps {
                secret: Tag::of_code(code),
                last: confirmed.unwrap_or(0),
                accepted: confirmed.into_iter().collect(),
            }),
            recovery: record.recovery.as_ref().map(unused),
            ..Self::empty()
        }
    }

    fn empty() -> Self {
        Self {
            code: None,
            recovery: None,
            throttle: Throttle::default(),
            missed: Missed::default(),
            push: PushBudget::default(),
            passkeys: Vec::new(),
            bypass: None,
            telephone: TelephoneBudget::default(),
            answered: Vec::new(),
            asked: 0,
            usual: UsualOrigins::default(),
            blind: BlindScreens::default(),
            skew: None,
            in_memory: false,
        }
    }

    /// The state if the past is unknown: refuses all recovery codes and every code that could have been used (up to
    /// `now` and the window). No replay is possible; the person has to wait for a later code.
    #[must_use]
    pub fn fresh(record: &Record, config: &Config, now: UnixTime) -> Self {
        let mut state = Self::empty();
        state.refuse_present_steps(record, config, now);
        state
    }

    /// The fresh-step rule: steps up to `now` and the window count as used, in addition to earlier ones.
    pub fn refuse_present_steps(&mut self, record: &Record, config: &Config, now: UnixTime) {
        let Some(code) = &record.code else { return };
        let newest = step_at(now, code).saturating_add(config.code.window.into());
        let known = self.used_steps(code);
        self.code = Some(UsedSteps {
            secret: Tag::of_code(code),
            last: known.map_or(newest, |used| used.last.max(newest)),
            accepted: known.map_or_else(Vec::new, |used| used.accepted.clone()),
        });
    }

    /// Brings the state up to date before it is used: applies the fresh-step rule if it was not `whole` or does not
    /// know the record's secret, and moves times in the future to `now`.
    pub fn settle(&mut self, record: &Record, config: &Config, now: UnixTime, whole: bool) {
        let is_bound = record
            .code
            .as_ref()
            .is_none_or(|code| self.last_step(code).is_some());
        if !whole || !is_bound {
            self.refuse_present_steps(record, config, now);
        }
        self.throttle.restart_future_lock(now);
        self.push.restart_future(now);
        self.usual.restart_future(now);
        self.blind.restart_future(now);
        self.telephone.restart_future(now);
        // Forget removed phones.
        let known: Vec<Tag> = record.phones.iter().map(Tag::of_passkey).collect();
        self.passkeys.retain(|(tag, _)| known.contains(tag));
        // The lost slot may have recorded that it was used up or withdrawn.
        self.bypass = self
            .bypass
            .take()
            .filter(|bypass| whole && bypass.serves(now));
        if let Some(bypass) = &mut self.bypass {
            bypass.look(now);
        }
    }

    /// Starts keeping this state only in memory, on a host booted at `booted`. Marks made in memory before that are
    /// lost, so codes of that time count as used.
    pub(crate) fn begin_in_memory(&mut self, record: &Record, config: &Config, booted: UnixTime) {
        self.refuse_present_steps(record, config, booted);
        self.in_memory = true;
    }

    /// The state to write once writing is possible again, where the file has `own`. Recovery and bypass codes, which
    /// were refused meanwhile, are taken from the file.
    pub(crate) fn out_of_memory(mut self, own: Option<Self>) -> Self {
        self.in_memory = false;
        (self.recovery, self.bypass) = own
            .map(|own| (own.recovery, own.bypass))
            .unwrap_or_default();
        self
    }

    /// Whether it is only kept in memory: recovery and bypass codes, which are valid at any time, are refused then,
    /// since their use would be forgotten after a restart.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.in_memory
    }

    /// Grants a bypass code, replacing any old one.
    pub fn grant_bypass(&mut self, bypass: Bypass) {
        self.bypass = Some(bypass);
    }

    /// Withdraws the bypass code; returns whether there was one.
    pub fn end_bypass(&mut self) -> bool {
        self.bypass.take().is_some()
    }

    /// The bypass code that is valid `now`, if any.
    #[must_use]
    pub fn bypass(&self, now: UnixTime) -> Option<&Bypass> {
        let bypass = self.bypass.as_ref().filter(|_| !self.in_memory);
        bypass.filter(|bypass| bypass.serves(now))
    }

    /// Uses the bypass code once; returns whether `typed` is the one valid `now`.
    pub(crate) fn take_bypass(&mut self, typed: &BypassCode, now: UnixTime) -> bool {
        let taken = match &mut self.bypass {
            Some(bypass) => bypass.serves(now) && bypass.take(typed),
            None => false,
        };
        self.bypass = self.bypass.take().filter(|bypass| bypass.serves(now));
        taken
    }

    /// The last signature counter of this phone's passkey; 0 before its first use.
    pub(crate) fn passkey_counter(&self, phone: &Phone) -> u32 {
        let tag = Tag::of_passkey(phone);
        self.passkeys
            .iter()
            .find(|(known, _)| *known == tag)
            .map_or(0, |(_, counter)| *counter)
    }

    /// Stores the signature counter of a newly enrolled phone, from its trial.
    pub fn phone_enrolled(&mut self, phone: &Phone, trial: &VerifiedPasskey) {
        self.set_passkey_counter(phone, trial.counter());
    }

    pub(crate) fn set_passkey_counter(&mut self, phone: &Phone, counter: u32) {
        let tag = Tag::of_passkey(phone);
        self.passkeys.retain(|(known, _)| *known != tag);
        self.passkeys.push((tag, counter));
    }

    /// Records a sign-in and the phone it used; returns whether to ask the person if their methods are up to date.
    pub(crate) fn sign_in(
        &mut self,
        record: &Record,
        phone: Option<&Phone>,
        now: UnixTime,
    ) -> Option<Reminder> {
        let left = self.recovery_left(record);
        let mut upkeep = Upkeep {
            answered: std::mem::take(&mut self.answered),
            asked: self.asked,
        };
        let reminder = upkeep.sign_in(record, phone, left, now);
        (self.answered, self.asked) = (upkeep.answered, upkeep.asked);
        // Recovery codes that are refused only for now need no reminder.
        reminder.filter(|_| !self.in_memory)
    }

    /// Whether the phone may be called now, for a sign-in from `origin`.
    ///
    /// # Errors
    /// [`Pause`] if not.
    pub fn allows_push(
        &self,
        config: &Config,
        origin: Origin<'_>,
        now: UnixTime,
    ) -> Result<(), Pause> {
        let usual = self.usual.at(origin.tag(), now);
        usual.unwrap_or(&self.push).allows(&config.push.limits, now)
    }

    /// Whether the person has signed in from `origin` lately; `None` if no origin is known.
    #[must_use]
    pub fn is_familiar(&self, origin: Origin<'_>, now: UnixTime) -> Option<bool> {
        let is_known = self.usual.at(origin.tag(), now).is_some();
        (!self.usual.is_empty()).then_some(is_known)
    }

    /// Counts a push before it is sent.
    pub fn count_push(&mut self, config: &Config, origin: Origin<'_>, now: UnixTime) {
        self.budget(origin, now).count(&config.push.limits, now);
    }

    /// Uncounts the push counted at `counted`, which reached nobody.
    pub fn uncount_push(&mut self, origin: Origin<'_>, counted: UnixTime, now: UnixTime) {
        self.budget(origin, now).uncount(counted);
    }

    /// Records that the person said "It is not me" at `since` about a sign-in from `origin`.
    pub fn report(&mut self, origin: Origin<'_>, since: UnixTime) {
        self.budget(origin, since).report(since);
    }

    /// What was reported at `since` was a mistake: it no longer pauses the phone anywhere.
    pub(crate) fn take_report_back(&mut self, since: UnixTime) {
        self.push.take_report_back(since);
        for push in self.usual.all_mut() {
            push.take_report_back(since);
        }
    }

    /// The pauses of the phone in effect at `now`: for all but the usual origins, and for each of those.
    #[must_use]
    pub fn pauses(&self, config: &Config, now: UnixTime) -> Vec<Paused> {
        let usual = self.usual.all().map(|push| (push, true));
        [(&self.push, false)]
            .into_iter()
            .chain(usual)
            .filter_map(|(push, usual_origin)| {
                let pause = push.allows(&config.push.limits, now).err()?;
                Some(Paused {
                    pause,
                    usual_origin,
                })
            })
            .collect()
    }

    fn budget(&mut self, origin: Origin<'_>, now: UnixTime) -> &mut PushBudget {
        match self.usual.at_mut(origin.tag(), now) {
            Some(usual) => usual,
            None => &mut self.push,
        }
    }

    /// The phone approved a sign-in from `origin`, so that call was wanted.
    pub(crate) fn approved(&mut self, origin: Origin<'_>, now: UnixTime) {
        self.budget(origin, now).approved();
    }

    /// The person has signed in from `origin` by `method`, so somebody is there. A factor other than the phone also
    /// ends its pauses.
    pub(crate) fn signed_in(&mut self, method: Method, origin: Origin<'_>, now: UnixTime) {
        self.usual.signed_in(origin.tag(), now);
        if method == Method::Approval {
            self.push.answered();
            self.usual.all_mut().for_each(PushBudget::answered);
        } else {
            self.end_pauses();
        }
    }

    /// Ends every pause of the phone.
    fn end_pauses(&mut self) {
        self.push = PushBudget::default();
        for push in self.usual.all_mut() {
            *push = PushBudget::default();
        }
    }

    /// Whether recent sign-ins could not show the number on `screen`.
    #[must_use]
    pub fn is_blind(&self, screen: Screen<'_>, now: UnixTime) -> bool {
        self.blind.has(screen.tag(), now)
    }

    /// Records that nobody sees the number on `screen`.
    pub fn remember_blind(&mut self, screen: Screen<'_>, now: UnixTime) {
        self.blind.remember(screen.tag(), now);
    }

    /// Somebody typed an answer on `screen`.
    pub fn forget_blind(&mut self, screen: Screen<'_>) {
        self.blind.forget(screen.tag());
    }

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

    /// Whether another code may be sent to this person's telephones.
    ///
    /// # Errors
    /// [`TooManySent`] if not.
    pub fn allows_sending(&self, config: &Config, now: UnixTime) -> Result<(), TooManySent> {
        self.telephone.allows(&config.telephone, now)
    }

    /// Counts a code before it is sent.
    pub fn count_sending(&mut self, now: UnixTime) {
        self.telephone.count(now);
    }

    /// The last used step of this secret, if any is known.
    pub(crate) fn last_step(&self, code: &CodeSecret) -> Option<Step> {
        self.used_steps(code).map(|used| used.last)
    }

    /// What was used of this secret, if known.
    pub(crate) fn used_steps(&self, code: &CodeSecret) -> Option<&UsedSteps> {
        self.code
            .as_ref()
            .filter(|used| used.secret == Tag::of_code(code))
    }

    /// What `antiphon unlock` resets: lock and counter, the pauses of the phone, where nobody saw a number, and a last
    /// step that a fast clock left in the future, but never so far that a current code could be used again, nor one
    /// accepted in that future when its time comes. What the person has missed stays.
    pub fn unlock(&mut self, record: &Record, config: &Config, now: UnixTime) {
        self.throttle = Throttle::default();
        self.end_pauses();
        self.blind = BlindScreens::default();
        if self.clock_was_ahead(record, config, now) {
            if let Some(used) = &mut self.code {
                used.last = 0;
            }
            self.refuse_present_steps(record, config, now);
        }
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
        // Hashed once, not for each code.
        let Some(used) = used.filter(|used| used.salt == Tag::of_recovery(recovery)) else {
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

    /// Whether codes are checked `now`.
    #[must_use]
    pub fn gate(&self, config: &Config, now: UnixTime) -> Gate {
        self.throttle.gate(&config.throttle, now)
    }

    /// Wrong codes in a row.
    #[must_use]
    pub fn wrong_in_a_row(&self) -> u32 {
        self.throttle.in_a_row()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde hands it")]
fn is_false(truth: &bool) -> bool {
    !*truth
}

/// Seconds by which the clock behind the code of `step` is ahead of `now`.
pub(crate) fn skew_of(step: Step, code: &CodeSecret, now: UnixTime) -> i64 {
    let seconds = step
        .abs_diff(step_at(now, code))
        .saturating_mul(code.period.get());
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    if step < step_at(now, code) {
        -seconds
    } else {
        seconds
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde hands it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn unused(recovery: &RecoveryHashes) -> UsedRecovery {
    UsedRecovery {
        salt: Tag::of_recovery(recovery),
        marks: 0,
    }
}

#[cfg(test)]
mod tests;
