//! Every frame, sent by every peer: whatever the message says, a host speaks for nobody but itself, a host that enrols nobody
//! can do no more than a sign-in needs, and who has not joined can only join.
#![no_main]

use antiphon_core::wire::{HostRole, Peer, ToDaemon};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const OWN: &str = "db7";
/// All that a host sends that enrols nobody, as the frame names it.
const OF_HOSTS: [&str; 7] = [
    "approve",
    "outcome",
    "paused",
    "deliver_to_person",
    "hello",
    "record",
    "renew",
];
/// What no host sends, whatever its role.
const ROOTS: [&str; 5] = [
    "approve_by_account",
    "account_ticket",
    "deliver",
    "key_unknown",
    "join",
];

fuzz_target!(|text: &str| {
    let Ok(message) = serde_json::from_str::<ToDaemon>(text) else {
        return;
    };
    let frame = serde_json::to_value(&message).unwrap();
    let (mut word, mut inside) = only(&frame);
    if word == "fleet" {
        (word, inside) = only(inside);
    }
    let host = |role| Peer::Host {
        name: OWN.into(),
        role,
    };
    let [by_host, by_enrolling] = [HostRole::Host, HostRole::Enrol].map(|role| host(role).may(&message));
    assert_eq!(Peer::Newcomer.may(&message), word == "join");
    let is_hosts = ["hello", "renew", "join"].contains(&word);
    assert_eq!(Peer::Root.may(&message), !is_hosts);
    // Who enrols is a host too.
    assert!(by_enrolling || !by_host);
    assert!(!by_enrolling || !ROOTS.contains(&word));
    if by_host {
        assert!(OF_HOSTS.contains(&word), "{word}");
        let is_trial = inside["request"]["service"] == "antiphon enroll";
        assert!(!is_trial);
    }
    // Whom it revokes is somebody else.
    if by_enrolling && word != "revoke" {
        assert!(speaks_for(inside).all(|host| host == OWN));
        assert!(word != "hello" || inside["name"] == OWN);
    }
});

/// The one member of an object, and its name.
fn only(value: &Value) -> (&str, &Value) {
    let (word, inside) = value.as_object().unwrap().iter().next().unwrap();
    (word, inside)
}

/// All that it calls a host, wherever.
fn speaks_for(value: &Value) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::Object(members) => Box::new(members.iter().flat_map(|(name, member)| {
            let host = member.as_str().filter(|_| name == "host");
            host.into_iter().chain(speaks_for(member))
        })),
        Value::Array(items) => Box::new(items.iter().flat_map(speaks_for)),
        _ => Box::new(std::iter::empty()),
    }
}
