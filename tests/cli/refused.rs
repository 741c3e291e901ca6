//! What is refused, with which exit status, and that the error says what to do.

use std::fs;

use antiphon_tests::in_world;

use crate::command::{antiphon, command, enroll, files, run};

#[test]
fn an_unknown_user_is_refused() {
    in_world(|world| {
        for deed in [
            "enroll",
            "unlock",
            "recovery",
            "status",
            "activity",
            "remove --yes",
        ] {
            antiphon(world, &format!("{deed} nobody-here")).failed(67, "nobody-here");
        }
        assert!(files(world).is_empty());
    });
}

#[test]
fn a_name_that_would_leave_the_folder_is_refused() {
    in_world(|world| {
        for name in ["../x", "..", ".", "/etc/passwd", "alice/../bob", "a\nb", ""] {
            for deed in [
                "enroll", "unlock", "recovery", "status", "activity", "remove",
            ] {
                let said = run(&mut command(world, &[deed, name]), "");
                assert_eq!(said.status, 65, "{deed} {name:?}: {said:#?}");
                assert_eq!(said.err.matches('\n').count(), 1, "{said:#?}");
            }
        }
        assert!(files(world).is_empty());
    });
}

#[test]
fn a_name_that_is_longer_than_any_file_is_refused() {
    in_world(|world| {
        let said = run(&mut command(world, &["enroll", &"a".repeat(255)]), "");
        assert!([65, 67].contains(&said.status), "{said:#?}");
    });
}

#[test]
fn an_existing_record_is_refused_without_replace() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let before = files(world);
        antiphon(world, "enroll alice --no-confirm --json").failed(73, "enroll alice --replace");
        assert_eq!(files(world), before);
    });
}

#[test]
fn only_root_is_served() {
    in_world(|world| {
        let path = world.product().command.display().to_string();
        for deed in ["enroll", "unlock", "recovery", "remove"] {
            let mut theirs = world.command_of("alice", &path);
            run(theirs.args([deed, "alice"]), "").failed(77, "sudo");
        }
        run(world.command_of("alice", &path).arg("--help"), "").done();
    });
}

#[test]
fn arguments_that_make_no_sense_leave_with_64_and_help_with_0() {
    in_world(|world| {
        for arguments in [
            "",
            "enrol alice",
            "enroll",
            "enroll alice --relpace",
            "enroll alice --language tlh",
            "activity -n x",
        ] {
            assert_eq!(antiphon(world, arguments).status, 64, "{arguments}");
        }
        antiphon(world, "enroll alice --relpace").failed(64, "--replace");
        antiphon(world, "enrol alice").failed(64, "enroll");
        for arguments in ["--help", "-h", "--version", "enroll --help"] {
            assert!(!antiphon(world, arguments).done().out.is_empty());
        }
    });
}

#[test]
fn a_configuration_that_cannot_be_used_stops_everything() {
    in_world(|world| {
        world.configure("[trottle]\n");
        for deed in ["enroll alice --no-confirm", "status", "unlock alice"] {
            antiphon(world, deed).failed(78, "did you mean `throttle`?");
        }
        antiphon(world, "--config /not/there status").failed(66, "is not there");
        assert!(files(world).is_empty());
    });
}

#[test]
fn a_folder_that_others_may_write_is_not_written_to() {
    in_world(|world| {
        world
            .command("chmod")
            .args(["777", "/etc/antiphon"])
            .status()
            .unwrap();
        antiphon(world, "enroll alice --no-confirm").failed(78, "chmod 0755 /etc/antiphon");
        assert!(files(world).is_empty());
    });
}

#[test]
fn control_characters_reach_no_terminal() {
    in_world(|world| {
        let said = run(
            &mut command(world, &["enroll", "\u{1b}[2Jalice\u{9b}31m"]),
            "",
        );
        assert!(!said.err.trim_end().contains(char::is_control), "{said:?}");
        // A directory may hold anything.
        let passwd = fs::read_to_string("/etc/passwd").unwrap();
        let odd = "al\u{202e}ice\u{200b}";
        fs::write(
            "/etc/passwd",
            format!("{passwd}{odd}:x:1500:1500::/:/bin/sh\n"),
        )
        .unwrap();
        let outputs = [
            run(&mut command(world, &["enroll", odd, "--no-confirm"]), "").done(),
            antiphon(world, "status"),
            antiphon(world, "activity"),
            antiphon(world, "check"),
            run(&mut command(world, &["recovery", odd]), "").done(),
            run(&mut command(world, &["unlock", odd]), "").done(),
            run(&mut command(world, &["remove", "--yes", odd]), "").done(),
        ];
        for said in outputs {
            let all = said.out.clone() + &said.err;
            assert!(
                !all.contains(['\u{202e}', '\u{200b}', '\u{1b}']),
                "{said:?}"
            );
        }
    });
}
