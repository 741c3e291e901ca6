use crate::code::Step;
use crate::config::Config;
use crate::method::Method;
use crate::name::UserName;
use crate::origin::Origin;
use crate::record::{CodeSecret, Record, TelephoneNumber, TelephoneUse};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::{SlotPair, State};
use crate::time::UnixTime;

const NOW: UnixTime = UnixTime(1_795_377_600);
const STEP: Step = NOW.0 / 30;

/// Somebody with this secret.
fn with(secret: u8) -> Record {
    let mut record = Record::new(&UserName::new("alice").unwrap());
    record.code = Some(CodeSecret::usual([secret; 20]));
    record.recovery = Some(hashes_of(&[RecoveryCode::new([secret; 10])], [secret; 16]));
    record
}

fn nobody() -> Record {
    Record::new(&UserName::new("alice").unwrap())
}

fn refuses(state: &State, record: &Record, step: Step) -> bool {
    let code = record.code.as_ref().unwrap();
    state.used_steps(code).unwrap().refuses(step)
}

/// The state after a right code of this step.
fn used(mut state: State, record: &Record, step: Step) -> State {
    let code = record.code.as_ref().unwrap();
    state.turn_to(code).accept(step);
    state.signed_in(Method::Code, Origin::default(), NOW);
    state
}

#[test]
fn only_an_enrolment_without_a_confirming_code_leaves_a_person_untried_and_any_accepted_answer_ends_it()
 {
    let (alice, another, config) = (with(7), with(8), Config::default());
    let untried = State::enrolled(&alice, None);
    assert!(untried.is_untried(&alice));
    assert!(!State::enrolled(&alice, Some(5)).is_untried(&alice));
    let settled = |whole, record: &Record| {
        let mut state = untried.clone();
        state.settle(record, &config, NOW, whole);
        state.is_untried(record)
    };
    assert!(settled(true, &alice));
    // Of the past of these nothing is known.
    assert!(!settled(false, &alice) && !settled(true, &another));
    for method in Method::ALL {
        let mut state = untried.clone();
        state.signed_in(method, Origin::default(), NOW);
        assert!(!state.is_untried(&alice), "{method:?}");
    }
}

#[test]
fn whoever_has_once_succeeded_is_no_newcomer_however_they_are_enrolled_anew() {
    let (alice, config) = (with(7), Config::default());
    let succeeded = used(State::enrolled(&alice, None), &alice, STEP);
    for record in [&alice, &with(8)] {
        assert!(!succeeded.renewed(record, None).is_untried(record));
        let imported = succeeded.imported(record, &[], &config, NOW);
        assert!(!imported.is_untried(record));
    }
    // Removed, and enrolled later.
    let mut between = succeeded;
    between.settle(&nobody(), &config, NOW, true);
    assert!(!between.renewed(&alice, None).is_untried(&alice));
    // Whoever has not is still one, unless a code confirmed it or another program has accepted one.
    let untried = State::enrolled(&alice, None);
    assert!(untried.renewed(&with(8), None).is_untried(&with(8)));
    assert!(!untried.renewed(&alice, Some(STEP)).is_untried(&alice));
    let first = State::fresh(&nobody(), &config, NOW);
    for (steps, is_untried) in [(&[][..], true), (&[STEP], false)] {
        let imported = first.imported(&alice, steps, &config, NOW);
        assert_eq!(imported.is_untried(&alice), is_untried);
    }
}

#[test]
fn a_state_that_was_lost_makes_nobody_a_newcomer_who_has_a_factor_whenever_it_was_lost() {
    let mut config = Config::default();
    config.code.window = 0;
    let alice = with(7);
    for now in [UnixTime(0), UnixTime(29), NOW] {
        let lost = State::fresh(&alice, &config, now);
        assert!(!lost.is_untried(&alice), "{now}");
        assert!(!lost.renewed(&alice, None).is_untried(&alice));
    }
    let mut prepared = nobody();
    prepared.numbers.push(TelephoneNumber {
        tel: "+46701234521".into(),
        uses: vec![TelephoneUse::Sms],
    });
    // Who signs in with a number alone is asked for that; root may give them more without a code to confirm it.
    let first = State::fresh(&prepared, &config, NOW);
    assert!(!first.is_untried(&prepared));
    assert!(first.renewed(&alice, None).is_untried(&alice));
}

#[test]
fn where_nothing_can_be_written_nobody_is_a_newcomer_and_a_success_there_is_remembered() {
    let (alice, config) = (with(7), Config::default());
    let on_disk = State::enrolled(&alice, None);
    let mut state = on_disk.clone();
    state.begin_in_memory(&alice, &config, NOW);
    assert!(!state.is_untried(&alice));
    let back = state.clone().out_of_memory(Some(on_disk.clone()));
    assert!(back.is_untried(&alice), "nobody has succeeded");
    state.signed_in(Method::Code, Origin::default(), NOW);
    assert!(!state.out_of_memory(Some(on_disk)).is_untried(&alice));
}

#[test]
fn what_was_used_of_a_secret_stays_used_however_it_returns() {
    let (alice, other, config) = (with(7), with(8), Config::default());
    let before = used(State::enrolled(&alice, None), &alice, STEP);
    let mut removed = before.clone();
    removed.settle(&nobody(), &config, NOW, true);
    let mut by_phone_alone = nobody();
    by_phone_alone.recovery = other.recovery.clone();
    let through = [
        before.clone(),
        removed,
        used(before.renewed(&other, None), &other, STEP),
        before.renewed(&by_phone_alone, None),
        before.renewed(&other, None).renewed(&by_phone_alone, None),
    ];
    for (case, state) in through.iter().enumerate() {
        let mut by_hand = state.clone();
        by_hand.settle(&alice, &config, NOW, true);
        let mut at_the_sign_in = state.clone();
        at_the_sign_in.enrol(&alice, Some(STEP + 1));
        for after in [
            state.renewed(&alice, None),
            state.renewed(&alice, Some(STEP - 1)),
            state.imported(&alice, &[], &config, NOW),
            by_hand,
            at_the_sign_in,
        ] {
            for step in [STEP - 1, STEP] {
                assert!(refuses(&after, &alice, step), "{case}: {step}");
            }
        }
        // Nobody waits for a code who need not.
        assert!(!refuses(&state.renewed(&alice, None), &alice, STEP + 1));
        assert!(!refuses(&state.renewed(&with(9), None), &with(9), STEP));
    }
}

#[test]
fn of_secrets_that_were_used_the_last_few_are_remembered_and_they_fit_into_a_state() {
    let mut state = State::enrolled(&with(1), None);
    for secret in 1..=20 {
        // Those that were never used have nothing to remember.
        state = state.renewed(&with(100 + secret), None);
        state = state.renewed(&with(secret), None);
        for step in 0..16 {
            state = used(state, &with(secret), Step::MAX - step);
        }
    }
    assert_eq!(state.former.len(), 4);
    for secret in 16..=20 {
        let returned = state.renewed(&with(secret), None);
        assert!(refuses(&returned, &with(secret), Step::MAX), "{secret}");
    }
    let file = SlotPair::nothing().encode_file(&state).unwrap();
    assert_eq!(SlotPair::decode(&file).unwrap().state, Some(state));
}
