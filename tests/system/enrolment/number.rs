//! Only after a code that was sent to the telephone number on file.

use std::fs;

use antiphon_tests::{LyingDaemon, Sshd, in_world};

use super::{
    CONFIRM, NUMBER, OPEN, SQUARES, WRITTEN, at_the_code, code_in, finish, has_record, pending,
    secret_on, write_record,
};

/// Ends the list of ways.
const CHOOSE: &str = "Your choice: ";
const TELEPHONE: &str = "[telephone]\nsms = true\n";

#[test]
fn the_code_that_was_sent_comes_first_and_opens_the_enrolment_and_nothing_else() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        for rules in ["[enroll]\nnumber_on_file = true\n", ""] {
            world.configure(&format!("{OPEN}{rules}{TELEPHONE}"));
            let _ = fs::remove_file(world.state_path("alice"));
            write_record(world, "alice", NUMBER);
            let begun = fs::read(world.record_path("alice")).unwrap();
            let sshd = Sshd::start(world, "");
            let mut terminal = sshd.after_password(world, "alice", "echo arrived");
            terminal.answer(CHOOSE, "1");
            let code = daemon.sent().code;
            // Nothing is drawn before it is verified.
            assert!(pending().is_empty());
            terminal
                .answer(": ", &code)
                .answer(SQUARES, "")
                .expect(CONFIRM);
            assert_eq!(fs::read(world.record_path("alice")).unwrap(), begun);
            let secret = secret_on(&terminal.shown());
            finish(terminal, &code_in(&secret, 0));
            world.ended("accepted method=enrolment user=alice");
            let enrolled = world.log().texts("enrolled=").pop().unwrap();
            let expected = "enrolled=code after=sms user=alice rhost=127.0.0.1 tty=ssh";
            assert_eq!(enrolled, expected);
        }
    });
}

#[test]
fn without_that_code_or_a_way_to_send_it_nobody_enrols() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let sshd = Sshd::start(world, "");
        world.configure(&format!(
            "{OPEN}[enroll]\nnumber_on_file = true\n{TELEPHONE}"
        ));
        write_record(world, "alice", NUMBER);
        let before = fs::read(world.record_path("alice")).unwrap();
        let mut terminal = sshd.after_password(world, "alice", "echo arrived");
        terminal.answer(CHOOSE, "1");
        let code = daemon.sent().code;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..3 {
            terminal.answer(": ", wrong);
        }
        terminal.end().refused(SQUARES);
        world.ended("wrong user=alice");

        world.configure(&format!("{OPEN}[enroll]\nnumber_on_file = true\n"));
        let terminal = sshd.after_password(world, "alice", "echo arrived");
        terminal.end().refused(SQUARES);
        let line = world.ended("refused reason=");
        assert!(line.contains("fix="), "{line}");
        assert_eq!(fs::read(world.record_path("alice")).unwrap(), before);
        assert!(has_record(world, "alice") && pending().is_empty());
    });
}

#[test]
fn a_number_that_root_writes_down_meanwhile_is_asked_before_anybody_is_enrolled() {
    in_world(|world| {
        world.configure(&format!("{OPEN}{TELEPHONE}"));
        let sshd = Sshd::start(world, "");
        let (mut terminal, secret) = at_the_code(world, &sshd, "alice");
        terminal.send_line(&code_in(&secret, 0)).expect(WRITTEN);
        write_record(world, "alice", NUMBER);
        let begun = std::fs::read(world.record_path("alice")).unwrap();
        terminal
            .send_line("")
            .expect("This set-up is no longer valid");
        assert!(!terminal.end().succeeded());
        assert_eq!(std::fs::read(world.record_path("alice")).unwrap(), begun);
    });
}
