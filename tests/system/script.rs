//! Our line alone in a stack, driven by a script: what the harness itself must be able to do.

use antiphon_tests::{PamHost, in_world};

#[test]
fn a_code_is_accepted_once() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let code = alice.code();
        let first = PamHost::new(world, "alice").answer(&code).play();
        assert_eq!(first.result(), "PAM_SUCCESS", "{first:#?}");
        let again = [(); 3]
            .iter()
            .fold(PamHost::new(world, "alice"), |host, ()| host.answer(&code))
            .play();
        assert_eq!(again.result(), "PAM_AUTH_ERR", "{again:#?}");
    });
}

#[test]
fn a_code_of_two_steps_ahead_is_refused_until_the_clock_says_so() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let code = alice.code_in(2);
        let early = PamHost::new(world, "alice")
            .answer(&code)
            .answer(&code)
            .answer(&code)
            .play();
        assert_eq!(early.result(), "PAM_AUTH_ERR", "{early:#?}");
        let in_time = PamHost::new(world, "alice")
            .option("--clock=600")
            .answer(&code)
            .play();
        assert_eq!(in_time.result(), "PAM_SUCCESS", "{in_time:#?}");
    });
}
