//! Come back to again and again: guesses and restarts have an end, are logged with where they come from, and take nothing
//! from whoever holds the secret.

use std::fs;

use antiphon_tests::{PASSWORD, Sshd, Terminal, in_world};

use super::{
    CONFIRM, GO_ON, OPEN, PENDING, SQUARES, WRITTEN, at_the_code, begin_again, code_in, from,
    has_record, secret_on, steps, wrong_code,
};
use crate::prompts::PASSWORD_PROMPT;

#[test]
fn a_code_that_somebody_saw_being_typed_takes_nothing_over() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut first, secret) = at_the_code(world, &sshd, "alice");
        let code = code_in(&secret, 0);
        first.send_line(&code).expect(WRITTEN);
        let mut second = from(world, &sshd, "203.0.113.5");
        second.answer(GO_ON, &code).expect("already used");
        second.expect(GO_ON);
        first.send_line("").expect("arrived");
        assert!(first.end().succeeded() && has_record(world, "alice"));
    });
}

#[test]
fn guesses_at_what_another_has_begun_are_five_and_cost_the_other_nothing() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut first, secret) = at_the_code(world, &sshd, "alice");
        let wrong = wrong_code(&secret);
        let mut second = from(world, &sshd, "203.0.113.5");
        for _ in 0..3 {
            second.answer(GO_ON, &wrong);
        }
        second.expect("That is not what the app should show now.");
        let guess = "enrolment=wrong-code before=127.0.0.1 user=alice rhost=203.0.113.5 tty=ssh";
        assert_eq!(steps(world)[1..], [guess; 3], "at once");
        let _ = second.hang_up();
        // Counted over all sittings.
        let mut third = from(world, &sshd, "127.0.0.1");
        third.answer(GO_ON, &wrong).answer(GO_ON, &wrong);
        third
            .expect("so nobody can go on with it")
            .expect("Press Enter to begin again: ");
        // Not even with a right one; and what is shown is another secret.
        third
            .send_line(&code_in(&secret, 0))
            .expect("so nobody can go on with it");
        first
            .send_line(&code_in(&secret, 0))
            .answer(WRITTEN, "")
            .expect("arrived");
        assert!(first.end().succeeded() && has_record(world, "alice"));
        let events = world.activity("alice");
        let wrong = events
            .iter()
            .filter(|event| event.outcome == "enrolment-wrong-code");
        let from: Vec<_> = wrong.map(|event| event.remote_host.as_str()).collect();
        assert_eq!(from[2..], ["203.0.113.5", "127.0.0.1", "127.0.0.1"]);
    });
}

#[test]
fn after_too_many_wrong_codes_one_begins_again_in_the_same_sitting() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (first, secret) = at_the_code(world, &sshd, "alice");
        let _ = first.hang_up();
        let mut terminal = from(world, &sshd, "127.0.0.1");
        for _ in 0..5 {
            terminal.answer(GO_ON, &wrong_code(&secret));
        }
        terminal
            .answer("Press Enter to begin again: ", "")
            .answer(SQUARES, "")
            .expect(CONFIRM);
        let other = secret_on(&terminal.shown());
        assert_ne!(other, secret);
        terminal
            .send_line(&code_in(&other, 0))
            .answer(WRITTEN, "")
            .expect("arrived");
        assert!(terminal.end().succeeded());
    });
}

#[test]
fn restarts_from_one_place_have_an_end_and_the_last_one_can_be_finished() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut last, mut secret) = at_the_code(world, &sshd, "alice");
        for _ in 0..4 {
            let _ = last.hang_up();
            last = from(world, &sshd, "127.0.0.1");
            secret = begin_again(&mut last);
        }
        let mut sixth = from(world, &sshd, "127.0.0.1");
        sixth
            .expect("the next one can be shown in 10 min")
            .answer("Verification code from the app: ", "");
        let ended = sixth.end();
        assert!(
            ended
                .text
                .contains("so the next one can be shown in 10 min. If that was not you"),
            "{ended:#?}"
        );
        let line = world.log().endings().pop().unwrap().text;
        assert!(
            line.starts_with(
                "outcome=refused reason=enrolment-too-often user=alice rhost=127.0.0.1"
            ) && line.contains("antiphon enroll alice"),
            "{line}"
        );
        // An owner who comes from elsewhere is not kept out by it.
        let mut elsewhere = from(world, &sshd, "203.0.113.5");
        elsewhere.expect(GO_ON);
        let _ = elsewhere.hang_up();
        last.send_line(&code_in(&secret, 0))
            .answer(WRITTEN, "")
            .expect("arrived");
        assert!(last.end().succeeded() && has_record(world, "alice"));
        assert_eq!(steps(world).len(), 5);
    });
}

#[test]
fn a_caller_of_su_whose_files_may_not_grow_ends_nothing_that_another_has_begun() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut first, secret) = at_the_code(world, &sshd, "alice");
        let path = std::path::Path::new(PENDING).join("alice");
        let before = fs::read(&path).unwrap();
        for answers in [["", ""], [&wrong_code(&secret), ""]] {
            let mut command = world.command_of("bob", "sh");
            command.args(["-c", "ulimit -f 0; exec su alice -c 'echo arrived'"]);
            let mut su = Terminal::start(&command);
            su.answer("Password: ", PASSWORD)
                .expect("ago from 127.0.0.1");
            su.answer(GO_ON, answers[0]);
            if answers[0].is_empty() {
                su.answer(SQUARES, answers[1]);
            }
            assert!(!su.end().succeeded());
            let line = world.log().endings().pop().unwrap().text;
            assert!(
                line.starts_with("outcome=unusable reason=pending user=alice"),
                "{line}"
            );
            assert_eq!(fs::read(&path).unwrap(), before);
        }
        first
            .send_line(&code_in(&secret, 0))
            .answer(WRITTEN, "")
            .expect("arrived");
        assert!(first.end().succeeded());
    });
}

#[test]
fn who_comes_back_by_su_is_known_by_terminal_and_caller() {
    in_world(|world| {
        world.configure(OPEN);
        let mut command = world.command_of("bob", "su");
        command.args(["alice", "-c", "echo arrived"]);
        let mut su = Terminal::start(&command);
        su.answer("Password: ", PASSWORD)
            .answer(SQUARES, "")
            .expect(CONFIRM);
        let secret = secret_on(&su.shown());
        drop(su.interrupt());
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal
            .answer(PASSWORD_PROMPT, PASSWORD)
            .expect("ago from /dev/pts/")
            .expect(" (bob) (at ")
            .answer(GO_ON, &code_in(&secret, 0))
            .answer(WRITTEN, "")
            .expect("arrived");
        assert!(terminal.end().succeeded());
    });
}
