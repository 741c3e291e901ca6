//! The verdict on a sent code, and how a service's rules affect each method.

use super::{Expected, Judgement, Subject, Verdict, judge};
use crate::answer::Answer;
use crate::code::code_at;
use crate::config::Config;
use crate::method::Method;
use crate::name::UserName;
use crate::one_time::{OneTimeCode, SentTo};
use crate::origin::Origin;
use crate::record::{CodeSecret, Record, TelephoneNumber, TelephoneUse};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::{Gate, State};
use crate::time::UnixTime;

const WRONG: Verdict = Verdict::WrongCode {
    gate: Gate::Open,
    skew: None,
};
const NOW: UnixTime = UnixTime(1_795_377_600);

struct Desk {
    record: Record,
    config: Config,
    state: State,
    sent: OneTimeCode,
}

impl Desk {
    /// Alice, to whom 482913 was sent.
    fn sent(config: &str) -> Self {
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.code = Some(CodeSecret::usual([7; 20]));
        record.recovery = Some(hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]));
        record.numbers.push(TelephoneNumber {
            tel: "+46701234521".into(),
            uses: vec![TelephoneUse::Sms],
        });
        let to = SentTo {
            by: TelephoneUse::Sms,
            number: &record.numbers[0],
        };
        Self {
            sent: OneTimeCode::new(482_913, &record, to, NOW),
            state: State::enrolled(&record, None),
            config: Config::parse(config).unwrap(),
            record,
        }
    }

    fn judged(&self, typed: &str, expected: Expected<'_>, now: UnixTime) -> Judgement<Verdict> {
        let subject = Subject {
            record: &self.record,
            config: &self.config,
            service: "sudo",
            origin: Origin {
                terminal: "pts/1",
                ..Origin::default()
            },
        };
        let answer = Answer::parse(typed.as_bytes(), Some(OneTimeCode::DIGITS));
        judge(&answer, expected, subject, &self.state, now)
    }

    fn answer(&mut self, typed: &str, now: UnixTime) -> Verdict {
        let judgement = self.judged(typed, Expected::Sent(&self.sent), now);
        if let Some(next) = judgement.next {
            self.state = next;
        }
        judgement.verdict
    }
}

#[test]
fn the_code_that_was_sent_is_accepted_and_clears_what_was_counted() {
    let mut desk = Desk::sent("");
    assert_eq!(desk.answer("482914", NOW), WRONG);
    let Verdict::Accepted(accepted) = desk.answer("482 913", NOW.plus(299)) else {
        panic!()
    };
    assert_eq!(
        (accepted.method(), accepted.missed().wrong),
        (Method::Sms, 1)
    );
    assert_eq!(desk.state.wrong_in_a_row(), 0);
}

#[test]
fn a_wrong_code_is_counted_and_locks_as_one_of_the_app_does() {
    let mut desk = Desk::sent("");
    for _ in 0..4 {
        assert_eq!(desk.answer("000000", NOW), WRONG);
    }
    let until = Gate::LockedUntil(NOW.plus(30));
    assert_eq!(
        desk.answer("000000", NOW),
        Verdict::WrongCode {
            gate: until,
            skew: None
        }
    );
    // The right code is not checked now, by either method.
    let before = desk.state.clone();
    assert_eq!(desk.answer("482913", NOW), Verdict::Locked(until));
    let code = code_at(desk.record.code.as_ref().unwrap(), NOW).to_string();
    let judgement = desk.judged(&code, Expected::App, NOW);
    assert_eq!(judgement.verdict, Verdict::Locked(until));
    assert_eq!(desk.state, before);
    assert!(matches!(
        desk.answer("482913", NOW.plus(30)),
        Verdict::Accepted(_)
    ));
}

#[test]
fn a_code_out_of_its_time_or_whose_number_was_removed_is_not_looked_at_nor_counted() {
    let mut desk = Desk::sent("");
    let before = desk.state.clone();
    for typed in ["482913", "000000"] {
        assert_eq!(desk.answer(typed, NOW.plus(300)), Verdict::ExpiredCode);
    }
    desk.record.numbers.clear();
    assert_eq!(desk.answer("482913", NOW), Verdict::ExpiredCode);
    assert_eq!(desk.state, before);
}

#[test]
fn a_code_of_the_app_is_none_where_one_was_sent_nor_the_other_way_about() {
    let mut desk = Desk::sent("");
    let code = code_at(desk.record.code.as_ref().unwrap(), NOW).to_string();
    assert_eq!(desk.answer(&code, NOW), WRONG);
    let judgement = desk.judged("482913", Expected::App, NOW);
    assert_eq!(judgement.verdict, WRONG);
}

#[test]
fn what_a_service_does_not_allow_is_not_looked_at_however_right_it_is() {
    for (allowed, method) in [
        ("\"sms\", \"recovery\"", Method::Code),
        ("\"code\", \"recovery\"", Method::Sms),
        ("\"code\", \"sms\"", Method::Recovery),
        ("\"approval\"", Method::Code),
    ] {
        let desk = Desk::sent(&format!("[service.sudo]\nmethods = [{allowed}]\n"));
        let (typed, expected) = match method {
            Method::Code => {
                let code = code_at(desk.record.code.as_ref().unwrap(), NOW);
                (code.to_string(), Expected::App)
            }
            Method::Sms => ("482913".to_owned(), Expected::Sent(&desk.sent)),
            _ => (
                RecoveryCode::new([1; 10]).shown().to_string(),
                Expected::App,
            ),
        };
        let judgement = desk.judged(&typed, expected, NOW);
        assert_eq!(judgement.verdict, Verdict::NotAllowed(method));
        assert!(judgement.next.is_none());
        // Nor is a wrong code counted.
        let judgement = desk.judged("000000", Expected::App, NOW);
        assert_eq!(
            judgement.next.is_some(),
            allowed.contains("code"),
            "{allowed}"
        );
    }
}
