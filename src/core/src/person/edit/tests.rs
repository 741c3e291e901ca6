use super::{Edit, Refused};
use crate::config::Config;
use crate::language::Language;
use crate::name::UserName;
use crate::person::{By, Person};
use crate::record::{CodeSecret, Phone, Record, TelephoneNumber, TelephoneUse};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::State;
use crate::time::UnixTime;

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
    // A number alone is the beginning of a record, and recovery codes are for one day.
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
    // Here it is not the last; at sudo it would be, or here, where the others take codes.
    for config in [
        "[service.sudo]\nmethods = [\"approval\", \"recovery\"]\n",
        "[service.sshd]\nmethods = [\"approval\"]\n",
    ] {
        assert!(is_the_last(&changed(last, &with_code, config)), "{config}");
    }
    // Where the phone opened nothing before, it opens nothing after.
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
