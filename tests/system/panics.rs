//! A panic in the module as it is shipped, in a real host. (That every call can panic is tested in the module itself.)
//!
//! The module has no panic of its own to show. But it has the standard library's: that one panics when the kernel gives
//! no time, which it always does, unless a tracer says otherwise.

use antiphon_tests::in_world;

use crate::traced::{calls, forget_activity, tampered_on_terminal, traced};

#[test]
fn a_panic_in_the_module_is_an_abort_that_the_host_survives_and_the_terminal_does_not_see() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        let code = alice.code();
        let whole = traced(world, "alice", &[]).answer(&code);
        whole.ends("PAM_SUCCESS");
        let clock: Vec<_> = calls(world, "alice")
            .into_iter()
            .filter(|call| call.name == "clock_gettime")
            // When the computer was started need not be known.
            .filter(|call| !call.to_string().contains("CLOCK_BOOTTIME"))
            .collect();
        assert!(clock.len() > 2, "{clock:?}");
        for (panics, call) in (1..).zip(&clock) {
            alice.change(|_| {});
            forget_activity("alice");
            let mut terminal = tampered_on_terminal(world, "alice", call, "error=EINVAL", 2);
            for _ in 0..4 {
                terminal.send_line(&code);
            }
            // The end of the answers.
            terminal.send(b"\x04");
            let ended = terminal.end();
            assert!(ended.succeeded(), "{call}: {ended:?}");
            let results = results_in(&ended.text);
            // The same process, the same code: it may have been used up before the panic.
            assert_eq!(results[0], "PAM_ABORT", "{call}: {ended:?}");
            let is_judged = ["PAM_SUCCESS", "PAM_AUTH_ERR"].contains(&results[1]);
            assert!(is_judged, "{call}: {ended:?}");
            for word in ["panic", "backtrace", ".rs", "unwrap"] {
                assert!(!ended.text.contains(word), "{call}: {ended:?}");
            }
            let told = world.log().texts("outcome=panic place=");
            assert_eq!(told.len(), panics, "{told:#?}");
        }
    });
}

fn results_in(text: &str) -> Vec<&str> {
    let after = text.split("\"result\":\"").skip(1);
    after.map(|rest| rest.split('"').next().unwrap()).collect()
}
