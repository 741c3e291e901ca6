//! `mode = "observe"`, for the first days: it asks nobody and stops nobody.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use antiphon_tests::{Sshd, in_world};

use crate::prompts::CODE;

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
            let terminal = sshd.after_password(world, name, "echo arrived");
            let text = terminal.arrive("arrived");
            assert!(!text.contains(CODE), "{text}");
        }
        let line = |would, name| {
            format!(
                "outcome=exempt reason=observed would={would} user={name} rhost=127.0.0.1 tty=ssh"
            )
        };
        assert_eq!(
            world.log().texts(""),
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
            let terminal = sshd.after_password(world, "alice", "echo arrived");
            terminal.arrive("arrived");
            let line = world.ended("exempt reason=observed would=unusable:record user=alice");
            assert!(line.contains(fix), "{line}");
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
