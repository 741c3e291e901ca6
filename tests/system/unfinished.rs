//! From the right first factor on, whatever happens leaves a line and an event at once: also of those who hang up.

use antiphon_core::activity::Event;
use antiphon_tests::{PASSWORD, PamHost, Sshd, Terminal, World, in_world};

use crate::phone::alice_with_phone;
use crate::prompts::{CODE, PASSWORD_PROMPT};

fn at_the_prompt(world: &World, sshd: &Sshd) -> Terminal {
    let mut terminal = sshd.sign_in(world, "alice", "true");
    terminal.answer(PASSWORD_PROMPT, PASSWORD);
    terminal.expect(CODE);
    terminal
}

fn words(events: &[Event]) -> Vec<(&str, u32)> {
    events
        .iter()
        .map(|event| (event.outcome.as_str(), event.times()))
        .collect()
}

#[test]
fn a_prompt_that_is_shown_is_seen_at_once_and_stays_seen_when_its_client_hangs_up() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let sshd = Sshd::start(world, "");
        for number in 1..=3 {
            let terminal = at_the_prompt(world, &sshd);
            assert_eq!(words(&world.activity("alice")), [("asked", number)]);
            let lines = world.log().ours();
            assert_eq!(
                lines.last().unwrap().text,
                "asked=code user=alice rhost=127.0.0.1 tty=ssh"
            );
            drop(terminal);
        }
        let event = world.activity("alice").pop().unwrap();
        assert_eq!(event.remote_host, "127.0.0.1");
        assert!(!event.since.is_empty());
        // The person is told of it once, at the next sign-in.
        let told = |played: &antiphon_tests::Played| {
            let said = played.said();
            said.iter().any(|said| {
                said.text.starts_with(
                    "Since your last sign-in, 3 sign-ins from 127.0.0.1 had your password",
                )
            })
        };
        let first = PamHost::new(world, "alice").answer(alice.code()).play();
        assert_eq!(first.result(), "PAM_SUCCESS", "{first:#?}");
        assert!(told(&first), "{first:#?}");
        let second = PamHost::new(world, "alice").answer(alice.code_in(1)).play();
        assert_eq!(second.result(), "PAM_SUCCESS", "{second:#?}");
        assert!(!told(&second), "{second:#?}");
        assert_eq!(
            words(&world.activity("alice")),
            [("asked", 3), ("accepted", 1), ("accepted", 1)]
        );
    });
}

#[test]
fn each_wrong_answer_is_an_event_and_those_from_one_place_are_one() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let wrong = alice.wrong_code();
        let played = PamHost::new(world, "alice")
            .answer(&wrong)
            .answer(&wrong)
            .play();
        assert_eq!(played.result(), "PAM_ABORT", "{played:#?}");
        let events = world.activity("alice");
        let answered = events
            .iter()
            .find(|event| event.outcome == "answered")
            .unwrap();
        assert_eq!(
            (
                answered.reason.as_str(),
                answered.method.as_str(),
                answered.times()
            ),
            ("wrong", "code", 2)
        );
        assert!(events.iter().any(|event| event.outcome == "cancelled"));
    });
}

#[test]
fn a_recovery_code_that_was_spent_is_seen_though_the_window_is_closed_before_the_sign_in_goes_on() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "true");
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        terminal.answer(CODE, &alice.recovery[0]);
        // Asked whether the lost phone is to go.
        terminal.expect("press Enter to go on");
        let events = world.activity("alice");
        let last = events.last().unwrap();
        assert_eq!(
            (last.outcome.as_str(), last.method.as_str()),
            ("verified", "recovery")
        );
        let lines = world.log().ours();
        assert!(
            lines
                .iter()
                .any(|line| line.text.starts_with("verified=recovery user=alice ")),
            "{lines:#?}"
        );
    });
}

#[test]
fn a_code_of_another_time_is_logged_with_its_distance() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let played = PamHost::new(world, "alice").answer(alice.code_in(3)).play();
        assert_eq!(played.result(), "PAM_ABORT", "{played:#?}");
        let lines = world.log().ours();
        let line = &lines
            .iter()
            .find(|line| line.text.starts_with("answer=wrong"))
            .unwrap()
            .text;
        // A step may have begun in between.
        assert!(
            line.contains(" skew=+90s ") || line.contains(" skew=+60s "),
            "{line}"
        );
    });
}
