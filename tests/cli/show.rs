//! Status and activity.

use antiphon_tests::{PamHost, in_world};

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
            (&false.into(), &false.into())
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
        let shown = antiphon(world, "status").done().out;
        assert!(
            shown.contains("alice")
                && shown.contains("9 left")
                && shown.contains("1 wrong in a row"),
            "{shown}"
        );
    });
}

#[test]
fn status_shows_a_broken_record_beside_the_sound_ones() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let _ = enroll(world, "bob");
        std::fs::write(world.record_path("alice"), "").unwrap();
        let said = antiphon(world, "status --json").done();
        let users = said.object()["users"].clone();
        assert_eq!(
            (&users[0]["user"], &users[0]["enrolled"]),
            (&"alice".into(), &false.into())
        );
        assert!(
            users[0]["trouble"]
                .as_str()
                .unwrap()
                .contains("the record is empty")
        );
        assert_eq!(
            (&users[1]["user"], &users[1]["enrolled"]),
            (&"bob".into(), &true.into())
        );
        let shown = antiphon(world, "status").done().out;
        assert!(shown.contains("unusable: sign-ins are refused"), "{shown}");
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
            let events = object["events"].as_array().unwrap().clone();
            events
                .iter()
                .map(|event| {
                    let text = |key: &str| event[key].as_str().unwrap().to_owned();
                    format!("{} {}", text("user"), text("outcome"))
                })
                .collect()
        };
        assert_eq!(
            outcomes("activity alice --json"),
            ["alice enrolled", "alice accepted"]
        );
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
