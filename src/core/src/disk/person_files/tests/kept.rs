//! Where nothing is to be written, all stays as it is, and nothing is left behind.

use std::fs;

use super::{
    Drawn, Editing, PersonFiles, Unwritten, change, editing, files, record_on_file, text_of,
};
use crate::disk::fixture::{Host, STRANGER, entries, own, put};
use crate::disk::{LockedState, StateTrouble};
use crate::language::Language;
use crate::person::{By, Edit, Refused};
use crate::record::Record;
use crate::state::State;
use crate::trouble::Trouble;

const SPEAK: Edit<'_> = Edit::Speak(Language::Swedish);

#[test]
fn what_is_refused_changes_nothing() {
    let host = Host::with_alice();
    let before = files(&host);
    let refused = change(&host, Edit::RemovePhone(&[9])).err().unwrap();
    assert!(matches!(refused, Unwritten::Refused(Refused::UnknownPhone)));
    assert_eq!(files(&host), before);
    assert_eq!(entries(&host.activity), [""; 0]);
}

#[test]
fn of_a_look_at_somebody_who_is_not_enrolled_nothing_is_left() {
    let host = Host::new();
    let refused = change(&host, SPEAK).err().unwrap();
    assert!(matches!(refused, Unwritten::Refused(Refused::NotEnrolled)));
    assert_eq!(entries(&host.states), [""; 0]);
    assert_eq!(entries(&host.users), [""; 0]);
}

#[test]
fn a_state_that_remembers_what_was_used_stays_though_its_record_has_gone() {
    let host = Host::with_alice();
    fs::remove_file(host.record_path()).unwrap();
    let before = files(&host);
    assert!(change(&host, SPEAK).is_err());
    let state = files(&host)[1].clone();
    assert!(state.is_some() && state == before[1]);
}

#[test]
fn a_state_that_was_lost_is_made_anew_for_who_is_enrolled_whatever_comes_of_the_edit() {
    for edit in [SPEAK, Edit::RemovePhone(&[9])] {
        let host = Host::with_alice();
        fs::remove_file(host.state_path()).unwrap();
        let done = change(&host, edit);
        if let Ok(changed) = done {
            assert!(changed.repaired.unwrap().contains("missing"));
        }
        let state = host.slots().state.unwrap();
        assert_eq!(state.recovery_left(&host.record()), 0);
    }
}

#[test]
fn a_record_that_cannot_be_read_is_replaced_whole_or_not_touched() {
    let host = Host::with_alice();
    put(host.record_path(), "version = 1\n", 0o600);
    let before = files(&host)[0].clone();
    let untouched = change(&host, SPEAK).err().unwrap();
    assert!(matches!(untouched, Unwritten::Unreadable(trouble) if trouble.what == "record"));
    let person = PersonFiles::open(editing(&host, By::Person)).unwrap();
    assert!(person.record().is_err());
    let unknown = person.change_if_still(&host.record(), SPEAK).err().unwrap();
    assert!(matches!(unknown, Unwritten::Changed));
    drop(person);
    assert_eq!(files(&host)[0], before);
    let new = Drawn::new();
    let changed = change(&host, Edit::Enrol(&new.code())).unwrap();
    assert!(changed.unreadable.is_some() && changed.before.is_new);
    assert_eq!(record_on_file(&host).unwrap().code, Some(new.code));
}

#[test]
fn what_another_has_changed_meanwhile_is_not_written_over() {
    let host = Host::with_alice();
    let seen = host.record();
    let if_still = |old: &Record, edit| {
        let files = PersonFiles::open(editing(&host, By::Person)).unwrap();
        files.change_if_still(old, edit)
    };
    assert!(if_still(&seen, SPEAK).is_ok());
    let before = files(&host);
    let changed = if_still(&seen, Edit::RenamePhone(&[1], "Pixel"))
        .err()
        .unwrap();
    assert!(matches!(changed, Unwritten::Changed));
    assert_eq!(files(&host), before);
    fs::remove_file(host.record_path()).unwrap();
    assert!(matches!(if_still(&seen, SPEAK), Err(Unwritten::Changed)));
    assert_eq!(files(&host)[0], None);
}

#[test]
fn the_time_is_asked_under_the_lock_of_the_state_and_without_it_nothing_is_changed() {
    for is_enrolled in [true, false] {
        let host = if is_enrolled {
            Host::with_alice()
        } else {
            Host::new()
        };
        // A state that was made for the look goes with it.
        let before = files(&host);
        let stopped = || {
            let mut patience = super::at_once();
            let taken = LockedState::take(&host.states, &host.alice, &mut *patience);
            assert!(matches!(taken, Err(StateTrouble::Busy(_))));
            Err(Trouble::new("clock", &"it has stopped"))
        };
        let editing = Editing {
            moment: &stopped,
            ..editing(&host, By::Person)
        };
        let new = Drawn::new();
        let edited = PersonFiles::open(editing)
            .unwrap()
            .change(Edit::Enrol(&new.code()));
        let trouble = edited.err().unwrap();
        assert!(matches!(trouble, Unwritten::System(trouble) if trouble.what == "clock"));
        assert_eq!(files(&host), before);
    }
}

#[test]
fn folders_that_are_not_roots_alone_are_not_used() {
    let host = Host::with_alice();
    let before = files(&host);
    own("/etc/antiphon/users", STRANGER);
    let records = change(&host, SPEAK).err().unwrap();
    assert!(matches!(records, Unwritten::Unreadable(trouble) if trouble.what == "record"));
    own("/etc/antiphon/users", 0);
    own("/var/lib/antiphon/state", STRANGER);
    let states = change(&host, SPEAK).err().unwrap();
    assert!(matches!(
        states,
        Unwritten::State(StateTrouble::Distrusted(_))
    ));
    assert_eq!(files(&host), before);
}

#[test]
fn the_record_is_the_one_on_file() {
    let host = Host::new();
    let files = PersonFiles::open(editing(&host, By::Person)).unwrap();
    assert!(files.record().unwrap().is_none());
    put(host.record_path(), text_of(&host.record()), 0o600);
    assert_eq!(
        text_of(&files.record().unwrap().unwrap()),
        text_of(&host.record())
    );
    drop(files);
    // Its state has to be made; that is no change of the record.
    assert!(change(&host, SPEAK).is_ok());
    let state: State = host.slots().state.unwrap();
    assert_eq!(state.recovery_left(&host.record()), 0);
}
