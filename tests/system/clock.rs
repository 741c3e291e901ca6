//! A clock that ran far ahead and came back: what it left behind is named in the log, and root fixes it.

use antiphon_core::state::SlotPair;
use antiphon_tests::{Enrolled, PamHost, Played, World, in_world};

const DAY: i64 = 86_400;

/// What `alice` answers to each of three prompts, `ahead` seconds from now.
fn answers(world: &World, answer: &str, ahead: i64) -> Played {
    let host = PamHost::new(world, "alice").option(&format!("--clock={ahead}"));
    host.answer(answer).answer(answer).answer(answer).play()
}

fn antiphon(world: &World, arguments: &[&str]) -> String {
    let mut command = world.command(&world.product().command);
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Alice, with a code of 300 s that was accepted when the clock was ten days ahead.
fn alice_after_a_sign_in_in_the_future(world: &World) -> Enrolled {
    let mut alice = world.enrol("alice");
    alice.set_period(300);
    let played = answers(world, &alice.code_in(10 * DAY / 300), 10 * DAY);
    assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    alice
}

#[test]
fn a_clock_that_was_ahead_refuses_codes_and_the_log_names_reason_and_fix() {
    in_world(|world| {
        let alice = alice_after_a_sign_in_in_the_future(world);
        // What has its time in the future has it now from the first look on.
        drop(answers(world, "", 0));
        let state = world.state("alice");
        for _ in 0..3 {
            let played = answers(world, &alice.code(), 0);
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{played:#?}");
            let line = world.log().ours().pop().unwrap().text;
            assert!(
                line.starts_with("outcome=refused reason=clock-was-ahead user=alice"),
                "{line}"
            );
            assert!(line.contains("run: antiphon unlock alice"), "{line}");
        }
        // A right code is no guess, and nothing was found out that changes the state.
        assert_eq!(world.state("alice"), state);
        let told = answers(world, &alice.code(), 0).said().pop().unwrap().text;
        assert!(told.contains("clock has been wrong"), "{told}");
        // The person is not locked out.
        let played = answers(world, &alice.recovery[0], 0);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn unlock_fixes_a_clock_that_was_ahead_and_opens_nothing_that_was_used() {
    in_world(|world| {
        let alice = alice_after_a_sign_in_in_the_future(world);
        let [now, next, later] = [0, 1, 2].map(|steps| alice.code_in(steps));
        antiphon(world, &["unlock", "alice"]);
        for code in [&now, &next] {
            let played = answers(world, code, 0);
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{played:#?}");
            let line = world.log().ours().pop().unwrap().text;
            assert!(
                line.starts_with("outcome=refused reason=use-unknown user=alice"),
                "{line}"
            );
        }
        let played = answers(world, &later, 300);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        assert_eq!(answers(world, &later, 300).result(), "PAM_AUTH_ERR");
        // A second time there is nothing to fix, and so nothing is put off.
        antiphon(world, &["unlock", "alice"]);
        let played = answers(world, &alice.code_in(3), 600);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn a_clock_set_back_lets_no_code_be_used_twice() {
    in_world(|world| {
        world.configure("[throttle]\nattempts = 100\n");
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let code = alice.code();
        assert_eq!(answers(world, &code, 0).result(), "PAM_SUCCESS");
        for back in [-1, -299, -300, -3600, -DAY, -1000 * DAY] {
            let played = answers(world, &code, back);
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{back}: {played:#?}");
            // Nor the code that would be right by that clock.
            let of_then = alice.code_in(back / 300);
            let played = answers(world, &of_then, back);
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{back}: {played:#?}");
        }
    });
}

#[test]
fn a_clock_before_1970_refuses_and_says_so() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let state = world.state("alice");
        let now = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap()
            .as_secs();
        let back = -1 - now.cast_signed() - 1000;
        let played = answers(world, &alice.code(), back);
        assert_eq!(played.result(), "PAM_AUTHINFO_UNAVAIL", "{played:#?}");
        let line = world.log().our_only_line();
        assert!(
            line.starts_with("outcome=unusable reason=clock user=alice"),
            "{line}"
        );
        assert_eq!(world.state("alice"), state);
    });
}

#[test]
fn a_lock_that_began_in_the_future_begins_again_and_lasts_no_longer_than_its_length() {
    in_world(|world| {
        world.configure("[throttle]\nfirst_lock = 600\n");
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let wrong = alice.wrong_code();
        for _ in 0..2 {
            let _ = answers(world, &wrong, DAY);
        }
        let slots = SlotPair::decode(&world.state("alice").unwrap()).unwrap();
        assert_eq!(slots.state.unwrap().wrong_in_a_row(), 5);
        assert_eq!(answers(world, &alice.code(), 0).result(), "PAM_MAXTRIES");
        assert_eq!(answers(world, &alice.code(), 300).result(), "PAM_MAXTRIES");
        let played = answers(world, &alice.code_in(3), 900);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}
