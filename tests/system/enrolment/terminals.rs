//! At the console, in sudo and su.

use antiphon_tests::{PASSWORD, Terminal, World, in_world};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{
    CONFIRM, GO_ON, OPEN, SQUARES, WRITTEN, code_in, has_record, scanned_on, secret_in, secret_on,
};
use crate::phone::{Program, processes};
use crate::prompts::PASSWORD_PROMPT;

/// From the first question of ours to the end.
fn go_through(world: &World, terminal: &mut Terminal) {
    terminal.answer(SQUARES, "").expect(CONFIRM);
    let secret = secret_in(&scanned_on(world, &terminal.shown()));
    terminal.send_line(&code_in(&secret, 0)).answer(WRITTEN, "");
}

#[test]
fn at_the_console_and_again_after_its_time_limit() {
    in_world(|world| {
        world.configure(OPEN);
        // On one terminal, as getty has it.
        let mut shell = Terminal::start(&world.command("sh"));
        shell.send_line("login");
        shell
            .answer("login: ", "alice")
            .answer(PASSWORD_PROMPT, PASSWORD);
        shell.answer(SQUARES, "").expect(CONFIRM);
        let secret = secret_on(&shell.shown());
        // As its alarm does when its time is up.
        for login in processes("login") {
            kill(Pid::from_raw(login), Signal::SIGALRM).unwrap();
        }
        shell.expect("timed out");
        shell.expect("# ").send_line("exec login");
        shell
            .answer("login: ", "alice")
            .answer(PASSWORD_PROMPT, PASSWORD);
        shell
            .expect("ago from ")
            .answer(GO_ON, &code_in(&secret, 0))
            .answer(WRITTEN, "");
        shell
            .expect("$ ")
            .send_line("echo here is $(id -un)")
            .expect("here is alice");
        shell.send_line("exit");
        let _ = shell.end();
        world.ended("accepted method=enrolment user=alice tty=");
    });
}

#[test]
fn in_sudo_the_caller() {
    in_world(|world| {
        world.configure(OPEN);
        let mut terminal = Program::Sudo.start(world);
        go_through(world, &mut terminal);
        Program::Sudo.arrive(terminal);
        assert!(has_record(world, "alice"));
    });
}

#[test]
fn in_su_the_person_whose_password_was_typed() {
    in_world(|world| {
        world.configure(OPEN);
        let mut command = world.command_of("alice", "su");
        command.args(["bob", "-c", "echo here is $(id -un)"]);
        let mut terminal = Terminal::start(&command);
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        go_through(world, &mut terminal);
        terminal.arrive("here is bob");
        assert!(has_record(world, "bob") && !has_record(world, "alice"));
        let ours = world.log().texts("");
        for (line, begin) in ours
            .iter()
            .zip(["asked=", "enrolment=begun ", "enrolled=code "])
        {
            assert!(line.starts_with(begin), "{line}");
            assert!(line.contains(" user=bob ") && line.ends_with("caller=alice"));
        }
    });
}
