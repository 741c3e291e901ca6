//! A phone is added through the real daemon, by a client that was written from the API's page alone.

use std::time::{Duration, Instant};
use std::{fs, thread};

use antiphon_tests::World;
use serde_json::json;

use crate::command::{antiphon, enroll, files, signs_in};
use crate::daemon::{PATIENCE, in_house};
use crate::enrolling::{Enrolling, other_than};
use crate::{Daemon, Inbox, Phone, Web};

/// Adds a phone of alice's under this name, to the end; the phone, and the object.
pub(crate) fn add(world: &World, name: &str) -> (Phone, serde_json::Value) {
    let mut enrolling = Enrolling::start(world);
    let web = Web::default();
    let phone = Phone::enrol(&web, &enrolling.address(), name).unwrap();
    enrolling.step("opened");
    enrolling.step("passkey");
    let (mut inbox, waits) = Inbox::open(&web, &phone.token);
    let number = enrolling.number();
    let shown = waits.into_iter().next().unwrap_or_else(|| inbox.request());
    assert_eq!(phone.approve(&shown, &number).status, 202);
    assert_eq!(inbox.gone(shown["id"].as_str().unwrap()), "accepted");
    (phone, enrolling.end().done().object())
}

/// The daemon notices in its own time that the command has gone.
fn soon(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_phone_is_added_to_what_the_person_has_and_root_sees_it() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let alice = enroll(world, "alice");
        let before = fs::read_to_string(world.record_path("alice")).unwrap();
        let (_phone, object) = add(world, "Pixel 9");
        assert_eq!(object["user"], "alice");
        assert_eq!(object["phone"]["name"], "Pixel 9");
        assert_eq!(object["phone"]["origin"], "http://localhost:8470");
        assert_eq!(object["recovery_codes"], json!([]), "the old ones stay");
        let after = fs::read_to_string(world.record_path("alice")).unwrap();
        let (code, _) = before.split_once("[recovery]").unwrap();
        assert!(
            after.starts_with(code) && after.contains("[[phone]]"),
            "{after}"
        );
        assert!(signs_in(world, &alice.code(), 0));
        assert!(signs_in(world, &alice.recovery[0], 0));

        let object = antiphon(world, "status alice --json").done().object();
        let phones = object["users"][0]["phones"].as_array().unwrap();
        assert_eq!(phones.len(), 1);
        assert_eq!(phones[0]["name"], "Pixel 9");
        let said = antiphon(world, "status alice").done();
        assert!(said.out.contains("code, 1 phone"), "{said:#?}");
        assert!(
            said.out.contains("phones          Pixel 9, since 20"),
            "{said:#?}"
        );

        let event = world.activity("alice").pop().unwrap();
        assert_eq!((&*event.outcome, &*event.method), ("accepted", "recovery"));
        let mut events = world.activity("alice").into_iter();
        assert!(events.any(|event| event.outcome == "enrolled" && event.method == "phone"));
        let log = world.log().lines().join("\n");
        assert!(
            log.contains("outcome=enrolled method=phone user=alice"),
            "{log}"
        );
        assert!(log.contains("phone=\"Pixel 9\""), "{log}");
    });
}

#[test]
fn who_has_only_phones_is_given_recovery_codes_once() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (_first, object) = add(world, "Pixel 9");
        let codes = object["recovery_codes"].as_array().unwrap();
        assert_eq!(codes.len(), 10);
        // By the same name: phones are removed by it.
        let (_second, object) = add(world, "Pixel 9");
        assert_eq!(object["phone"]["name"], "Pixel 9 (2)");
        assert_eq!(object["recovery_codes"], json!([]));
        assert!(signs_in(world, codes[0].as_str().unwrap(), 0));
        antiphon(world, "check").done();
    });
}

#[test]
fn a_lost_phone_is_removed_and_never_the_only_way() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (_first, _) = add(world, "one");
        let _ = add(world, "two");
        antiphon(world, "remove alice --phone three --yes").failed(67, "there is one, two");
        antiphon(world, "remove alice --phone one").failed(64, "--yes");
        let said = antiphon(world, "remove alice --phone one --yes --json").done();
        assert_eq!(
            said.object(),
            json!({"user": "alice", "removed": true, "phone": "one", "forgotten": true})
        );
        let before = files(world);
        antiphon(world, "remove alice --phone two --yes").failed(65, "only way in");
        assert_eq!(files(world), before);
        let log = world.log().lines().join("\n");
        assert!(
            log.contains("outcome=removed method=phone user=alice"),
            "{log}"
        );
        let event = world.activity("alice").pop().unwrap();
        assert_eq!((&*event.outcome, &*event.method), ("removed", "phone"));
    });
}

#[test]
fn root_can_name_the_phone() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let _ = add(world, "one");
        antiphon(world, "enroll alice --phone --name one").failed(73, "another --name");
        antiphon(world, "enroll alice --name two").failed(64, "--phone");
        let mut enrolling = Enrolling::start_with(world, &["alice", "--name", "hers"]);
        let phone = Phone::enrol(&web, &enrolling.address(), "as she calls it").unwrap();
        enrolling.step("opened");
        assert_eq!(enrolling.step("passkey")["phone"], "hers");
        let (mut inbox, waits) = Inbox::open(&web, &phone.token);
        let number = enrolling.number();
        let shown = waits.into_iter().next().unwrap_or_else(|| inbox.request());
        phone.approve(&shown, &number);
        let object = enrolling.end().done().object();
        assert_eq!(object["phone"]["name"], "hers");
    });
}

#[test]
fn the_trial_is_an_approval_and_a_slip_in_it_can_be_made_good() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut enrolling = Enrolling::start(world);
        let phone = Phone::enrol(&web, &enrolling.address(), "Pixel 9").unwrap();
        enrolling.step("opened");
        enrolling.step("passkey");
        let number = enrolling.number();
        let (mut inbox, waits) = Inbox::open(&web, &phone.token);
        let shown = waits.into_iter().next().unwrap_or_else(|| inbox.request());
        assert_eq!(shown["service"], "antiphon enroll");
        assert_eq!(shown["user"], "alice");
        assert_eq!(shown["host"], "harbour");
        phone.approve(&shown, &other_than(&number));
        assert_eq!(inbox.gone(shown["id"].as_str().unwrap()), "wrong");
        assert_eq!(enrolling.step("again")["reason"], "wrong_number");
        let number = enrolling.number();
        let shown = inbox.request();
        assert!(files(world).is_empty(), "before it was right");
        phone.approve(&shown, &number);
        enrolling.end().done();
        assert!(world.record_path("alice").exists());
    });
}

#[test]
fn three_wrong_numbers_or_a_no_add_nothing() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let begin = || {
            let mut enrolling = Enrolling::start(world);
            let phone = Phone::enrol(&web, &enrolling.address(), "Pixel 9").unwrap();
            enrolling.step("opened");
            enrolling.step("passkey");
            let number = enrolling.number();
            let (mut inbox, waits) = Inbox::open(&web, &phone.token);
            let shown = waits.into_iter().next().unwrap_or_else(|| inbox.request());
            (enrolling, phone, inbox, shown, number)
        };
        let (mut enrolling, phone, mut inbox, mut shown, mut number) = begin();
        for last in [false, false, true] {
            phone.approve(&shown, &other_than(&number));
            assert_eq!(inbox.gone(shown["id"].as_str().unwrap()), "wrong");
            enrolling.step("again");
            if !last {
                number = enrolling.number();
                shown = inbox.request();
            }
        }
        enrolling.end().failed(65, "no trial was right");
        soon("the phone is nobody's", || {
            phone.get("/api/me").status == 401
        });

        let (enrolling, phone, _inbox, shown, _) = begin();
        phone.decline(shown["id"].as_str().unwrap());
        enrolling.end().failed(65, "it is not you");
        assert!(files(world).is_empty());
        let log = world.log().lines().join("\n");
        assert!(
            log.contains("outcome=refused reason=trial method=phone user=alice"),
            "{log}"
        );
        assert!(
            log.contains("outcome=reported method=phone user=alice"),
            "{log}"
        );
    });
}

#[test]
fn a_ticket_is_for_one_phone_and_for_as_long_as_the_command_runs() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut enrolling = Enrolling::start(world);
        let address = enrolling.address();
        let (before, secret) = address.rsplit_once('.').unwrap();
        let guessed = format!("{}AAAAAAAA.{secret}", &before[..before.len() - 8]);
        assert_eq!(Phone::enrol(&web, &guessed, "x").err().unwrap().status, 404);
        let phone = Phone::enrol(&web, &address, "Pixel 9").unwrap();
        // Whoever has photographed the screen comes too late.
        assert_eq!(
            Phone::enrol(&web, &address, "thief").err().unwrap().status,
            409
        );
        enrolling.step("opened");
        assert_eq!(enrolling.step("passkey")["phone"], "Pixel 9");
        enrolling.interrupt();
        enrolling.end().failed(75, "stopped. No phone was added");
        soon("the ticket is gone", || phone.get("/api/me").status == 401);
        let late = Phone::enrol(&web, &address, "late");
        assert_eq!(late.err().unwrap().status, 404);
        assert!(files(world).is_empty());
    });
}

#[test]
fn ctrl_c_and_a_daemon_that_dies_are_said_at_every_step_and_leave_nothing() {
    in_house(|world| {
        let web = Web::default();
        let _ = enroll(world, "alice");
        let before = files(world);
        for step in 0..2 {
            for dies in [false, true] {
                let daemon = Daemon::start(world, "");
                let mut enrolling = Enrolling::start(world);
                let address = enrolling.address();
                let phone = (step > 0).then(|| {
                    let phone = Phone::enrol(&web, &address, "Pixel 9").unwrap();
                    enrolling.step("opened");
                    enrolling.step("passkey");
                    enrolling.number();
                    phone
                });
                if dies {
                    drop(daemon);
                    enrolling.end().failed(69, "antiphond is not to be had");
                } else {
                    enrolling.interrupt();
                    enrolling.end().failed(75, "stopped");
                }
                drop(phone);
                assert_eq!(files(world), before);
            }
        }
    });
}

#[test]
fn without_a_daemon_it_is_said_how_to_start_it() {
    in_house(|world| {
        antiphon(world, "enroll alice --phone").failed(69, "systemctl start antiphond");
        assert!(files(world).is_empty());
    });
}

#[test]
fn the_secret_of_codes_is_in_the_address_only_where_the_page_may_have_it() {
    in_house(|world| {
        let alice = enroll(world, "alice");
        for (configuration, parts) in [("", 2), ("[page]\ncode = true\n", 3)] {
            let _daemon = Daemon::start(world, configuration);
            let mut enrolling = Enrolling::start(world);
            let address = enrolling.address();
            let fragment = address.split_once('#').unwrap().1;
            let parts_found: Vec<&str> = fragment.split('.').collect();
            assert_eq!(parts_found.len(), parts);
            if let Some(codes) = parts_found.get(2) {
                let secret = data_encoding::BASE64URL_NOPAD
                    .decode(codes.as_bytes())
                    .unwrap();
                assert_eq!(data_encoding::BASE32_NOPAD.encode(&secret), alice.secret);
            }
            enrolling.interrupt();
            let _ = enrolling.end();
        }
    });
}

#[test]
fn neither_secret_nor_number_is_logged_or_kept() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut enrolling = Enrolling::start(world);
        let address = enrolling.address();
        let phone = Phone::enrol(&web, &address, "Pixel 9").unwrap();
        enrolling.step("opened");
        enrolling.step("passkey");
        let number = enrolling.number();
        let (mut inbox, waits) = Inbox::open(&web, &phone.token);
        let shown = waits.into_iter().next().unwrap_or_else(|| inbox.request());
        phone.approve(&shown, &number);
        enrolling.end().done();
        let (ticket, secret) = address.split_once('#').unwrap().1.split_once('.').unwrap();
        let mut kept = world.log().lines().join("\n").into_bytes();
        for (_, bytes) in files(world) {
            kept.extend(bytes);
        }
        let database = world
            .command("cat")
            .arg("/var/lib/antiphond/antiphond.db")
            .output()
            .unwrap();
        kept.extend(database.stdout);
        let kept = String::from_utf8_lossy(&kept);
        for secret in [ticket, secret, &phone.token] {
            assert!(!kept.contains(secret), "{secret}");
        }
    });
}
