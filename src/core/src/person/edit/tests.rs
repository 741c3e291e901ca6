use std::slice;

use super::{
    Edit, Grant, Imported, MOST_NUMBERS, MOST_PHONES, NewCode, NewPhone, Refused, TakeBack,
};
use crate::approval::passkey::{Passkey, Saying};
use crate::approval::{VerifiedPasskey, verify};
use crate::bypass::BypassCode;
use crate::config::Config;
use crate::language::Language;
use crate::name::UserName;
use crate::person::{By, Closed, Person};
use crate::record::{CodeSecret, Phone, Record, TelephoneNumber, TelephoneUse};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::State;
use crate::time::UnixTime;

const NOW: UnixTime = UnixTime(1_795_377_600);

fn phone(name: &str, credential: u8) -> Phone {
    Phone {
        name: name.into(),
        credential: vec![credential],
        public_key: Vec::new(),
        origin: "https://mfa.example.org".into(),
        backup_eligible: false,
        enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
    }
}

fn alice() -> Record {
    let mut record = Record::new(&UserName::new("alice").unwrap());
    record.phones = vec![phone("Pixel 9", 1), phone("iPad", 2)];
    record.recovery = Some(hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]));
    record
}

fn changed(change: Edit<'_>, record: &Record, config: &str) -> Result<Record, Refused> {
    change.applied_to_record(record, By::Person, &Config::parse(config).unwrap())
}

fn is_the_last(changed: &Result<Record, Refused>) -> bool {
    matches!(changed, Err(Refused::LastWay(_)))
}

#[test]
fn the_last_way_is_never_removed_wherever_it_is_the_last() {
    let both = alice();
    let one = changed(Edit::RemovePhone(&[1]), &both, "").unwrap();
    assert_eq!(one.phones, [phone("iPad", 2)]);
    let last = Edit::RemovePhone(&[2]);
    assert!(is_the_last(&changed(last, &one, "")));
    // A number alone only starts a record, and recovery codes are for emergencies.
    let mut with_number = one.clone();
    with_number.numbers.push(TelephoneNumber {
        tel: "+46701234521".into(),
        uses: vec![TelephoneUse::Sms],
    });
    let sms = "[telephone]\nsms = true\n";
    assert!(is_the_last(&changed(last, &with_number, sms)));
    let mut with_code = one.clone();
    with_code.code = Some(CodeSecret::usual([7; 20]));
    assert!(changed(last, &with_code, "").unwrap().phones.is_empty());
    // It is not the last one here, but would be if sudo, or sshd, allowed only approvals.
    for config in [
        "[service.sudo]\nmethods = [\"approval\", \"recovery\"]\n",
        "[service.sshd]\nmethods = [\"approval\"]\n",
    ] {
        assert!(is_the_last(&changed(last, &with_code, config)), "{config}");
    }
    // Where the phone could not be used before, nothing is lost.
    let codes = "[service.sudo]\nmethods = [\"recovery\"]\n";
    assert!(changed(last, &with_code, codes).is_ok());
    assert_eq!(
        changed(Edit::RemovePhone(&[9]), &both, "").unwrap_err(),
        Refused::UnknownPhone
    );
}

#[test]
fn a_name_is_one_that_can_be_shown_and_that_no_other_phone_has() {
    let alice = alice();
    let renamed = changed(Edit::RenamePhone(&[2], "Mamma's phone"), &alice, "").unwrap();
    assert_eq!(renamed.phones[1].name, "Mamma's phone");
    assert!(changed(Edit::RenamePhone(&[2], "iPad"), &alice, "").is_ok());
    let taken = changed(Edit::RenamePhone(&[2], "Pixel 9"), &alice, "");
    assert_eq!(taken.unwrap_err(), Refused::TakenName);
    for name in [
        "",
        "  ",
        "a\u{1b}[2Jb",
        "a\u{202e}b",
        "a\nb",
        &"x".repeat(65),
    ] {
        let odd = changed(Edit::RenamePhone(&[2], name), &alice, "");
        assert_eq!(odd.unwrap_err(), Refused::Name, "{name:?}");
    }
}

#[test]
fn each_change_is_of_one_thing_and_new_codes_are_all_unused() {
    let alice = alice();
    let swedish = changed(Edit::Speak(Language::Swedish), &alice, "").unwrap();
    assert_eq!(swedish.language, Some(Language::Swedish));
    assert_eq!(swedish.phones, alice.phones);
    let hashes = hashes_of(
        &[RecoveryCode::new([2; 10]), RecoveryCode::new([3; 10])],
        [9; 16],
    );
    let renew = Edit::NewRecovery(&hashes);
    let before = Person {
        state: State::enrolled(&alice, None),
        record: alice,
        is_new: false,
    };
    let config = Config::default();
    let after = renew
        .applied_to(&before, By::Person, &config, UnixTime(1))
        .unwrap();
    assert_eq!(after.state.recovery_left(&after.record), 2);
    assert_eq!(after.state.recovery_left(&before.record), 0);
}

fn person(record: Record) -> Person {
    Person {
        state: State::enrolled(&record, None),
        record,
        is_new: false,
    }
}

fn nobody() -> Person {
    Person {
        is_new: true,
        ..person(Record::new(&UserName::new("alice").unwrap()))
    }
}

/// Applies an edit by root.
fn made(edit: Edit<'_>, person: &Person, config: &str) -> Result<Person, Refused> {
    let config = Config::parse(config).unwrap();
    edit.applied_to(person, By::Root { insists: false }, &config, NOW)
}

fn number(tel: &str, uses: &[TelephoneUse]) -> TelephoneNumber {
    TelephoneNumber {
        tel: tel.into(),
        uses: uses.to_vec(),
    }
}

fn trial() -> VerifiedPasskey {
    let passkey = Passkey::new();
    let saying = Saying {
        counter: 7,
        ..Saying::to(&[9; 32])
    };
    verify(&passkey.says(&saying), &passkey.phone(), &[9; 32], 0).unwrap()
}

#[test]
fn root_may_insist_on_the_last_way_of_a_service_but_not_on_the_last_of_all() {
    let by = |insists| By::Root { insists };
    let mut alice = alice();
    alice.code = Some(CodeSecret::usual([7; 20]));
    alice.phones.truncate(1);
    let config = Config::parse("[service.sudo]\nmethods = [\"approval\"]\n").unwrap();
    let last = Edit::RemovePhone(&[1]);
    let Err(Refused::LastWay(closed)) = last.applied_to_record(&alice, by(false), &config) else {
        panic!()
    };
    assert_eq!(closed.to_string(), "sudo");
    assert!(!closed.is_all && !closed.is_nowhere());
    assert!(last.applied_to_record(&alice, by(true), &config).is_ok());
    alice.code = None;
    for by in [By::Person, by(false), by(true)] {
        let refused = last.applied_to_record(&alice, by, &config);
        let Err(Refused::LastWay(closed)) = refused else {
            panic!()
        };
        let everywhere = "sudo and every service without a section of its own";
        assert_eq!(closed.to_string(), everywhere);
        assert!(closed.is_all);
    }
    // An empty record is closed everywhere.
    let closed = Closed::to(
        &Record::new(&UserName::new("bob").unwrap()),
        &Config::default(),
    );
    assert_eq!(
        closed.to_string(),
        "every service without a section of its own"
    );
    assert!(closed.is_all && !closed.is_nowhere());
}

#[test]
fn a_number_is_added_once_with_all_its_uses_and_there_are_eight_at_most() {
    use TelephoneUse::{Call, Sms};
    let added = |numbers: &[TelephoneNumber], number: &TelephoneNumber| {
        let record = Record {
            numbers: numbers.to_vec(),
            ..alice()
        };
        changed(Edit::AddNumber(number), &record, "").map(|record| record.numbers)
    };
    let sms = number("+46701234521", &[Sms]);
    let both = number("+46701234521", &[Sms, Call]);
    assert_eq!(added(&[], &sms).unwrap(), slice::from_ref(&sms));
    let there = slice::from_ref(&sms);
    assert_eq!(added(there, &both).unwrap(), slice::from_ref(&both));
    assert_eq!(added(&[both], &sms), Err(Refused::KnownNumber));
    let many: Vec<TelephoneNumber> = (1..=MOST_NUMBERS)
        .map(|last| number(&format!("+4670123450{last}"), &[Sms]))
        .collect();
    assert_eq!(added(&many[1..], &sms).unwrap().len(), MOST_NUMBERS);
    assert_eq!(added(&many, &sms), Err(Refused::TooManyNumbers));
    let record = Record {
        numbers: many.clone(),
        ..alice()
    };
    let left = changed(
        Edit::RemoveNumber(many[0].tel.digits().unwrap()),
        &record,
        "",
    )
    .unwrap();
    assert_eq!(left.numbers, many[1..]);
    let unknown = changed(Edit::RemoveNumber("+4612345678"), &record, "");
    assert_eq!(unknown.unwrap_err(), Refused::UnknownNumber);
}

#[test]
fn the_last_number_stays_where_nothing_else_signs_in() {
    let record = Record {
        phones: Vec::new(),
        numbers: vec![number("+46701234521", &[TelephoneUse::Sms])],
        ..alice()
    };
    let sms = "[telephone]\nsms = true\n";
    let removed = changed(Edit::RemoveNumber("+46701234521"), &record, sms);
    assert!(is_the_last(&removed));
}

#[test]
fn a_record_begins_with_a_code_or_a_phone_or_with_a_number_where_people_enrol_themselves() {
    let number = number("+46701234521", &[TelephoneUse::Sms]);
    let add = Edit::AddNumber(&number);
    assert_eq!(made(add, &nobody(), "").unwrap_err(), Refused::NotEnrolled);
    let begun = made(add, &nobody(), "unenrolled = \"enroll\"").unwrap();
    assert_eq!((begun.record.numbers, begun.is_new), (vec![number], false));
    let grant = Grant {
        code: &BypassCode::new([1; 10]),
        salt: [2; 16],
        lasts: 3600,
        uses: 1,
    };
    for edit in [
        Edit::Speak(Language::Swedish),
        Edit::Grant(&grant),
        Edit::Unlock,
    ] {
        let refused = made(edit, &nobody(), "unenrolled = \"enroll\"");
        assert_eq!(refused.unwrap_err(), Refused::NotEnrolled);
    }
}

#[test]
fn a_new_code_begins_anew_and_keeps_phones_numbers_and_language() {
    let mut before = person(Record {
        language: Some(Language::Swedish),
        ..alice()
    });
    before
        .state
        .throttle
        .count_wrong(&Config::default().throttle, NOW);
    let (code, hashes) = (
        CodeSecret::usual([8; 20]),
        hashes_of(&[RecoveryCode::new([4; 10])], [3; 16]),
    );
    let mut new = NewCode {
        code: &code,
        recovery: &hashes,
        confirmed: Some(5),
        language: None,
    };
    let after = made(Edit::Enrol(&new), &before, "").unwrap();
    assert_eq!(after.record.code, Some(code.clone()));
    assert_eq!(after.record.recovery, Some(hashes.clone()));
    assert_eq!(after.record.phones, before.record.phones);
    assert_eq!(after.record.language, Some(Language::Swedish));
    assert_eq!(after.state, State::enrolled(&after.record, Some(5)));
    new.language = Some(Language::English);
    let after = made(Edit::Enrol(&new), &nobody(), "").unwrap();
    assert_eq!(after.record.language, Some(Language::English));
    assert!(!after.is_new);
}

#[test]
fn a_phone_is_added_once_by_a_free_name_with_its_counter_and_codes_for_who_has_none() {
    let (phone, trial) = (phone("iPad", 9), trial());
    let hashes = hashes_of(&[RecoveryCode::new([4; 10])], [3; 16]);
    let new = NewPhone {
        phone: &phone,
        trial: &trial,
        recovery: Some(&hashes),
        language: Some(Language::Swedish),
    };
    let add = Edit::AddPhone(&new);
    let before = person(alice());
    let after = made(add, &before, "").unwrap();
    assert_eq!(after.record.phones.len(), 3);
    assert_ne!(after.record.phones[2].name, "iPad");
    assert_eq!(after.record.recovery, before.record.recovery);
    assert_eq!(after.record.language, Some(Language::Swedish));
    assert_eq!(after.state.passkey_counter(&phone), 7);
    assert_eq!(after.state.recovery_left(&after.record), 1);
    assert_eq!(made(add, &after, "").unwrap_err(), Refused::KnownPhone);
    let without = person(Record {
        recovery: None,
        language: Some(Language::English),
        ..alice()
    });
    let mut marked = without.clone();
    marked.state.missed.add("203.0.113.5");
    let after = made(add, &marked, "").unwrap();
    assert_eq!(after.record.recovery, Some(hashes.clone()));
    assert_eq!(after.state.recovery_left(&after.record), 1);
    assert_eq!(after.state.missed.wrong, 1, "what is known stays known");
    let after = made(add, &nobody(), "").unwrap();
    assert_eq!(after.record.phones[0].name, "iPad");
    assert_eq!(after.state.recovery_left(&after.record), 1);
}

#[test]
fn what_came_with_a_phone_goes_with_it_unless_it_was_changed_meanwhile() {
    let (phone, trial) = (phone("iPad", 9), trial());
    let hashes = hashes_of(&[RecoveryCode::new([4; 10])], [3; 16]);
    let new = NewPhone {
        phone: &phone,
        trial: &trial,
        recovery: Some(&hashes),
        language: Some(Language::Swedish),
    };
    let before = person(Record {
        phones: Vec::new(),
        recovery: None,
        numbers: vec![number("+46701234521", &[TelephoneUse::Sms])],
        ..alice()
    });
    let added = made(Edit::AddPhone(&new), &before, "").unwrap();
    let back = TakeBack {
        credential: &[9],
        before: &before.record,
        added: &added.record,
    };
    let back = Edit::TakeBackPhone(&back);
    // Nobody has heard of it, so it is no last way.
    let taken_back = made(back, &added, "").unwrap();
    let texts = [taken_back.record, before.record.clone()]
        .map(|record| record.to_toml().expose().to_owned());
    assert_eq!(texts[0], texts[1]);
    let renewed = hashes_of(&[RecoveryCode::new([5; 10])], [4; 16]);
    let renewed = made(Edit::NewRecovery(&renewed), &added, "").unwrap();
    let renewed = made(Edit::Speak(Language::English), &renewed, "").unwrap();
    let taken_back = made(back, &renewed, "").unwrap();
    assert_eq!(taken_back.record.recovery, renewed.record.recovery);
    assert_eq!(taken_back.record.language, Some(Language::English));
    assert_eq!(taken_back.state.recovery_left(&taken_back.record), 1);
}

#[test]
fn a_bypass_is_granted_to_who_has_a_way_and_withdrawn_and_a_lock_is_ended() {
    let code = BypassCode::new([1; 10]);
    let grant = Grant {
        code: &code,
        salt: [2; 16],
        lasts: 3600,
        uses: 2,
    };
    let granted = made(Edit::Grant(&grant), &person(alice()), "").unwrap();
    let bypass = granted.state.bypass(NOW).unwrap();
    assert_eq!((bypass.until(), bypass.uses()), (NOW.plus(3600), 2));
    let withdrawn = made(Edit::Withdraw, &granted, "").unwrap();
    assert!(withdrawn.state.bypass(NOW).is_none());
    let wayless = person(Record {
        phones: Vec::new(),
        ..alice()
    });
    for edit in [Edit::Grant(&grant), Edit::Withdraw] {
        assert_eq!(made(edit, &wayless, "").unwrap_err(), Refused::NoWay);
    }
    let mut locked = person(alice());
    for _ in 0..5 {
        locked
            .state
            .throttle
            .count_wrong(&Config::default().throttle, NOW);
    }
    let unlocked = made(Edit::Unlock, &locked, "").unwrap();
    assert_eq!(unlocked.state.wrong_in_a_row(), 0);
}

#[test]
fn each_edit_has_its_word_and_says_what_it_touches() {
    let code = CodeSecret::usual([8; 20]);
    let hashes = hashes_of(&[RecoveryCode::new([4; 10])], [3; 16]);
    let number = number("+46701234521", &[TelephoneUse::Sms]);
    let new_code = NewCode {
        code: &code,
        recovery: &hashes,
        confirmed: None,
        language: None,
    };
    let imported = Imported {
        code: &code,
        used: &[],
    };
    let (phone, trial) = (phone("iPad", 9), trial());
    let new_phone = NewPhone {
        phone: &phone,
        trial: &trial,
        recovery: None,
        language: None,
    };
    let grant = Grant {
        code: &BypassCode::new([1; 10]),
        salt: [2; 16],
        lasts: 3600,
        uses: 1,
    };
    let (before, added) = (alice(), alice());
    let back = TakeBack {
        credential: &[1],
        before: &before,
        added: &added,
    };
    for (edit, word, is_of_record, gives_a_way) in [
        (Edit::Enrol(&new_code), "enrolled", true, true),
        (Edit::Import(&imported), "imported", true, true),
        (Edit::AddPhone(&new_phone), "phone-added", true, true),
        (Edit::RemovePhone(&[1]), "phone-removed", true, false),
        (Edit::TakeBackPhone(&back), "phone-removed", true, false),
        (Edit::RenamePhone(&[1], "a"), "phone-renamed", true, false),
        (Edit::NewRecovery(&hashes), "recovery-renewed", true, false),
        (Edit::Speak(Language::Swedish), "language", true, false),
        (Edit::AddNumber(&number), "number-added", true, false),
        (Edit::RemoveNumber("+46"), "number-removed", true, false),
        (Edit::Grant(&grant), "bypass-granted", false, false),
        (Edit::Withdraw, "bypass-withdrawn", false, false),
        (Edit::Unlock, "unlocked", false, false),
    ] {
        assert_eq!(edit.word(), word);
        assert_eq!(edit.is_of_record(), is_of_record, "{word}");
        assert_eq!(edit.gives_a_way(), gives_a_way, "{word}");
    }
}

#[test]
fn what_a_person_sees_of_themselves_has_the_codes_that_are_left() {
    let summary = person(alice()).summary();
    assert_eq!((summary.recovery_left, summary.phones.len()), (1, 2));
}

#[test]
fn there_are_sixteen_phones_at_most() {
    let mut many = person(alice());
    many.record.phones = (1..MOST_PHONES)
        .map(|number| phone(&format!("phone {number}"), u8::try_from(number).unwrap()))
        .collect();
    let trial = trial();
    let added = |person: &Person, credential| {
        let phone = phone("one more", credential);
        let new = NewPhone {
            phone: &phone,
            trial: &trial,
            recovery: None,
            language: None,
        };
        made(Edit::AddPhone(&new), person, "")
    };
    let full = added(&many, 100).unwrap();
    assert_eq!(full.record.phones.len(), MOST_PHONES);
    assert_eq!(added(&full, 101).unwrap_err(), Refused::TooManyPhones);
}
