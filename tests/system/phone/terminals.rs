//! What the phone answers, over ssh and on terminals. sudo, su, doas and login go on by themselves; ssh hears it at Enter.

use std::time::Duration;

use antiphon_core::wire::{FromDaemon, Unwilling};
use antiphon_tests::{HOST, LyingDaemon, PASSWORD, Sshd, Terminal, in_world};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{
    Door, NUMBER, Program, alice_with_phone, approve, doors, number_on, processes, wrong_in_a_row,
};
use crate::prompts::CODE;

/// Waits until no process of this name is left.
fn until_gone(name: &str) {
    while !processes(name).is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_approval_on_the_phone_signs_in_and_but_for_ssh_no_key_is_pressed() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        for door in doors() {
            let mut terminal = door.open(world, &sshd);
            let mut call = daemon.asked();
            assert_eq!(call.request.user, "alice");
            assert_eq!(call.request.service, door.service());
            assert_eq!(call.request.host, HOST);
            assert_eq!(call.credentials, std::slice::from_ref(&passkey.credential));
            assert_eq!(call.digits, 2);
            // The phone is told whether Enter is needed.
            assert_eq!(call.hints.enter, door == Door::Ssh, "{door:?}");
            // At the computer itself, too, the daemon is told where she has signed in before: with sudo.
            let familiar = (door == Door::At(Program::Doas)).then_some(true);
            assert_eq!(call.hints.familiar, familiar, "{door:?}");
            let number = number_on(&mut terminal);
            door.approve(&mut terminal, &mut call, &passkey, &number);
            let text = door.arrive(terminal);
            // On a line of its own.
            let told = text.contains(" (? for other ways): \r\nApproved on the phone.\r\n");
            assert!(told, "{door:?}: {text}");
            let line = world.ended("accepted method=approval user=alice ");
            assert!(line.contains(r#" phone="Pixel 9" request="#), "{line}");
            let event = world.activity("alice").pop().unwrap();
            assert_eq!(event.outcome, "accepted");
            assert_eq!(event.method, "approval");
        }
    });
}

#[test]
fn a_wrong_number_ends_the_phone_way_and_a_code_still_signs_in() {
    in_world(|world| {
        let (mut alice, passkey) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        for door in doors() {
            alice.change(|_| {});
            let mut terminal = door.open(world, &sshd);
            let mut call = daemon.asked();
            number_on(&mut terminal);
            call.answer(passkey.answer(&call.request, "9"));
            door.hear_the_phone(&mut terminal);
            assert_eq!(call.outcome().as_deref(), Some("wrong"));
            // On a line of its own; ssh says before each prompt whose it is.
            let begin = if door == Door::Ssh { "" } else { "\r\n" };
            terminal.expect(&format!("{begin}The number did not match.\r\n"));
            terminal.answer(CODE, &alice.code());
            door.arrive(terminal);
            world.ended("accepted method=code");
            let warned = world.log().texts("phone=refused user=alice").pop();
            assert!(warned.unwrap().ends_with(" detail=phone-number"));
        }
    });
}

#[test]
fn it_is_not_me_refuses_the_sign_in_and_the_next_says_why_the_phone_is_not_asked() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        for door in doors() {
            alice.change(|_| {});
            let mut terminal = door.open(world, &sshd);
            let mut call = daemon.asked();
            number_on(&mut terminal);
            call.say(&FromDaemon::Declined {});
            door.hear_the_phone(&mut terminal);
            assert_eq!(call.outcome().as_deref(), Some("reported"));
            terminal.expect("\r\nRefused on the phone.\r\n");
            let text = terminal.interrupt().text;
            assert!(!text.contains("here is"), "{door:?}: {text}");
            world.ended("reported user=alice");
            assert_eq!(wrong_in_a_row(world), 0);
            let mut next = door.open(world, &sshd);
            let _ = daemon.paused(&FromDaemon::StillPaused {});
            next.expect(
                "You said on your phone that a sign-in was not you, so it is not asked for 15 min.",
            );
            next.answer(CODE, &alice.code());
            assert!(!door.arrive(next).contains(NUMBER));
            assert!(!daemon.was_called());
        }
    });
}

#[test]
fn ctrl_c_and_a_lost_terminal_take_the_request_from_the_phone() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        for door in doors() {
            let asked = || {
                let mut terminal = door.open(world, &sshd);
                let call = daemon.asked();
                number_on(&mut terminal);
                (terminal, call)
            };
            alice.change(|_| {});
            // login does not end at Ctrl-C.
            if door != Door::At(Program::Login) {
                let (terminal, mut call) = asked();
                assert!(!terminal.interrupt().succeeded());
                assert_eq!(call.outcome(), None, "{door:?}");
            }
            let (terminal, mut call) = asked();
            let _ = terminal.hang_up();
            assert_eq!(call.outcome(), None, "{door:?}");
            if let Door::At(program) = door {
                until_gone(program.service());
            }
        }
    });
}

#[test]
fn what_was_half_typed_when_the_approval_came_reaches_no_shell_and_the_terminal_is_as_before() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let script = "stty -a; read line; echo \"the line is <$line>\"";
        let mut sudo = world.command_of("alice", "sudo");
        sudo.args(["sh", "-c", script]);
        let mut su = world.command_of("bob", "su");
        su.args(["alice", "-c", script]);
        for command in [sudo, su] {
            let mut terminal = Terminal::start(&command);
            terminal.expect("assword").expect(": ");
            terminal.send_line(PASSWORD);
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
                assert!(!text.contains(off), "{off}: {text}");
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
        terminal.answer("password for alice: ", PASSWORD);
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
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        for door in doors() {
            alice.change(|_| {});
            let mut first = door.open(world, &sshd);
            let mut call = daemon.asked();
            let number = number_on(&mut first);
            let mut second = door.open(world, &sshd);
            daemon.call().refuse(Unwilling::Busy);
            second.expect("Another sign-in of yours is waiting for the phone.\r\n");
            second.answer(CODE, &alice.code());
            assert!(!door.arrive(second).contains(NUMBER));
            door.approve(&mut first, &mut call, &passkey, &number);
            door.arrive(first);
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
        terminal.answer("password for alice: ", PASSWORD);
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
