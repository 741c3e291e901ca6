//! The command by a person without root: through the real daemon, and in their language.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use antiphon_core::activity::Event;
use antiphon_core::disk::{Folder, activity_file};
use antiphon_core::name::UserName;
use antiphon_core::time::UnixTime;
use antiphon_tests::{PamHost, Terminal, World};

use crate::command::{Said, antiphon, enroll, run};
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
        for (locale, ways, activity) in [
            (
                "sv_SE.UTF-8",
                "9 återställningskoder kvar",
                "Inloggad, med en återställningskod",
            ),
            (
                "en_GB.UTF-8",
                "9 recovery codes left",
                "Signed in, with a recovery code",
            ),
        ] {
            let said = as_person(world, "alice", locale, "status").done();
            assert!(
                said.out.starts_with("alice\n") && said.out.contains(ways),
                "{said:#?}"
            );
            let said = as_person(world, "alice", locale, "activity alice").done();
            assert!(
                said.out.contains(activity) && said.out.contains("203.0.113.5"),
                "{said:#?}"
            );
        }
        let object = as_person(world, "alice", "C", "status --json")
            .done()
            .object();
        assert_eq!(
            object,
            serde_json::json!({
                "user": "alice",
                "ways": {"code": true, "phones": [], "numbers": [], "recovery_left": 9},
            })
        );
        let said = as_person(world, "bob", "sv_SE.UTF-8", "status").done();
        assert!(said.out.contains("inga uppgifter"), "{said:#?}");
        let said = as_person(world, "bob", "C", "activity").done();
        assert!(said.out.contains("No activity yet."), "{said:#?}");
    });
}

#[test]
fn a_person_reads_each_event_in_words_and_at_the_time_of_their_own_zone() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let alice = enroll(world, "alice");
        antiphon(world, "number add alice +46701234521").done();
        signed_in(world, &alice.recovery[0]);
        let named = "ALICE:x:1000:1000::/:/bin/sh\n";
        let passwd = fs::read_to_string("/etc/passwd").unwrap() + named;
        fs::write("/etc/passwd", passwd).unwrap();
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
        for (locale, number, sign_in) in [
            (
                "C",
                "Phone number changed by the administrator",
                "Signed in",
            ),
            (
                "sv_SE.UTF-8",
                "Telefonnummer ändrat av administratören",
                "Inloggad",
            ),
        ] {
            // By any form of their name that the database knows.
            for whose in [
                &["activity"][..],
                &["activity", "alice"],
                &["activity", "ALICE"],
            ] {
                let said = in_zone(locale, whose);
                assert!(said.out.contains(number), "{said:#?}");
                let time = format!("{} HARBOUR  {sign_in}", &there[..16]);
                assert!(said.out.contains(&time), "{time}: {said:#?}");
                assert!(
                    !said.out.contains("UTC") && !said.out.contains("root"),
                    "{said:#?}"
                );
            }
        }
        let mut by_root = crate::command::command(world, &["activity", "alice"]);
        let said = run(by_root.env("TZ", "HARBOUR-11:30"), "").done();
        assert!(
            said.out.contains(&format!("{} HARBOUR", &there[..19])),
            "{said:#?}"
        );
        assert!(!said.out.contains("by root"), "{said:#?}");
        for odd in ["/dev/zero", ":/etc/shadow", "../../dev/tty", "no zone", ""] {
            let mut by_root = crate::command::command(world, &["activity", "alice"]);
            let said = run(by_root.env("TZ", odd), "").done();
            assert!(said.out.contains(" UTC"), "{odd}: {said:#?}");
        }
        // Without TZ, the computer's.
        fs::remove_file("/etc/localtime").unwrap_or_default();
        let mut by_root = crate::command::command(world, &["activity", "alice"]);
        let said = run(by_root.env_remove("TZ"), "").done();
        assert!(said.out.contains(" UTC"), "{said:#?}");
    });
}

#[test]
fn a_person_reports_a_sign_in_and_is_told_what_to_do() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let alice = enroll(world, "alice");
        signed_in(world, &alice.recovery[0]);
        let events = as_person(world, "alice", "C", "activity --json")
            .done()
            .object();
        let events = events["events"].as_array().unwrap().clone();
        let last = events.last().unwrap();
        assert_eq!(
            (&last["user"], &last["reported"]),
            (&"alice".into(), &false.into())
        );
        let id = last["id"].as_str().unwrap();
        let said = as_person(world, "bob", "C", &format!("report {id}"));
        said.failed(65, "no recent sign-in of yours");
        as_person(world, "alice", "C", "report").failed(64, "antiphon report NAME");
        let upper = id.to_uppercase();
        let said = as_person(world, "alice", "sv_SE.UTF-8", &format!("report {upper}")).done();
        assert!(said.out.contains("Byt lösenord nu"), "{said:#?}");
        let said = as_person(world, "alice", "C", &format!("report {id} --json")).done();
        assert_eq!(
            said.object(),
            serde_json::json!({"id": id, "reported": true, "before": true})
        );
        let said = as_person(world, "alice", "C", "activity").done();
        assert!(said.out.contains("reported as not you"), "{said:#?}");
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
        let folder = Folder::open(Path::new("/var/lib/antiphon/activity")).unwrap();
        for second in 10..22 {
            let event = Event {
                time: format!("2026-11-22T20:00:{second}Z"),
                outcome: "called".into(),
                host: "web1".into(),
                service: "sshd".into(),
                remote_host: "203.0.113.5".into(),
                ..Event::default()
            };
            activity_file::append(&folder, &UserName::new("alice").unwrap(), &event).unwrap();
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
        assert_eq!(
            (&events[0]["count"], &events[0]["since"]),
            (&12.into(), &"2026-11-22T20:00:10Z".into())
        );
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
