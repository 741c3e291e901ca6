//! What root did is written down; no secret is.

use antiphon_core::activity::Event;
use antiphon_tests::{World, in_world};

use crate::command::{antiphon, command, enroll, enroll_confirmed, recovery_codes, run, sh};

/// The lines of the command, from `outcome=` on.
fn lines(world: &World) -> Vec<String> {
    world
        .log()
        .lines()
        .iter()
        .filter(|line| line.contains("antiphon["))
        .map(|line| {
            // Facility AUTHPRIV (10), severity notice (5); and no time of ours, which would be another zone's.
            assert!(line.starts_with("<85>antiphon["), "{line}");
            let (_, text) = line.split_once("]: ").unwrap();
            text.trim_end_matches(['\n', '\0']).to_owned()
        })
        .collect()
}

#[test]
fn every_deed_leaves_a_line_and_no_look_does() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        for deed in [
            "status",
            "activity",
            "check",
            "unlock alice",
            "enroll alice",
        ] {
            let _ = antiphon(world, deed);
        }
        let mut by_bob = command(world, &["recovery", "alice"]);
        run(by_bob.env("SUDO_USER", "bob"), "").done();
        antiphon(world, "remove alice --yes").done();
        assert_eq!(
            lines(world),
            [
                "outcome=enrolled method=code user=alice by=root",
                "outcome=recovery reason=renewed method=recovery user=alice by=root caller=bob",
                "outcome=removed user=alice by=root",
            ]
        );
        let events = world.activity("alice");
        let told = |event: &Event| format!("{} {} {}", event.outcome, event.service, event.caller);
        assert_eq!(
            events.iter().map(told).collect::<Vec<_>>(),
            [
                "enrolled antiphon enroll root",
                "recovery antiphon recovery bob",
                "removed antiphon remove root",
            ]
        );
    });
}

#[test]
fn no_secret_is_logged_and_a_caller_cannot_forge_a_field() {
    in_world(|world| {
        let (alice, _) = enroll_confirmed(world, &["alice"]);
        let mut forged = command(world, &["recovery", "alice", "--json"]);
        let said = run(forged.env("SUDO_USER", "x outcome=accepted\nuser=root"), "").done();
        let mut secrets = alice.recovery.clone();
        secrets.push(alice.secret.clone());
        secrets.extend(recovery_codes(&said.object()));
        let logged = world.log().lines().join("\n");
        let activity = format!("{:?}", world.activity("alice"));
        for secret in &secrets {
            assert!(!logged.contains(secret) && !activity.contains(secret));
        }
        assert!(
            lines(world)[1].ends_with("caller=\"x outcome=accepted?user=root\""),
            "{logged}"
        );
    });
}

#[test]
fn without_a_log_and_with_a_spoilt_activity_the_deed_is_done_all_the_same() {
    in_world(|world| {
        std::fs::remove_file("/dev/log").unwrap();
        sh("chmod 777 /var/lib/antiphon/activity");
        // Enrolment needs folders that can be trusted; what comes later does not need this one.
        antiphon(world, "enroll alice --no-confirm").exits(78);
        sh("chmod 750 /var/lib/antiphon/activity");
        antiphon(world, "enroll alice --no-confirm").done();
        sh("chmod 777 /var/lib/antiphon/activity");
        antiphon(world, "recovery alice")
            .done()
            .warns("the activity was not written");
    });
}
