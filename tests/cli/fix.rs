//! Unlocking, and new recovery codes.

use std::fs::{self, File};

use antiphon_tests::{PamHost, World, in_world};
use nix::fcntl::{Flock, FlockArg};

use crate::command::{antiphon, command, enroll, signs_in};

fn lock(world: &World, wrong: usize) {
    for _ in 0..wrong.div_ceil(3) {
        let host = PamHost::new(world, "alice");
        // Far from all steps that could be right now.
        let _ = (0..3).fold(host, |host, _| host.answer("000000")).play();
    }
}

#[test]
fn unlock_opens_codes_again_and_says_when_there_was_nothing_to_do() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        lock(world, 6);
        assert_eq!(status(world)["codes"], "locked");
        assert_eq!(status(world)["wrong_in_a_row"], 5);
        assert!(!signs_in(world, &alice.code(), 0));
        let said = antiphon(world, "unlock alice --json").done();
        assert_eq!(said.object()["unlocked"], true);
        assert_eq!(status(world)["codes"], "open");
        assert!(signs_in(world, &alice.code(), 0));
        let said = antiphon(world, "unlock alice --json").done();
        assert_eq!(said.object()["unlocked"], false);
    });
}

#[test]
fn unlock_never_opens_a_used_code() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        let code = alice.code();
        assert!(signs_in(world, &code, 0));
        lock(world, 6);
        antiphon(world, "unlock alice").done();
        assert!(!signs_in(world, &code, 0));
    });
}

#[test]
fn unlock_fixes_a_clock_that_ran_ahead() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        assert!(signs_in(world, &alice.code_in(86_400), 86_400));
        assert!(!signs_in(world, &alice.code(), 0));
        let found = antiphon(world, "check");
        assert_eq!(found.status, 78);
        assert!(found.out.contains("antiphon unlock alice"), "{found:#?}");
        antiphon(world, "unlock alice").done();
        assert!(signs_in(world, &alice.code_in(90), 90));
        antiphon(world, "check").done();
    });
}

#[test]
fn new_recovery_codes_void_the_old_ones_and_each_works_once() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        assert!(signs_in(world, &alice.recovery[0], 0));
        let said = antiphon(world, "recovery alice --json").done();
        let object = said.object();
        let codes = object["recovery_codes"].as_array().unwrap();
        assert_eq!(codes.len(), 10);
        assert!(!signs_in(world, &alice.recovery[1], 0));
        let code = codes[0].as_str().unwrap();
        assert!(signs_in(world, code, 0));
        assert!(!signs_in(world, code, 0));
        assert_eq!(status(world)["recovery_left"], 9);
        assert!(signs_in(world, &alice.code(), 0), "the secret stays");
    });
}

#[test]
fn new_recovery_codes_that_nobody_could_read_are_said_to_be_lost() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        for words in [
            ["recovery", "alice"].as_slice(),
            &["recovery", "alice", "--json"],
        ] {
            let full = fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap();
            let mut command = command(world, words);
            let output = command.stdout(full).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(74), "{said}");
            assert!(said.contains("were not shown"), "{said}");
            assert!(said.contains("run the command again"), "{said}");
        }
    });
}

#[test]
fn unlock_waits_until_no_other_command_changes_records() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let users = File::open("/etc/antiphon/users").unwrap();
        let other = Flock::lock(users, FlockArg::LockExclusive).unwrap();
        antiphon(world, "unlock alice").failed(75, "another command is changing records");
        drop(other);
        antiphon(world, "unlock alice").done();
    });
}

#[test]
fn recovery_codes_that_a_lost_state_has_closed_are_opened_by_new_ones() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        fs::remove_file(world.state_path("alice")).unwrap();
        let found = antiphon(world, "check").done();
        assert!(found.out.contains("antiphon recovery alice"), "{found:#?}");
        assert!(!signs_in(world, &alice.recovery[0], 0));
        let said = antiphon(world, "recovery alice --json").done();
        let code = said.object()["recovery_codes"][3]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(signs_in(world, &code, 0));
    });
}

#[test]
fn a_person_without_a_record_has_nothing_to_fix() {
    in_world(|world| {
        for deed in ["unlock", "recovery"] {
            antiphon(world, &format!("{deed} alice")).failed(67, "antiphon enroll alice");
        }
    });
}

pub(crate) fn status(world: &World) -> serde_json::Value {
    antiphon(world, "status alice --json").done().object()["users"][0].clone()
}
