//! Unlocking, and new recovery codes.

use std::fs;

use antiphon_tests::{PamHost, World, in_world};

use crate::command::{antiphon, enroll, into_a_full_disk, recovery_codes, signs_in};

/// Alice answers so often with a wrong code, three times in each sign-in.
pub(crate) fn lock(world: &World, wrong: usize) {
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
        let object = antiphon(world, "unlock alice --json").done().object();
        assert_eq!(object["unlocked"], true);
        assert_eq!(object["lifted"], serde_json::json!(["codes"]));
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
        antiphon(world, "check")
            .exits(78)
            .says("antiphon unlock alice");
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
        let codes = renewed(world);
        assert_eq!(codes.len(), 10);
        assert!(!signs_in(world, &alice.recovery[1], 0));
        assert!(signs_in(world, &codes[0], 0));
        assert!(!signs_in(world, &codes[0], 0));
        assert_eq!(status(world)["recovery_left"], 9);
        assert!(signs_in(world, &alice.code(), 0), "the secret stays");
    });
}

#[test]
fn new_recovery_codes_that_nobody_could_read_are_said_to_be_lost() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        for words in [&["recovery", "alice"][..], &["recovery", "alice", "--json"]] {
            into_a_full_disk(world, words)
                .failed(74, "were not shown")
                .warns("run the command again");
        }
    });
}

#[test]
fn recovery_codes_that_a_lost_state_has_closed_are_opened_by_new_ones() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        fs::remove_file(world.state_path("alice")).unwrap();
        antiphon(world, "check")
            .done()
            .says("antiphon recovery alice");
        assert!(!signs_in(world, &alice.recovery[0], 0));
        assert!(signs_in(world, &renewed(world)[3], 0));
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

/// New recovery codes for alice.
fn renewed(world: &World) -> Vec<String> {
    recovery_codes(&antiphon(world, "recovery alice --json").done().object())
}

/// How alice stands.
pub(crate) fn status(world: &World) -> serde_json::Value {
    antiphon(world, "status alice --json").done().object()["users"][0].clone()
}
