//! A clock that ran far ahead and came back, or that knows no time: the log names it, and root fixes it.

use std::time::SystemTime;

use antiphon_tests::{PamHost, in_world};

use crate::script::thrice;

const DAY: i64 = 86_400;

#[test]
fn a_clock_that_was_ahead_refuses_codes_and_the_log_names_reason_and_fix_which_opens_nothing_used()
{
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let in_ten_days = alice.code_in(10 * DAY / 300);
        thrice(world, &in_ten_days, 10 * DAY, "PAM_SUCCESS");
        // What has its time in the future has it now from the first look on.
        let _ = PamHost::new(world, "alice").answers([""; 3]).play();
        let state = world.state("alice");
        let refused = thrice(world, &alice.code(), 0, "PAM_AUTH_ERR");
        let told = refused.texts().pop().unwrap();
        assert!(told.contains("clock has been wrong"), "{told}");
        let line = world.ended("refused reason=clock-was-ahead user=alice");
        assert!(line.contains("run: antiphon unlock alice"), "{line}");
        // A right code is no guess, and nothing was found out that changes the state.
        assert_eq!(world.state("alice"), state);
        // The person is not locked out.
        thrice(world, &alice.recovery[0], 0, "PAM_SUCCESS");
        world.antiphon(&["unlock", "alice"]);
        thrice(world, &alice.code(), 0, "PAM_AUTH_ERR");
        world.ended("refused reason=use-unknown user=alice");
        thrice(world, &alice.code_in(2), 300, "PAM_SUCCESS");
    });
}

#[test]
fn a_clock_before_1970_refuses_and_says_so() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let state = world.state("alice");
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let back = -1 - now.cast_signed() - 1000;
        thrice(world, &alice.code(), back, "PAM_AUTHINFO_UNAVAIL");
        world.ended_once("unusable reason=clock user=alice");
        assert_eq!(world.state("alice"), state);
    });
}
