//! The command by a person without root: through the real daemon, and in their language.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use antiphon_core::activity::Event;
use antiphon_core::time::UnixTime;
use antiphon_tests::{PamHost, Terminal, World};
use serde_json::json;

use crate::command::{Said, antiphon, enroll, run, sh};
use crate::daemon::{Daemon, in_house};

/// `antiphon` as `user`, in `locale`.
fn as_person(world: &World, user: &str, locale: &str, arguments: &str) -> Said {
    let mut command = command(world, user, locale);
    command.args(arguments.split_whitespace());
    run(&mut command, "")
}

fn command(world: &World, user: &str, locale: &str) -> std::process::Command {
    // Where people can read it.
    let copy = world.folder().join("antiphon");
    if !copy.exists() {
        fs::copy(&world.product().command, &copy).unwrap();
        fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = world.command_of(user, copy.to_str().unwrap());
    command.env("LC_ALL", locale);
    command
}

fn signed_in(world: &World, answer: &str) {
    let played = PamHost::new(world, "alice")
        .option("--rhost=203.0.113.5")
        .answer(answer)
        .play();
    assert_eq!(played.result(), "PAM_SUCCESS");
}

#[test]
fn a_person_sees_their_ways_and_activity_in_their_language() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let alice = enroll(world, "alice");
        signed_in(world, &alice.recovery[0]);
        let ways = |locale, words: &str| {
            let said = as_person(world, "alice", locale, "status").done();
            assert!(said.says(words).out.starts_with("alice\n"));
        };
        ways("sv_SE.UTF-8", "9 återställningskoder kvar");
        ways("en_GB.UTF-8", "9 recovery codes left");
        let activity = |locale, words: &str| {
            let said = as_person(world, "alice", locale, "activity alice").done();
            said.says(words).says("203.0.113.5");
        };
        activity("sv_SE.UTF-8", "Inloggad, med en återställningskod");
        activity("en_GB.UTF-8", "Signed in, with a recovery code");
        let ways =
            json!({"code": true, "phones": [], "accounts": [], "numbers": [], "recovery_left": 9});
        let said = as_person(world, "alice", "C", "status --json").done();
        assert_eq!(said.object(), json!({"user": "alice", "ways": ways}));
        as_person(world, "bob", "sv_SE.UTF-8", "status")
            .done()
            .says("inga uppgifter");
        as_person(world, "bob", "C", "activity")
            .done()
            .says("No activity yet.");
    });
}

#[test]
fn a_person_reads_each_event_in_words_and_at_the_time_of_their_own_zone() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let alice = enroll(world, "alice");
        antiphon(world, "number add alice +46701234521").done();
        signed_in(world, &alice.recovery[0]);
        sh("echo ALICE:x:1000:1000::/:/bin/sh >> /etc/passwd");
        // A zone that no machine has, eleven and a half hours from UTC.
        let in_zone = |locale: &str, arguments: &[&str]| {
            let mut command = command(world, "alice", locale);
            command.args(arguments).env("TZ", "HARBOUR-11:30");
            run(&mut command, "").done()
        };
        let events = in_zone("C", &["activity", "--json"]).object();
        let last = events["events"].as_array().unwrap().last().unwrap();
        let utc = UnixTime::read(last["time"].as_str().unwrap()).unwrap();
        let there = utc.plus(11 * 3600 + 1800).to_string().replace('T', " ");
        // By any form of their name that the database knows.
        for whose in [
            &["activity"][..],
            &["activity", "alice"],
            &["activity", "ALICE"],
        ] {
            in_zone("C", whose)
                .says("Phone number changed by the administrator")
                .says(&format!("{} HARBOUR  Signed in", &there[..16]))
                .says_no("UTC")
                .says_no("root");
            in_zone("sv_SE.UTF-8", whose)
                .says("Telefonnummer ändrat av administratören")
                .says(&format!("{} HARBOUR  Inloggad", &there[..16]))
                .says_no("UTC")
                .says_no("root");
        }
        let by_root = |zone: &str| {
            let mut command = crate::command::command(world, &["activity", "alice"]);
            run(command.env("TZ", zone), "").case(zone).done()
        };
        by_root("HARBOUR-11:30")
            .says(&format!("{} HARBOUR", &there[..19]))
            .says_no("by root");
        for odd in ["/dev/zero", ":/etc/shadow", "../../dev/tty", "no zone", ""] {
            by_root(odd).says(" UTC");
        }
        // Without TZ, the computer's.
        fs::remove_file("/etc/localtime").unwrap_or_default();
        antiphon(world, "activity alice").done().says(" UTC");
    });
}

#[test]
fn a_person_reports_a_sign_in_and_is_told_what_to_do() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let alice = enroll(world, "alice");
        signed_in(world, &alice.recovery[0]);
        let said = as_person(world, "alice", "C", "activity --json").done();
        let events = said.object()["events"].as_array().unwrap().clone();
        let last = events.last().unwrap();
        assert_eq!(
            (&last["user"], &last["reported"]),
            (&json!("alice"), &json!(false))
        );
        let id = last["id"].as_str().unwrap();
        let report = format!("report {id}");
        as_person(world, "bob", "C", &report).failed(65, "no recent sign-in of yours");
        as_person(world, "alice", "C", "report").failed(64, "antiphon report NAME");
        let upper = format!("report {}", id.to_uppercase());
        as_person(world, "alice", "sv_SE.UTF-8", &upper)
            .done()
            .says("Byt lösenord nu");
        let said = as_person(world, "alice", "C", &(report + " --json")).done();
        assert_eq!(
            said.object(),
            json!({"id": id, "reported": true, "before": true})
        );
        as_person(world, "alice", "C", "activity")
            .done()
            .says("reported as not you");
        let mut logged = world.log().lines();
        logged.retain(|line| line.contains("outcome=reported"));
        assert_eq!(logged.len(), 1, "{logged:?}");
    });
}

#[test]
fn a_sign_in_that_began_again_and_again_is_one_line_with_its_count_for_root_and_the_person() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let _ = enroll(world, "alice");
        for second in 10..22 {
            let event = Event {
                time: format!("2026-11-22T20:00:{second}Z"),
                outcome: "called".into(),
                host: "web1".into(),
                service: "sshd".into(),
                remote_host: "203.0.113.5".into(),
                ..Event::default()
            };
            world.happened("alice", &event);
        }
        let in_utc = |mut command: std::process::Command, arguments: &[&str]| {
            let said = run(command.env("TZ", "UTC0").args(arguments), "").done();
            let line = said.out.lines().find(|line| line.contains("203.0.113.5"));
            line.unwrap_or_else(|| panic!("{said:#?}")).to_owned()
        };
        for (locale, began, times) in [
            (
                "C",
                "2026-11-22 20:00 UTC  Started, not finished; the phone was asked, sshd",
                "12 times since 2026-11-22 20:00 UTC",
            ),
            (
                "sv_SE.UTF-8",
                "2026-11-22 20:00 UTC  Påbörjad, inte slutförd; telefonen fick frågan, sshd",
                "12 gånger sedan 2026-11-22 20:00 UTC",
            ),
        ] {
            let line = in_utc(command(world, "alice", locale), &["activity"]);
            assert!(line.contains(began) && line.contains(times), "{line}");
        }
        let by_root = crate::command::command(world, &[]);
        assert_eq!(
            in_utc(by_root, &["activity", "alice"]),
            "alice  2026-11-22 20:00:21 UTC  called    began, not finished; the phone was called, sshd, from 203.0.113.5, \
             12 times since 2026-11-22 20:00:10 UTC"
        );
        let all = as_person(world, "alice", "C", "activity --json").done();
        let mut events = all.object()["events"].as_array().unwrap().clone();
        events.retain(|event| event["outcome"] == "called");
        assert_eq!(events[0]["count"], 12);
        assert_eq!(events[0]["since"], "2026-11-22T20:00:10Z");
        let id = events[0]["id"].as_str().unwrap();
        as_person(world, "alice", "C", &format!("report {id}")).done();
    });
}

#[test]
fn a_person_at_a_terminal_picks_the_sign_in() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let alice = enroll(world, "alice");
        for code in &alice.recovery[..2] {
            signed_in(world, code);
        }
        for (answer, outcome) in [("9", "heter så"), ("", "Inget anmäldes."), ("1", "Anmält.")] {
            let mut command = command(world, "alice", "sv_SE.UTF-8");
            let mut terminal = Terminal::start(command.arg("report"));
            terminal
                .answer("Vilken var inte du? [1-", answer)
                .expect(outcome);
            let _ = terminal.end();
        }
    });
}

#[test]
fn what_is_roots_stays_roots() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let _ = enroll(world, "alice");
        for arguments in ["status bob", "activity bob", "status root"] {
            as_person(world, "alice", "C", arguments).failed(77, "only");
            as_person(world, "alice", "sv", arguments).failed(77, "ditt eget");
        }
        for arguments in [
            "unlock alice",
            "bypass alice",
            "recovery alice",
            "remove alice --yes",
            "enroll alice",
            "check",
        ] {
            as_person(world, "alice", "C", arguments).failed(77, "only root");
        }
        // Root's own commands need no daemon, and show everybody.
        assert!(antiphon(world, "status").done().out.contains("alice"));
    });
}

#[test]
fn without_the_daemon_or_with_another_in_its_place_nothing_is_shown() {
    in_house(|world| {
        drop(Daemon::start(world, ""));
        as_person(world, "alice", "C", "status").failed(69, "antiphond does not answer");
        as_person(world, "alice", "sv", "activity").failed(69, "svarar inte");
        let place = "/run/antiphon/antiphond.person.sock";
        let _ = fs::remove_file(place);
        let _listener = std::os::unix::net::UnixListener::bind(place).unwrap();
        fs::set_permissions(place, fs::Permissions::from_mode(0o666)).unwrap();
        as_person(world, "alice", "C", "status").failed(69, "user id 0 answers on its socket");
    });
}
