//! The history of one person's factors: the last accepted step, used recovery codes, wrong codes in a row. 8 KiB,
//! `/var/lib/antiphon/state/NAME`.
//!
//! A [`State`] is a value: [`crate::judge`] derives a new one from it, [`crate::disk`] makes that durable.

mod accounts;
mod blind;
mod bypass;
mod calls;
mod enrolled;
mod let_in;
mod passkeys;
mod push;
mod skew;
mod slot;
mod telephone;
mod throttle;
mod upkeep;
mod used;

use serde::{Deserialize, Serialize};

use accounts::UsedApprovals;
use blind::BlindScreens;
pub use bypass::Bypass;
pub use let_in::LetIn;
use push::UsualOrigins;
pub use push::{Pause, Paused, PushBudget, Quiet};
pub use skew::Skew;
pub(crate) use skew::skew_of;
pub use slot::{FILE_LENGTH, SLOT_LENGTH, SlotPair, StateError};
pub use telephone::{TelephoneBudget, TooManySent};
pub use throttle::{Gate, Throttle};
use upkeep::Upkeep;
pub use upkeep::{FEW_CODES, Reminder};
pub(crate) use used::{UsedRecovery, UsedSteps};

use crate::bypass::BypassCode;
use crate::config::Config;
use crate::origin::Screen;
use crate::record::{Phone, Record};
use crate::tag::Tag;
use crate::time::UnixTime;

/// One person's state.
///
/// Its fields are the form of the file ([`slot`]): those with a default were added after the first version.
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
    #[serde(default)]
    bypass: Option<Bypass>,
    /// Codes sent to telephones.
    #[serde(default)]
    pub(crate) telephone: TelephoneBudget,
    /// When each phone last answered ([`Upkeep`]).
    #[serde(default)]
    answered: Vec<(Tag, u32)>,
    /// When the person was last asked about their methods.
    #[serde(default)]
    asked: u32,
    /// The budgets of calls to the phone for the person's usual origins.
    #[serde(default)]
    usual: UsualOrigins,
    /// Where nobody sees a number.
    #[serde(default)]
    blind: BlindScreens,
    /// How far the app's clock was ahead of ours, from the last code that showed it.
    #[serde(default)]
    skew: Option<Skew>,
    /// Whether the state is only kept in memory, so that marks made now may be lost.
    #[serde(default)]
    in_memory: bool,
    /// Used codes of earlier secrets, the latest first, in case one of them returns.
    #[serde(default)]
    former: Vec<UsedSteps>,
    /// Whether no answer of the person has ever been accepted. Where the past is unknown it counts as if one had been.
    #[serde(default)]
    untried: bool,
    /// Approvals with an account that were accepted.
    #[serde(default)]
    approved: UsedApprovals,
    /// The sign-ins that a rehearsal let in, of which the person has not been told for good.
    #[serde(default)]
    pub(crate) let_in: LetIn,
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
    pub(crate) fn add(&mut self, from: &str) {
        self.wrong = self.wrong.saturating_add(1);
        remember_place(&mut self.from, from);
    }
}

/// Adds a place to the latest ones that are kept.
fn remember_place(places: &mut Vec<String>, from: &str) {
    const MOST: usize = 3;
    /// In bytes.
    const LONGEST: usize = 64;
    let place: String = from
        .chars()
        .scan(0, |length, character| {
            *length += character.len_utf8();
            (*length <= LONGEST).then_some(character)
        })
        .collect();
    if place.is_empty() {
        return;
    }
    places.retain(|known| *known != place);
    places.push(place);
    if places.len() > MOST {
        places.remove(0);
    }
}

impl State {
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
            former: Vec::new(),
            untried: false,
            approved: UsedApprovals::default(),
            let_in: LetIn::default(),
        }
    }

    /// The state if the past is unknown: refuses all recovery codes and every code that could have been used (up to
    /// `now` and the window). No replay is possible; the person has to wait for a later code. Only a person without a
    /// factor of their own has nothing that could have been lost.
    #[must_use]
    pub fn fresh(record: &Record, config: &Config, now: UnixTime) -> Self {
        let mut state = Self {
            untried: !record.is_enrolled(),
            ..Self::empty()
        };
        state.refuse_present_steps(record, config, now);
        state
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
            self.count_as_tried();
        }
        if let (Some(used), Some(recovery)) = (&mut self.recovery, &record.recovery) {
            used.carry_over(recovery);
        }
        self.throttle.restart_future_lock(now);
        self.push.restart_future(now);
        self.usual.restart_future(now);
        self.blind.restart_future(now);
        self.telephone.restart_future(now);
        self.approved.forget_past(now);
        self.forget_passkeys(record);
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

    /// Whether an edit may replace `before` by this state. While it is only kept in memory, recovery and bypass codes
    /// cannot be made or withdrawn: those on file would be back once writing is possible again.
    pub(crate) fn can_follow(&self, before: &Self) -> bool {
        !before.in_memory || (&self.recovery, &self.bypass) == (&before.recovery, &before.bypass)
    }

    /// Grants a bypass code, replacing any old one.
    pub fn grant_bypass(&mut self, bypass: Bypass) {
        self.bypass = Some(bypass);
    }

    /// Counts a sign-in that a rehearsal let in. Returns those before it: the person is told of them.
    pub fn count_let_in(&mut self, from: &str, now: UnixTime) -> LetIn {
        let before = self.let_in.clone();
        self.let_in.add(from, now);
        before
    }

    /// The sign-ins that a rehearsal let in since the last accepted one.
    #[must_use]
    pub fn let_in(&self) -> &LetIn {
        &self.let_in
    }

    /// Withdraws the bypass code; returns whether there was one.
    pub fn end_bypass(&mut self) -> bool {
        self.bypass.take().is_some()
    }

    /// Whether there is a bypass code, valid or not.
    pub(crate) fn has_bypass(&self) -> bool {
        self.bypass.is_some()
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

    /// Uses the approval with an account that has this digest and is open until `expires`; returns whether it was unused.
    pub(crate) fn use_approval(
        &mut self,
        digest: &[u8; 32],
        expires: UnixTime,
        now: UnixTime,
    ) -> bool {
        self.approved.take(Tag::of_approval(digest), expires, now)
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

    /// Whether recent sign-ins could not show the number on `screen`.
    #[must_use]
    pub fn is_blind(&self, screen: Screen<'_>, now: UnixTime) -> bool {
        self.blind.has(|| screen.tag(), now)
    }

    /// Records that nobody sees the number on `screen`.
    pub fn remember_blind(&mut self, screen: Screen<'_>, now: UnixTime) {
        self.blind.remember(screen.tag(), now);
    }

    /// Somebody typed an answer on `screen`.
    pub fn forget_blind(&mut self, screen: Screen<'_>) {
        self.blind.forget(screen.tag());
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

#[cfg(test)]
mod tests;
