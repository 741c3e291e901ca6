//! Only after a code that was sent to the telephone number on file.

use antiphon_tests::{LyingDaemon, PASSWORD, Sshd, in_world};

use super::{
    CONFIRM, NUMBER, OPEN, SQUARES, WRITTEN, at_the_code, code_in, has_record, pending, secret_on,
    write_record,
};
use crate::prompts::PASSWORD_PROMPT;

/// Ends the list of ways.
const CHOOSE: &str = "Your choice: ";
const TELEPHONE: &str = "[telephone]\nsms = true\n";

#[test]
fn the_code_that_was_sent_comes_first_and_opens_the_enrolment_and_nothing_else() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        for rules in ["[enroll]\nnumber_on_file = true\n", ""] {
            world.configure(&format!("{OPEN}{rules}{TELEPHONE}"));
            let _ = std::fs::remove_file(world.state_path("alice"));
            write_record(world, "alice", NUMBER);
            let begun = std::fs::read(world.record_path("alice")).unwrap();
            let sshd = Sshd::start(world, "");
            let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
            terminal
                .answer(PASSWORD_PROMPT, PASSWORD)
                .answer(CHOOSE, "1");
            let code = daemon.sent().code;
            assert!(
                pending().is_empty(),
                "nothing is drawn before it is verified"
            );
            terminal
                .answer(": ", &code)
                .answer(SQUARES, "")
                .expect(CONFIRM);
            assert_eq!(std::fs::read(world.record_path("alice")).unwrap(), begun);
            let secret = secret_on(&terminal.shown());
            terminal
                .send_line(&code_in(&secret, 0))
                .answer(WRITTEN, "")
                .expect("arrived");
            assert!(terminal.end().succeeded());
            let ours = world.log().ours();
            let line = &ours[ours.len() - 2].text;
            assert_eq!(
                line,
                "enrolled=code after=sms user=alice rhost=127.0.0.1 tty=ssh"
            );
            let line = &ours[ours.len() - 1].text;
            assert!(
                line.starts_with("outcome=accepted method=enrolment user=alice"),
                "{line}"
            );
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
        let before = std::fs::read(world.record_path("alice")).unwrap();
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal
            .answer(PASSWORD_PROMPT, PASSWORD)
            .answer(CHOOSE, "1");
        let code = daemon.sent().code;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..3 {
            terminal.answer(": ", wrong);
        }
        let ended = terminal.end();
        assert!(
            !ended.succeeded() && !ended.text.contains(SQUARES),
            "{ended:#?}"
        );
        let line = world.log().endings().pop().unwrap().text;
        assert!(line.starts_with("outcome=wrong user=alice"), "{line}");

        world.configure(&format!("{OPEN}[enroll]\nnumber_on_file = true\n"));
        let ended = {
            let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
            terminal.answer(PASSWORD_PROMPT, PASSWORD);
            terminal.end()
        };
        assert!(
            !ended.succeeded() && !ended.text.contains(SQUARES),
            "{ended:#?}"
        );
        let line = world.log().endings().pop().unwrap().text;
        assert!(
            line.starts_with("outcome=refused reason=") && line.contains("fix="),
            "{line}"
        );
        assert_eq!(std::fs::read(world.record_path("alice")).unwrap(), before);
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
