//! What a phone is shown of its person: phones and recent activity.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use antiphon_core::activity::Event;
use antiphon_core::disk::{Folder, activity_file};
use antiphon_core::name::UserName;

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::phone::bytes;
use crate::{Daemon, Web};

const ACTIVITY: &str = "/var/lib/antiphon/activity";

fn happened(user: &str, outcome: &str) {
    let folder = Folder::open(Path::new(ACTIVITY)).unwrap();
    let event = Event {
        time: "2026-11-22T20:00:00Z".into(),
        outcome: outcome.into(),
        host: "web1".into(),
        remote_host: "203.0.113.5".into(),
        ..Event::default()
    };
    activity_file::append(&folder, &UserName::new(user).unwrap(), &event).unwrap();
}

#[test]
fn a_phone_sees_its_persons_phones_and_which_one_it_is() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let (one, _two) = (enrol(&web, "alice", "Ett"), enrol(&web, "alice", "Två"));
        let _other = enrol(&web, "bob", "Three");
        let me = one.get("/api/me").json();
        assert_eq!(
            (&me["user"], &me["host"]),
            (&"alice".into(), &"web1".into())
        );
        let phones: Vec<_> = me["phones"].as_array().unwrap().iter().collect();
        let mut shown: Vec<_> = phones
            .iter()
            .map(|phone| {
                (
                    phone["name"].as_str().unwrap(),
                    phone["this"].as_bool().unwrap(),
                )
            })
            .collect();
        // Both of the same second, perhaps.
        shown.sort_unstable();
        assert_eq!(shown, [("Ett", true), ("Två", false)]);
        assert!(phones[0]["enrolled"].as_u64().unwrap() > 1_700_000_000);
        let key = bytes(me["push_key"].as_str().unwrap());
        assert_eq!((key.len(), key[0]), (65, 4));
    });
}

#[test]
fn a_phone_sees_its_persons_activity_latest_first_and_a_hundred_at_most() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol(&Web::default(), "alice", "Pixel 9");
        let events = || phone.get("/api/activity").json()["events"].clone();
        assert_eq!(events(), serde_json::json!([]));
        happened("bob", "wrong");
        for _ in 0..120 {
            happened("alice", "wrong");
        }
        happened("alice", "accepted");
        let shown = events();
        assert_eq!(shown.as_array().unwrap().len(), 100);
        assert_eq!(
            shown[0],
            serde_json::json!({
                "time": 1_795_377_600, "outcome": "accepted", "reason": "", "method": "", "host": "web1",
                "service": "", "remote_host": "203.0.113.5", "terminal": "", "caller": "",
            })
        );
        assert_eq!(shown[99]["outcome"], "wrong");
    });
}

#[test]
fn activity_that_somebody_else_could_have_written_is_not_shown() {
    in_house(|world| {
        let mut daemon = Daemon::start(world, "");
        let phone = enrol(&Web::default(), "alice", "Pixel 9");
        symlink("/etc/passwd", format!("{ACTIVITY}/alice.jsonl")).unwrap();
        let refused = phone.get("/api/activity");
        assert_eq!(refused.status, 503);
        assert!(!refused.error().contains("passwd"));
        daemon.expect_log("alice.jsonl: is a symbolic link");
        fs::remove_file(format!("{ACTIVITY}/alice.jsonl")).unwrap();
        assert_eq!(phone.get("/api/activity").status, 200);
    });
}
