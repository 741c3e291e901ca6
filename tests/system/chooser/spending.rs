//! Each code that is sent costs money: how many are sent to one person, whatever processes ask.

use std::thread::{scope, sleep};
use std::time::Duration;

use antiphon_core::wire::Undelivered;
use antiphon_tests::{LyingDaemon, PamHost, in_world};

use super::alice_with_number;
use crate::phone::play_with;

#[test]
fn of_many_sign_ins_at_once_no_more_send_a_code_than_may() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        let sent = scope(|scope| {
            let players: Vec<_> = (0..12)
                .map(|_| {
                    let host = PamHost::new(world, "alice").answers(["?", "2"]);
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
                sleep(Duration::from_millis(1));
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
            let host = PamHost::new(world, "alice").answers(["?", "2"]);
            let (played, ()) = play_with(host, |_| daemon.sending().fail(Undelivered::Refused));
            assert_eq!(played.result(), "PAM_ABORT");
        }
        let played = world.sign_in("alice", ["?", "2"], "PAM_ABORT");
        let said = "Too many codes have been sent to your telephone. One more can be sent in 10 min.\nHow do";
        assert!(played.texts()[2].starts_with(said), "{played:#?}");
        assert!(!daemon.was_called());
        world.ended("cancelled user=alice");
        // The others are not kept from it.
        let bob = world.enrol("bob");
        world.sign_in("bob", [bob.code()], "PAM_SUCCESS");
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
        let host = PamHost::started_by(command, "antiphon-alone", "alice");
        host.answers(["?", "2"]).ends("PAM_AUTHINFO_UNAVAIL");
        assert!(!daemon.was_called());
    });
}
