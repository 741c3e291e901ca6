//! What each edit makes of the files.

use std::fs;

use super::{
    Drawn, Unwritten, begin, change, change_by, files, has_begun, record_on_file, some_recovery,
    summary, text_of,
};
use crate::bypass::BypassCode;
use crate::disk::fixture::{HALVES, Host, NOW, STRANGER, entries, mode_of, own};
use crate::language::Language;
use crate::person::{By, Edit, Grant, Person, Refused};
use crate::record::{TelephoneNumber, TelephoneUse};

#[test]
fn a_first_code_makes_record_and_state_and_what_the_person_may_see() {
    let host = Host::new();
    let new = Drawn::new();
    let changed = change(&host, Edit::Enrol(&new.code())).unwrap();
    assert!(changed.before.is_new && !changed.after.is_new);
    assert_eq!(changed.now, NOW);
    assert!(changed.unreadable.is_none() && changed.unseen.is_none());
    let record = record_on_file(&host).unwrap();
    assert_eq!(text_of(&record), text_of(&changed.after.record));
    assert_eq!(record.code.as_ref(), Some(&new.code));
    for half in HALVES {
        let state = host.without(half);
        assert_eq!(state, changed.after.state);
        assert_eq!(state.last_step(&new.code), Some(59_845_920));
        assert_eq!(state.recovery_left(&record), 3);
    }
    assert_eq!(summary(&host), Some(changed.after.summary()));
    assert_eq!(
        (mode_of(host.record_path()), mode_of(host.state_path())),
        (0o600, 0o600)
    );
    assert_eq!(entries(&host.users), ["alice.toml"]);
    assert_eq!(entries(&host.states), ["alice"]);
    assert_eq!(entries(&host.activity), ["alice.json"]);
}

#[test]
fn another_phone_comes_with_the_counter_of_its_trial_and_in_both_halves() {
    let host = Host::with_alice();
    let new = Drawn::new();
    let changed = change(&host, Edit::AddPhone(&new.phone())).unwrap();
    assert!(!changed.before.is_new);
    let record = record_on_file(&host).unwrap();
    assert_eq!(record.phones, [Host::phone(1), new.phone.clone()]);
    for half in HALVES {
        assert_eq!(host.without(half).passkey_counter(&new.phone), 5);
        assert_eq!(host.without(half).recovery_left(&record), 10);
    }
    assert_eq!(summary(&host).unwrap().phones.len(), 2);
}

#[test]
fn an_edit_of_the_record_alone_leaves_the_state_as_it_is() {
    let host = Host::with_alice();
    let number = TelephoneNumber {
        tel: "+46701234521".into(),
        uses: vec![TelephoneUse::Sms],
    };
    for edit in [
        Edit::Speak(Language::Swedish),
        Edit::RenamePhone(&[1], "Pixel"),
        Edit::AddNumber(&number),
        Edit::RemoveNumber("+46701234521"),
        Edit::RemovePhone(&[1]),
    ] {
        let [record, state] = files(&host);
        let Person { record: after, .. } = change(&host, edit).unwrap().after;
        let [record_by_now, state_by_now] = files(&host);
        assert_ne!(record_by_now, record);
        assert_eq!(state_by_now, state);
        assert_eq!(text_of(&record_on_file(&host).unwrap()), text_of(&after));
        assert_eq!(summary(&host).unwrap().phones.len(), after.phones.len());
        assert_eq!(summary(&host).unwrap().numbers.len(), after.numbers.len());
    }
}

#[test]
fn an_edit_of_the_state_alone_leaves_the_record_as_it_is_and_stands_in_both_halves() {
    let host = Host::with_alice();
    let grant = Grant {
        code: &BypassCode::new([1; 10]),
        salt: [2; 16],
        lasts: 3600,
        uses: 2,
    };
    let mut counted = host.slots().state.unwrap();
    counted.throttle.count_wrong(&host.config.throttle, NOW);
    host.put_state(&counted);
    for edit in [Edit::Unlock, Edit::Grant(&grant), Edit::Withdraw] {
        let [record, state] = files(&host);
        let after = change(&host, edit).unwrap().after.state;
        let [record_by_now, state_by_now] = files(&host);
        assert_eq!(record_by_now, record);
        assert_ne!(state_by_now, state);
        for half in HALVES {
            assert_eq!(host.without(half), after);
        }
        // There is nothing new in it for the person to see.
        assert_eq!(summary(&host), None);
    }
}

#[test]
fn new_recovery_codes_stand_in_both_halves_and_the_old_ones_are_closed() {
    let host = Host::with_alice();
    let new = some_recovery(4);
    change(&host, Edit::NewRecovery(&new)).unwrap();
    let record = record_on_file(&host).unwrap();
    assert_eq!(record.recovery.as_ref(), Some(&new));
    for half in HALVES {
        assert_eq!(host.without(half).recovery_left(&record), 4);
        assert_eq!(host.without(half).recovery_left(&host.record()), 0);
    }
    assert_eq!(summary(&host).unwrap().recovery_left, 4);
}

#[test]
fn what_root_gives_makes_what_was_begun_at_a_sign_in_void_and_nothing_else_does() {
    let new = Drawn::new();
    for (by, edit, void) in [
        (By::Root { insists: false }, Edit::Enrol(&new.code()), true),
        (
            By::Root { insists: true },
            Edit::AddPhone(&new.phone()),
            true,
        ),
        (
            By::Root { insists: false },
            Edit::Speak(Language::English),
            false,
        ),
        (By::Root { insists: false }, Edit::Unlock, false),
        // Whoever enrols at a sign-in has claimed it, and removes it.
        (By::Person, Edit::Enrol(&new.code()), false),
        (By::Person, Edit::AddPhone(&new.phone()), false),
    ] {
        let host = Host::with_alice();
        begin(&host);
        change_by(&host, by, edit).unwrap();
        assert_eq!(has_begun(&host), !void, "{by:?}");
    }
}

#[test]
fn a_change_stands_also_where_the_person_cannot_be_shown_it() {
    let host = Host::with_alice();
    let speaks = |language| {
        let changed = change(&host, Edit::Speak(language)).unwrap();
        assert_eq!(record_on_file(&host).unwrap().language, Some(language));
        changed.unseen
    };
    own("/var/lib/antiphon/activity", STRANGER);
    let unseen = speaks(Language::Swedish).unwrap();
    assert_eq!(unseen.path, host.activity.path());
    own("/var/lib/antiphon/activity", 0);
    assert_eq!(speaks(Language::English), None);
    fs::remove_file(host.activity.path_of("alice.json")).unwrap();
    fs::create_dir(host.activity.path_of("alice.json")).unwrap();
    assert!(speaks(Language::Swedish).is_some());
    // Where nobody is ever shown anything, that is as it should be.
    fs::remove_dir_all("/var/lib/antiphon/activity").unwrap();
    assert_eq!(speaks(Language::English), None);
}

#[test]
fn a_record_that_could_not_be_read_again_is_never_written_whatever_the_edit() {
    let host = Host::with_alice();
    let before = files(&host);
    for tel in ["0701234567", "", "+46 70 123 45 67"] {
        let number = TelephoneNumber {
            tel: tel.into(),
            uses: vec![TelephoneUse::Sms],
        };
        let refused = change(&host, Edit::AddNumber(&number));
        assert!(
            matches!(refused, Err(Unwritten::Refused(Refused::Unsound))),
            "{tel}"
        );
        assert_eq!(files(&host), before);
    }
}
