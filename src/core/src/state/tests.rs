use super::{Bypass, Missed, State, UsedRecovery, UsedSteps};
use crate::base64url;
use crate::bypass::BypassCode;
use crate::code::{Step, step_at};
use crate::config::Config;
use crate::method::Method;
use crate::name::UserName;
use crate::origin::{Origin, Screen};
use crate::record::{CodeSecret, Phone, Record};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::{Gate, TooManySent};
use crate::tag::Tag;
use crate::time::UnixTime;

const NOW: UnixTime = UnixTime(1_795_377_600);
const HOME: Origin<'_> = Origin {
    remote_host: "203.0.113.5",
    terminal: "",
    caller: "",
};
const ELSEWHERE: Origin<'_> = Origin {
    remote_host: "198.51.100.7",
    terminal: "",
    caller: "",
};
const GREETER: Screen<'_> = Screen {
    service: "sddm",
    client: "",
};

fn alice() -> Record {
    let mut record = Record::new(&UserName::new("alice").unwrap());
    record.code = Some(CodeSecret::usual([7; 20]));
    let codes: Vec<RecoveryCode> = (0..10).map(|byte| RecoveryCode::new([byte; 10])).collect();
    record.recovery = Some(hashes_of(&codes, [7; 16]));
    record.phones = (1..=2)
        .map(|number| Phone {
            name: format!("phone {number}"),
            credential: vec![number],
            public_key: Vec::new(),
            origin: "https://mfa.example.org".into(),
            backup_eligible: false,
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        })
        .collect();
    record
}

fn secret(record: &Record) -> &CodeSecret {
    record.code.as_ref().unwrap()
}

fn present(record: &Record) -> Step {
    step_at(NOW, secret(record))
}

fn with_last(record: &Record, last: Step) -> State {
    State {
        code: Some(UsedSteps {
            secret: secret(record).tag(),
            last,
            accepted: Vec::new(),
        }),
        ..State::empty()
    }
}

fn granted() -> Bypass {
    Bypass::new(&BypassCode::new([1; 10]), [2; 16], NOW, 3600, 2)
}

#[test]
fn of_the_origins_of_wrong_codes_the_latest_three_are_kept() {
    let mut missed = Missed::default();
    for origin in ["a", "b", "c", "a", "d", "", &"å".repeat(100)] {
        missed.add(origin);
    }
    assert_eq!(missed.wrong, 7);
    assert_eq!(
        missed.from,
        ["a".to_owned(), "d".to_owned(), "å".repeat(32)]
    );
}

#[test]
fn a_clock_was_ahead_if_the_last_step_lies_beyond_two_windows_and_root_may_end_that() {
    let (record, mut config) = (alice(), Config::default());
    config.code.window = 3;
    let reach = present(&record) + 2 * Step::from(config.code.window) + 1;
    for (last, was_ahead) in [(reach, false), (reach + 1, true)] {
        let mut state = with_last(&record, last);
        assert_eq!(state.clock_was_ahead(&record, &config, NOW), was_ahead);
        state.code.as_mut().unwrap().accepted = vec![last];
        state.unlock(&record, &config, NOW);
        let newest = present(&record) + Step::from(config.code.window);
        let after = if was_ahead { newest } else { last };
        let used = state.used_steps(secret(&record)).unwrap();
        assert_eq!(used.last, after);
        assert!(
            used.refuses(last),
            "what was accepted is never accepted again"
        );
    }
    let nothing = State::empty();
    assert!(!nothing.clock_was_ahead(&record, &config, NOW));
}

#[test]
fn steps_of_another_secret_say_nothing_and_the_present_counts_as_used_then() {
    let (mut record, config) = (alice(), Config::default());
    let last = present(&record) - 5;
    let mut state = with_last(&record, last);
    state.settle(&record, &config, NOW, true);
    assert_eq!(state.last_step(secret(&record)), Some(last));
    record.code = Some(CodeSecret::usual([8; 20]));
    assert_eq!(state.last_step(secret(&record)), None);
    state.settle(&record, &config, NOW, true);
    let newest = present(&record) + Step::from(config.code.window);
    assert_eq!(state.last_step(secret(&record)), Some(newest));
    // The lost slot may have had a later step, but never an earlier one.
    for (last, after) in [(newest - 3, newest), (newest + 3, newest + 3)] {
        let mut state = with_last(&record, last);
        state.settle(&record, &config, NOW, false);
        assert_eq!(state.last_step(secret(&record)), Some(after));
    }
    record.code = None;
    let mut without = State::empty();
    without.settle(&record, &config, NOW, true);
    assert_eq!(without, State::empty());
}

#[test]
fn a_fresh_state_refuses_the_present_and_closes_the_recovery_codes() {
    let (record, config) = (alice(), Config::default());
    let state = State::fresh(&record, &config, NOW);
    let newest = present(&record) + Step::from(config.code.window);
    assert_eq!(state.last_step(secret(&record)), Some(newest));
    assert_eq!(state.recovery_left(&record), 0);
}

#[test]
fn a_phone_that_returns_has_the_counter_that_it_had_and_of_many_that_were_removed_the_last_are_kept()
 {
    let (mut record, config) = (alice(), Config::default());
    let mut state = with_last(&record, 0);
    for (phone, counter) in record.phones.iter().zip([11, 22]) {
        state.set_passkey_counter(phone, counter);
    }
    let second = record.phones[1].clone();
    assert_eq!(state.passkey_counter(&second), 22);
    state.set_passkey_counter(&second, 23);
    assert_eq!(state.passkeys.len(), 2);
    let first = record.phones.remove(0);
    // Also through another enrolment.
    state = state.renewed(&record, None);
    state.settle(&record, &config, NOW, true);
    assert_eq!(state.passkey_counter(&first), 11);
    assert_eq!(state.passkey_counter(&second), 23);
    for number in 3..60 {
        let another = Phone {
            credential: vec![number],
            ..first.clone()
        };
        state.set_passkey_counter(&another, number.into());
        state.settle(&record, &config, NOW, true);
    }
    assert_eq!(state.passkeys.len(), 2 * crate::person::MOST_PHONES);
    assert_eq!(state.passkey_counter(&second), 23);
    assert_eq!(state.passkey_counter(&first), 0);
    let last = Phone {
        credential: vec![59],
        ..first
    };
    assert_eq!(state.passkey_counter(&last), 59);
}

#[test]
fn a_bypass_code_is_gone_with_its_time_with_a_lost_half_and_with_its_withdrawal() {
    let (record, config) = (alice(), Config::default());
    for (now, whole, serves) in [
        (NOW, true, true),
        (NOW, false, false),
        (NOW.plus(3600), true, false),
    ] {
        let mut state = with_last(&record, 0);
        state.grant_bypass(granted());
        state.settle(&record, &config, now, whole);
        assert_eq!(state.bypass(now).is_some(), serves);
        assert_eq!(state.end_bypass(), serves, "what serves nobody is not kept");
        assert!(!state.end_bypass());
    }
    // Looked at later, so setting the clock back past that ends it.
    let mut state = with_last(&record, 0);
    state.grant_bypass(granted());
    state.settle(&record, &config, NOW.plus(1800), true);
    assert!(state.bypass(NOW.plus(1800)).is_some());
    assert!(state.bypass(NOW).is_none());
}

#[test]
fn a_bypass_code_is_taken_as_often_as_it_serves_and_then_gone() {
    let (right, wrong) = (BypassCode::new([1; 10]), BypassCode::new([3; 10]));
    let mut state = State::empty();
    assert!(!state.take_bypass(&right, NOW));
    state.grant_bypass(granted());
    assert!(!state.take_bypass(&wrong, NOW));
    assert!(!state.take_bypass(&right, NOW.plus(3600)));
    assert_eq!(state.bypass, None);
    state.grant_bypass(granted());
    assert!(state.take_bypass(&right, NOW) && state.take_bypass(&right, NOW));
    assert_eq!(state.bypass, None);
}

#[test]
fn what_is_kept_in_memory_alone_has_no_recovery_or_bypass_codes_and_neither_is_lost() {
    let (record, config) = (alice(), Config::default());
    let mut state = State::enrolled(&record, None);
    state.grant_bypass(granted());
    assert_eq!(state.recovery_left(&record), 10);
    assert!(!state.is_in_memory());
    let on_disk = state.clone();
    state.begin_in_memory(&record, &config, NOW);
    assert!(state.is_in_memory());
    assert_eq!(state.recovery_left(&record), 0);
    assert!(state.bypass(NOW).is_none());
    // Codes from before the boot may have been used without a trace.
    let newest = present(&record) + Step::from(config.code.window);
    assert_eq!(state.last_step(secret(&record)), Some(newest));
    state.throttle.count_wrong(&config.throttle, NOW);
    let back = state.clone().out_of_memory(Some(on_disk));
    assert!(!back.is_in_memory());
    assert_eq!(back.recovery_left(&record), 10);
    assert!(back.bypass(NOW).is_some());
    assert_eq!(back.wrong_in_a_row(), 1);
    let without = state.out_of_memory(None);
    assert_eq!(without.recovery_left(&record), 0);
    assert!(without.bypass(NOW).is_none());
}

#[test]
fn recovery_codes_that_are_marked_or_of_another_set_are_not_left() {
    let mut record = alice();
    let mut state = State::enrolled(&record, None);
    state.recovery.as_mut().unwrap().marks = 0b101;
    assert_eq!(state.recovery_left(&record), 8);
    let codes = [RecoveryCode::new([77; 10])];
    record.recovery = Some(hashes_of(&codes, [8; 16]));
    assert_eq!(state.recovery_left(&record), 0);
    state.open_recovery(record.recovery.as_ref().unwrap());
    assert_eq!(state.recovery_left(&record), 1);
    // More codes than marks: those that cannot be marked do not count.
    let many: Vec<RecoveryCode> = (0..40).map(|byte| RecoveryCode::new([byte; 10])).collect();
    record.recovery = Some(hashes_of(&many, [9; 16]));
    let salt = Tag::of_recovery(record.recovery.as_ref().unwrap());
    state.recovery = Some(UsedRecovery { salt, marks: 1 });
    assert_eq!(state.recovery_left(&record), 31);
    record.recovery = None;
    assert_eq!(state.recovery_left(&record), 0);
}

#[test]
fn root_ends_locks_pauses_and_blindness_and_what_the_person_has_missed_stays() {
    let (record, config) = (alice(), Config::default());
    let mut state = with_last(&record, 0);
    state.signed_in(Method::Code, HOME, NOW);
    for _ in 0..5 {
        state.throttle.count_wrong(&config.throttle, NOW);
        state.missed.add("203.0.113.5");
    }
    for origin in [HOME, ELSEWHERE] {
        state.report(origin, NOW);
    }
    state.remember_blind(GREETER, NOW);
    assert!(state.is_blind(GREETER, NOW));
    assert_ne!(state.gate(&config, NOW), Gate::Open);
    state.unlock(&record, &config, NOW);
    assert_eq!(state.gate(&config, NOW), Gate::Open);
    assert_eq!(state.wrong_in_a_row(), 0);
    assert_eq!(state.pauses(&config, NOW), []);
    assert!(!state.is_blind(GREETER, NOW));
    assert_eq!(state.missed.wrong, 5);
    assert_eq!(state.is_familiar(HOME, NOW), Some(true));
}

#[test]
fn a_screen_is_blind_until_somebody_answers_there() {
    let mut state = State::empty();
    state.remember_blind(GREETER, NOW);
    let other = Screen {
        client: "203.0.113.5",
        ..GREETER
    };
    assert!(!state.is_blind(other, NOW));
    state.forget_blind(other);
    assert!(state.is_blind(GREETER, NOW));
    state.forget_blind(GREETER);
    assert!(!state.is_blind(GREETER, NOW));
}

#[test]
fn a_clock_that_went_back_leaves_nothing_in_the_future() {
    let (record, config) = (alice(), Config::default());
    let mut state = with_last(&record, 0);
    state.signed_in(Method::Code, HOME, NOW);
    for _ in 0..5 {
        state.throttle.count_wrong(&config.throttle, NOW);
    }
    for origin in [HOME, ELSEWHERE] {
        state.report(origin, NOW);
    }
    state.remember_blind(GREETER, NOW);
    for _ in 0..3 {
        state.count_sending(NOW);
    }
    let back = UnixTime(NOW.0 - 1_000_000);
    state.settle(&record, &config, back, true);
    assert_eq!(state.gate(&config, back), Gate::LockedUntil(back.plus(30)));
    for paused in state.pauses(&config, back) {
        assert_eq!(paused.pause.until, back.plus(900));
    }
    assert_eq!(state.pauses(&config, back).len(), 2);
    assert!(!state.is_blind(GREETER, back.plus(86_400)));
    let refused = Err(TooManySent { again_in: 600 });
    assert_eq!(state.allows_sending(&config, back), refused);
}

#[test]
fn codes_are_sent_as_often_as_the_budget_allows() {
    let config = Config::default();
    let mut state = State::empty();
    for _ in 0..3 {
        assert_eq!(state.allows_sending(&config, NOW), Ok(()));
        state.count_sending(NOW);
    }
    let refused = Err(TooManySent { again_in: 600 });
    assert_eq!(state.allows_sending(&config, NOW), refused);
}

#[test]
fn the_skew_has_its_sign_and_its_time() {
    let record = alice();
    let mut state = State::empty();
    assert_eq!(state.skew(), None);
    for (steps, seconds) in [(3, 90), (0, 0), (-2, -60)] {
        let step = present(&record).checked_add_signed(steps).unwrap();
        state.remember_skew(step, secret(&record), NOW);
        let skew = state.skew().unwrap();
        assert_eq!((skew.seconds, skew.seen), (seconds, NOW));
    }
}

/// All that a state can have, as version 2 wrote it.
const VERSION_2: &str = r#"{"code":{"secret":"3_ET9UWXGp8ZWQBqrNtq2Q","last":59845921,"accepted":[]},"recovery":null,"throttle":{"in_a_row":0,"lock":null},"missed":{"wrong":0,"from":[]},"push":{"sent":[],"unanswered":0,"reported":null},"passkeys":[],"bypass":{"salt":[2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2],"hash":"fbhqFrLJdFztMFJcITuvyOsh-b8wZdN5IoSjv-mO4ks","seen":1795377600,"until":1795381200,"uses":2},"telephone":[1795377600],"answered":[["AQEBAQEBAQEBAQEBAQEBAQ",1]],"asked":1,"usual":[{"origin":"abEXBTxgqwvFBQqT0QDD_w","seen":1795377600,"push":{"sent":[],"unanswered":0,"reported":null}}],"blind":[{"screen":"JLwOR0sK1VYm61xKN-BUwA","since":1795377600}],"skew":{"seconds":-1795377570,"seen":1795377600},"in_memory":true}"#;

/// The same as version 3 wrote it.
pub(super) const VERSION_3: &str = "ARDf8RP1RZcanxlZAGqs22rZodrEHAAAAAAAAAAAAAABAgICAgICAgICAgICAgICAiB9uGoWssl0XO0wUlwhO6_I6yH5vzBl03kihKO_6Y7iS8CTjdgG0K-N2AYCAcCTjdgGARABAQEBAQEBAQEBAQEBAQEBAQEBEGmxFwU8YKsLxQUKk9EAw__Ak43YBgAAAAEQJLwOR0sK1VYm61xKN-BUwMCTjdgGAcOmmrANwJON2AYB";

/// The same as version 4 wrote it, with a former secret, and of a person who is untried.
const VERSION_4: &str = "ARDf8RP1RZcanxlZAGqs22rZodrEHAAAAAAAAAAAAAABAgICAgICAgICAgICAgICAiB9uGoWssl0XO0wUlwhO6_I6yH5vzBl03kihKO_6Y7iS8CTjdgG0K-N2AYCAcCTjdgGARABAQEBAQEBAQEBAQEBAQEBAQEBEGmxFwU8YKsLxQUKk9EAw__Ak43YBgAAAAEQJLwOR0sK1VYm61xKN-BUwMCTjdgGAcOmmrANwJON2AYBARADAwMDAwMDAwMDAwMDAwMDAQEBAQ";

/// What version 5 writes, with an approval that was used and a sign-in that a rehearsal let in: if this changes, it is another version.
const VERSION_5: &str = "ARDf8RP1RZcanxlZAGqs22rZodrEHAAAAAAAAAAAAAABAgICAgICAgICAgICAgICAiB9uGoWssl0XO0wUlwhO6_I6yH5vzBl03kihKO_6Y7iS8CTjdgG0K-N2AYCAcCTjdgGARABAQEBAQEBAQEBAQEBAQEBAQEBEGmxFwU8YKsLxQUKk9EAw__Ak43YBgAAAAEQJLwOR0sK1VYm61xKN-BUwMCTjdgGAcOmmrANwJON2AYBARADAwMDAwMDAwMDAwMDAwMDAQEBAQEQBAQEBAQEBAQEBAQEBAQEBMCTjdgGAcCTjdgGAQVwdHMvMA";

#[test]
fn what_a_state_holds_is_carried_over_and_its_form_changes_with_its_version_only() {
    let (record, config) = (alice(), Config::default());
    let mut state = State::empty();
    state.grant_bypass(granted());
    state.count_sending(NOW);
    state.answered.push((Tag([1; 16]), 1));
    state.asked = 1;
    state.signed_in(Method::Code, HOME, NOW);
    state.remember_blind(GREETER, NOW);
    state.remember_skew(1, secret(&record), NOW);
    state.begin_in_memory(&record, &config, NOW);
    assert_eq!(serde_json::from_str::<State>(VERSION_2).unwrap(), state);
    let as_version_3 = base64url::decode(VERSION_3).unwrap();
    let read: State = postcard::from_bytes(&[&as_version_3[..], &[0; 6]].concat()).unwrap();
    assert_eq!(read, state);
    state.former.push(UsedSteps {
        secret: Tag([3; 16]),
        last: 1,
        accepted: vec![1],
    });
    state.untried = true;
    let as_version_4 = base64url::decode(VERSION_4).unwrap();
    let read: State = postcard::from_bytes(&[&as_version_4[..], &[0; 4]].concat()).unwrap();
    assert_eq!(read, state);
    assert!(state.approved.take(Tag([4; 16]), NOW, UnixTime(NOW.0 - 1)));
    state.let_in.add("pts/0", NOW);
    let written = base64url::encode(&postcard::to_allocvec(&state).unwrap());
    assert_eq!(written, VERSION_5);
    let read: State = postcard::from_bytes(&base64url::decode(VERSION_5).unwrap()).unwrap();
    assert_eq!(read, state);
}

#[test]
fn used_recovery_codes_of_an_earlier_version_stay_used_and_an_edited_set_is_still_another_one() {
    let (mut record, config) = (alice(), Config::default());
    let set = record.recovery.clone().unwrap();
    let mut state = State::enrolled(&record, None);
    state.recovery = Some(UsedRecovery {
        salt: Tag::of_recovery_v2(&set),
        marks: 0b101,
    });
    assert_eq!(state.recovery_left(&record), 8);
    state.settle(&record, &config, NOW, true);
    let used = state.recovery.as_ref().unwrap();
    assert_eq!((used.salt, used.marks), (Tag::of_recovery(&set), 0b101));
    assert_eq!(state.recovery_left(&record), 8);
    record.recovery.as_mut().unwrap().hashes.reverse();
    state.settle(&record, &config, NOW, true);
    assert_eq!(state.recovery_left(&record), 0);
}

#[test]
fn an_edit_of_what_is_only_in_memory_makes_and_withdraws_no_code_that_is_on_file() {
    let bypass = Bypass::new(&BypassCode::new([1; 10]), [2; 16], UnixTime(1), 60, 1);
    let empty = State::empty();
    let mut granted = empty.clone();
    granted.grant_bypass(bypass);
    for (before, after, in_memory, can) in [
        (&empty, &granted, false, true),
        (&granted, &empty, false, true),
        (&empty, &granted, true, false),
        (&granted, &empty, true, false),
        (&granted, &granted, true, true),
        (&empty, &empty, true, true),
    ] {
        let mut before = before.clone();
        before.in_memory = in_memory;
        assert_eq!(after.can_follow(&before), can);
    }
}
