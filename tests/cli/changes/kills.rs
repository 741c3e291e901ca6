//! Killed at any call that writes, a change is as it was, or is made; and what is left is put right by the next command.

use std::fs;

use antiphon_tests::{World, in_world};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{Desk, OPEN, QUESTION, SUDO, has_line, is_over, seen};
use crate::command::{Said, run};

const WRITING: &str = "openat write fsync rename renameat renameat2 link linkat unlink unlinkat mkdir chmod fchmod fchown fsetxattr flock";

/// The command, killed at its nth such call.
fn killed(world: &World, arguments: &[&str], call: &str, nth: usize) -> Said {
    let mut strace = world.command("strace");
    strace.args(["-qq", "-o", "/dev/null"]);
    strace.args([
        &format!("--trace={call}"),
        &format!("--inject={call}:signal=KILL:when={nth}"),
    ]);
    strace.arg(&world.product().command).args(arguments);
    run(&mut strace, "")
}

/// Kills the command at each call in turn, and looks at what is left each time.
fn at_each_call(
    world: &World,
    arguments: &[&str],
    // The command reads a great many files before it touches one.
    opened_first: usize,
    mut prepare: impl FnMut(),
    mut hold: impl FnMut(&str),
) {
    let mut kills = 0;
    for call in WRITING.split(' ') {
        for nth in 1.. {
            let nth = if call == "openat" {
                opened_first + nth * 5
            } else {
                nth
            };
            prepare();
            let said = killed(world, arguments, call, nth);
            if said.status == 0 {
                break;
            }
            kills += 1;
            hold(&format!("killed at {nth}. {call}: {said:?}"));
        }
    }
    println!("{kills} kills");
    assert!(kills > 10, "{kills}");
}

#[test]
fn an_enabling_that_is_killed_leaves_the_file_as_before_or_is_taken_back_by_the_next_command() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        at_each_call(
            world,
            &["enable", "sudo", "--yes"],
            150,
            || {
                if has_line(SUDO) {
                    desk.runs("disable sudo --yes").done();
                }
                assert_eq!(seen(SUDO), before);
            },
            |context| {
                let is_before = seen(SUDO) == before;
                assert!(is_before || has_line(SUDO), "{context}");
                let was_open = fs::exists(OPEN).unwrap();
                desk.runs("revert").done();
                assert!(!was_open || seen(SUDO) == before, "{context}");
                assert!(!fs::exists(OPEN).unwrap(), "{context}");
            },
        );
    });
}

#[test]
fn a_taking_back_that_is_killed_is_ended_by_the_next_one() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        at_each_call(
            world,
            &["revert"],
            0,
            || {
                let mut terminal = desk.types("enable sudo --revert 1h");
                terminal.expect(QUESTION);
                kill(
                    Pid::from_raw(terminal.id().try_into().unwrap()),
                    Signal::SIGKILL,
                )
                .unwrap();
                let _ = terminal.end();
                assert!(has_line(SUDO));
            },
            |context| {
                assert!(seen(SUDO) == before || has_line(SUDO), "{context}");
                desk.runs("revert").done();
                assert_eq!(seen(SUDO), before, "{context}");
                is_over();
            },
        );
    });
}
