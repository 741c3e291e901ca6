//! `antiphon fleet renew`: what is signed comes from root's files on the enrolment host, never from what a relay says.

use std::fs;
use std::path::Path;

use antiphon_core::fleet::{FleetRecord, Keys, SignedDocument};
use antiphon_core::name::UserName;

use super::{Commanded, Computer, HOST, relay, token};
use crate::Daemon;
use crate::command::antiphon;
use crate::daemon::{STATE, in_house};
use crate::phone_added::add;

const ROSTER: &str = "/var/lib/antiphon/fleet/roster/alice";
const ROOT_KEY: &str = "/root/root.key";

/// What was signed last of alice. The numbers, if there are any, stand on the next line.
pub(super) fn signed() -> (SignedDocument, FleetRecord) {
    let text = fs::read_to_string(ROSTER).unwrap();
    let document = SignedDocument::parse(text.lines().next().unwrap().as_bytes()).unwrap();
    let alice = UserName::new("alice").unwrap();
    let record = FleetRecord::parse(&document.body, &alice).unwrap();
    (document, record)
}

fn keys() -> Keys {
    let document = fs::read("/etc/antiphon/fleet/keys").unwrap();
    Keys::parse(&SignedDocument::parse(&document).unwrap().body).unwrap()
}

/// How the renewal of alice's record ended.
fn outcome(world: &antiphon_tests::World, status: i32) -> String {
    let said = antiphon(world, "fleet renew --json").exits(status);
    let people = said.object()["people"].clone();
    people[0]["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn what_changed_on_the_enrolment_host_is_signed_again_and_nothing_else() {
    in_house(|world| {
        let _relay = relay(world);
        let (_first, _) = add(world, "Pixel 9");
        let (document, record) = signed();
        assert_eq!(record.phones.len(), 1);
        assert_eq!(outcome(world, 0), "unchanged");
        assert_eq!(signed().0, document);
        // A phone that was taken out by hand.
        let path = world.record_path("alice");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("Pixel 9", "Old Pixel")).unwrap();
        assert_eq!(outcome(world, 0), "renewed");
        let (_, later) = signed();
        assert!(later.serial > record.serial);
        assert_eq!(later.phones[0].name, "Old Pixel");
        // A record with an error takes nobody's phones away, nor does one that was deleted by hand.
        fs::write(&path, "version = 1\n[[phone]]\n").unwrap();
        assert_eq!(outcome(world, 1), "failed");
        fs::remove_file(&path).unwrap();
        assert_eq!(outcome(world, 1), "failed");
        assert_eq!(signed().1, later);
        // Which root's own command does.
        antiphon(world, "remove alice --yes").done();
        assert!(signed().1.phones.is_empty());
        assert_eq!(outcome(world, 0), "unchanged");
    });
}

#[test]
fn a_number_is_published_for_who_has_a_phone_and_its_digits_are_in_no_record() {
    in_house(|world| {
        let daemon = relay(world);
        let (_first, _) = add(world, "Pixel 9");
        antiphon(world, "number add alice +46701234521 --sms")
            .done()
            .says("every host of the fleet example");
        let (document, record) = signed();
        assert_eq!(record.numbers.len(), 1);
        assert!(!document.body.contains("70123"), "{document:?}");
        assert_eq!(outcome(world, 0), "unchanged");
        // Another number that ends the same.
        let path = world.record_path("alice");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("+46701234521", "+46709999921")).unwrap();
        assert_eq!(outcome(world, 0), "renewed");
        assert_eq!(signed().1.numbers, record.numbers);
        // A relay that has lost everything is given it again.
        daemon.terminate();
        for file in ["antiphond.db", "antiphond.db-wal", "antiphond.db-shm"] {
            let _ = fs::remove_file(Path::new(STATE).join(file));
        }
        let _relay = Daemon::start(world, super::RELAY);
        assert_eq!(outcome(world, 0), "published");
        antiphon(world, "number remove alice +46709999921")
            .done()
            .says("every host of the fleet example");
        assert!(signed().1.numbers.is_empty());
        assert_eq!(signed().1.phones.len(), 1);
        // Whoever has no phone is not a person of the fleet.
        antiphon(world, "enroll bob --no-confirm").done();
        antiphon(world, "number add bob +46701234522")
            .done()
            .says_no("fleet");
        assert_eq!(people_in_the_fleet(world), 1);
    });
}

#[test]
fn what_could_not_be_published_waits_and_a_relay_that_lost_everything_is_given_it_again() {
    in_house(|world| {
        let daemon = relay(world);
        let (_first, _) = add(world, "Pixel 9");
        daemon.terminate();
        antiphon(world, "remove alice --yes")
            .done()
            .warns("antiphon fleet renew");
        assert!(signed().1.phones.is_empty());
        antiphon(world, "fleet renew").failed(69, "antiphond");
        for file in ["antiphond.db", "antiphond.db-wal", "antiphond.db-shm"] {
            let _ = fs::remove_file(Path::new(STATE).join(file));
        }
        let _relay = Daemon::start(world, super::RELAY);
        assert_eq!(outcome(world, 0), "published");
        assert_eq!(outcome(world, 0), "unchanged");
    });
}

#[test]
fn a_roster_that_was_lost_is_no_way_back_to_an_older_record() {
    in_house(|world| {
        let _relay = relay(world);
        let (_first, _) = add(world, "Pixel 9");
        let (_, before) = signed();
        fs::remove_file(ROSTER).unwrap();
        antiphon(world, "fleet renew alice")
            .done()
            .says("alice: published");
        assert!(signed().1.serial > before.serial);
    });
}

#[test]
fn the_root_key_renews_the_keys_and_ends_one_that_was_stolen() {
    in_house(|world| {
        let _relay = relay(world);
        let (_first, _) = add(world, "Pixel 9");
        let (before, stolen) = (keys(), signed().0);
        let other = "/root/other.key";
        antiphon(world, "fleet renew --root-key /root/gone").failed(66, "is its disk mounted?");
        fs::copy("/etc/antiphon/fleet/records.key", other).unwrap();
        antiphon(world, &format!("fleet renew --root-key {other}")).failed(65, "not the root key");
        assert_eq!(keys(), before);
        antiphon(world, &format!("fleet renew --root-key {ROOT_KEY}")).done();
        assert!(keys().serial > before.serial);
        assert_eq!(keys().keys, before.keys);
        assert_eq!(outcome(world, 0), "unchanged");
        let said = antiphon(
            world,
            &format!("fleet renew --root-key {ROOT_KEY} --new-key --json"),
        );
        let object = said.done().object();
        assert_eq!(object["people"][0]["outcome"], "renewed");
        assert_eq!(keys().keys.len(), before.keys.len());
        assert!(keys().keys.iter().all(|key| key.name != stolen.key));
        antiphon(world, "fleet check").done();
    });
}

#[test]
fn the_keys_of_other_enrolment_hosts_stay_until_root_leaves_one_out() {
    in_house(|world| {
        let daemon = relay(world);
        let own = keys().keys;
        let mut enrol2 = Computer::new(world, "enrol2", "127.0.0.2", HOST);
        let token = token(world, "--role enrol");
        enrol2.antiphon(&["join", &token]).done();
        enrol2.start_daemon();
        let root_key = enrol2.path("/etc/antiphon/root.key");
        fs::copy(ROOT_KEY, &root_key).unwrap();
        let renew = ["fleet", "renew", "--root-key", "/etc/antiphon/root.key"];
        enrol2.antiphon(&renew).done();
        // Nothing is signed here that the relay, which has the key of enrol2, does not know of.
        daemon.terminate();
        let before = keys();
        let here = format!("fleet renew --root-key {ROOT_KEY}");
        antiphon(world, &here).failed(69, "antiphond");
        assert_eq!(keys(), before);
        let _relay = Daemon::start(world, super::RELAY);
        antiphon(world, &here).done();
        assert_eq!(keys().keys.len(), own.len() + 1);
        antiphon(world, "fleet status")
            .done()
            .says("records, records-enrol2");
        antiphon(world, "hosts revoke enrol2")
            .done()
            .says("--leave-out records-enrol2");
        for (name, why) in [("nothing", "no key"), ("records", "--new-key")] {
            antiphon(world, &format!("{here} --leave-out {name}")).failed(65, why);
        }
        antiphon(world, &format!("{here} --leave-out records-enrol2")).done();
        assert_eq!(keys().keys, own);
        let status = antiphon(world, "fleet status --json").done().object();
        assert_eq!(status["record_keys"], serde_json::json!(["records"]));
    });
}

#[test]
fn who_had_a_phone_before_there_was_a_fleet_is_adopted_when_root_says_so() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let (_first, _) = add(world, "Pixel 9");
        daemon.terminate();
        let record = fs::read_to_string(world.record_path("alice")).unwrap();
        for (name, changed) in [
            ("bob", record.replace("localhost:8470", "localhost:9470")),
            ("root", record.clone()),
        ] {
            fs::copy(world.record_path("alice"), world.record_path(name)).unwrap();
            let changed = changed.replace("\"alice\"", &format!("\"{name}\""));
            fs::write(world.record_path(name), changed).unwrap();
        }
        let _relay = relay(world);
        assert_eq!(people_in_the_fleet(world), 0);
        let adopted = |options: &str| {
            let said = antiphon(world, &format!("fleet adopt {options} --json")).done();
            let people = said.object()["people"].as_array().unwrap().clone();
            let words = people.iter().map(|row| {
                let word = |key: &str| row[key].as_str().unwrap().to_owned();
                format!("{} {}", word("user"), word("outcome"))
            });
            words.collect::<Vec<String>>()
        };
        let others = ["bob left-out", "root left-out"];
        assert_eq!(adopted(""), [&["alice ready"][..], &others].concat());
        antiphon(world, "fleet adopt")
            .done()
            .says("fleet adopt --yes");
        assert!(!Path::new(ROSTER).exists());
        assert_eq!(adopted("--yes"), [&["alice renewed"][..], &others].concat());
        assert_eq!(signed().1.phones.len(), 1);
        assert_eq!(adopted("--yes"), others);
        antiphon(world, "fleet adopt").done().says_no("alice");
    });
}

/// How many people are in the fleet.
fn people_in_the_fleet(world: &antiphon_tests::World) -> usize {
    let said = antiphon(world, "fleet renew --json").done();
    said.object()["people"].as_array().unwrap().len()
}
