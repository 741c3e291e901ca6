//! When each phone last answered, and when the person was last asked about their methods.

use super::Tag;
use crate::record::{Phone, Record};
use crate::time::UnixTime;

/// This many recovery codes or fewer are few.
pub const FEW_CODES: u32 = 2;
/// Days of silence after which a phone may have been lost.
const SILENCE: u32 = 90;
/// Seconds in a day. The person is asked at most once a day.
const DAY: u64 = 24 * 3600;
/// The most phones stored: a state has a fixed size.
const MOST: usize = 16;

/// The stored dates, in days since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Upkeep {
    /// The day each phone last answered, or was first seen; earlier answers are unknown.
    pub(super) answered: Vec<(Tag, u32)>,
    /// The day the person was last asked; 0 if never.
    pub(super) asked: u32,
}

/// Why to ask a person whether their methods are up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// How many recovery codes are left, if few.
    pub few_codes: Option<u32>,
    /// A phone that has not answered for long. Safe to show.
    pub silent_phone: Option<String>,
}

impl Upkeep {
    /// Records a sign-in of the person of `record`, with `recovery_left` recovery codes left, and the `phone` that
    /// answered, if any. Returns what to ask, at most once a day.
    pub(super) fn sign_in(
        &mut self,
        record: &Record,
        phone: Option<&Phone>,
        recovery_left: u32,
        now: UnixTime,
    ) -> Option<Reminder> {
        let today = u32::try_from(now.0 / DAY).unwrap_or(u32::MAX);
        let tags: Vec<Tag> = record.phones.iter().map(Tag::of_passkey).collect();
        let answered = phone.map(Tag::of_passkey);
        self.answered.retain(|(tag, _)| tags.contains(tag));
        for (tag, last) in &mut self.answered {
            // A clock that ran ahead may have stored a future day.
            *last = if Some(*tag) == answered {
                today
            } else {
                today.min(*last)
            };
        }
        for tag in &tags {
            let is_known = self.answered.iter().any(|(known, _)| known == tag);
            if !is_known && self.answered.len() < MOST {
                self.answered.push((*tag, today));
            }
        }
        let silent = |tag: &Tag| {
            let known = self.answered.iter().find(|(known, _)| known == tag);
            known.is_some_and(|(_, last)| today.saturating_sub(*last) >= SILENCE)
        };
        let silent_phone = record.phones.iter().zip(&tags).find(|(_, tag)| silent(tag));
        let is_few = record.recovery.is_some() && recovery_left <= FEW_CODES;
        let reminder = Reminder {
            few_codes: is_few.then_some(recovery_left),
            silent_phone: silent_phone.map(|(phone, _)| phone.shown_name()),
        };
        let is_due = reminder.few_codes.is_some() || reminder.silent_phone.is_some();
        if !is_due || self.asked == today {
            return None;
        }
        self.asked = today;
        Some(reminder)
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, MOST, Upkeep};
    use crate::name::UserName;
    use crate::record::{Phone, Record};
    use crate::recovery::{RecoveryCode, hashes_of};
    use crate::state::{SlotPair, State};
    use crate::time::UnixTime;

    const SILENCE: u64 = 90 * DAY;
    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn alice(phones: u8) -> Record {
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.phones = (0..phones)
            .map(|number| Phone {
                name: format!("phone {number}"),
                credential: vec![number],
                public_key: Vec::new(),
                origin: "https://mfa.example.org".into(),
                backup_eligible: false,
                enrolled: "2020-11-22T20:00:00Z".parse().unwrap(),
            })
            .collect();
        record.recovery = Some(hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]));
        record
    }

    #[test]
    fn a_phone_is_silent_after_90_days_from_its_last_answer_or_since_it_was_first_met() {
        let alice = alice(2);
        let mut upkeep = Upkeep::default();
        // Enrolled years ago; its earlier answers are unknown.
        assert_eq!(upkeep.sign_in(&alice, None, 9, NOW), None);
        let later = NOW.plus(SILENCE - DAY);
        assert_eq!(
            upkeep.sign_in(&alice, Some(&alice.phones[1]), 9, later),
            None
        );
        let reminder = upkeep.sign_in(&alice, None, 9, NOW.plus(SILENCE)).unwrap();
        assert_eq!(reminder.silent_phone.as_deref(), Some("phone 0"));
        assert_eq!(reminder.few_codes, None);
        let answered = Some(&alice.phones[0]);
        assert_eq!(
            upkeep.sign_in(&alice, answered, 9, NOW.plus(SILENCE + DAY)),
            None
        );
    }

    #[test]
    fn few_codes_are_told_once_a_day_and_no_codes_at_all_are_nobodys_fault() {
        let mut alice = alice(0);
        let mut upkeep = Upkeep::default();
        assert_eq!(upkeep.sign_in(&alice, None, 3, NOW), None);
        let told = |upkeep: &mut Upkeep, alice: &Record, now| {
            let reminder = upkeep.sign_in(alice, None, 2, now)?;
            reminder.few_codes
        };
        assert_eq!(told(&mut upkeep, &alice, NOW), Some(2));
        assert_eq!(told(&mut upkeep, &alice, NOW.plus(3600)), None);
        assert_eq!(told(&mut upkeep, &alice, NOW.plus(DAY)), Some(2));
        // A clock that was set back does not suppress the question.
        assert_eq!(told(&mut upkeep, &alice, NOW), Some(2));
        alice.recovery = None;
        assert_eq!(told(&mut upkeep, &alice, NOW.plus(9 * DAY)), None);
    }

    #[test]
    fn a_clock_that_ran_ahead_hides_no_silence_and_many_phones_fit_into_a_state() {
        let alice = alice(200);
        let mut upkeep = Upkeep::default();
        let ahead = NOW.plus(1000 * SILENCE);
        assert_eq!(upkeep.sign_in(&alice, None, 9, ahead), None);
        assert_eq!(upkeep.sign_in(&alice, None, 9, NOW), None);
        assert!(upkeep.sign_in(&alice, None, 9, NOW.plus(SILENCE)).is_some());
        assert_eq!(upkeep.answered.len(), MOST);
        let state = State {
            answered: upkeep.answered,
            asked: upkeep.asked,
            ..State::empty()
        };
        let bytes = SlotPair::decode(&[]).unwrap().encode_file(&state).unwrap();
        assert_eq!(SlotPair::decode(&bytes).unwrap().state, Some(state));
    }
}
