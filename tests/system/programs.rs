//! sudo, su, doas and login, by password and code.

use antiphon_tests::{PASSWORD, PASSWORD_PROMPT, Terminal, in_world};

use crate::phone::{PROGRAMS, Program};
use crate::prompts::CODE;

/// What sudo asks for the password with.
const SUDO: &str = "password for alice: ";

#[test]
fn each_program_asks_for_the_code_after_the_password_and_the_log_names_program_and_caller() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        for program in PROGRAMS {
            alice.change(|_| {});
            let mut terminal = program.start(world);
            terminal.answer(CODE, &alice.code());
            program.arrive(terminal);
            let line = world.ended("accepted method=code user=alice tty=");
            let service = world.log().endings().pop().unwrap().service;
            assert_eq!(service, program.service());
            // Who became alice knows her password.
            assert_eq!(line.ends_with("caller=bob"), program == Program::Su);
        }
    });
}

#[test]
fn without_a_right_code_no_program_runs_anything_and_the_callers_own_code_is_none() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        let bob = world.enrol("bob");
        for program in [Program::Sudo, Program::Su, Program::Doas] {
            alice.change(|_| {});
            let mut terminal = program.start(world);
            for _ in 0..3 {
                terminal.answer(CODE, &bob.code());
            }
            let ended = if program == Program::Sudo {
                // It asks for the password again: that is where the person gives up.
                terminal.expect("That code is wrong.").expect(SUDO);
                terminal.interrupt()
            } else {
                terminal.end()
            };
            ended.refused("here is");
            world.ended("wrong user=alice");
        }
    });
}

#[test]
fn ctrl_c_at_the_prompt_ends_the_program_and_uses_nothing_up() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let before = world.state("alice");
        for program in [Program::Su, Program::Sudo] {
            let mut terminal = program.start(world);
            terminal.expect(CODE);
            terminal.interrupt().refused("here is");
            assert_eq!(world.state("alice"), before);
        }
        world.ended("cancelled user=alice");
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
            terminal.interrupt().refused("arrived");
            let line = world.log().endings().pop().unwrap();
            assert_eq!(line.service, service, "{line:?}");
        }
    });
}

#[test]
fn root_changes_to_anybody_unasked() {
    in_world(|world| {
        let _ = world.enrol("bob");
        let mut su = world.command("su");
        let output = su.args(["bob", "-c", "id -un"]).output().unwrap();
        assert_eq!(output.stdout, b"bob\n", "{output:?}");
        assert_eq!(world.log().ours(), []);
    });
}

#[test]
fn login_begins_again_after_wrong_codes() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let mut terminal = Program::Login.start(world);
        for _ in 0..3 {
            terminal.answer(CODE, &alice.wrong_code());
        }
        terminal
            .expect("Login incorrect")
            .answer("login: ", "alice")
            .answer(PASSWORD_PROMPT, PASSWORD)
            .answer(CODE, &alice.code());
        Program::Login.arrive(terminal);
    });
}

#[test]
fn login_ends_when_codes_become_locked_and_a_recovery_code_still_opens() {
    in_world(|world| {
        let alice = world.enrol("alice");
        world.configure("[throttle]\nattempts = 2\n");
        let mut terminal = Program::Login.start(world);
        for _ in 0..2 {
            terminal.answer(CODE, &alice.wrong_code());
        }
        terminal.expect("Too many wrong codes.");
        let ended = terminal.end();
        assert!(!ended.text.contains("$ "), "{ended:#?}");
        world.ended_once("locked reason=wrong-codes user=alice");
        let mut terminal = Program::Login.start(world);
        terminal.answer("Recovery code: ", &alice.recovery[3]);
        Program::Login.arrive(terminal);
    });
}
