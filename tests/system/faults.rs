//! Every system call of a sign-in fails once, in every way that it may: nobody is let in by that, and nothing is
//! accepted twice.
//!
//! Each test prints its table: `cargo test -p antiphon-tests faults -- --nocapture`.

use std::fmt::Write;
use std::fs;

use antiphon_core::state::SlotPair;
use antiphon_tests::{Enrolled, PamHost, Played, World, in_world};

use crate::traced::{Call, calls, forget_activity, tampered, traced, was_met};

const ERRORS: [&str; 5] = ["EIO", "ENOSPC", "EACCES", "EMFILE", "EINTR"];

/// All that could let somebody in without an answer: a fault must not become a missing record, nor a membership.
const LENIENT: &str = "unenrolled = \"allow\"\n[exempt]\ngroups = [\"guests\"]\n";

/// What the person answers to each of three prompts, and what comes of it.
struct Scenario {
    answer: String,
    /// With no fault.
    result: &'static str,
    /// Whether the answer is one to be accepted.
    right: bool,
}

/// Alice, where [`LENIENT`] holds, and bob is a guest.
fn alice_among_guests(world: &World) -> Enrolled {
    world.configure(LENIENT);
    world.add_group("guests", 2000, &["bob"]);
    world.enrol_with_long_codes("alice")
}

#[test]
fn a_right_code_is_accepted_once_whatever_system_call_fails() {
    in_world(|world| {
        let mut alice = alice_among_guests(world);
        let scenario = Scenario {
            answer: alice.code(),
            result: "PAM_SUCCESS",
            right: true,
        };
        fail_each_call(world, &scenario, || alice.change(|_| {}));
    });
}

#[test]
fn a_recovery_code_is_accepted_once_whatever_system_call_fails() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        let scenario = Scenario {
            answer: alice.recovery[3].clone(),
            result: "PAM_SUCCESS",
            right: true,
        };
        fail_each_call(world, &scenario, || alice.change(|_| {}));
    });
}

#[test]
fn a_wrong_code_is_refused_and_no_guess_is_free_whatever_system_call_fails() {
    in_world(|world| {
        let mut alice = alice_among_guests(world);
        let scenario = Scenario {
            answer: alice.wrong_code(),
            result: "PAM_AUTH_ERR",
            right: false,
        };
        fail_each_call(world, &scenario, || alice.change(|_| {}));
    });
}

#[test]
fn a_state_that_is_made_anew_accepts_no_code_of_now_whatever_system_call_fails() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        let scenario = Scenario {
            answer: alice.code(),
            result: "PAM_AUTH_ERR",
            right: false,
        };
        fail_each_call(world, &scenario, || lose_state(world, &mut alice));
    });
}

fn lose_state(world: &World, alice: &mut Enrolled) {
    alice.change(|_| {});
    fs::remove_file(world.state_path("alice")).unwrap();
}

/// Lets each call of the sign-in of alice fail in each way, and prints what came of it. `prepare` makes everything as
/// it was.
fn fail_each_call(world: &World, scenario: &Scenario, mut prepare: impl FnMut()) {
    let mut prepare = || {
        prepare();
        forget_activity("alice");
    };
    prepare();
    let baseline = answer(traced(world, "alice", &[]), scenario);
    assert_eq!(baseline.result(), scenario.result, "{baseline:#?}");
    let calls = calls(world, "alice");
    let syncs = |call: &Call| call.name == "fdatasync" || call.name == "fsync";
    assert!(calls.iter().any(syncs));
    let mut table = format!("{} system calls\n{:<42}", calls.len(), "");
    for error in ERRORS {
        write!(table, "{error:<12} ").unwrap();
    }
    for call in &calls {
        let place: String = call.to_string().chars().take(40).collect();
        write!(table, "\n{place:<42}").unwrap();
        for error in ERRORS {
            prepare();
            let result = fail_once(world, scenario, call, error);
            let result = result.trim_start_matches("PAM_");
            write!(table, "{:<12} ", result.trim_start_matches("AUTHINFO_")).unwrap();
        }
    }
    println!("{table}");
}

fn fail_once(world: &World, scenario: &Scenario, call: &Call, error: &str) -> String {
    let host = tampered(world, "alice", call, &format!("error={error}"));
    let played = answer(host, scenario);
    let context = format!("{error} at {call}: {played:#?}");
    assert!(was_met(world, "alice"), "{context}");
    // It came to an end, and not by a signal.
    let ended = played.succeeded && played.results().len() == 1;
    assert!(ended, "{context}");
    let result = played.result();
    assert_ne!(result, "PAM_IGNORE", "{context}");
    assert!(scenario.right || result != "PAM_SUCCESS", "{context}");
    // Of each guess that was told to be one.
    let told = u32::try_from(played.times_said("is wrong")).unwrap();
    assert!(told <= guesses_counted(world), "{context}");
    let mut accepted = usize::from(result == "PAM_SUCCESS");
    for _ in 0..2 {
        let again = answer(PamHost::new(world, "alice"), scenario);
        assert_ne!(again.result(), "PAM_IGNORE", "{context} {again:#?}");
        accepted += usize::from(again.result() == "PAM_SUCCESS");
        if !scenario.right {
            break;
        }
    }
    assert!(accepted <= usize::from(scenario.right), "{context}");
    result.to_owned()
}

fn answer(host: PamHost, scenario: &Scenario) -> Played {
    host.answers([&scenario.answer; 3]).play()
}

fn guesses_counted(world: &World) -> u32 {
    let bytes = world.state("alice").unwrap_or_default();
    SlotPair::decode(&bytes)
        .unwrap()
        .state
        .map_or(0, |state| state.wrong_in_a_row())
}
