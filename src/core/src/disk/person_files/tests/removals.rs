//! All of somebody's files, taken away.

use std::fs::{self, File};

use nix::fcntl::{Flock, FlockArg};

use super::{PersonFiles, ROOT, Unwritten, begin, change, editing, files, has_begun, text_of};
use crate::bypass::BypassCode;
use crate::disk::fixture::{Host, NOW, STRANGER, entries, own, put, set_mode};
use crate::disk::person_files::Removed;
use crate::language::Language;
use crate::person::{Edit, Grant};

fn remove(host: &Host, purge: bool) -> Result<Removed, Unwritten> {
    PersonFiles::remove(editing(host, ROOT), purge)
}

/// Alice, of whom there is everything that there can be.
fn whole() -> Host {
    let host = Host::with_alice();
    change(&host, Edit::Speak(Language::Swedish)).unwrap();
    begin(&host);
    assert!(has_begun(&host));
    assert_eq!(entries(&host.activity), ["alice.json"]);
    host
}

#[test]
fn the_record_goes_with_what_was_begun_and_shown_and_the_state_if_it_is_to() {
    for purge in [false, true] {
        let host = whole();
        let [record, state] = files(&host);
        let removed = remove(&host, purge).unwrap();
        assert!(removed.had_record && removed.unreadable.is_none() && removed.unseen.is_none());
        assert_eq!(removed.had_state, purge);
        let was = removed.record.unwrap();
        assert_eq!(text_of(&was).as_bytes(), record.unwrap().0);
        let left = if purge { None } else { state };
        assert_eq!(files(&host), [None, left]);
        assert!(!has_begun(&host));
        assert_eq!(entries(&host.activity), [""; 0]);
    }
}

#[test]
fn a_bypass_code_goes_with_the_record_and_one_that_cannot_be_withdrawn_is_said() {
    let host = whole();
    let grant = Grant {
        code: &BypassCode::new([1; 10]),
        salt: [2; 16],
        lasts: 3600,
        uses: 2,
    };
    let bypass = |host: &Host| host.slots().state.unwrap().bypass(NOW).cloned();
    change(&host, Edit::Grant(&grant)).unwrap();
    assert!(bypass(&host).is_some());
    let [record, _] = files(&host);
    assert!(remove(&host, false).unwrap().bypass_stays.is_none());
    assert!(bypass(&host).is_none());

    put(host.record_path(), record.unwrap().0, 0o600);
    change(&host, Edit::Grant(&grant)).unwrap();
    own("/var/lib/antiphon/state", STRANGER);
    let removed = remove(&host, false).unwrap();
    assert!(removed.had_record && removed.bypass_stays.is_some());
    own("/var/lib/antiphon/state", 0);
    assert!(bypass(&host).is_some());
}

#[test]
fn a_bypass_code_goes_with_a_record_that_cannot_be_read_and_the_rest_of_the_state_stays() {
    for broken in [true, false] {
        let host = whole();
        let [record, _] = files(&host);
        let before = host.slots().state.unwrap();
        let grant = Grant {
            code: &BypassCode::new([1; 10]),
            salt: [2; 16],
            lasts: 3600,
            uses: 2,
        };
        change(&host, Edit::Grant(&grant)).unwrap();
        if broken {
            put(host.record_path(), "version = 1\n", 0o600);
        } else {
            fs::remove_file(host.record_path()).unwrap();
        }
        let removed = remove(&host, false).unwrap();
        assert!(removed.had_record == broken && removed.bypass_stays.is_none());
        put(host.record_path(), record.unwrap().0, 0o600);
        assert_eq!(host.slots().state.unwrap(), before);
    }
}

#[test]
fn where_there_is_nothing_nothing_is_said_to_have_been_there() {
    let host = Host::new();
    let removed = remove(&host, true).unwrap();
    assert!(!removed.had_record && !removed.had_state);
    assert!(removed.record.is_none() && removed.unreadable.is_none());
    assert!(removed.unseen.is_none());
}

#[test]
fn a_record_that_cannot_be_read_can_be_removed() {
    let host = whole();
    put(host.record_path(), "version = 1\n", 0o600);
    let removed = remove(&host, false).unwrap();
    assert!(removed.had_record && removed.record.is_none());
    assert_eq!(removed.unreadable.unwrap().what, "record");
    assert!(!host.record_path().exists());
}

#[test]
fn where_a_folder_is_missing_the_rest_is_removed_and_one_that_is_not_trusted_is_an_error() {
    let host = whole();
    set_mode("/etc/antiphon/users", 0o777);
    let before = files(&host);
    let refused = remove(&host, true).err().unwrap();
    assert!(matches!(refused, Unwritten::Unreadable(trouble) if trouble.what == "record"));
    assert_eq!(files(&host), before);
    fs::remove_dir_all("/etc/antiphon").unwrap();
    let removed = remove(&host, true).unwrap();
    assert!(!removed.had_record && removed.had_state);
    assert!(!host.state_path().exists() && !has_begun(&host));
}

#[test]
fn whoever_changes_records_is_waited_for() {
    let host = whole();
    let before = files(&host);
    let users = File::open(host.users.path()).unwrap();
    let _held = Flock::lock(users, FlockArg::LockShared).unwrap();
    assert!(matches!(remove(&host, true), Err(Unwritten::Lock(_))));
    assert_eq!(files(&host), before);
}

#[test]
fn a_record_that_cannot_be_removed_is_an_error_and_what_is_shown_and_cannot_be_is_said() {
    let host = whole();
    Host::make_read_only("/etc");
    assert!(matches!(remove(&host, true), Err(Unwritten::Record(_))));
    assert!(host.state_path().exists());
    Host::make_writable("/etc");
    own("/var/lib/antiphon/activity", STRANGER);
    let removed = remove(&host, false).unwrap();
    assert!(removed.had_record);
    assert_eq!(removed.unseen.unwrap().path, host.activity.path());
}
