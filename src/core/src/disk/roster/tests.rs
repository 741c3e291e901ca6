use std::fs;

use super::{Roster, Signed};
use crate::disk::Walk;
use crate::disk::contest::AtOnce;
use crate::disk::fixture::{Host, NOW, STRANGER, mode_of, own};
use crate::fleet::signer::{Authority, FLEET};
use crate::fleet::{FleetRecord, Kind};
use crate::name::UserName;

fn signed(authority: &Authority, user: &str, serial: u32) -> Signed {
    let record = FleetRecord {
        user: user.into(),
        serial,
        issued: NOW,
        until: NOW.plus(3600),
        language: None,
        phones: vec![Host::phone(1)],
        numbers: Vec::new(),
    };
    Signed {
        document: authority.sign_record(&record),
        record,
        numbers: None,
    }
}

#[test]
fn what_was_signed_is_noted_for_root_alone_and_read_again() {
    let host = Host::new();
    let paths = &host.config.paths;
    assert!(Roster::look(paths, &Walk::default()).unwrap().is_none());
    let authority = Authority::new();
    let roster = Roster::take(paths, &mut AtOnce).unwrap();
    assert_eq!(roster.people(), Ok(Vec::new()));
    let names = ["alice", "åsa", "Bob"].map(|name| UserName::new(name).unwrap());
    for (serial, name) in (1..).zip(&names) {
        let signed = signed(&authority, name.as_str(), serial);
        roster.note(name, &signed).unwrap();
        assert_eq!(roster.of(name), Ok(Some(signed)));
    }
    let later = Signed {
        numbers: Some(authority.records.sign(Kind::Numbers, FLEET, "numbers\n")),
        ..signed(&authority, "alice", 7)
    };
    roster.note(&names[0], &later).unwrap();
    let path = paths.fleet.join("roster");
    assert_eq!(mode_of(&path), 0o700);
    assert_eq!(mode_of(path.join("alice")), 0o600);
    // Another command waits meanwhile.
    assert!(Roster::take(paths, &mut AtOnce).is_err());
    drop(roster);
    let roster = Roster::look(paths, &Walk::default()).unwrap().unwrap();
    assert_eq!(roster.of(&names[0]), Ok(Some(later)));
    let people = roster.people().unwrap();
    assert_eq!(
        people.iter().map(UserName::as_str).collect::<Vec<_>>(),
        ["Bob", "alice", "åsa"]
    );
    roster.forget(&names[0]).unwrap();
    assert_eq!(roster.of(&names[0]), Ok(None));
}

#[test]
fn a_roster_that_is_damaged_or_anothers_is_not_read() {
    let host = Host::new();
    let paths = &host.config.paths;
    let alice = UserName::new("alice").unwrap();
    let roster = Roster::take(paths, &mut AtOnce).unwrap();
    let signed = signed(&Authority::new(), "alice", 1);
    roster.note(&alice, &signed).unwrap();
    let path = paths.fleet.join("roster");
    fs::rename(path.join("alice"), path.join("bob")).unwrap();
    let bob = UserName::new("bob").unwrap();
    let said = roster.of(&bob).unwrap_err().detail;
    assert!(said.contains("antiphon fleet renew bob"), "{said}");
    own(path.join("bob"), STRANGER);
    let said = roster.of(&bob).unwrap_err().detail;
    assert!(said.contains("chown root"), "{said}");
}
