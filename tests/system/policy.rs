//! Who is not asked, by the real sshd and sudo.

use antiphon_tests::{Sshd, World, in_world};

use crate::phone::Program;
use crate::prompts::CODE;

const HERE: &str = "127.0.0.1";

/// Signs in by ssh from `address` with the password; nothing more is answered. All that was shown.
fn with_password_only(world: &World, sshd: &Sshd, name: &str, address: &str) -> String {
    let mut terminal = sshd.after_password_from(world, address, name, "echo arrived");
    // A code that is none three times, for those who are asked.
    loop {
        let shown = terminal.expect_any(&["arrived", CODE, "denied"]);
        match shown {
            CODE => terminal.send_line("12345"),
            _ => break terminal.end().text,
        };
    }
}

/// Whether a code is asked for; who is not asked, and nobody else, is let in.
fn is_asked(world: &World, sshd: &Sshd, name: &str, address: &str) -> bool {
    let shown = with_password_only(world, sshd, name, address);
    let is_asked = shown.contains(CODE);
    assert_eq!(shown.contains("arrived"), !is_asked, "{shown}");
    is_asked
}

#[test]
fn who_is_not_enrolled_is_refused_unless_the_configuration_allows_it() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let refused = with_password_only(world, &sshd, "bob", HERE);
        assert!(!refused.contains(CODE) && !refused.contains("arrived"));
        assert!(refused.contains("You have no second factor yet."));
        let line = world.ended("refused reason=not-enrolled user=bob rhost=127.0.0.1 tty=ssh");
        let fix = " fix=\"run: antiphon enroll bob\"";
        assert!(line.ends_with(fix), "{line}");
        world.configure("unenrolled = \"allow\"\n");
        assert!(!is_asked(world, &sshd, "bob", HERE));
        world.ended("exempt reason=unenrolled-allowed user=bob rhost=127.0.0.1 tty=ssh");
    });
}

#[test]
fn an_exempt_service_is_not_asked_and_others_are() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure("[exempt]\nservices = [\"sudo\"]\n");
        let text = Program::Sudo.arrive(Program::Sudo.start(world));
        assert!(!text.contains(CODE), "{text}");
        world.ended_once("exempt reason=exempt-service user=alice");
        let sshd = Sshd::start(world, "");
        assert!(is_asked(world, &sshd, "alice", HERE));
    });
}

#[test]
fn an_exempt_group_is_the_one_that_has_this_name_here_and_no_namesake_in_a_directory() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.add_group("robots", 2000, &["alice"]);
        world.configure("[exempt]\ngroups = [\"robots\"]\n");
        let sshd = Sshd::start(world, "");
        assert!(!is_asked(world, &sshd, "alice", HERE));
        world.ended("exempt reason=exempt-group user=alice");
        // The first of this name is the only one that a look-up by name finds.
        let groups = std::fs::read_to_string("/etc/group").unwrap();
        let groups = groups.replace("robots:x:2000:alice", "robots:x:50:\nrobots:x:2000:alice");
        std::fs::write("/etc/group", groups).unwrap();
        assert!(is_asked(world, &sshd, "alice", HERE));
        // Who may enrol is permitted it in the same way.
        let enroll = "[enroll]\ngroups = [\"robots\"]\n";
        world.configure(&format!("unenrolled = \"enroll\"\n{enroll}"));
        let groups = std::fs::read_to_string("/etc/group").unwrap();
        std::fs::write("/etc/group", groups.replace("2000:alice", "2000:bob")).unwrap();
        let shown = with_password_only(world, &sshd, "bob", HERE);
        assert!(!shown.contains("arrived"), "{shown}");
        world.ended("refused reason=enrolment-group user=bob");
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
        assert!(!is_asked(world, &sshd, "alice", "203.0.113.5"));
        world.ended("exempt reason=exempt-network user=alice rhost=203.0.113.5 tty=ssh");
        assert!(is_asked(world, &sshd, "alice", HERE));
        world.configure(&rule("imap"));
        assert!(is_asked(world, &sshd, "alice", "203.0.113.5"));
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
        assert!(!is_asked(world, &by_address, "alice", HERE));
        drop(by_address);
        let by_name = Sshd::start(world, "UseDNS yes");
        assert!(is_asked(world, &by_name, "alice", HERE));
        let lines = world.log().texts("exempt=");
        assert_eq!(
            lines,
            [
                "exempt=no-network rhost=localhost fix=\"an exempt network needs an address, and this is a host name: \
                 set UseDNS no in sshd_config\""
            ]
        );
        world.configure(&format!("unenrolled = \"enroll\"\n[enroll]\n{networks}"));
        let shown = with_password_only(world, &by_name, "bob", HERE);
        assert!(!shown.contains("arrived"), "{shown}");
        let line = world.ended("refused reason=enrolment-host-name user=bob rhost=localhost");
        assert!(line.contains("UseDNS no"), "{line}");
    });
}
