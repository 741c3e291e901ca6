//! Who is not asked, by the real sshd and sudo.

use antiphon_tests::{PASSWORD, Sshd, Terminal, World, in_world};

use crate::prompts::{CODE, PASSWORD_PROMPT};

/// Signs in by ssh with the password and these options; nothing more is answered. The rest that was shown.
fn with_password_only(world: &World, sshd: &Sshd, name: &str, options: &[&str]) -> String {
    let mut terminal = sshd.sign_in_with(world, name, options, "echo arrived");
    terminal.answer(PASSWORD_PROMPT, PASSWORD);
    // A code that is none three times, for those who are asked.
    loop {
        let shown = terminal.expect_any(&["arrived", CODE, "denied"]);
        match shown {
            CODE => terminal.send_line("12345"),
            _ => break terminal.end().text,
        };
    }
}

#[test]
fn who_is_not_enrolled_is_refused_unless_the_configuration_allows_it() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let refused = with_password_only(world, &sshd, "bob", &[]);
        assert!(
            !refused.contains(CODE) && !refused.contains("arrived"),
            "{refused}"
        );
        assert!(
            refused.contains("You have no second factor yet."),
            "{refused}"
        );
        assert_eq!(
            world.log().our_only_line(),
            "outcome=refused reason=not-enrolled user=bob rhost=127.0.0.1 tty=ssh \
             fix=\"run: antiphon enroll bob\""
        );
        world.configure("unenrolled = \"allow\"\n");
        assert!(with_password_only(world, &sshd, "bob", &[]).contains("arrived"));
        assert_eq!(
            world.log().ours()[1].text,
            "outcome=exempt reason=unenrolled-allowed user=bob rhost=127.0.0.1 tty=ssh"
        );
    });
}

#[test]
fn allowing_the_unenrolled_does_not_let_the_enrolled_in_unasked() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure("unenrolled = \"allow\"\n");
        let sshd = Sshd::start(world, "");
        let shown = with_password_only(world, &sshd, "alice", &[]);
        assert!(
            shown.contains(CODE) && !shown.contains("arrived"),
            "{shown}"
        );
    });
}

#[test]
fn members_of_an_exempt_group_are_not_asked_and_others_are() {
    in_world(|world| {
        let (_, _) = (world.enrol("alice"), world.enrol("bob"));
        world.add_group("robots", 2000, &["bob"]);
        world.configure("[exempt]\ngroups = [\"robots\"]\n");
        let sshd = Sshd::start(world, "");
        let bob = with_password_only(world, &sshd, "bob", &[]);
        assert!(bob.contains("arrived") && !bob.contains(CODE), "{bob}");
        assert!(!with_password_only(world, &sshd, "alice", &[]).contains("arrived"));
        assert_eq!(
            world.log().ours()[0].text,
            "outcome=exempt reason=exempt-group user=bob rhost=127.0.0.1 tty=ssh"
        );
    });
}

#[test]
fn an_exempt_service_is_not_asked_and_others_are() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure("[exempt]\nservices = [\"sudo\"]\n");
        let mut command = world.command_of("alice", "sudo");
        command.args(["echo", "arrived"]);
        let mut terminal = Terminal::start(&command);
        terminal
            .answer("password for alice: ", PASSWORD)
            .expect("arrived");
        let ended = terminal.end();
        assert!(!ended.text.contains(CODE), "{ended:#?}");
        let line = world.log().our_only_line();
        assert!(
            line.starts_with("outcome=exempt reason=exempt-service user=alice"),
            "{line}"
        );
        let sshd = Sshd::start(world, "");
        assert!(!with_password_only(world, &sshd, "alice", &[]).contains("arrived"));
    });
}

#[test]
fn an_exempt_network_is_not_asked_on_the_services_listed_with_it() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let rule = |service| {
            format!(
                "[[exempt.network]]\nnetworks = [\"203.0.113.0/24\"]\nservices = [\"{service}\"]\n"
            )
        };
        world.configure(&rule("sshd"));
        let sshd = Sshd::start(world, "");
        let from_there = ["-o", "BindAddress=203.0.113.5"];
        let inside = with_password_only(world, &sshd, "alice", &from_there);
        assert!(
            inside.contains("arrived") && !inside.contains(CODE),
            "{inside}"
        );
        assert!(!with_password_only(world, &sshd, "alice", &[]).contains("arrived"));
        assert_eq!(
            world.log().ours()[0].text,
            "outcome=exempt reason=exempt-network user=alice rhost=203.0.113.5 tty=ssh"
        );
        world.configure(&rule("imap"));
        assert!(!with_password_only(world, &sshd, "alice", &from_there).contains("arrived"));
    });
}

#[test]
fn where_sshd_gives_a_name_no_network_counts_and_the_log_says_why() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let networks = "networks = [\"127.0.0.1\"]\n";
        let exempt = format!("[[exempt.network]]\n{networks}services = [\"sshd\"]\n");
        world.configure(&exempt);
        let by_address = Sshd::start(world, "");
        let shown = with_password_only(world, &by_address, "alice", &[]);
        assert!(
            shown.contains("arrived") && !shown.contains(CODE),
            "{shown}"
        );
        drop(by_address);
        let by_name = Sshd::start(world, "UseDNS yes");
        let shown = with_password_only(world, &by_name, "alice", &[]);
        assert!(
            shown.contains(CODE) && !shown.contains("arrived"),
            "{shown}"
        );
        let lines = world.log().ours();
        assert_eq!(
            lines[1].text,
            "exempt=no-network rhost=localhost fix=\"an exempt network needs an address, and this is a host name: \
             set UseDNS no in sshd_config\""
        );
        world.configure(&format!("unenrolled = \"enroll\"\n[enroll]\n{networks}"));
        let shown = with_password_only(world, &by_name, "bob", &[]);
        assert!(!shown.contains("arrived"), "{shown}");
        let last = world.log().ours().pop().unwrap();
        assert!(
            last.text
                .starts_with("outcome=refused reason=enrolment-host-name user=bob rhost=localhost")
                && last.text.contains("UseDNS no"),
            "{last:?}"
        );
    });
}

#[test]
fn a_configuration_with_a_fault_refuses_and_the_log_names_line_and_fix() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure("# ours\nunenroled = \"allow\"\n");
        let sshd = Sshd::start(world, "");
        let shown = with_password_only(world, &sshd, "alice", &[]);
        assert!(
            !shown.contains(CODE) && !shown.contains("arrived"),
            "{shown}"
        );
        assert!(
            shown.contains("The second factor cannot be checked now."),
            "{shown}"
        );
        let line = world.log().our_only_line();
        for part in [
            "outcome=unusable reason=config",
            "antiphon.toml",
            "line 2",
            "unenrolled",
            "antiphon check",
        ] {
            assert!(line.contains(part), "{part} in {line}");
        }
    });
}
