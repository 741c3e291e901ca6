//! Taking a second factor away, and putting it back.

use std::fs;

use antiphon_tests::{Terminal, in_world};

use crate::command::{antiphon, command, enroll, files, sh, signs_in};

#[test]
fn remove_then_restore_does_not_replay() {
    in_world(|world| {
        for options in ["--yes", "--yes --purge"] {
            let alice = enroll(world, "alice");
            let code = alice.code();
            assert!(signs_in(world, &code, 0));
            assert!(signs_in(world, &alice.recovery[0], 0));
            let record = fs::read(world.record_path("alice")).unwrap();
            antiphon(world, &format!("remove alice {options}")).done();
            assert!(!signs_in(world, &alice.recovery[1], 0), "not enrolled");
            sh("install -m 600 /dev/null /etc/antiphon/users/alice.toml");
            fs::write(world.record_path("alice"), record).unwrap();
            assert!(!signs_in(world, &code, 0), "{options}");
            assert!(!signs_in(world, &alice.recovery[0], 0), "{options}");
            assert!(signs_in(world, &alice.code_in(90), 90), "{options}");
            antiphon(world, "remove alice --yes --purge").done();
        }
    });
}

#[test]
fn a_bypass_code_goes_with_the_record_and_does_not_come_back_with_it() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        let granted = antiphon(world, "bypass alice --json --uses 9")
            .done()
            .object();
        let code = granted["bypass_code"].as_str().unwrap();
        assert!(signs_in(world, code, 0));
        let record = fs::read(world.record_path("alice")).unwrap();
        antiphon(world, "remove alice --yes").done();
        sh("install -m 600 /dev/null /etc/antiphon/users/alice.toml");
        fs::write(world.record_path("alice"), record).unwrap();
        assert!(!signs_in(world, code, 0));
        assert!(signs_in(world, &alice.recovery[0], 0));
    });
}

#[test]
fn another_secret_in_between_does_not_open_the_first_one_again() {
    in_world(|world| {
        let first = enroll(world, "alice");
        let code = first.code();
        assert!(signs_in(world, &code, 0));
        let record = fs::read(world.record_path("alice")).unwrap();
        antiphon(world, "enroll alice --replace --no-confirm").done();
        fs::write(world.record_path("alice"), record).unwrap();
        assert!(!signs_in(world, &code, 0));
        assert!(!signs_in(world, &first.recovery[0], 0));
    });
}

#[test]
fn purge_leaves_nothing_on_file() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        antiphon(world, "remove alice --yes --purge").done();
        assert!(files(world).is_empty());
        antiphon(world, "remove alice --yes --purge").failed(67, "nothing of alice");
        antiphon(world, "remove alice --yes").failed(67, "not enrolled");
    });
}

#[test]
fn a_person_whom_the_system_has_forgotten_can_be_removed() {
    in_world(|world| {
        let _ = enroll(world, "bob");
        sh("sed -i /^bob:/d /etc/passwd");
        antiphon(world, "check").done().says("antiphon remove bob");
        antiphon(world, "status bob").done();
        antiphon(world, "remove bob --yes --purge").done();
        assert!(files(world).is_empty());
    });
}

#[test]
fn a_person_at_a_terminal_is_asked_first_and_a_script_must_say_yes() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        antiphon(world, "remove alice").failed(64, "--yes");
        for (answer, removed) in [("", false), ("n", false), ("alice", false), ("y", true)] {
            let mut terminal = Terminal::start(&command(world, &["remove", "alice"]));
            terminal.expect("Remove? [y/N] ").send_line(answer);
            assert_eq!(terminal.end().succeeded(), removed, "{answer:?}");
            assert_eq!(world.record_path("alice").exists(), !removed, "{answer:?}");
        }
    });
}

#[test]
fn what_follows_for_sign_ins_is_said() {
    in_world(|world| {
        for (configuration, words) in [
            ("", "refused from now on"),
            ("unenrolled = \"allow\"\n", "need none from now on"),
        ] {
            world.configure(configuration);
            let _ = enroll(world, "alice");
            antiphon(world, "remove alice --yes").done().says(words);
        }
    });
}
