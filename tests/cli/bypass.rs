//! `antiphon bypass`: a code for a person without their phone.

use std::fs;

use antiphon_core::state::SLOT_LENGTH;
use antiphon_tests::{PamHost, World, in_world};

use crate::command::{antiphon, enroll, enroll_confirmed, signs_in};
use crate::fix::{lock, status};

/// The code that `antiphon bypass alice` with these options makes.
fn granted(world: &World, options: &str) -> String {
    let said = antiphon(world, &format!("bypass alice --json {options}")).done();
    let object = said.object();
    assert_eq!(object["user"], "alice");
    object["bypass_code"].as_str().unwrap().to_owned()
}

#[test]
fn a_bypass_code_signs_in_as_often_as_was_said_and_status_shows_it() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        assert!(status(world)["bypass"].is_null());
        let code = granted(world, "--uses 2");
        assert_eq!(status(world)["bypass"]["uses"], 2);
        assert!(signs_in(world, &code, 0));
        assert_eq!(status(world)["bypass"]["uses"], 1);
        antiphon(world, "status alice").done().says("for 1 sign-in");
        assert!(signs_in(world, &code.to_lowercase(), 0));
        assert!(!signs_in(world, &code, 0));
        assert!(status(world)["bypass"].is_null());
        let mut logged = world.log().ours();
        logged.retain(|line| line.text.contains("outcome=accepted"));
        assert_eq!(logged.len(), 2);
        assert!(
            logged
                .iter()
                .all(|line| line.text.contains("method=bypass"))
        );
    });
}

#[test]
fn a_bypass_code_ends_with_its_time_and_no_clock_brings_it_back() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let code = granted(world, "--for 30m --uses 100");
        assert!(signs_in(world, &code, 1700));
        // Behind the last look: it may have served for who knows how long.
        assert!(!signs_in(world, &code, 0));
        let code = granted(world, "--for 30m --uses 100");
        assert!(!signs_in(world, &code, 1800));
        assert!(!signs_in(world, &code, 0));
        let code = granted(world, "--for 30m");
        assert!(!signs_in(world, &code, -3600));
        assert!(!signs_in(world, &code, 0));
    });
}

#[test]
fn a_bypass_code_is_withdrawn_replaced_and_lost_with_the_state() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let first = granted(world, "");
        let second = granted(world, "");
        assert!(!signs_in(world, &first, 0));
        for is_one in [true, false] {
            let ended = antiphon(world, "bypass alice --end --json").done().object();
            assert_eq!(ended["ended"], is_one);
        }
        assert!(!signs_in(world, &second, 0));

        let lost = granted(world, "");
        fs::remove_file(world.state_path("alice")).unwrap();
        assert!(!signs_in(world, &lost, 0));

        // One half of the state unreadable: the other may be the one from before the withdrawal.
        let halved = granted(world, "--uses 9");
        let path = world.state_path("alice");
        let mut bytes = fs::read(&path).unwrap();
        let sequence = |slot: usize| bytes[slot + 16..slot + 24].to_vec();
        let older = if sequence(0) < sequence(SLOT_LENGTH) {
            0
        } else {
            SLOT_LENGTH
        };
        bytes[older + 60] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(!signs_in(world, &halved, 0));

        let before = granted(world, "");
        let _ = enroll_confirmed(world, &["alice", "--replace"]);
        assert!(!signs_in(world, &before, 0));
    });
}

#[test]
fn a_record_alone_is_enough_and_locked_codes_are_no_hindrance() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        fs::remove_file(world.state_path("alice")).unwrap();
        let code = granted(world, "");
        assert!(signs_in(world, &code, 0));
        lock(world, 6);
        assert_eq!(status(world)["codes"], "locked");
        // Its recovery codes are closed, since the state was lost: without a bypass code nothing could be answered.
        assert!(signs_in(world, &granted(world, ""), 0));
        assert_eq!(status(world)["codes"], "open");
    });
}

#[test]
fn a_bypass_code_is_the_persons_own() {
    in_world(|world| {
        let _ = (enroll(world, "alice"), enroll(world, "bob"));
        let code = granted(world, "");
        let played = PamHost::new(world, "bob").answer(&code).play();
        assert_ne!(played.result(), "PAM_SUCCESS");
        assert!(signs_in(world, &code, 0));
    });
}

#[test]
fn neither_log_nor_files_hold_the_code_and_both_say_that_there_is_one() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let said = antiphon(world, "bypass alice --for 1d --uses 3").done();
        let line = said.out.lines().find(|line| line.contains("BYPASS-"));
        let plain = line.unwrap().trim().replace('-', "");
        let secret = plain.trim_start_matches("BYPASS");
        let logged = world.log().lines();
        assert!(!logged.join("\n").replace('-', "").contains(secret));
        let state = world.state("alice").unwrap();
        assert!(!String::from_utf8_lossy(&state).contains(secret));
        let mut granted = logged.iter().filter(|line| line.contains("outcome=bypass"));
        assert!(granted.any(|line| line.contains("3 sign-ins") && line.contains("user=alice")));
        let last = world.activity("alice").pop().unwrap();
        assert_eq!(
            (last.outcome.as_str(), last.service.as_str()),
            ("bypass", "antiphon bypass")
        );
    });
}

#[test]
fn what_cannot_be_granted_is_said() {
    in_world(|world| {
        antiphon(world, "bypass alice").failed(67, "antiphon enroll alice");
        let _ = enroll(world, "alice");
        for odd in [
            "--for 0m",
            "--for 8d",
            "--sealed",
            "--sealed --for 367d",
            "--sealed --end",
            "--for 2",
            "--for +2h",
            "--for -2h",
            "--for 2w",
            "--for 99999999999999999999d",
            "--uses 0",
            "--uses 101",
            "--end --uses 2",
        ] {
            let said = antiphon(world, &format!("bypass alice {odd}"));
            assert_eq!(said.status, 64, "{odd}: {said:#?}");
        }
        assert!(status(world)["bypass"].is_null());
    });
}

#[test]
fn a_sealed_code_is_a_page_in_both_languages_and_serves_for_a_year() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let said = antiphon(world, "bypass alice --sealed --for 366d").done();
        let code = said
            .out
            .split_whitespace()
            .find(|word| word.starts_with("BYPASS-"))
            .unwrap();
        for part in [
            "NÖDKOD",
            "Dator / computer:       harbour\n",
            "Användare / user:       alice\n",
            "2. Skriv lösenordet.",
            "2. Type the password.",
            "antiphon bypass alice --end",
        ] {
            assert!(said.out.contains(part), "{part}: {}", said.out);
        }
        assert!(!said.err.contains(code), "{said:#?}");
        let logged = world.log().lines().join("\n");
        assert!(
            !logged.contains(code) && logged.contains("1 sign-in, sealed"),
            "{logged}"
        );
        let day = 24 * 60 * 60;
        assert!(!signs_in(world, code, 366 * day));
        let code = granted(world, "--sealed --for 366d");
        assert!(signs_in(world, &code, 365 * day));
        assert!(!signs_in(world, &code, 365 * day));
    });
}
