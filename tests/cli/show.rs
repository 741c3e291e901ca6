//! Status and activity.

use antiphon_tests::{PamHost, in_world};
use serde_json::{Value, json};

use crate::command::{antiphon, enroll, files, signs_in};
use crate::fix::status;

#[test]
fn a_look_changes_nothing() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        std::fs::remove_file(world.state_path("alice")).unwrap();
        let before = files(world);
        for look in [
            "status",
            "status alice",
            "status bob",
            "activity",
            "activity alice",
            "check",
        ] {
            for form in ["", " --json"] {
                antiphon(world, &format!("{look}{form}")).done();
            }
        }
        assert_eq!(files(world), before);
    });
}

#[test]
fn status_says_how_a_person_stands() {
    in_world(|world| {
        let none = status(world);
        assert_eq!(
            (&none["enrolled"], &none["code"]),
            (&json!(false), &json!(false))
        );
        let alice = enroll(world, "alice");
        assert!(signs_in(world, &alice.recovery[0], 0));
        let _ = PamHost::new(world, "alice").answer("000000").play();
        let known = status(world);
        assert_eq!(known["enrolled"], true);
        assert_eq!(known["recovery_left"], 9);
        assert_eq!(known["wrong_in_a_row"], 1);
        assert_eq!(known["codes"], "open");
        assert!(known["trouble"].is_null());
        assert!(known["last_activity"]["time"].is_string());
        antiphon(world, "status")
            .done()
            .says("alice")
            .says("9 left")
            .says("1 wrong in a row");
    });
}

#[test]
fn status_shows_a_broken_record_beside_the_sound_ones() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let _ = enroll(world, "bob");
        std::fs::write(world.record_path("alice"), "").unwrap();
        let users = antiphon(world, "status --json").done().object()["users"].clone();
        for (place, name, is_sound) in [(0, "alice", false), (1, "bob", true)] {
            let user = &users[place];
            assert_eq!(
                (&user["user"], &user["enrolled"]),
                (&json!(name), &json!(is_sound))
            );
        }
        let trouble = users[0]["trouble"].as_str().unwrap();
        assert!(trouble.contains("the record is empty"), "{trouble}");
        antiphon(world, "status")
            .done()
            .says("unusable: sign-ins are refused");
    });
}

#[test]
fn activity_shows_the_latest_lines_of_one_or_of_all_newest_last() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        let _ = enroll(world, "bob");
        assert!(signs_in(world, &alice.code(), 0));
        let outcomes = |arguments: &str| -> Vec<String> {
            let object = antiphon(world, arguments).done().object();
            let word = |event: &Value, key: &str| event[key].as_str().unwrap().to_owned();
            let events = object["events"].as_array().unwrap().iter();
            events
                .map(|event| word(event, "user") + " " + &word(event, "outcome"))
                .collect()
        };
        let both = ["alice enrolled", "alice accepted"];
        assert_eq!(outcomes("activity alice --json"), both);
        assert_eq!(outcomes("activity alice -n 1 --json"), ["alice accepted"]);
        assert_eq!(outcomes("activity alice -n 0 --json"), [""; 0]);
        let mut all = outcomes("activity --json");
        all.sort();
        assert_eq!(all, ["alice accepted", "alice enrolled", "bob enrolled"]);
        let shown = antiphon(world, "activity").done().out;
        assert_eq!(shown.lines().count(), 3, "{shown}");
    });
}

#[test]
fn everything_has_its_one_object() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        for deed in [
            "status",
            "status alice",
            "activity",
            "unlock alice",
            "recovery alice",
            "check",
            "remove alice --yes",
        ] {
            let _ = antiphon(world, &format!("{deed} --json")).done().object();
        }
    });
}
