//! sudo, su and login go on by themselves when the phone has answered.

use std::time::Duration;

use antiphon_core::wire::{FromDaemon, Unwilling};
use antiphon_tests::{LyingDaemon, Terminal, in_world};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{
    NUMBER, PROGRAMS, Program, alice_with_phone, approve, last_outcome, number_on, processes,
    wrong_in_a_row,
};
use crate::prompts::CODE;

/// Waits until no process of this name is left.
fn until_gone(name: &str) {
    while !processes(name).is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_approval_on_the_phone_ends_the_wait_with_no_key_pressed() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for program in PROGRAMS {
            let mut terminal = program.start(world);
            let mut call = daemon.asked();
            assert_eq!(call.request.user, "alice");
            assert_eq!(call.request.service, program.service());
            assert_eq!(call.request.host, antiphon_tests::HOST);
            assert_eq!(call.credentials, std::slice::from_ref(&passkey.credential));
            assert_eq!(call.digits, 2);
            let number = number_on(&mut terminal);
            approve(&mut call, &passkey, &number);
            let text = program.arrive(terminal);
            let told =
                "Verification code instead (? for other ways): \r\nApproved on the phone.\r\n";
            assert!(text.contains(told), "{program:?}: {text}");
            let line = last_outcome(world);
            let begin = "outcome=accepted method=approval user=alice tty=";
            assert!(line.starts_with(begin), "{line}");
            assert!(line.contains(r#" phone="Pixel 9""#), "{line}");
            let event = world.activity("alice").pop().unwrap();
            assert_eq!(
                (event.outcome.as_str(), event.method.as_str()),
                ("accepted", "approval")
            );
        }
    });
}

#[test]
fn a_wrong_number_ends_the_phone_way_and_a_code_still_signs_in() {
    in_world(|world| {
        let (mut alice, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for program in PROGRAMS {
            alice.change(|_| {});
            let mut terminal = program.start(world);
            let mut call = daemon.asked();
            assert!(!call.hints.enter, "{program:?}: it goes on by itself");
            let other = if number_on(&mut terminal) == "42" {
                "43"
            } else {
                "42"
            };
            call.answer(passkey.answer(&call.request, other));
            assert_eq!(call.outcome().as_deref(), Some("wrong"));
            terminal.expect("\r\nThe number did not match.\r\n");
            terminal.answer(CODE, &alice.code());
            program.arrive(terminal);
            assert!(last_outcome(world).starts_with("outcome=accepted method=code"));
            let ours = world.log().ours();
            let warned = "phone=refused user=alice detail=phone-number";
            assert!(ours.iter().any(|line| line.text == warned), "{ours:#?}");
        }
    });
}

#[test]
fn it_is_not_me_refuses_the_sign_in_and_the_next_says_why_the_phone_is_not_asked() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for program in PROGRAMS {
            alice.change(|_| {});
            let mut terminal = program.start(world);
            let mut call = daemon.asked();
            number_on(&mut terminal);
            call.say(&FromDaemon::Declined {});
            assert_eq!(call.outcome().as_deref(), Some("reported"));
            terminal.expect("\r\nRefused on the phone.\r\n");
            let ended = terminal.interrupt();
            assert!(!ended.text.contains("here is"), "{program:?}: {ended:#?}");
            let line = last_outcome(world);
            assert!(line.starts_with("outcome=reported user=alice"), "{line}");
            assert_eq!(wrong_in_a_row(world), 0);
            let mut next = program.start(world);
            let _ = daemon.paused(&FromDaemon::StillPaused {});
            next.expect("You said on your phone that a sign-in was not you");
            next.answer(CODE, &alice.code());
            assert!(!program.arrive(next).contains(NUMBER));
            assert!(!daemon.was_called());
        }
    });
}

#[test]
fn ctrl_c_and_a_lost_terminal_take_the_request_from_the_phone() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for program in PROGRAMS {
            alice.change(|_| {});
            let mut terminal = program.start(world);
            let mut call = daemon.asked();
            number_on(&mut terminal);
            // login does not end at Ctrl-C.
            if program == Program::Login {
                let _ = terminal.hang_up();
            } else {
                assert!(!terminal.interrupt().succeeded());
                assert_eq!(call.outcome(), None, "{program:?}");
                let mut terminal = program.start(world);
                call = daemon.asked();
                number_on(&mut terminal);
                let _ = terminal.hang_up();
            }
            assert_eq!(call.outcome(), None, "{program:?}");
            until_gone(program.service());
        }
    });
}

#[test]
fn what_was_half_typed_when_the_approval_came_reaches_no_shell_and_the_terminal_is_as_before() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let script = "stty -a; read line; echo \"the line is <$line>\"";
        for program in ["sudo", "su"] {
            let mut command = match program {
                "sudo" => world.command_of("alice", "sudo"),
                _ => world.command_of("bob", "su"),
            };
            match program {
                "sudo" => command.args(["sh", "-c", script]),
                _ => command.args(["alice", "-c", script]),
            };
            let mut terminal = Terminal::start(&command);
            terminal.expect("assword").expect(": ");
            terminal.send_line(antiphon_tests::PASSWORD);
            let mut call = daemon.asked();
            let number = number_on(&mut terminal);
            // Shown by the terminal: so it has come.
            terminal.send(b"rm -r1").expect("rm -r1");
            approve(&mut call, &passkey, &number);
            terminal.expect("Approved on the phone.").expect("lnext");
            terminal.send_line("typed afterwards");
            terminal.expect("the line is <typed afterwards>");
            let text = terminal.end().text;
            for off in ["-icanon", "-echo ", "-isig", "-icrnl", "-opost"] {
                assert!(!text.contains(off), "{program}: {off}: {text}");
            }
        }
    });
}

#[test]
fn a_stopped_output_does_not_hold_an_approval_up() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let mut terminal = Program::Su.start(world);
        let mut call = daemon.asked();
        let number = number_on(&mut terminal);
        // Ctrl-S.
        terminal.send(b"\x13").send(b"12");
        approve(&mut call, &passkey, &number);
        terminal.send(b"\x11");
        Program::Su.arrive(terminal);
    });
}

#[test]
fn a_killed_sudo_leaves_no_child_that_eats_what_the_shell_is_told_next() {
    in_world(|world| {
        let _ = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let mut shell = world.command_of("alice", "sh");
        shell.args([
            "-c",
            "sudo id; echo it ended; read x; echo \"the shell got <$x>\"",
        ]);
        let mut terminal = Terminal::start(&shell);
        terminal.answer("password for alice: ", antiphon_tests::PASSWORD);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        let both = processes("sudo");
        assert_eq!(both.len(), 2, "sudo and its child");
        let parent = *both.iter().min().unwrap();
        kill(Pid::from_raw(parent), Signal::SIGKILL).unwrap();
        assert_eq!(call.outcome(), None);
        // The kernel kills the child as soon as it runs, which is sooner than a person types.
        until_gone("sudo");
        terminal.expect("it ended").send_line("ls");
        terminal.expect("the shell got <ls>");
        let _ = terminal.end();
    });
}

#[test]
fn a_second_sign_in_gets_no_number_and_is_told_why() {
    in_world(|world| {
        let (mut alice, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for program in PROGRAMS {
            alice.change(|_| {});
            let mut first = program.start(world);
            let mut call = daemon.asked();
            let number = number_on(&mut first);
            let mut second = program.start(world);
            daemon.call().refuse(Unwilling::Busy);
            second.expect("Another sign-in of yours is waiting for the phone.\r\n");
            second.answer(CODE, &alice.code());
            assert!(!program.arrive(second).contains(NUMBER));
            approve(&mut call, &passkey, &number);
            program.arrive(first);
        }
    });
}

#[test]
fn a_sudo_that_is_suspended_at_the_prompt_goes_on_afterwards() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let mut shell = world.command_of("alice", "bash");
        shell.args(["--norc", "--noprofile", "-im"]);
        let mut terminal = Terminal::start(&shell);
        terminal.expect("$ ").send_line("sudo echo here is root");
        terminal.answer("password for alice: ", antiphon_tests::PASSWORD);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        terminal.send(b"\x1a").expect("Stopped").expect("$ ");
        // Nobody else reads what the shell is told.
        assert_eq!(processes("sudo").len(), 1);
        terminal
            .send_line("echo $((40 + 2)) apples")
            .expect("42 apples");
        terminal.send_line("fg");
        let number = number_on(&mut terminal);
        approve(&mut call, &passkey, &number);
        terminal
            .expect("Approved on the phone.")
            .expect("here is root");
        terminal.expect("$ ").send_line("exit");
        assert!(terminal.end().succeeded());
    });
}
