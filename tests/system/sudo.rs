//! The real sudo.

use std::io::Write;
use std::process::Stdio;

use antiphon_tests::{PASSWORD, Terminal, World, in_world};

use crate::prompts::CODE;

/// What sudo asks for the password with.
const SUDO: &str = "password for alice: ";

fn sudo(world: &World) -> Terminal {
    let mut command = world.command_of("alice", "sudo");
    command.args(["sh", "-c", "echo here is $(id -un)"]);
    Terminal::start(&command)
}

#[test]
fn sudo_asks_for_the_callers_code_after_the_password() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let mut terminal = sudo(world);
        terminal
            .answer(SUDO, PASSWORD)
            .answer(CODE, &alice.code())
            .expect("here is root");
        assert!(terminal.end().succeeded());
        let ours = world.log().endings();
        assert_eq!((ours.len(), ours[0].service.as_str()), (1, "sudo"));
        assert!(
            ours[0]
                .text
                .starts_with("outcome=accepted method=code user=alice tty=/dev/pts/"),
            "{ours:?}"
        );
    });
}

#[test]
fn no_way_of_calling_sudo_leads_around_the_code() {
    in_world(|world| {
        let _ = world.enrol("alice");
        for (option, service) in [("-s", "sudo"), ("-i", "sudo-i")] {
            let mut command = world.command_of("alice", "sudo");
            command.args([option, "echo", "arrived"]);
            let mut terminal = Terminal::start(&command);
            terminal.answer(SUDO, PASSWORD);
            for _ in 0..3 {
                terminal.answer(CODE, "12345");
            }
            // sudo asks for the password again.
            terminal.expect(SUDO);
            let ended = terminal.interrupt();
            assert!(!ended.text.contains("arrived"), "{ended:#?}");
            let line = world.log().endings().pop().unwrap();
            assert_eq!(line.service, service, "{line:?}");
        }
    });
}

#[test]
fn sudo_without_a_right_code_runs_nothing() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let mut terminal = sudo(world);
        terminal.answer(SUDO, PASSWORD);
        for _ in 0..3 {
            terminal.answer(CODE, &alice.wrong_code());
        }
        // sudo asks for the password again: that is where the person gives up.
        terminal.expect("That code is wrong.").expect(SUDO);
        let ended = terminal.interrupt();
        assert!(
            !ended.succeeded() && !ended.text.contains("here is"),
            "{ended:#?}"
        );
        assert!(
            world.log().endings()[0]
                .text
                .starts_with("outcome=wrong user=alice")
        );
    });
}

#[test]
fn ctrl_c_at_the_prompt_ends_sudo_and_is_logged() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let before = world.state("alice");
        let mut terminal = sudo(world);
        terminal.answer(SUDO, PASSWORD).expect(CODE);
        let ended = terminal.interrupt();
        assert!(
            !ended.succeeded() && !ended.text.contains("here is"),
            "{ended:#?}"
        );
        assert!(
            world
                .log()
                .our_only_line()
                .starts_with("outcome=cancelled user=alice")
        );
        assert_eq!(world.state("alice"), before);
    });
}

#[test]
fn sudo_dash_s_reads_the_code_as_the_second_line() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let mut sudo = world
            .command_of("alice", "sudo")
            .args(["-S", "id", "-un"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        write!(sudo.stdin.take().unwrap(), "{PASSWORD}\n{}\n", alice.code()).unwrap();
        let output = sudo.wait_with_output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "root\n",
            "{output:?}"
        );
    });
}

#[test]
fn a_hostile_environment_of_the_caller_changes_nothing() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let mut command = world.command_of("alice", "sudo");
        command.args(["id", "-un"]).envs([
            ("TZ", "../../etc/shadow"),
            ("HTTPS_PROXY", "http://127.0.0.1:1"),
            ("SSL_CERT_FILE", "/nowhere"),
            ("RUST_LOG", "trace"),
            ("RUST_BACKTRACE", "full"),
            ("SSH_CONNECTION", "1 2 3 4"),
            ("SSH_AUTH_INFO_0", "publickey"),
        ]);
        let mut terminal = Terminal::start(&command);
        terminal
            .answer(SUDO, PASSWORD)
            .answer(CODE, &alice.code())
            .expect("root");
        assert!(terminal.end().succeeded());
    });
}
