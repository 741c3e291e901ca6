//! Two at once: one wins, and the other is told.

use antiphon_tests::{PASSWORD, Sshd, in_world};

use super::{CONFIRM, OPEN, SQUARES, WRITTEN, at_the_code, code_in, has_record, secret_on};
use crate::prompts::PASSWORD_PROMPT;

#[test]
fn of_two_at_one_place_the_first_to_finish_wins_and_the_other_is_told() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut first, secret) = at_the_code(world, &sshd, "alice");
        let (mut second, same) = at_the_code(world, &sshd, "alice");
        assert_eq!(same, secret);
        let code = code_in(&secret, 0);
        first.send_line(&code).expect(WRITTEN);
        second.send_line(&code).expect(WRITTEN);
        second.send_line("").expect("arrived");
        assert!(second.end().succeeded());
        let before = world.state("alice");
        first.send_line("");
        let ended = first.end();
        assert!(
            !ended.succeeded() && !ended.text.contains("arrived"),
            "{ended:#?}"
        );
        assert!(
            ended.text.contains("set up by another sign-in meanwhile"),
            "{ended:#?}"
        );
        assert_eq!(
            world.state("alice"),
            before,
            "the winner's state is left alone"
        );
        let line = world.log().endings().pop().unwrap().text;
        assert!(
            line.starts_with("outcome=refused reason=enrolled-meanwhile user=alice"),
            "{line}"
        );
    });
}

#[test]
fn begun_anew_elsewhere_it_has_another_secret_and_the_first_one_counts_no_more() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut first, secret) = at_the_code(world, &sshd, "alice");
        let there = [
            "-o",
            "PreferredAuthentications=keyboard-interactive",
            "-o",
            "BindAddress=203.0.113.5",
        ];
        let mut second = sshd.sign_in_with(world, "alice", &there, "echo arrived");
        second
            .answer(PASSWORD_PROMPT, PASSWORD)
            .answer(SQUARES, "")
            .expect(CONFIRM);
        assert!(!second.shown().contains("This goes on"));
        let other = secret_on(&second.shown());
        assert_ne!(other, secret);
        first.send_line(&code_in(&secret, 0)).answer(WRITTEN, "");
        let ended = first.end();
        assert!(
            ended.text.contains("This set-up no longer counts"),
            "{ended:#?}"
        );
        assert!(!ended.succeeded() && !has_record(world, "alice"));
        second
            .send_line(&code_in(&other, 0))
            .answer(WRITTEN, "")
            .expect("arrived");
        assert!(second.end().succeeded() && has_record(world, "alice"));
    });
}

#[test]
fn whom_root_enrols_meanwhile_keeps_what_root_gave() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut terminal, secret) = at_the_code(world, &sshd, "alice");
        terminal.send_line(&code_in(&secret, 0)).expect(WRITTEN);
        let alice = world.enrol("alice");
        let before = std::fs::read(world.record_path("alice")).unwrap();
        terminal.send_line("");
        let ended = terminal.end();
        assert!(!ended.succeeded(), "{ended:#?}");
        assert_eq!(std::fs::read(world.record_path("alice")).unwrap(), before);
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        terminal
            .answer(crate::prompts::CODE, &alice.code())
            .expect("arrived");
        assert!(terminal.end().succeeded());
    });
}
