//! From the right first factor on, whatever happens leaves a line and an event at once: also of those who hang up.

use antiphon_core::activity::Event;
use antiphon_tests::{Sshd, Terminal, World, in_world};

use crate::phone::alice_with_phone;
use crate::prompts::CODE;

fn at_the_prompt(world: &World, sshd: &Sshd) -> Terminal {
    let mut terminal = sshd.after_password(world, "alice", "true");
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
        let alice = world.enrol_with_long_codes("alice");
        let sshd = Sshd::start(world, "");
        for number in 1..=3 {
            let terminal = at_the_prompt(world, &sshd);
            assert_eq!(words(&world.activity("alice")), [("asked", number)]);
            let asked = "asked=code user=alice rhost=127.0.0.1 tty=ssh";
            assert_eq!(world.log().texts("").pop().unwrap(), asked);
            drop(terminal);
        }
        let event = world.activity("alice").pop().unwrap();
        assert_eq!(event.remote_host, "127.0.0.1");
        assert!(!event.since.is_empty());
        // The person is told of it once, at the next sign-in.
        let told = "Since your last sign-in, 3 sign-ins from 127.0.0.1 had your password";
        let first = world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        assert_eq!(first.times_said(told), 1, "{first:#?}");
        let second = world.sign_in("alice", [alice.code_in(1)], "PAM_SUCCESS");
        assert_eq!(second.times_said(told), 0, "{second:#?}");
        assert_eq!(
            words(&world.activity("alice")),
            [("asked", 3), ("accepted", 1), ("accepted", 1)]
        );
    });
}

#[test]
fn each_wrong_answer_is_an_event_and_those_from_one_place_are_one() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let wrong = alice.wrong_code();
        world.sign_in("alice", [&wrong; 2], "PAM_ABORT");
        let events = world.activity("alice");
        let mut answered = events.iter().filter(|event| event.outcome == "answered");
        let answered = answered.next().unwrap();
        assert_eq!((&*answered.reason, &*answered.method), ("wrong", "code"));
        assert_eq!(answered.times(), 2);
        assert!(events.iter().any(|event| event.outcome == "cancelled"));
    });
}

#[test]
fn a_recovery_code_that_was_spent_is_seen_though_the_window_is_closed_before_the_sign_in_goes_on() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.after_password(world, "alice", "true");
        terminal.answer(CODE, &alice.recovery[0]);
        // Asked whether the lost phone is to go.
        terminal.expect("press Enter to go on");
        let events = world.activity("alice");
        let last = events.last().unwrap();
        assert_eq!((&*last.outcome, &*last.method), ("verified", "recovery"));
        assert!(world.log().has("verified=recovery user=alice "));
    });
}

#[test]
fn a_code_of_another_time_is_logged_with_its_distance() {
    in_world(|world| {
        let alice = world.enrol("alice");
        world.sign_in("alice", [alice.code_in(3)], "PAM_ABORT");
        let line = world.log().texts("answer=wrong").pop().unwrap();
        // A step may have begun in between.
        let skew = [" skew=+90s ", " skew=+60s "];
        assert!(skew.iter().any(|skew| line.contains(skew)), "{line}");
    });
}
