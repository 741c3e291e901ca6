//! What is refused, with which exit status, and that the error says what to do.

use antiphon_tests::in_world;

use crate::command::{antiphon, antiphon_with, enroll, files, run, sh};

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
                let said = antiphon_with(world, &[deed, name]);
                let said = said.case(&format!("{deed} {name:?}")).exits(65);
                assert_eq!(said.err.matches('\n').count(), 1, "{said:#?}");
            }
        }
        assert!(files(world).is_empty());
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
            antiphon(world, arguments).case(arguments).exits(64);
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
        sh("chmod 777 /etc/antiphon");
        antiphon(world, "enroll alice --no-confirm").failed(78, "chmod 0755 /etc/antiphon");
        assert!(files(world).is_empty());
    });
}

#[test]
fn control_characters_reach_no_terminal() {
    in_world(|world| {
        let said = antiphon_with(world, &["enroll", "\u{1b}[2Jalice\u{9b}31m"]);
        assert!(!said.err.trim_end().contains(char::is_control), "{said:?}");
        // A directory may hold anything.
        let odd = "al\u{202e}ice\u{200b}";
        sh(&format!(
            "echo '{odd}:x:1500:1500::/:/bin/sh' >> /etc/passwd"
        ));
        for words in [
            &["enroll", odd, "--no-confirm"][..],
            &["status"],
            &["activity"],
            &["check"],
            &["recovery", odd],
            &["unlock", odd],
            &["remove", "--yes", odd],
        ] {
            let said = antiphon_with(world, words).done();
            let all = said.out.clone() + &said.err;
            let is_shown = all.contains(['\u{202e}', '\u{200b}', '\u{1b}']);
            assert!(!is_shown, "{words:?}: {said:?}");
        }
    });
}
