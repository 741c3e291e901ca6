//! Each code that is sent costs money: how many are sent to one person, whatever processes ask.

use antiphon_core::wire::Undelivered;
use antiphon_tests::{LyingDaemon, PamHost, World, in_world};

use super::{TELEPHONE, alice_with_number};
use crate::phone::last_outcome;

/// Chooses a text and then answers nothing more, while the gateway takes it, or while nothing should come.
fn send(world: &World, daemon: &LyingDaemon, arrives: bool) -> String {
    let host = PamHost::new(world, "alice").answer("?").answer("2");
    std::thread::scope(|scope| {
        let played = scope.spawn(|| host.play());
        if arrives {
            let _ = daemon.sent();
        }
        let played = played.join().unwrap();
        assert_eq!(played.result(), "PAM_ABORT");
        played.said()[2].text.clone()
    })
}

#[test]
fn three_codes_are_sent_in_ten_minutes_over_all_processes_and_a_fourth_is_not() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        for _ in 0..3 {
            let said = send(world, &daemon, true);
            assert!(said.starts_with("Verification code sent to"), "{said}");
        }
        let said = send(world, &daemon, false);
        assert!(
            said.starts_with("Too many codes have been sent to your telephone. One more can be sent in 10 min.\nHow do"),
            "{said}"
        );
        assert!(!daemon.was_called());
        // The other ways are open.
        let bob = world.enrol("bob");
        assert_eq!(
            PamHost::new(world, "bob")
                .answer(bob.code())
                .play()
                .result(),
            "PAM_SUCCESS"
        );
    });
}

#[test]
fn the_ceiling_of_a_day_is_one_of_its_own() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        world.configure(&format!(
            "{TELEPHONE}most_in_ten_minutes = 50\nmost_a_day = 2\n"
        ));
        for _ in 0..2 {
            let _ = send(world, &daemon, true);
        }
        let said = send(world, &daemon, false);
        assert!(said.contains("One more can be sent in 24 h."), "{said}");
        assert!(!daemon.was_called());
    });
}

#[test]
fn of_many_sign_ins_at_once_no_more_send_a_code_than_may() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        let sent = std::thread::scope(|scope| {
            let players: Vec<_> = (0..12)
                .map(|_| {
                    let host = PamHost::new(world, "alice").answer("?").answer("2");
                    scope.spawn(move || host.play())
                })
                .collect();
            let mut sent = 0;
            while players.iter().any(|player| !player.is_finished())
                || daemon_has(&daemon, &mut sent)
            {
                if daemon_has(&daemon, &mut sent) {
                    continue;
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            for player in players {
                assert_eq!(player.join().unwrap().result(), "PAM_ABORT");
            }
            sent
        });
        assert_eq!(sent, 3);
    });
}

/// Counts a caller, who is hung up on.
fn daemon_has(daemon: &LyingDaemon, sent: &mut u32) -> bool {
    let called = daemon.was_called();
    *sent += u32::from(called);
    called
}

#[test]
fn a_code_counts_before_it_is_sent_also_where_the_gateway_then_fails() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        for _ in 0..3 {
            let host = PamHost::new(world, "alice").answer("?").answer("2");
            std::thread::scope(|scope| {
                let played = scope.spawn(|| host.play());
                daemon.sending().fail(Undelivered::Refused);
                assert_eq!(played.join().unwrap().result(), "PAM_ABORT");
            });
        }
        let said = send(world, &daemon, false);
        assert!(said.starts_with("Too many codes have been sent"), "{said}");
        assert!(last_outcome(world).starts_with("outcome=cancelled"));
    });
}

#[test]
fn where_the_state_cannot_be_written_nothing_is_sent() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        let mut command = world.command("sh");
        command
            .args(["-c", "ulimit -f 0; exec \"$@\"", "sh"])
            .arg(&world.product().pam_host);
        let played = PamHost::started_by(command, "antiphon-alone", "alice")
            .answer("?")
            .answer("2")
            .play();
        assert_eq!(played.result(), "PAM_AUTHINFO_UNAVAIL", "{played:#?}");
        assert!(!daemon.was_called());
    });
}
