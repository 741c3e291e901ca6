//! The verdict on a phone's answer, and its effect on the state.

use super::{Approval, ApprovalVerdict, Judgement, Subject, judge_approval, judge_taken_back};
use crate::approval::passkey::{Passkey, Saying};
use crate::approval::{ApprovalRequest, Assertion, Fault, Number, TakenBack};
use crate::config::Config;
use crate::method::Method;
use crate::name::UserName;
use crate::origin::Origin;
use crate::record::Record;
use crate::state::{Quiet, State};
use crate::time::UnixTime;

const ELSEWHERE: Origin<'_> = Origin {
    remote_host: "203.0.113.9",
    terminal: "ssh",
    caller: "",
};
const NOW: UnixTime = UnixTime(1_795_377_600);

/// A person with an enrolled phone.
struct Desk {
    record: Record,
    state: State,
    passkey: Passkey,
    counter: u32,
}

impl Desk {
    fn enrolled() -> Self {
        let passkey = Passkey::new();
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.phones.push(passkey.phone());
        let state = State::enrolled(&record, None);
        Self {
            record,
            state,
            passkey,
            counter: 1,
        }
    }

    fn signs(&self, request: &ApprovalRequest, number: u32) -> Assertion {
        self.answers(&request.digest(&Number::new(number)))
    }

    fn answers(&self, challenge: &[u8]) -> Assertion {
        self.passkey.says(&Saying {
            counter: self.counter,
            ..Saying::to(challenge)
        })
    }

    /// The verdict on `assertion` for `request` and the number 42; the state is carried on.
    fn judges(
        &mut self,
        assertion: &Assertion,
        request: &ApprovalRequest,
        now: UnixTime,
    ) -> ApprovalVerdict {
        let approval = Approval {
            request,
            number: &Number::new(42),
            assertion,
        };
        let config = Config::default();
        let subject = Subject {
            record: &self.record,
            config: &config,
            service: "sshd",
            origin: ELSEWHERE,
        };
        let Judgement { verdict, next } = judge_approval(approval, subject, &self.state, now);
        let accepted = matches!(verdict, ApprovalVerdict::Accepted(_));
        assert_eq!(next.is_some(), accepted, "{verdict:?}");
        self.state = next.unwrap_or_else(|| self.state.clone());
        verdict
    }
}

fn request(nonce: u8) -> ApprovalRequest {
    ApprovalRequest {
        nonce: [nonce; 32],
        user: "alice".into(),
        host: "web1".into(),
        service: "sshd".into(),
        caller: "root".into(),
        remote_host: "203.0.113.5".into(),
        terminal: "ssh".into(),
        issued: NOW,
        expires: NOW.plus(60),
    }
}

#[test]
fn an_approval_is_accepted_by_its_phone_until_it_expires() {
    for (later, accepted) in [(0, true), (59, true), (60, false), (1_000_000, false)] {
        let mut desk = Desk::enrolled();
        let answer = desk.signs(&request(1), 42);
        match desk.judges(&answer, &request(1), NOW.plus(later)) {
            ApprovalVerdict::Accepted(by) => {
                assert!(accepted, "after {later} s");
                assert_eq!((by.method(), by.phone()), (Method::Approval, "Pixel 9"));
            }
            verdict => assert_eq!((verdict, accepted), (ApprovalVerdict::Late, false)),
        }
    }
}

#[test]
fn an_answer_is_worth_nothing_for_another_nonce_or_number_or_a_second_time() {
    let mut desk = Desk::enrolled();
    let wrong = ApprovalVerdict::Wrong(Fault::Challenge);
    let answer = desk.signs(&request(1), 42);
    assert_eq!(desk.judges(&answer, &request(2), NOW), wrong);
    let other_number = desk.signs(&request(1), 43);
    assert_eq!(desk.judges(&other_number, &request(1), NOW), wrong);
    assert!(matches!(
        desk.judges(&answer, &request(1), NOW),
        ApprovalVerdict::Accepted(_)
    ));
    assert_eq!(
        desk.judges(&answer, &request(1), NOW),
        ApprovalVerdict::Wrong(Fault::Counter)
    );
}

#[test]
fn the_passkeys_counter_is_remembered_in_the_state() {
    let mut desk = Desk::enrolled();
    for (counter, accepted) in [(5, true), (5, false), (4, false), (0, false), (6, true)] {
        desk.counter = counter;
        let answer = desk.signs(&request(1), 42);
        let verdict = desk.judges(&answer, &request(1), NOW);
        assert_eq!(
            matches!(verdict, ApprovalVerdict::Accepted(_)),
            accepted,
            "{counter}: {verdict:?}"
        );
    }
}

#[test]
fn a_passkey_that_is_not_in_the_record_counts_nothing() {
    let mut desk = Desk::enrolled();
    let answer = desk.signs(&request(1), 42);
    let unknown = ApprovalVerdict::Wrong(Fault::Credential);
    let other = Assertion {
        credential: vec![9],
        ..answer.clone()
    };
    assert_eq!(desk.judges(&other, &request(1), NOW), unknown);
    desk.record.phones.clear();
    assert_eq!(desk.judges(&answer, &request(1), NOW), unknown);
}

#[test]
fn a_success_clears_the_throttle_and_the_pushes_and_a_refusal_touches_neither() {
    let mut desk = Desk::enrolled();
    let mut config = Config::default();
    config.throttle.attempts = 2;
    for _ in 0..2 {
        desk.state.throttle.count_wrong(&config.throttle, NOW);
        desk.state.missed.add("203.0.113.9");
    }
    for earlier in (0..10).rev() {
        let then = UnixTime(NOW.0 - 200 * earlier);
        desk.state.count_push(&config, ELSEWHERE, then);
    }
    let pause = desk.state.allows_push(&config, ELSEWHERE, NOW).unwrap_err();
    assert_eq!(pause.why, Quiet::Unanswered);
    let before = desk.state.clone();
    let wrong = desk.signs(&request(1), 41);
    desk.judges(&wrong, &request(1), NOW);
    assert_eq!(desk.state, before);
    let right = desk.signs(&request(1), 42);
    let ApprovalVerdict::Accepted(accepted) = desk.judges(&right, &request(1), NOW) else {
        panic!()
    };
    assert_eq!(accepted.missed().wrong, 2);
    assert_eq!(desk.state.wrong_in_a_row(), 0);
    assert_eq!(desk.state.allows_push(&config, ELSEWHERE, NOW), Ok(()));
}

#[test]
fn only_the_word_of_a_phone_on_record_about_this_very_pause_ends_it() {
    let (mut desk, config) = (Desk::enrolled(), Config::default());
    desk.state.report(ELSEWHERE, NOW);
    let said = TakenBack {
        user: "alice",
        host: "web1",
        since: NOW,
    };
    let elsewhere = TakenBack {
        host: "web2",
        ..said
    };
    let later = TakenBack {
        since: NOW.plus(1),
        ..said
    };
    let verdict_on = |desk: &Desk, assertion: &Assertion| {
        let subject = Subject {
            record: &desk.record,
            config: &config,
            service: "sshd",
            origin: ELSEWHERE,
        };
        judge_taken_back(assertion, said, subject, &desk.state)
    };
    for other in [elsewhere, later] {
        let judged = verdict_on(&desk, &desk.answers(&other.digest()));
        assert_eq!(judged.verdict, Err(Fault::Challenge));
        assert!(judged.next.is_none());
    }
    let right = desk.answers(&said.digest());
    let stranger = Assertion {
        credential: vec![9],
        ..right.clone()
    };
    let judged = verdict_on(&desk, &stranger);
    assert_eq!(judged.verdict, Err(Fault::Credential));
    assert!(judged.next.is_none());
    let judged = verdict_on(&desk, &right);
    assert_eq!(judged.verdict, Ok(()));
    desk.state = judged.next.unwrap();
    assert_eq!(desk.state.pauses(&config, NOW), []);
    // Only once: the signature counter has moved on.
    assert_eq!(verdict_on(&desk, &right).verdict, Err(Fault::Counter));
}

#[test]
fn a_phone_that_has_been_silent_for_long_is_asked_about_at_the_next_sign_in() {
    let mut desk = Desk::enrolled();
    let mut silent = Passkey::new().phone();
    silent.credential = vec![5];
    silent.name = "Old one".into();
    desk.record.phones.push(silent);
    for (days, asked) in [(0, None), (91, Some("Old one"))] {
        let then = NOW.plus(days * 86_400);
        let asks = ApprovalRequest {
            expires: then.plus(60),
            ..request(1)
        };
        desk.counter += 1;
        let answer = desk.signs(&asks, 42);
        let ApprovalVerdict::Accepted(accepted) = desk.judges(&answer, &asks, then) else {
            panic!("{days}")
        };
        let reminder = accepted.reminder();
        let silent = reminder.and_then(|reminder| reminder.silent_phone.as_deref());
        assert_eq!(silent, asked);
    }
}
