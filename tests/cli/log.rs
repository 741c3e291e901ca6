//! What root did is written down; no secret is.

use antiphon_tests::{World, in_world};

use crate::command::{antiphon, command, enroll, enroll_confirmed, run};

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
        run(
            command(world, &["recovery", "alice"]).env("SUDO_USER", "bob"),
            "",
        )
        .done();
        antiphon(world, "remove alice --yes").done();
        assert_eq!(
            lines(world),
            [
                "outcome=enrolled method=code user=alice by=root",
                "outcome=recovery reason=renewed method=recovery user=alice by=root caller=bob",
                "outcome=removed user=alice by=root",
            ]
        );
        let outcomes: Vec<_> = world
            .activity("alice")
            .into_iter()
            .map(|event| (event.outcome, event.service, event.caller))
            .collect();
        let line = |outcome: &str, service: &str, caller: &str| {
            (outcome.to_owned(), service.to_owned(), caller.to_owned())
        };
        assert_eq!(
            outcomes,
            [
                line("enrolled", "antiphon enroll", "root"),
                line("recovery", "antiphon recovery", "bob"),
                line("removed", "antiphon remove", "root"),
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
        for code in said.object()["recovery_codes"].as_array().unwrap() {
            secrets.push(code.as_str().unwrap().to_owned());
        }
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
        world
            .command("chmod")
            .args(["777", "/var/lib/antiphon/activity"])
            .status()
            .unwrap();
        let said = antiphon(world, "enroll alice --no-confirm");
        // Enrolment needs folders that can be trusted; what comes later does not need this one.
        assert_eq!(said.status, 78, "{said:#?}");
        world
            .command("chmod")
            .args(["750", "/var/lib/antiphon/activity"])
            .status()
            .unwrap();
        antiphon(world, "enroll alice --no-confirm").done();
        world
            .command("chmod")
            .args(["777", "/var/lib/antiphon/activity"])
            .status()
            .unwrap();
        let said = antiphon(world, "recovery alice").done();
        assert!(
            said.err.contains("the activity was not written"),
            "{said:#?}"
        );
    });
}
