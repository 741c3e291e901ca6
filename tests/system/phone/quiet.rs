//! How often the phone is called, with the real module: counted before the daemon is asked, durably.

use antiphon_core::wire::Unwilling;
use antiphon_tests::{Enrolled, LyingDaemon, PamHost, Played, World, in_world};

use super::{ALONE, FORKS, NUMBER, alice_with_phone, approve, play_with};

/// How the reasons for a pause begin.
const QUIET: [&str; 2] = ["The phone is not asked for ", "You said on your phone "];

fn says_quiet(prompt: &str) -> bool {
    QUIET.iter().any(|begin| prompt.starts_with(begin))
}

/// A sign-in in which `alice` types `answer`, so many seconds from now.
fn typed(world: &World, ahead: i64, answer: &str) -> Played {
    PamHost::new(world, "alice")
        .option(&format!("--clock={ahead}"))
        .answer(answer)
        .play()
}

/// A sign-in that asks the phone, `ahead` seconds from now, and is given up by who began it.
pub(super) fn given_up(world: &World, daemon: &LyingDaemon, ahead: i64) {
    let host = PamHost::new(world, "alice")
        .option(&format!("--clock={ahead}"))
        .answer("?");
    let (played, outcome) = play_with(host, |_| daemon.asked().outcome());
    assert_eq!(played.result(), "PAM_ABORT", "{played:#?}");
    assert_eq!(outcome, None);
}

pub(super) fn is_quiet(played: &Played) -> bool {
    let prompt = &played.said()[0].text;
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
        let played = typed(world, 0, &alice.code());
        assert_eq!(played.result(), "PAM_SUCCESS");
        assert!(is_quiet(&played) && !daemon.was_called());
        // By the clock of the wall, which has moved on.
        given_up(world, &daemon, 320);
    });
}

#[test]
fn ten_calls_that_nobody_approved_pause_them_until_a_code_signs_in() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let give_up_ten = || {
            for call in 0..10 {
                given_up(world, &daemon, call * 200);
            }
        };
        give_up_ten();
        let after = 10 * 200 + 100;
        let code = alice.code_in(after / 300);
        let played = typed(world, after, &code);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        assert!(is_quiet(&played));
        given_up(world, &daemon, after + 200);
        alice.change(|_| {});
        give_up_ten();
        // Or for an hour.
        assert!(is_quiet(&typed(world, 9 * 200 + 3500, "")));
        given_up(world, &daemon, 9 * 200 + 3700);
        assert!(!daemon.was_called());
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
        let played = typed(world, 0, &alice.code());
        assert!(is_quiet(&played), "{played:#?}");
        assert!(!daemon.was_called());
    });
}

#[test]
fn approved_calls_do_not_count_towards_the_three() {
    in_world(|world| {
        world.pam(FORKS, ALONE);
        let (_, passkey): (Enrolled, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for _ in 0..6 {
            let host = PamHost::of_service(world, FORKS, "alice").option("--phone-first");
            let (played, ()) = play_with(host, |numbers| {
                let mut call = daemon.asked();
                approve(&mut call, &passkey, &numbers.recv().unwrap());
            });
            assert_eq!(played.result(), "PAM_SUCCESS");
        }
    });
}

#[test]
fn calls_that_reached_nobody_are_none() {
    in_world(|world| {
        let (_, _) = alice_with_phone(world);
        for _ in 0..4 {
            let played = typed(world, 0, "?");
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
    let prompt = &played.said()[0].text;
    prompt.contains(NUMBER) || says_quiet(prompt)
}

#[test]
fn a_stranger_keeps_the_phone_shut_for_strangers_alone() {
    in_world(|world| {
        world.pam(FORKS, ALONE);
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let from = |host: &str, ahead: i64| {
            PamHost::new(world, "alice")
                .option(&format!("--rhost={host}"))
                .option(&format!("--clock={ahead}"))
        };
        let (played, _) = play_with(from("198.51.100.1", 0).answer(alice.code()), |_| {
            daemon.asked().outcome()
        });
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        for second in 0..3 {
            let host = from("203.0.113.9", 300 + second).answer("?");
            drop(play_with(host, |_| daemon.asked().outcome()));
        }
        let played = from("203.0.113.9", 310).answer("?").play();
        assert!(is_quiet(&played) && !daemon.was_called(), "{played:#?}");
        let host = from("198.51.100.1", 310).answer("?");
        let (played, _) = play_with(host, |_| daemon.asked().outcome());
        assert!(!is_quiet(&played), "{played:#?}");
    });
}
