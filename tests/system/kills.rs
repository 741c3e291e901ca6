//! `kill -9` at any moment of a sign-in: nothing is accepted twice, the state reads, and nothing is left lying about.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use antiphon_core::state::SlotPair;
use antiphon_tests::{Enrolled, PamHost, Played, World, in_world};

use crate::traced::{calls, forget_activity, tampered, traced, was_met};

/// Sign-ins that are killed at random moments.
const ROUNDS: usize = 500;

#[test]
fn a_sign_in_killed_at_500_random_moments_never_lets_a_code_be_used_twice() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        let bob = world.enrol("bob");
        let whole = duration_of_a_sign_in(world, &mut alice);
        let mut random = Random(0x00a7_1940);
        let mut accepted_before = 0;
        for round in 0..ROUNDS {
            alice.change(|_| {});
            let code = alice.code();
            let moment = whole.mul_f64(random.fraction());
            let seen = sign_in_killed_after(world, &code, moment);
            let context = format!("round {round}, killed after {moment:?}");
            accepted_before += usize::from(seen);
            must_be_sound_after(world, &code, seen, &context);
        }
        println!("{ROUNDS} kills within {whole:?}, {accepted_before} of them after the answer");
        nothing_is_left_lying_about();
        world.sign_in("bob", [bob.code()], "PAM_SUCCESS");
    });
}

#[test]
fn a_sign_in_killed_at_any_system_call_never_lets_a_code_be_used_twice() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        let bob = world.enrol("bob");
        let code = alice.code();
        killed_at_each_call(world, &code, || alice.change(|_| {}));
        world.sign_in("bob", [bob.code()], "PAM_SUCCESS");
    });
}

#[test]
fn a_recovery_code_is_used_once_wherever_the_sign_in_is_killed() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        let code = alice.recovery[9].clone();
        killed_at_each_call(world, &code, || alice.change(|_| {}));
    });
}

#[test]
fn a_state_that_was_being_made_anew_when_the_sign_in_was_killed_accepts_no_code_of_before() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        let code = alice.code();
        let mut lost = || {
            alice.change(|_| {});
            fs::remove_file(world.state_path("alice")).unwrap();
            forget_activity("alice");
        };
        lost();
        let whole = traced(world, "alice", &[]).answer(&code).play();
        assert_ne!(whole.result(), "PAM_SUCCESS", "{whole:#?}");
        for call in calls(world, "alice") {
            lost();
            let killed = tampered(world, "alice", &call, "signal=SIGKILL");
            let _ = killed.answer(&code).play();
            assert!(was_met(world, "alice"), "{call}");
            let again = offer(world, &code);
            let context = format!("killed at {call}: {again:#?}");
            assert_eq!(again.result(), "PAM_AUTH_ERR", "{context}");
        }
        nothing_is_left_lying_about();
    });
}

fn killed_at_each_call(world: &World, code: &str, mut prepare: impl FnMut()) {
    let mut prepare = || {
        prepare();
        forget_activity("alice");
    };
    prepare();
    let whole = traced(world, "alice", &[]).answer(code);
    whole.ends("PAM_SUCCESS");
    let calls = calls(world, "alice");
    assert!(calls.iter().any(|call| call.name == "fdatasync"));
    for call in calls {
        prepare();
        // As the call begins: it is not made any more.
        let killed = tampered(world, "alice", &call, "signal=SIGKILL");
        let played = killed.answer(code).play();
        let context = format!("killed at {call}: {played:#?}");
        let was_met = was_met(world, "alice");
        assert!(was_met && played.results().is_empty(), "{context}");
        must_be_sound_after(world, code, false, &context);
    }
    nothing_is_left_lying_about();
}

/// Offers the code that the killed sign-in was given, twice. `seen`: that sign-in was seen to succeed.
fn must_be_sound_after(world: &World, code: &str, seen: bool, context: &str) {
    let state = SlotPair::decode(&world.state("alice").unwrap());
    assert!(state.is_ok_and(|slots| slots.whole), "{context}");
    let mut accepted = usize::from(seen);
    for _ in 0..2 {
        let again = offer(world, code);
        // Refused or not, the state was read.
        let result = again.result();
        assert!(
            ["PAM_SUCCESS", "PAM_AUTH_ERR"].contains(&result),
            "{context}: {again:#?}"
        );
        accepted += usize::from(result == "PAM_SUCCESS");
    }
    assert!(accepted <= 1, "{context}: accepted {accepted} times");
}

fn offer(world: &World, code: &str) -> Played {
    PamHost::new(world, "alice").answers([code; 3]).play()
}

/// Kills a sign-in after `moment`; whether it was seen to succeed before.
fn sign_in_killed_after(world: &World, code: &str, moment: Duration) -> bool {
    let begun = Instant::now();
    let mut child = start(world, code);
    // Not asleep: sleep is coarser than the sign-in is long.
    while begun.elapsed() < moment {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    printed_by(&mut child).contains("PAM_SUCCESS")
}

fn duration_of_a_sign_in(world: &World, alice: &mut Enrolled) -> Duration {
    let mut times: Vec<Duration> = (0..9)
        .map(|_| {
            alice.change(|_| {});
            let begun = Instant::now();
            let mut child = start(world, &alice.code());
            assert!(printed_by(&mut child).contains("PAM_SUCCESS"));
            let whole = begun.elapsed();
            child.wait().unwrap();
            whole
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn start(world: &World, code: &str) -> Child {
    let answers = world.folder().join("answers");
    fs::write(&answers, format!("{code}\n")).unwrap();
    world
        .command(&world.product().pam_host)
        .args(["antiphon-alone", "alice"])
        .stdin(File::open(answers).unwrap())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// All that it prints until it ends.
fn printed_by(child: &mut Child) -> String {
    let mut printed = String::new();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_to_string(&mut printed).unwrap();
    printed
}

/// No folder that the module comes to holds a file beside those that belong there.
fn nothing_is_left_lying_about() {
    let mut found = Vec::new();
    for folder in [
        "/etc/antiphon",
        "/etc/antiphon/users",
        "/var/lib/antiphon",
        "/var/lib/antiphon/state",
        "/var/lib/antiphon/activity",
    ] {
        for entry in fs::read_dir(folder).unwrap() {
            found.push(entry.unwrap().file_name().into_string().unwrap());
        }
    }
    let theirs = |name: &str| {
        let stem = Path::new(name).file_stem().unwrap();
        stem == "alice" || stem == "bob" || name == "alice.jsonl.1"
    };
    found.retain(|name| !theirs(name) && !["users", "state", "activity"].contains(&name.as_str()));
    assert!(found.is_empty(), "{found:?}");
}

/// Numbers that look random, and are the same in every run (xorshift, Marsaglia 2003).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// From 0 to 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        #[allow(clippy::cast_precision_loss)] // a moment need not be exact
        let fraction = (self.0 >> 11) as f64 / (1_u64 << 53) as f64;
        fraction
    }
}
