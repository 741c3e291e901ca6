//! The real sshd, by password and code in the keyboard-interactive method.

use antiphon_core::text::Language;
use antiphon_tests::{PASSWORD_PROMPT, Sshd, Terminal, VERIFICATION_CODE, World, in_world};

use crate::prompts::CODE;

const ARRIVED: &str = "arrived as alice";

/// Signs in as alice with the password, and answers what comes then with each of `answers`.
fn sign_in(world: &World, sshd: &Sshd, answers: &[&str]) -> Terminal {
    let mut terminal = sshd.after_password(world, "alice", "echo arrived as $USER");
    for answer in answers {
        terminal.answer(CODE, answer);
    }
    terminal
}

#[test]
fn a_password_and_a_code_sign_in() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        sign_in(world, &sshd, &[&alice.code()]).arrive(ARRIVED);
        world.ended_once("accepted method=code user=alice rhost=127.0.0.1 tty=ssh");
        let activity = world.activity("alice");
        assert_eq!(activity.len(), 1);
        assert_eq!(activity[0].outcome, "accepted");
    });
}

#[test]
fn three_wrong_codes_end_a_sign_in() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let wrong = alice.wrong_code();
        let terminal = sign_in(world, &sshd, &[wrong.as_str(); 3]);
        let text = terminal.end().refused("arrived");
        assert!(text.contains("That code is wrong."), "{text}");
        world.ended_once("wrong user=alice rhost=127.0.0.1 tty=ssh");
    });
}

#[test]
fn a_code_that_signed_in_is_refused_in_the_next_sign_in_which_says_so() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let code = alice.code();
        sign_in(world, &sshd, &[&code]).arrive(ARRIVED);
        let again = sign_in(world, &sshd, &[code.as_str(); 3]);
        let text = again.end().refused("arrived");
        assert!(text.contains("That code was already used; "), "{text}");
        world.ended("refused reason=used user=alice rhost=127.0.0.1 tty=ssh");
        sign_in(world, &sshd, &[&alice.code_in(1)]).arrive(ARRIVED);
    });
}

#[test]
fn a_recovery_code_signs_in_once_also_without_dashes() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let plain = alice.recovery[0].to_lowercase().replace('-', "");
        let text = sign_in(world, &sshd, &[&plain]).arrive(ARRIVED);
        assert!(text.contains("You have 9 recovery codes left."), "{text}");
        world.ended("accepted method=recovery user=alice rhost=127.0.0.1 tty=ssh");
        let again = sign_in(world, &sshd, &[alice.recovery[0].as_str(); 3]);
        let text = again.end().refused("arrived");
        let told = "That recovery code was already used; take another one.";
        assert!(text.contains(told), "{text}");
    });
}

#[test]
fn after_a_wrong_password_nobody_asks_for_a_code() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "id");
        terminal.answer(PASSWORD_PROMPT, "not the password");
        terminal.end().refused(CODE);
        assert_eq!(world.log().ours(), []);
    });
}

#[test]
fn the_prompts_are_in_the_language_of_the_record_and_ascii_where_ssh_would_garble_them() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.speak(Language::Swedish);
        let sshd = Sshd::start(world, "");
        let wrong = alice.wrong_code();
        let mut terminal = sshd.after_password(world, "alice", "echo framme");
        let prompt = "Verification code / kod från din app (? för andra sätt): ";
        terminal.answer(prompt, &wrong).expect("Koden är fel.");
        terminal.answer(VERIFICATION_CODE, &alice.code());
        terminal.arrive("framme");
        let mut terminal = sshd.after_password(world, "alice", "echo framme");
        for _ in 0..3 {
            terminal.answer(VERIFICATION_CODE, &wrong);
        }
        // What comes before a failure.
        terminal.expect("Koden ar fel.");
    });
}

#[test]
fn a_client_that_goes_away_at_the_prompt_uses_nothing_up() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let before = world.state("alice");
        let at_the_prompt = || -> Terminal {
            let mut terminal = sign_in(world, &sshd, &[]);
            terminal.expect(CODE);
            terminal
        };
        assert!(!at_the_prompt().interrupt().succeeded());
        assert!(!at_the_prompt().hang_up().success());
        assert_eq!(world.state("alice"), before);
        sign_in(world, &sshd, &[&alice.code()]).arrive(ARRIVED);
    });
}
