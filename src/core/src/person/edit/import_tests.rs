use super::{Edit, Imported, Refused};
use crate::code::Step;
use crate::config::Config;
use crate::name::UserName;
use crate::person::{By, Person};
use crate::record::{CodeSecret, Record, TelephoneNumber, TelephoneUse};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::State;
use crate::time::UnixTime;

const NOW: UnixTime = UnixTime(1_795_377_600);
const STEP: Step = NOW.0 / 30;

fn person(change: impl FnOnce(&mut Record)) -> Person {
    let mut record = Record::new(&UserName::new("alice").unwrap());
    change(&mut record);
    Person {
        state: State::enrolled(&record, None),
        record,
        is_new: false,
    }
}

fn nobody() -> Person {
    Person {
        is_new: true,
        ..person(|_| {})
    }
}

fn imported(person: &Person, used: &[Step]) -> Result<Person, Refused> {
    let code = CodeSecret::usual([8; 20]);
    let edit = Edit::Import(&Imported { code: &code, used });
    let by = By::Root { insists: false };
    edit.applied_to(person, by, &Config::default(), NOW)
}

#[test]
fn a_code_used_before_the_import_stays_used_and_the_next_one_counts() {
    let cases: [(&[Step], &[Step], &[Step]); 6] = [
        (&[], &[], &[STEP - 1, STEP, STEP + 1]),
        (&[STEP - 1], &[STEP - 2, STEP - 1], &[STEP, STEP + 1]),
        (&[STEP, STEP - 1], &[STEP - 1, STEP], &[STEP + 1]),
        (&[STEP + 1], &[STEP, STEP + 1], &[STEP + 2]),
        // Of a clock that ran ahead: the codes of the present count, and what was used does not when its time comes.
        (
            &[STEP + 20, STEP - 1],
            &[STEP - 1, STEP + 20],
            &[STEP, STEP + 19, STEP + 21],
        ),
        (&[u64::MAX, 0], &[0, u64::MAX], &[STEP]),
    ];
    for (used, refused, open) in cases {
        let person = imported(&nobody(), used).unwrap();
        let code = person.record.code.as_ref().unwrap();
        let known = person.state.used_steps(code).unwrap();
        for step in refused {
            assert!(known.refuses(*step), "{used:?}: {step}");
        }
        for step in open {
            assert!(!known.refuses(*step), "{used:?}: {step}");
        }
    }
}

#[test]
fn who_has_nothing_or_only_telephone_numbers_is_given_the_secret_and_nothing_else_changes() {
    let number = TelephoneNumber {
        tel: "+46701234521".into(),
        uses: vec![TelephoneUse::Sms],
    };
    let prepared = person(|record| record.numbers.push(number.clone()));
    for before in [nobody(), prepared] {
        let after = imported(&before, &[STEP]).unwrap();
        assert!(after.record.code.is_some() && after.record.recovery.is_none());
        assert_eq!(after.record.numbers, before.record.numbers);
        assert!(!after.is_new);
    }
}

#[test]
fn a_state_that_is_only_kept_in_memory_still_is_and_knows_what_was_used() {
    let mut before = nobody();
    let config = Config::default();
    before.state.begin_in_memory(&before.record, &config, NOW);
    let after = imported(&before, &[STEP]).unwrap();
    assert!(after.state.is_in_memory() && after.state.can_follow(&before.state));
    let code = after.record.code.as_ref().unwrap();
    assert!(after.state.used_steps(code).unwrap().refuses(STEP));
}

#[test]
fn who_has_a_secret_or_recovery_codes_is_left_alone() {
    let hashes = hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]);
    for before in [
        person(|record| record.code = Some(CodeSecret::usual([7; 20]))),
        person(|record| record.recovery = Some(hashes)),
        // What a failing disk may have left of another.
        person(|_| {}),
    ] {
        assert_eq!(imported(&before, &[]).unwrap_err(), Refused::Enrolled);
    }
}
