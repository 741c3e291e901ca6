//! `mode = "rehearse"` asks and stops nobody; `mode = "enforce-after-success"` does so until a person's first right answer.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use antiphon_tests::{PASSWORD, PASSWORD_PROMPT, Sshd, Terminal, World, in_world};

use crate::phone::Program;
use crate::prompts::CODE;

const REHEARSE: &str = "mode = \"rehearse\"\n";
const AFTER_SUCCESS: &str = "mode = \"enforce-after-success\"\n";

/// What libpam makes of `PAM_IGNORE` where no other line has an opinion.
const LET_THROUGH: &str = "PAM_PERM_DENIED";

/// What a person is told before the first prompt, after a right answer, and after none.
const TRY: &str = "For now you are let in whatever you answer; Enter skips this.";
const RIGHT: &str = "That was right: your second factor works.";
const IN_EARNEST: &str = "From now on you need it each time.";
const ALL_THE_SAME: &str = "You are let in without it this time.";

fn after_the_password(world: &World, sshd: &Sshd, name: &str) -> Terminal {
    sshd.after_password(world, name, "echo arrived")
}

#[test]
fn over_ssh_a_rehearsal_says_what_was_right_or_wrong_and_lets_everybody_in() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        world.configure(REHEARSE);
        let sshd = Sshd::start(world, "");
        let mut terminal = after_the_password(world, &sshd, "alice");
        for _ in 0..3 {
            terminal.answer(CODE, &alice.wrong_code());
        }
        let text = terminal.arrive("arrived");
        for said in [TRY, "That code is wrong.", ALL_THE_SAME] {
            assert!(text.contains(said), "{said} in {text}");
        }
        world.ended("exempt reason=rehearsed would=wrong user=alice rhost=127.0.0.1 tty=ssh");
        let mut terminal = after_the_password(world, &sshd, "alice");
        terminal.answer(CODE, &alice.code());
        let text = terminal.arrive("arrived");
        assert!(text.contains(RIGHT) && !text.contains(IN_EARNEST), "{text}");
        world.ended("accepted method=code rehearsal=right user=alice");
        // Nobody is asked who has nothing to be asked for.
        let text = after_the_password(world, &sshd, "bob").arrive("arrived");
        assert!(!text.contains(TRY), "{text}");
        world.ended("exempt reason=rehearsed would=refused:not-enrolled user=bob");
    });
}

#[test]
fn enter_skips_a_rehearsal_at_once() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure(REHEARSE);
        let mut terminal = Program::Sudo.start(world);
        terminal.answer(CODE, "");
        let text = Program::Sudo.arrive(terminal);
        assert_eq!(text.matches(CODE).count(), 1, "{text}");
        world.ended_once("exempt reason=rehearsed would=refused:no-answer user=alice");
    });
}

#[test]
fn who_leaves_the_prompt_of_a_rehearsal_goes_no_further_and_a_wrong_password_neither() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure(REHEARSE);
        let mut terminal = Program::Sudo.start(world);
        terminal.expect(CODE);
        let ended = terminal.interrupt();
        assert!(!ended.refused("here is root").is_empty());
        world.ended_once("cancelled user=alice");
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal.answer(PASSWORD_PROMPT, "wrong");
        terminal.end().refused("arrived");
    });
}

#[test]
fn a_rehearsal_goes_on_while_codes_are_locked_and_where_the_state_is_unusable() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let throttle = "[throttle]\nattempts = 1\nfirst_lock = 600\n";
        // Locked in earnest; the wrong codes of a rehearsal lock nothing.
        world.configure(throttle);
        world.sign_in("alice", [alice.wrong_code()], "PAM_MAXTRIES");
        world.configure(&format!("{REHEARSE}{throttle}"));
        world.sign_in("alice", [alice.code()], LET_THROUGH);
        world.ended("exempt reason=rehearsed would=locked:wrong-codes user=alice");
        world.sign_in("alice", [""], LET_THROUGH);
        let path = world.state_path("alice");
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        world.sign_in("alice", [""; 0], LET_THROUGH);
        let line = world.ended("exempt reason=rehearsed would=unusable:");
        assert!(line.contains("detail="), "{line}");
    });
}

#[test]
fn after_the_first_right_answer_a_person_is_asked_in_earnest_and_not_before() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        world.configure(AFTER_SUCCESS);
        let wrong = [alice.wrong_code(), alice.wrong_code(), alice.wrong_code()];
        let played = world.sign_in("alice", &wrong, LET_THROUGH);
        assert!(played.texts()[0].starts_with("Try out your second factor."));
        world.ended("exempt reason=rehearsed would=wrong user=alice");
        let played = world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        assert!(
            played.texts().iter().any(|text| text.contains(IN_EARNEST)),
            "{played:#?}"
        );
        world.ended("accepted method=code rehearsal=right user=alice");
        let played = world.sign_in("alice", &wrong, "PAM_AUTH_ERR");
        assert!(!played.texts()[0].contains(TRY), "{played:#?}");
        world.ended("wrong user=alice");
        world.sign_in("alice", [&alice.recovery[0]], "PAM_SUCCESS");
        world.ended("accepted method=recovery user=alice");
        // Of people without a record, `unenrolled` decides.
        world.sign_in("bob", [""; 0], "PAM_AUTH_ERR");
    });
}

#[test]
fn a_state_that_was_lost_or_damaged_or_is_of_another_secret_rehearses_nothing() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        world.configure(AFTER_SUCCESS);
        let path = world.state_path("alice");
        let good = std::fs::read(&path).unwrap();
        let refused = || {
            let played = world.sign_in("alice", ["000"; 3], "PAM_AUTH_ERR");
            assert!(!played.texts()[0].contains(TRY), "{played:#?}");
        };
        std::fs::remove_file(&path).unwrap();
        refused();
        let mut half = good.clone();
        half[4096..].fill(0);
        std::fs::write(&path, &half).unwrap();
        refused();
        alice.set_period(30);
        std::fs::write(&path, &good).unwrap();
        refused();
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        world.sign_in("alice", [""; 0], "PAM_AUTHINFO_UNAVAIL");
    });
}

#[test]
fn whoever_has_once_succeeded_is_asked_also_with_a_new_secret_that_no_code_confirmed() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure(AFTER_SUCCESS);
        world.sign_in("alice", [""], LET_THROUGH);
        let again = || world.antiphon(&["enroll", "alice", "--replace", "--no-confirm"]);
        // Whoever has not is still trying out.
        again();
        world.sign_in("alice", [""], LET_THROUGH);
        world.ended("exempt reason=rehearsed would=refused:no-answer user=alice");
        let granted = crate::bypass::granted(world, &[]);
        world.sign_in("alice", [granted], "PAM_SUCCESS");
        again();
        let refused = || {
            let played = world.sign_in("alice", ["000"; 3], "PAM_AUTH_ERR");
            assert!(!played.texts()[0].contains(TRY), "{played:#?}");
        };
        refused();
        // Removed and enrolled once more.
        world.antiphon(&["remove", "alice", "--yes"]);
        world.antiphon(&["enroll", "alice", "--no-confirm"]);
        refused();
    });
}

#[test]
fn a_sign_in_that_a_rehearsal_let_in_is_told_to_its_owner_until_a_factor_was_right() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        world.configure(REHEARSE);
        let sshd = Sshd::start(world, "");
        for _ in 0..2 {
            let mut terminal = after_the_password(world, &sshd, "alice");
            terminal.answer(CODE, "");
            terminal.arrive("arrived");
        }
        let told = "2 sign-ins from 127.0.0.1 went on without it, the last one at 20";
        let mut terminal = after_the_password(world, &sshd, "alice");
        terminal.answer(CODE, &alice.code());
        let text = terminal.arrive("arrived");
        assert!(
            text.contains(told) && text.contains("change your password"),
            "{text}"
        );
        // So is who called sudo or su for the person.
        let mut command = world.command_of("bob", "su");
        let mut terminal = Terminal::start(command.args(["alice", "-c", "echo arrived"]));
        terminal.answer("assword", PASSWORD).answer(CODE, "");
        terminal.arrive("arrived");
        let mut terminal = after_the_password(world, &sshd, "alice");
        terminal.answer(CODE, &alice.code_in(1));
        let text = terminal.arrive("arrived");
        assert!(text.contains("1 sign-in from bob (/dev/pts/"), "{text}");
        let mut terminal = after_the_password(world, &sshd, "alice");
        terminal.answer(CODE, &alice.recovery[0]);
        let text = terminal.arrive("arrived");
        assert!(!text.contains("went on without it"), "{text}");
    });
}

#[test]
fn who_hangs_up_at_the_prompt_of_a_rehearsal_is_not_let_in_and_a_command_without_an_answer_is() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure(REHEARSE);
        for program in [Program::Su, Program::Sudo] {
            let proof = world.home("alice").join("was-here");
            let (person, command) = match program {
                Program::Su => ("bob", "su alice -c"),
                _ => ("alice", "sudo sh -c"),
            };
            // Without a hang-up signal to end it, the program learns of it by the end of its terminal alone.
            let line = format!("trap '' HUP; exec {command} ': >{}'", proof.display());
            let mut command = world.command_of(person, "sh");
            let mut terminal = Terminal::start(command.args(["-c", &line]));
            terminal.answer("assword", PASSWORD).expect(CODE);
            let _ = terminal.hang_up();
            world.ended("cancelled user=alice");
            assert!(!proof.exists());
        }
        // sudo -S has read the password, and there is nothing more to read.
        let input = world.home("alice").join("input");
        std::fs::write(&input, format!("{PASSWORD}\n")).unwrap();
        let input = input.display();
        let by_pipe = format!("cat {input} | sudo -k -S id -un");
        for line in [&by_pipe, &format!("sudo -k -S id -un <{input}")] {
            let done = world.command_of("alice", "sh").args(["-c", line]).output();
            let done = done.unwrap();
            assert!(done.status.success(), "{line}: {done:#?}");
            assert_eq!(String::from_utf8_lossy(&done.stdout).trim(), "root");
            world.ended("exempt reason=rehearsed would=refused:cannot-ask user=alice");
        }
        // The other end of a socket is gone like that of a pipe.
        let (mut writer, reader) = UnixStream::pair().unwrap();
        writer
            .write_all(format!("{PASSWORD}\n").as_bytes())
            .unwrap();
        drop(writer);
        let mut command = world.command_of("alice", "sudo");
        let command = command.args(["-k", "-S", "id", "-un"]);
        let done = command.stdin(OwnedFd::from(reader)).output().unwrap();
        assert!(done.status.success(), "{done:#?}");
        world.ended("exempt reason=rehearsed would=refused:cannot-ask user=alice");
        // Whoever keeps the pipe open is asked, and sudo refuses when no answer comes: that is not said to be let in.
        let held = format!("(cat {input}; sleep 2) | sudo -k -S id -un");
        let done = world.command_of("alice", "sh").args(["-c", &held]).output();
        let done = done.unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(
            !done.status.success() && !said.contains(ALL_THE_SAME),
            "{said}"
        );
        world.ended("cancelled user=alice");
        // Elsewhere that is as it was.
        world.configure("");
        let done = world
            .command_of("alice", "sh")
            .args(["-c", &by_pipe])
            .status();
        assert!(!done.unwrap().success());
    });
}
