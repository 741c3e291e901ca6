//! How often the phone is called, with the real module: counted before the daemon is asked, durably.

use antiphon_core::wire::Unwilling;
use antiphon_tests::{LyingDaemon, PamHost, Played, World, in_world};

use super::{NUMBER, alice_with_phone, play_with};

/// How the reasons for a pause begin.
const QUIET: [&str; 2] = ["The phone is not asked for ", "You said on your phone "];

fn says_quiet(prompt: &str) -> bool {
    QUIET.iter().any(|begin| prompt.starts_with(begin))
}

/// A sign-in that asks the phone, `ahead` seconds from now, and is given up by who began it.
pub(super) fn given_up(world: &World, daemon: &LyingDaemon, ahead: i64) {
    let host = PamHost::new(world, "alice").ahead(ahead).answer("?");
    let (played, outcome) = play_with(host, |_| daemon.asked().outcome());
    assert_eq!(played.result(), "PAM_ABORT", "{played:#?}");
    assert_eq!(outcome, None);
}

pub(super) fn is_quiet(played: &Played) -> bool {
    let prompt = &played.texts()[0];
    assert!(prompt.contains(NUMBER) != says_quiet(prompt), "{prompt}");
    says_quiet(prompt)
}

#[test]
fn the_phone_is_called_three_times_in_five_minutes() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for _ in 0..3 {
            given_up(world, &daemon, 0);
        }
        let played = world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        assert!(is_quiet(&played) && !daemon.was_called());
        // By the clock of the wall, which has moved on.
        given_up(world, &daemon, 320);
    });
}

#[test]
fn a_call_is_counted_though_the_sign_in_is_killed_before_the_daemon_hears_of_it() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for _ in 0..3 {
            let mut strace = world.command("strace");
            strace.args(["-qq", "-o", "/dev/null"]);
            // When it looks who listens there, before it says anything.
            strace.arg("--inject=getsockopt:signal=SIGKILL");
            strace.arg(&world.product().pam_host);
            let killed = PamHost::started_by(strace, "antiphon-alone", "alice").play();
            assert!(
                killed.results().is_empty() && killed.said().is_empty(),
                "{killed:#?}"
            );
        }
        while daemon.was_called() {}
        let played = world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        assert!(is_quiet(&played), "{played:#?}");
        assert!(!daemon.was_called());
    });
}

#[test]
fn calls_that_reached_nobody_are_none() {
    in_world(|world| {
        let (_, _) = alice_with_phone(world);
        for _ in 0..4 {
            let played = PamHost::new(world, "alice").answer("?").play();
            assert!(!is_quiet_or_asks(&played), "{played:#?}");
        }
        let daemon = LyingDaemon::start();
        given_up(world, &daemon, 0);
        // Nor those that the daemon did not make.
        for _ in 0..4 {
            let host = PamHost::new(world, "alice").answer("?");
            let (played, ()) = play_with(host, |_| daemon.call().refuse(Unwilling::NoPhone));
            assert!(!is_quiet_or_asks(&played), "{played:#?}");
        }
        given_up(world, &daemon, 0);
    });
}

/// Whether the phone is asked, or is not for a while.
pub(super) fn is_quiet_or_asks(played: &Played) -> bool {
    let prompt = &played.texts()[0];
    prompt.contains(NUMBER) || says_quiet(prompt)
}
