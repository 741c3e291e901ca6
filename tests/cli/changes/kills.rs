//! Killed at any call that writes, a change is as it was, or is made; and what is left is put right by the next command.

use std::fs;
use std::process::Command;

use antiphon_tests::{Terminal, World, in_world};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::edit::{CONFIG, editing};
use super::{Desk, OPEN, QUESTION, SUDO, has_line, hidden, is_over, seen};
use crate::command::run;

const WRITING: &str = "openat write fsync rename renameat renameat2 link linkat unlink unlinkat mkdir chmod fchmod fchown fsetxattr flock";
const SUDO_I: &str = "/etc/pam.d/sudo-i";

/// A call of a command, by its name and number, at which it is killed.
struct Call<'a> {
    name: &'a str,
    nth: usize,
}

impl Call<'_> {
    /// `command`, killed there.
    fn kills(&self, world: &World, command: &Command) -> Command {
        let mut strace = world.command("strace");
        let Self { name, nth } = self;
        strace.args(["-qq", "-o", "/dev/null"]);
        strace.args([
            &format!("--trace={name}"),
            &format!("--inject={name}:signal=KILL:when={nth}"),
        ]);
        strace.arg(command.get_program()).args(command.get_args());
        for (key, value) in command.get_envs() {
            strace.env(key, value.unwrap_or_default());
        }
        strace
    }
}

/// How `antiphon` with `arguments` ends if it is killed there: whether well, and in words.
fn killed(world: &World, arguments: &[&str], call: &Call<'_>) -> (bool, String) {
    let mut antiphon = world.command(&world.product().command);
    antiphon.args(arguments);
    let said = run(&mut call.kills(world, &antiphon), "");
    (said.status == 0, format!("{said:?}"))
}

/// Kills a command at each call in turn, and looks at what is left each time.
fn at_each_call(
    // The command reads a great many files before it touches one.
    opened_first: usize,
    mut prepare: impl FnMut(),
    mut kill: impl FnMut(&Call<'_>) -> (bool, String),
    mut hold: impl FnMut(&str),
) {
    let mut kills = 0;
    for name in WRITING.split(' ') {
        for nth in 1.. {
            let nth = if name == "openat" {
                opened_first + nth * 5
            } else {
                nth
            };
            prepare();
            let (ended_well, how) = kill(&Call { name, nth });
            if ended_well {
                break;
            }
            kills += 1;
            hold(&format!("killed at {nth}. {name}: {how}"));
        }
    }
    println!("{kills} kills");
    assert!(kills >= 8, "{kills}");
}

/// Whether both files have our line; none may have it alone.
fn both(context: &str) -> bool {
    let [one, other] = [has_line(SUDO), has_line(SUDO_I)];
    assert_eq!(one, other, "{context}");
    one
}

#[test]
fn a_change_for_good_that_is_killed_is_made_or_not_and_no_later_command_makes_it_otherwise() {
    in_world(|world| {
        let desk = Desk::new(world);
        let bare = [seen(SUDO), seen(SUDO_I)];
        desk.runs("enable sudo sudo-i --yes").done();
        let asking = [seen(SUDO), seen(SUDO_I)];
        for (word, other, before) in [("enable", "disable", &bare), ("disable", "enable", &asking)]
        {
            at_each_call(
                150,
                || {
                    desk.runs(&format!("{other} sudo sudo-i --yes")).done();
                    assert_eq!([seen(SUDO), seen(SUDO_I)], *before);
                },
                |call| killed(world, &[word, "sudo", "sudo-i", "--yes"], call),
                |context| {
                    let made = |path: &str| has_line(path) == (word == "enable");
                    let is_made = [made(SUDO), made(SUDO_I)];
                    desk.runs("revert").done();
                    is_over();
                    // Half of it is none.
                    let expected = is_made == [true, true];
                    assert_eq!(both(context), expected == (word == "enable"), "{context}");
                },
            );
        }
    });
}

#[test]
fn a_confirmation_that_is_killed_counts_or_the_change_is_taken_back() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        at_each_call(
            0,
            || {
                if has_line(SUDO) {
                    desk.runs("disable sudo --yes").done();
                }
                desk.runs("enable sudo --later --revert 1h").done();
            },
            |call| killed(world, &["confirm"], call),
            |context| {
                assert!(has_line(SUDO), "{context}");
                let is_open = fs::exists(OPEN).unwrap();
                desk.runs("revert").done();
                assert_eq!(has_line(SUDO), !is_open, "{context}");
                assert!(!is_open || seen(SUDO) == before, "{context}");
                is_over();
            },
        );
    });
}

#[test]
fn an_edit_that_is_killed_has_changed_the_file_or_has_not_and_no_later_command_makes_it_otherwise()
{
    in_world(|world| {
        let desk = Desk::new(world);
        let (old, new) = ("language = \"sv\"\n", "language = \"sv\"\n# new\n");
        at_each_call(
            20,
            || {
                world.configure(old);
                let _ = fs::remove_file(super::edit::DRAFT);
            },
            |call| {
                let editing = editing(world, "echo '# new' >> \"$1\"", &[]);
                let ended = Terminal::start(&call.kills(world, &editing)).end();
                (ended.succeeded(), format!("{ended:?}"))
            },
            |context| {
                let text = fs::read_to_string(CONFIG).unwrap();
                assert!(text == old || text == new, "{context}: {text}");
                desk.runs("revert").done();
                assert_eq!(fs::read_to_string(CONFIG).unwrap(), text, "{context}");
                assert!(!fs::exists(OPEN).unwrap(), "{context}");
            },
        );
    });
}

#[test]
fn a_taking_back_that_is_killed_is_ended_by_the_next_one_also_in_a_file_that_was_edited() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        let text = String::from_utf8(before.bytes.clone()).unwrap();
        for edit in ["", "# mine\n"] {
            at_each_call(
                0,
                || {
                    fs::write(SUDO, &before.bytes).unwrap();
                    let mut terminal = desk.types("enable sudo --revert 1h");
                    terminal.expect(QUESTION);
                    kill(
                        Pid::from_raw(terminal.id().try_into().unwrap()),
                        Signal::SIGKILL,
                    )
                    .unwrap();
                    let _ = terminal.end();
                    assert!(has_line(SUDO));
                    let edited = fs::read_to_string(SUDO).unwrap() + edit;
                    fs::write(SUDO, edited).unwrap();
                },
                |call| killed(world, &["revert"], call),
                |context| {
                    let now = fs::read_to_string(SUDO).unwrap();
                    let is_taken_back = now == format!("{text}{edit}");
                    assert!(is_taken_back || has_line(SUDO), "{context}: {now}");
                    desk.runs("revert").done();
                    let now = fs::read_to_string(SUDO).unwrap();
                    assert_eq!(now, format!("{text}{edit}"), "{context}");
                    assert!(
                        !fs::exists(OPEN).unwrap() && hidden().is_empty(),
                        "{context}"
                    );
                },
            );
        }
    });
}
