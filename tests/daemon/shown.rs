//! What a phone is shown of its person: phones and recent activity.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use antiphon_core::activity::Event;
use antiphon_core::disk::Folder;
use antiphon_core::disk::summary_file::{self, Durable};
use antiphon_core::name::UserName;
use antiphon_core::record::{Record, TelephoneNumber, TelephoneUse};
use antiphon_core::summary::Summary;
use antiphon_core::wire::FromDaemon;
use antiphon_tests::World;
use serde_json::{Value, json};

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::phone::bytes;
use crate::root::request;
use crate::{Daemon, Phone, Root};

const ACTIVITY: &str = "/var/lib/antiphon/activity";

fn event(outcome: &str) -> Event {
    event_at("2026-11-22T20:00:00Z", outcome)
}

fn event_at(time: &str, outcome: &str) -> Event {
    Event {
        time: time.into(),
        outcome: outcome.into(),
        host: "web1".into(),
        remote_host: "203.0.113.5".into(),
        ..Event::default()
    }
}

fn report(phone: &Phone, body: &Value) -> u16 {
    phone.post("/api/activity/report", body).status
}

#[test]
fn a_phone_sees_its_persons_phones_and_which_one_it_is() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (one, _two) = (enrol("alice", "Ett"), enrol("alice", "Två"));
        let _other = enrol("bob", "Three");
        let me = one.get("/api/me").json();
        assert_eq!(
            (&me["user"], &me["host"]),
            (&json!("alice"), &json!("web1"))
        );
        let mut phones = me["phones"].as_array().unwrap().clone();
        // Both of the same second, perhaps.
        phones.sort_by_key(|phone| phone["name"].to_string());
        for (phone, (name, this)) in phones.iter().zip([("Ett", true), ("Två", false)]) {
            assert_eq!(
                (&phone["name"], &phone["this"]),
                (&json!(name), &json!(this))
            );
            assert!(phone["enrolled"].as_u64().unwrap() > 1_700_000_000);
        }
        assert_eq!(phones.len(), 2);
        let key = bytes(me["push_key"].as_str().unwrap());
        assert_eq!((key.len(), key[0]), (65, 4));
    });
}

#[test]
fn a_phone_sees_its_persons_activity_latest_first_and_a_hundred_at_most() {
    in_house(|world| {
        let place = "[[place]]\nname = \"Campus Norra\"\nnetworks = [\"203.0.113.0/24\"]\n";
        let _daemon = Daemon::start(world, place);
        let phone = enrol("alice", "Pixel 9");
        let events = || phone.get("/api/activity").json()["events"].clone();
        assert_eq!(events(), json!([]));
        world.happened("bob", &event("wrong"));
        for _ in 0..120 {
            world.happened("alice", &event("wrong"));
        }
        world.happened("alice", &event("accepted"));
        let shown = events();
        assert_eq!(shown.as_array().unwrap().len(), 100);
        let expected = json!({
            "id": shown[0]["id"], "reported": false,
            "time": 1_795_377_600, "count": 1, "since": null, "outcome": "accepted", "reason": "", "method": "", "host": "web1",
            "service": "", "remote_host": "203.0.113.5", "place": "Campus Norra", "terminal": "", "caller": "",
        });
        assert_eq!(shown[0], expected);
        assert_eq!(shown[99]["outcome"], "wrong");
    });
}

#[test]
fn a_sign_in_that_began_again_and_again_is_one_event_which_can_be_reported_whenever_it_was_shown() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let latest = || phone.get("/api/activity").json()["events"][0].clone();
        let happened = |second: u32, outcome| {
            let time = format!("2026-11-22T20:00:{second:02}Z");
            world.happened("alice", &event_at(&time, outcome));
        };
        happened(0, "called");
        let first = latest();
        happened(1, "accepted");
        happened(2, "called");
        happened(7, "called");
        let again = latest();
        assert_eq!(
            (&again["outcome"], &again["count"]),
            (&json!("called"), &json!(2))
        );
        assert_eq!(again["since"], 1_795_377_602_u64);
        assert_eq!(again["time"], 1_795_377_607_u64);
        assert!(again.get("open").is_none(), "{again}");
        assert_ne!(again["id"], first["id"]);
        // The stranger goes on while the person reads.
        happened(9, "called");
        assert_eq!(report(&phone, &json!({"id": again["id"]})), 200);
        happened(11, "called");
        let later = latest();
        assert_eq!(
            (&later["count"], &later["reported"]),
            (&json!(4), &json!(true))
        );
        let logged = logged_reports(world);
        assert_eq!(logged.len(), 1, "{logged:?}");
        let words = "at=2026-11-22T20:00:09Z was=called times=3 since=2026-11-22T20:00:02Z";
        assert!(logged[0].contains(words), "{logged:?}");
    });
}

#[test]
fn activity_that_somebody_else_could_have_written_is_not_shown() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        symlink("/etc/passwd", format!("{ACTIVITY}/alice.jsonl")).unwrap();
        let refused = phone.get("/api/activity");
        assert_eq!(refused.status, 503);
        assert!(!refused.error().contains("passwd"));
        daemon.expect_log("alice.jsonl: is a symbolic link");
        fs::remove_file(format!("{ACTIVITY}/alice.jsonl")).unwrap();
        assert_eq!(phone.get("/api/activity").status, 200);
    });
}

#[test]
fn a_phone_sees_the_ways_that_root_has_written_down_and_none_of_a_secret() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let methods = || phone.get("/api/me").json()["methods"].clone();
        assert!(methods().is_null());
        let mut alice = world.enrol("alice");
        alice.change(|record| {
            record.numbers.push(TelephoneNumber {
                tel: "+46701234521".into(),
                uses: vec![TelephoneUse::Sms, TelephoneUse::Call],
            });
        });
        publish(world);
        let numbers = json!([{"ending": "21", "uses": ["sms", "call"]}]);
        assert_eq!(
            methods(),
            json!({"code": true, "phones": [], "accounts": [], "recovery_left": 10, "numbers": numbers})
        );
        // Nobody else's, and not before the phone counts.
        let bob = enrol("bob", "Annan");
        assert!(bob.get("/api/me").json()["methods"].is_null());
    });
}

#[test]
fn ways_that_somebody_else_could_have_written_are_not_shown_and_garbage_is_none() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let path = format!("{ACTIVITY}/alice.json");
        let me = || {
            let me = phone.get("/api/me");
            assert_eq!(me.status, 200);
            assert_eq!(me.json()["phones"][0]["name"], "Pixel 9");
            me.json()["methods"].clone()
        };
        symlink("/etc/passwd", &path).unwrap();
        assert!(me().is_null());
        daemon.expect_log("alice.json: is a symbolic link");
        fs::remove_file(&path).unwrap();
        nix::unistd::mkfifo(
            path.as_str(),
            nix::sys::stat::Mode::from_bits_truncate(0o644),
        )
        .unwrap();
        assert!(me().is_null());
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(me().is_null());
        fs::remove_dir(&path).unwrap();
        let (long, deep) = ("x".repeat(70_000), "[".repeat(60_000));
        for garbage in ["", "{", "[[[[", "{\"code\": \"yes\"}", &long, &deep] {
            fs::write(&path, garbage).unwrap();
            assert!(me().is_null(), "{garbage}");
        }
    });
}

#[test]
fn a_report_is_kept_shown_and_logged_once() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let bob = enrol("bob", "Annan");
        world.happened("alice", &event("accepted"));
        let latest = || phone.get("/api/activity").json()["events"][0].clone();
        let id = latest()["id"].as_str().unwrap().to_owned();
        assert_eq!((id.len(), &latest()["reported"]), (8, &json!(false)));
        let body = json!({"id": id});
        // Nobody reports for another.
        assert_eq!(report(&bob, &body), 404);
        for _ in 0..3 {
            let taken = phone.post("/api/activity/report", &body);
            assert_eq!((taken.status, taken.json()), (200, json!({})));
            assert_eq!(latest()["reported"], true);
        }
        for (odd, status) in [
            (json!({"id": "unknown1"}), 404),
            (json!({"id": ""}), 404),
            (json!({"id": "x".repeat(10_000)}), 404),
            (json!({}), 422),
            (json!({"id": 1}), 422),
            (json!({"id": id, "user": "bob"}), 422),
        ] {
            assert_eq!(report(&phone, &odd), status, "{odd}");
        }
        let logged = logged_reports(world);
        assert_eq!(logged.len(), 1, "{logged:?}");
        for part in [
            "reason=afterwards user=alice at=2026-11-22T20:00:00Z was=accepted host=web1",
            "rhost=203.0.113.5",
            "by=phone phone=\"Pixel 9\"",
        ] {
            assert!(logged[0].contains(part), "no {part} in {logged:?}");
        }
        // It outlives the daemon.
        assert!(daemon.terminate().success());
        let _daemon = Daemon::start(world, "");
        assert_eq!(latest()["reported"], true);
    });
}

#[test]
fn the_administrator_is_told_of_it_is_not_me_also_where_the_caller_hung_up_before_the_module_heard()
{
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        // What the module has heard it logs itself.
        for (heard, lines) in [(true, 0), (false, 1)] {
            let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
            let shown = inbox.request();
            assert_eq!(phone.decline(&shown).status, 202);
            assert_eq!(root.hear(), Some(FromDaemon::Declined {}));
            if heard {
                root.outcome("reported");
            } else {
                drop(root);
            }
            inbox.gone(&shown);
            let logged = logged_reports(world);
            assert_eq!(logged.len(), lines, "{logged:?}");
        }
        let logged = logged_reports(world);
        let line = "outcome=reported reason=unheard user=alice";
        assert!(
            logged[0].contains(line) && logged[0].contains("rhost=203.0.113.5"),
            "{logged:?}"
        );
    });
}

#[test]
fn what_root_did_is_no_sign_in_to_report() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let event = Event {
            service: "antiphon unlock".into(),
            ..event("unlocked")
        };
        world.happened("alice", &event);
        assert_eq!(report(&phone, &json!({"id": event.id()})), 404);
        assert!(logged_reports(world).is_empty());
    });
}

/// What root writes of alice's ways.
fn publish(world: &World) {
    let record = fs::read_to_string(world.record_path("alice")).unwrap();
    let user = UserName::new("alice").unwrap();
    let record = Record::parse(&record, &user).unwrap();
    let folder = Folder::open(Path::new(ACTIVITY)).unwrap();
    summary_file::store(&folder, &user, &Summary::of(&record, 10), Durable::Yes).unwrap();
}

fn logged_reports(world: &World) -> Vec<String> {
    let mut lines = world.log().lines();
    lines.retain(|line| line.contains("antiphond") && line.contains("outcome=reported"));
    // Facility AUTHPRIV, a warning.
    assert!(
        lines.iter().all(|line| line.starts_with("<84>")),
        "{lines:?}"
    );
    lines
}
