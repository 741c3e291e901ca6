//! What an answer of a phone is worth, and what it leaves in the state.

use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use super::{Approval, ApprovalVerdict, Judgement, Subject, judge_approval};
use crate::approval::{ApprovalRequest, Assertion, Fault, Number};
use crate::base64url;
use crate::config::Config;
use crate::method::Method;
use crate::name::UserName;
use crate::origin::Origin;
use crate::record::{Phone, Record};
use crate::state::{Quiet, State};
use crate::time::UnixTime;

const ELSEWHERE: Origin<'_> = Origin {
    remote_host: "203.0.113.9",
    terminal: "ssh",
    caller: "",
};
const NOW: UnixTime = UnixTime(1_795_377_600);
const ORIGIN: &str = "https://mfa.example.org";

/// A person with a phone whose passkey counts.
struct Desk {
    record: Record,
    state: State,
    keys: EcdsaKeyPair,
    counter: u32,
}

impl Desk {
    fn enrolled() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let keys =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random)
                .unwrap();
        // RFC 5480: what comes before the point.
        let mut public_key = data_encoding::HEXLOWER
            .decode(b"3059301306072a8648ce3d020106082a8648ce3d030107034200")
            .unwrap();
        public_key.extend_from_slice(keys.public_key().as_ref());
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.phones.push(Phone {
            name: "Pixel 9".into(),
            credential: vec![1, 2, 3],
            public_key,
            origin: ORIGIN.into(),
            backup_eligible: false,
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        });
        let state = State::enrolled(&record, None);
        Self {
            record,
            state,
            keys,
            counter: 1,
        }
    }

    fn signs(&self, request: &ApprovalRequest, number: u32) -> Assertion {
        let challenge = base64url::encode(&request.digest(&Number::new(number)));
        let client_data =
            format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{ORIGIN}"}}"#);
        let sha256 = |bytes: &[u8]| digest::digest(&digest::SHA256, bytes);
        let mut data = sha256(b"mfa.example.org").as_ref().to_vec();
        data.push(0x05);
        data.extend(self.counter.to_be_bytes());
        let mut signed = data.clone();
        signed.extend(sha256(client_data.as_bytes()).as_ref());
        let signature = self.keys.sign(&SystemRandom::new(), &signed).unwrap();
        Assertion {
            credential: vec![1, 2, 3],
            client_data: client_data.into_bytes(),
            authenticator_data: data,
            signature: signature.as_ref().to_vec(),
        }
    }

    /// The verdict on `assertion` for `request` and the number 42; what it changes is carried on.
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
