//! Come back to again and again: guesses and restarts have an end, are logged with where they come from, and take nothing
//! from whoever holds the secret.

use std::fs;

use antiphon_tests::{PASSWORD, Sshd, Terminal, in_world};

use super::{
    CONFIRM, GO_ON, OPEN, PENDING, SQUARES, at_the_code, begin_again, code_in, finish, from,
    has_record, secret_on, steps, wrong_code,
};

#[test]
fn guesses_at_what_another_has_begun_are_five_and_cost_the_other_nothing() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (first, secret) = at_the_code(world, &sshd, "alice");
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
        finish(first, &code_in(&secret, 0));
        assert!(has_record(world, "alice"));
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
        finish(terminal, &code_in(&other, 0));
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
        let text = sixth.end().text;
        let told = "so the next one can be shown in 10 min. If that was not you";
        assert!(text.contains(told), "{text}");
        let line = world.ended("refused reason=enrolment-too-often user=alice rhost=127.0.0.1");
        assert!(line.contains("antiphon enroll alice"), "{line}");
        // An owner who comes from elsewhere is not kept out by it.
        let mut elsewhere = from(world, &sshd, "203.0.113.5");
        elsewhere.expect(GO_ON);
        let _ = elsewhere.hang_up();
        finish(last, &code_in(&secret, 0));
        assert!(has_record(world, "alice"));
        assert_eq!(steps(world).len(), 5);
    });
}

#[test]
fn a_caller_of_su_whose_files_may_not_grow_ends_nothing_that_another_has_begun() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (first, secret) = at_the_code(world, &sshd, "alice");
        let path = std::path::Path::new(PENDING).join("alice");
        let before = fs::read(&path).unwrap();
        for answer in ["", &wrong_code(&secret)] {
            let mut command = world.command_of("bob", "sh");
            command.args(["-c", "ulimit -f 0; exec su alice -c 'echo arrived'"]);
            let mut su = Terminal::start(&command);
            su.answer("Password: ", PASSWORD)
                .expect("ago from 127.0.0.1");
            su.answer(GO_ON, answer);
            if answer.is_empty() {
                su.answer(SQUARES, "");
            }
            su.end().refused("arrived");
            world.ended("unusable reason=pending user=alice");
            assert_eq!(fs::read(&path).unwrap(), before);
        }
        finish(first, &code_in(&secret, 0));
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
        let mut terminal = from(world, &sshd, "127.0.0.1");
        terminal
            .expect("ago from /dev/pts/")
            .expect(" (bob) (at ")
            .expect(GO_ON);
        finish(terminal, &code_in(&secret, 0));
    });
}
