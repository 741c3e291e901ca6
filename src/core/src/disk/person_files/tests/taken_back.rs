//! A phone that was added, and of which nobody has heard yet.

use std::fs;

use super::{
    Drawn, PersonFiles, ROOT, Unwritten, change, editing, files, record_on_file, summary, text_of,
};
use crate::disk::Changed;
use crate::disk::fixture::{Host, entries, put};
use crate::language::Language;
use crate::person::Edit;
use crate::state::State;

fn added(host: &Host, new: &Drawn) -> Changed {
    change(host, Edit::AddPhone(&new.phone())).unwrap()
}

fn take_back(host: &Host, new: &Drawn, added: &Changed) -> Result<(), Unwritten> {
    let files = PersonFiles::open(editing(host, ROOT))?;
    files.take_back(&new.phone.credential, added)
}

#[test]
fn of_somebody_who_had_nothing_nothing_is_left() {
    let host = Host::new();
    let new = Drawn::new();
    let added = added(&host, &new);
    assert!(summary(&host).is_some());
    take_back(&host, &new, &added).unwrap();
    assert_eq!(files(&host), [None, None]);
    assert_eq!(entries(&host.activity), [""; 0]);
}

#[test]
fn of_somebody_who_had_a_record_before_the_state_stays() {
    let host = Host::with_alice();
    fs::remove_file(host.record_path()).unwrap();
    let new = Drawn::new();
    let added = added(&host, &new);
    take_back(&host, &new, &added).unwrap();
    assert!(!host.record_path().exists());
    assert!(host.slots().state.is_some());
}

#[test]
fn of_somebody_who_is_enrolled_only_the_phone_goes() {
    let host = Host::with_alice();
    let new = Drawn::new();
    let added = added(&host, &new);
    take_back(&host, &new, &added).unwrap();
    assert_eq!(
        text_of(&record_on_file(&host).unwrap()),
        text_of(&host.record())
    );
    assert_eq!(summary(&host).unwrap().phones.len(), 1);
    assert!(host.slots().whole);
}

#[test]
fn what_was_changed_meanwhile_stays() {
    for is_enrolled in [false, true] {
        let host = if is_enrolled {
            Host::with_alice()
        } else {
            Host::new()
        };
        let new = Drawn::new();
        let added = added(&host, &new);
        change(&host, Edit::Speak(Language::Swedish)).unwrap();
        take_back(&host, &new, &added).unwrap();
        let record = record_on_file(&host).unwrap();
        assert_eq!(record.language, Some(Language::Swedish));
        assert!(!record.phones.contains(&new.phone));
        assert!(host.slots().state.is_some());
        assert_eq!(summary(&host).unwrap().phones.len(), record.phones.len());
    }
}

#[test]
fn where_it_cannot_be_told_what_stands_there_nothing_is_taken() {
    let host = Host::new();
    let new = Drawn::new();
    let added = added(&host, &new);
    put(host.record_path(), "version = 1\n", 0o600);
    let before = files(&host);
    let kept = take_back(&host, &new, &added);
    assert!(matches!(kept, Err(Unwritten::Unreadable(_))));
    assert_eq!(files(&host), before);
}

#[test]
fn a_record_that_cannot_be_removed_keeps_its_state() {
    let host = Host::new();
    let new = Drawn::new();
    let added = added(&host, &new);
    let before = files(&host);
    Host::make_read_only("/etc");
    assert!(matches!(
        take_back(&host, &new, &added),
        Err(Unwritten::Record(_))
    ));
    assert_eq!(files(&host), before);
    let state: State = host.slots().state.unwrap();
    assert_eq!(state, added.after.state);
}
