//! The code that confirms an enrolment: it proves that the person has the new secret, and a clock that agrees with
//! ours.

use super::accepted::accept;
use super::{Judgement, Subject, Verdict};
use crate::code::{FAR_OFF, Step, matching_step, step_at};
use crate::method::Method;
use crate::record::{CodeSecret, Record};
use crate::state::State;
use crate::tag::Tag;
use crate::time::UnixTime;

/// Proof that a code of a not yet recorded secret was right. Only this module can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    secret: Tag,
    step: Step,
}

/// Why a code does not confirm an enrolment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconfirmed {
    /// Not a current code.
    Wrong,
    /// A code from another time: a clock is wrong.
    ClockOff {
        /// By about this many seconds.
        seconds: u64,
        /// Whether the app's clock is ahead of ours.
        ahead: bool,
    },
}

impl Confirmed {
    /// The step of the code, which counts as used from the start.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Whether the code was of the secret in `record`.
    #[must_use]
    pub fn is_of(&self, record: &Record) -> bool {
        let code = record.code.as_ref();
        code.is_some_and(|code| code.tag() == self.secret)
    }
}

/// Checks that `typed`, digits only, is a code of the new secret within `window` steps of `now`.
///
/// # Errors
/// [`Unconfirmed`], which tells the person what to do.
pub fn confirm(
    code: &CodeSecret,
    typed: &str,
    window: u8,
    now: UnixTime,
) -> Result<Confirmed, Unconfirmed> {
    if let Some(step) = matching_step(code, typed, now, window) {
        return Ok(Confirmed {
            secret: code.tag(),
            step,
        });
    }
    let step = matching_step(code, typed, now, FAR_OFF).ok_or(Unconfirmed::Wrong)?;
    let present = step_at(now, code);
    Err(Unconfirmed::ClockOff {
        seconds: step.abs_diff(present).saturating_mul(code.period().get()),
        ahead: step > present,
    })
}

/// Judges the sign-in during which the subject's record was made: the person who signs in has confirmed its code. The
/// state's counts of calls and text messages are kept; a bypass code, granted for an earlier record, ends.
#[must_use]
pub fn judge_enrolment(
    confirmed: Confirmed,
    subject: Subject<'_>,
    state: &State,
    now: UnixTime,
) -> Judgement<Verdict> {
    let record = subject.record;
    if !confirmed.is_of(record) {
        return Judgement::unchanged(Verdict::Malformed);
    }
    let mut next = state.clone();
    next.enrol(record, Some(confirmed.step));
    next.end_bypass();
    accept(Method::Enrolment, subject, next, now)
}

#[cfg(test)]
mod tests {
    use super::{Unconfirmed, confirm, judge_enrolment};
    use crate::answer::Answer;
    use crate::bypass::BypassCode;
    use crate::code::code_at;
    use crate::config::Config;
    use crate::draft::{DRAFT_BYTES, Draft};
    use crate::judge::{Expected, Subject, Verdict, judge};
    use crate::method::Method;
    use crate::name::UserName;
    use crate::origin::Origin;
    use crate::record::{Record, TelephoneNumber, TelephoneUse};
    use crate::state::{Bypass, State};
    use crate::time::UnixTime;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn drafted(seed: u8) -> (Draft, Record) {
        let draft = Draft::new(&[seed; DRAFT_BYTES]);
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.code = Some(draft.code.clone());
        record.recovery = Some(draft.recovery.hashes.clone());
        (draft, record)
    }

    fn subject<'a>(record: &'a Record, config: &'a Config) -> Subject<'a> {
        Subject {
            record,
            config,
            service: "sshd",
            origin: Origin::default(),
        }
    }

    fn code_in(draft: &Draft, seconds: i64) -> String {
        let then = UnixTime(NOW.0.saturating_add_signed(seconds));
        code_at(&draft.code, then).to_string()
    }

    #[test]
    fn a_code_within_the_window_confirms_and_one_beyond_names_the_clock() {
        let (draft, _) = drafted(1);
        for (seconds, step) in [(-30, -1), (0, 0), (30, 1)] {
            let confirmed = confirm(&draft.code, &code_in(&draft, seconds), 1, NOW).unwrap();
            assert_eq!(
                confirmed.step(),
                (NOW.0 / 30).checked_add_signed(step).unwrap()
            );
        }
        for (seconds, expected) in [
            (
                90,
                Unconfirmed::ClockOff {
                    seconds: 90,
                    ahead: true,
                },
            ),
            (
                -60,
                Unconfirmed::ClockOff {
                    seconds: 60,
                    ahead: false,
                },
            ),
            (3600, Unconfirmed::Wrong),
        ] {
            let typed = code_in(&draft, seconds);
            assert_eq!(confirm(&draft.code, &typed, 1, NOW), Err(expected));
        }
    }

    #[test]
    fn the_confirming_code_and_those_before_it_are_used_from_the_beginning() {
        let (draft, record) = drafted(1);
        let config = Config::default();
        let confirmed = confirm(&draft.code, &code_in(&draft, 0), 1, NOW).unwrap();
        let before = State::fresh(&Record::new(&UserName::new("alice").unwrap()), &config, NOW);
        let subject = subject(&record, &config);
        let judgement = judge_enrolment(confirmed, subject, &before, NOW);
        let Verdict::Accepted(accepted) = &judgement.verdict else {
            panic!("{:?}", judgement.verdict);
        };
        assert_eq!(
            (accepted.method(), accepted.recovery_left()),
            (Method::Enrolment, 10)
        );
        let state = judgement.next.unwrap();
        let digits = Some(draft.code.digits());
        for (seconds, is_used) in [(-30, true), (0, true), (30, false)] {
            let answer = Answer::parse(code_in(&draft, seconds).as_bytes(), digits);
            let verdict = judge(&answer, Expected::App, subject, &state, NOW).verdict;
            assert_eq!(
                matches!(verdict, Verdict::UsedCode { .. }),
                is_used,
                "{verdict:?}"
            );
        }
    }

    #[test]
    fn a_bypass_code_of_an_earlier_record_ends_with_the_enrolment_and_opens_none() {
        let (draft, record) = drafted(1);
        let config = Config::default();
        let mut begun = Record::new(&UserName::new("alice").unwrap());
        let mut before = State::fresh(&begun, &config, NOW);
        let code = BypassCode::new([3; 10]);
        before.grant_bypass(Bypass::new(&code, [4; 16], NOW, 3600, 1));
        // Prepared by root, who wants a code that was sent to this number.
        begun.numbers.push(TelephoneNumber {
            tel: "+46701234521".into(),
            uses: vec![TelephoneUse::Sms],
        });
        let answer = Answer::Bypass(code);
        let of_begun = subject(&begun, &config);
        let verdict = judge(&answer, Expected::App, of_begun, &before, NOW).verdict;
        assert_eq!(verdict, Verdict::WrongBypass);
        let confirmed = confirm(&draft.code, &code_in(&draft, 0), 1, NOW).unwrap();
        let judgement = judge_enrolment(confirmed, subject(&record, &config), &before, NOW);
        assert!(judgement.next.unwrap().bypass(NOW).is_none());
    }

    #[test]
    fn a_code_of_another_secret_confirms_no_record() {
        let (draft, _) = drafted(1);
        let (_, other) = drafted(2);
        let confirmed = confirm(&draft.code, &code_in(&draft, 0), 1, NOW).unwrap();
        let state = State::enrolled(&other, None);
        let config = Config::default();
        let judgement = judge_enrolment(confirmed, subject(&other, &config), &state, NOW);
        assert_eq!(judgement.verdict, Verdict::Malformed);
        assert!(judgement.next.is_none());
    }
}
