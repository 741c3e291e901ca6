//! `mode = "observe"`, for the first days: it asks nobody and stops nobody.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use antiphon_tests::{PASSWORD, Sshd, in_world};

use crate::prompts::{CODE, PASSWORD_PROMPT};

#[test]
fn observing_lets_everybody_through_unasked_and_logs_what_would_have_been_done() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.add_person("carol", 1002);
        world.add_group("robots", 2000, &["carol"]);
        world.configure("mode = \"observe\"\n[exempt]\ngroups = [\"robots\"]\n");
        let before = world.state("alice");
        let sshd = Sshd::start(world, "");
        for name in ["alice", "bob", "carol"] {
            let mut terminal = sshd.sign_in(world, name, "echo arrived");
            terminal.answer(PASSWORD_PROMPT, PASSWORD).expect("arrived");
            let ended = terminal.end();
            assert!(!ended.text.contains(CODE), "{ended:#?}");
        }
        let logged: Vec<String> = world
            .log()
            .ours()
            .into_iter()
            .map(|line| line.text)
            .collect();
        let line = |would, name| {
            format!(
                "outcome=exempt reason=observed would={would} user={name} rhost=127.0.0.1 tty=ssh"
            )
        };
        assert_eq!(
            logged,
            [
                line("ask", "alice"),
                line("refused:not-enrolled", "bob"),
                line("exempt:exempt-group", "carol"),
            ]
        );
        assert_eq!((world.state("alice"), world.state("bob")), (before, None));
    });
}

#[test]
fn observing_lets_through_what_enforcing_would_find_unusable_and_the_log_says_what_to_fix() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let record = world.record_path("alice");
        world.configure("mode = \"observe\"\n");
        let sshd = Sshd::start(world, "");
        let observed = |fix: &str| {
            let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
            terminal.answer(PASSWORD_PROMPT, PASSWORD).expect("arrived");
            assert!(terminal.end().succeeded());
            let line = world.log().ours().pop().unwrap().text;
            let start = "outcome=exempt reason=observed would=unusable:record user=alice";
            assert!(line.starts_with(start) && line.contains(fix), "{line}");
        };
        std::fs::write(&record, "").unwrap();
        observed("run: antiphon enroll alice --replace");
        std::fs::write(&record, "version = 9\n").unwrap();
        observed("version");
        std::fs::set_permissions(&record, Permissions::from_mode(0o644)).unwrap();
        observed("chmod 0600");
        std::fs::remove_file(&record).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &record).unwrap();
        observed("symbolic link");
        std::fs::remove_file(&record).unwrap();
        std::fs::create_dir(&record).unwrap();
        observed("detail=");
        std::fs::remove_dir_all(record.parent().unwrap()).unwrap();
        observed("detail=");
    });
}

#[test]
fn observing_does_not_let_a_wrong_password_through() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure("mode = \"observe\"\n");
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal.answer(PASSWORD_PROMPT, "not the password");
        let ended = terminal.end();
        assert!(
            !ended.succeeded() && !ended.text.contains("arrived"),
            "{ended:#?}"
        );
    });
}
