//! `mode = "observe"`, for the first days: it asks nobody and stops nobody.

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
fn observing_lets_through_what_enforcing_would_find_unusable() {
    in_world(|world| {
        let _ = world.enrol("alice");
        std::fs::write(world.record_path("alice"), "").unwrap();
        world.configure("mode = \"observe\"\n");
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal.answer(PASSWORD_PROMPT, PASSWORD).expect("arrived");
        assert!(terminal.end().succeeded());
        let line = world.log().our_only_line();
        assert!(
            line.starts_with("outcome=exempt reason=observed would=unusable:record user=alice"),
            "{line}"
        );
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
