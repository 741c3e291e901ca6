//! A phone is added through the real daemon, by a client that was written from the API's page alone.

use std::fs;

use antiphon_tests::{World, until};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use serde_json::{Value, json};

use crate::command::{antiphon, enroll, files, signs_in};
use crate::daemon::{STATE, in_house};
use crate::enrolling::{Enrolling, other_than};
use crate::{Daemon, Inbox, Phone};

/// A phone of alice's on trial: it shows the question, and the command the number.
struct Trial {
    enrolling: Enrolling,
    address: String,
    phone: Phone,
    inbox: Inbox,
    shown: Value,
    number: String,
}

impl Trial {
    fn begin(world: &World, name: &str) -> Self {
        Self::of(Enrolling::start(world), name)
    }

    fn of(mut enrolling: Enrolling, name: &str) -> Self {
        let address = enrolling.address();
        let phone = Phone::enrol(&address, name).unwrap();
        enrolling.step("opened");
        enrolling.step("passkey");
        let (mut inbox, waits) = phone.inbox();
        let number = enrolling.number();
        let shown = waits.into_iter().next().unwrap_or_else(|| inbox.request());
        Self {
            enrolling,
            address,
            phone,
            inbox,
            shown,
            number,
        }
    }

    /// What the phone is told when the right number was typed in, or another one.
    fn typed(&mut self, is_right: bool) -> String {
        let other = other_than(&self.number);
        let number = if is_right { &self.number } else { &other };
        assert_eq!(self.phone.approve(&self.shown, number).status, 202);
        self.inbox.gone(&self.shown)
    }

    /// Goes on to the next question, after a wrong number.
    fn again(&mut self) {
        assert_eq!(self.enrolling.step("again")["reason"], "wrong_number");
        self.number = self.enrolling.number();
        self.shown = self.inbox.request();
    }
}

/// Adds a phone of alice's under this name, to the end; the phone, and the object.
pub(crate) fn add(world: &World, name: &str) -> (Phone, Value) {
    let mut trial = Trial::begin(world, name);
    assert_eq!(trial.typed(true), "accepted");
    (trial.phone, trial.enrolling.end().done().object())
}

/// Waits until `phone` is nobody's: the daemon notices in its own time that the command has gone.
fn is_forgotten(phone: &Phone) {
    until("the phone is nobody's", || {
        (phone.get("/api/me").status == 401).then_some(())
    });
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
        let is_added = after.starts_with(code) && after.contains("[[phone]]");
        assert!(is_added, "{after}");
        assert!(signs_in(world, &alice.code(), 0));
        assert!(signs_in(world, &alice.recovery[0], 0));

        let object = antiphon(world, "status alice --json").done().object();
        let phones = object["users"][0]["phones"].as_array().unwrap();
        assert_eq!(phones.len(), 1);
        assert_eq!(phones[0]["name"], "Pixel 9");
        antiphon(world, "status alice")
            .done()
            .says("code, 1 phone")
            .says("phones          Pixel 9, since 20");

        let event = world.activity("alice").pop().unwrap();
        assert_eq!((&*event.outcome, &*event.method), ("accepted", "recovery"));
        let mut events = world.activity("alice").into_iter();
        assert!(events.any(|event| event.outcome == "enrolled" && event.method == "phone"));
        assert!(world.log().says("outcome=enrolled method=phone user=alice"));
        assert!(world.log().says("phone=\"Pixel 9\""));
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
        assert!(world.log().says("outcome=removed method=phone user=alice"));
        let event = world.activity("alice").pop().unwrap();
        assert_eq!((&*event.outcome, &*event.method), ("removed", "phone"));
    });
}

#[test]
fn root_can_name_the_phone() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let _ = add(world, "one");
        antiphon(world, "enroll alice --phone --name one").failed(73, "another --name");
        antiphon(world, "enroll alice --name two").failed(64, "--phone");
        let named = Enrolling::start_with(world, &["alice", "--name", "hers"]);
        let mut trial = Trial::of(named, "as she calls it");
        trial.typed(true);
        let object = trial.enrolling.end().done().object();
        assert_eq!(object["phone"]["name"], "hers");
    });
}

#[test]
fn the_trial_is_an_approval_and_a_slip_in_it_can_be_made_good() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut trial = Trial::begin(world, "Pixel 9");
        assert_eq!(trial.shown["service"], "antiphon enroll");
        assert_eq!(trial.shown["user"], "alice");
        assert_eq!(trial.shown["host"], "harbour");
        assert_eq!(trial.typed(false), "wrong");
        trial.again();
        assert!(files(world).is_empty(), "before it was right");
        trial.typed(true);
        trial.enrolling.end().done();
        assert!(world.record_path("alice").exists());
    });
}

#[test]
fn three_wrong_numbers_or_a_no_add_nothing() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut trial = Trial::begin(world, "Pixel 9");
        for _ in 0..2 {
            assert_eq!(trial.typed(false), "wrong");
            trial.again();
        }
        assert_eq!(trial.typed(false), "wrong");
        trial.enrolling.end().failed(65, "no trial was right");
        is_forgotten(&trial.phone);

        let trial = Trial::begin(world, "Pixel 9");
        trial.phone.decline(&trial.shown);
        trial.enrolling.end().failed(65, "it is not you");
        assert!(files(world).is_empty());
        for line in [
            "outcome=refused reason=trial method=phone user=alice",
            "outcome=reported method=phone user=alice",
        ] {
            assert!(world.log().says(line), "{line}");
        }
    });
}

#[test]
fn a_ticket_is_for_one_phone_and_for_as_long_as_the_command_runs() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut enrolling = Enrolling::start(world);
        let address = enrolling.address();
        let (before, secret) = address.rsplit_once('.').unwrap();
        let guessed = format!("{}AAAAAAAA.{secret}", &before[..before.len() - 8]);
        assert_eq!(Phone::enrol(&guessed, "x").err().unwrap().status, 404);
        let phone = Phone::enrol(&address, "Pixel 9").unwrap();
        // Whoever has photographed the screen comes too late.
        let thief = Phone::enrol(&address, "thief");
        assert_eq!(thief.err().unwrap().status, 409);
        enrolling.step("opened");
        assert_eq!(enrolling.step("passkey")["phone"], "Pixel 9");
        enrolling.interrupt();
        enrolling.end().failed(75, "stopped. No phone was added");
        is_forgotten(&phone);
        let late = Phone::enrol(&address, "late");
        assert_eq!(late.err().unwrap().status, 404);
        assert!(files(world).is_empty());
    });
}

#[test]
fn ctrl_c_and_a_daemon_that_dies_are_said_at_every_step_and_leave_nothing() {
    in_house(|world| {
        let _ = enroll(world, "alice");
        let before = files(world);
        for is_on_trial in [false, true] {
            for dies in [false, true] {
                let daemon = Daemon::start(world, "");
                let mut enrolling = Enrolling::start(world);
                if is_on_trial {
                    enrolling = Trial::of(enrolling, "Pixel 9").enrolling;
                } else {
                    enrolling.address();
                }
                if dies {
                    drop(daemon);
                    enrolling.end().failed(69, "antiphond is not to be had");
                } else {
                    enrolling.interrupt();
                    enrolling.end().failed(75, "stopped");
                }
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
            let found: Vec<&str> = address.split_once('#').unwrap().1.split('.').collect();
            assert_eq!(found.len(), parts, "{configuration}");
            if let Some(codes) = found.get(2) {
                let secret = BASE64URL_NOPAD.decode(codes.as_bytes()).unwrap();
                assert_eq!(BASE32_NOPAD.encode(&secret), alice.secret);
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
        let mut trial = Trial::begin(world, "Pixel 9");
        trial.typed(true);
        trial.enrolling.end().done();
        let (_, fragment) = trial.address.split_once('#').unwrap();
        let (ticket, secret) = fragment.split_once('.').unwrap();
        let mut kept = world.log().lines().join("\n").into_bytes();
        for (_, bytes) in files(world) {
            kept.extend(bytes);
        }
        kept.extend(fs::read(format!("{STATE}/antiphond.db")).unwrap());
        let kept = String::from_utf8_lossy(&kept);
        for secret in [ticket, secret, &trial.phone.token] {
            assert!(!kept.contains(secret), "{secret}");
        }
    });
}
