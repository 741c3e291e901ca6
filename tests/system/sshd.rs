//! The real sshd, by password and code in the keyboard-interactive method.

use antiphon_core::text::Language;
use antiphon_tests::{Ended, PASSWORD, Sshd, Terminal, VERIFICATION_CODE, World, in_world};

use crate::prompts::{CODE, PASSWORD_PROMPT};

/// Signs in as alice with the password, and answers what comes then with each of `answers`.
fn sign_in(world: &World, sshd: &Sshd, answers: &[&str]) -> Ended {
    let mut terminal = sshd.sign_in(world, "alice", "echo arrived as $USER");
    terminal.answer(PASSWORD_PROMPT, PASSWORD);
    for answer in answers {
        terminal.answer(CODE, answer);
    }
    terminal.end()
}

fn assert_signed_in(ended: &Ended) {
    assert!(
        ended.succeeded() && ended.text.contains("arrived as alice"),
        "{ended:#?}"
    );
}

fn assert_refused(ended: &Ended) {
    assert!(
        !ended.succeeded() && !ended.text.contains("arrived"),
        "{ended:#?}"
    );
}

#[test]
fn a_password_and_a_code_sign_in() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        assert_signed_in(&sign_in(world, &sshd, &[&alice.code()]));
        assert_eq!(
            world.log().our_only_line(),
            "outcome=accepted method=code user=alice rhost=127.0.0.1 tty=ssh"
        );
        let activity = world.activity("alice");
        assert_eq!(
            (activity.len(), activity[0].outcome.as_str()),
            (1, "accepted")
        );
    });
}

#[test]
fn three_wrong_codes_end_a_sign_in() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let wrong = alice.wrong_code();
        let ended = sign_in(world, &sshd, &[&wrong, &wrong, &wrong]);
        assert_refused(&ended);
        assert!(ended.text.contains("That code is wrong."), "{ended:#?}");
        assert_eq!(
            world.log().our_only_line(),
            "outcome=wrong user=alice rhost=127.0.0.1 tty=ssh"
        );
    });
}

#[test]
fn a_person_who_mistypes_a_code_is_asked_again() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        assert_signed_in(&sign_in(
            world,
            &sshd,
            &["12345", &alice.wrong_code(), &alice.code()],
        ));
    });
}

#[test]
fn a_code_that_signed_in_is_refused_in_the_next_sign_in_which_says_so() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let code = alice.code();
        assert_signed_in(&sign_in(world, &sshd, &[&code]));
        let again = sign_in(world, &sshd, &[&code, &code, &code]);
        assert_refused(&again);
        assert!(
            again.text.contains("That code was already used; "),
            "{again:#?}"
        );
        assert_eq!(
            world.log().endings()[1].text,
            "outcome=refused reason=used user=alice rhost=127.0.0.1 tty=ssh"
        );
        assert_signed_in(&sign_in(world, &sshd, &[&alice.code_in(1)]));
    });
}

#[test]
fn a_recovery_code_signs_in_once_in_any_case_and_without_dashes() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let ended = sign_in(world, &sshd, &[&alice.recovery[0]]);
        assert_signed_in(&ended);
        assert!(
            ended.text.contains("You have 9 recovery codes left."),
            "{ended:#?}"
        );
        let used = sign_in(
            world,
            &sshd,
            &[&alice.recovery[0], &alice.recovery[0], "12345"],
        );
        assert_refused(&used);
        assert!(
            used.text
                .contains("That recovery code was already used; take another one."),
            "{used:#?}"
        );
        let plain = alice.recovery[1].to_lowercase().replace('-', "");
        assert_signed_in(&sign_in(world, &sshd, &[&plain]));
        assert_eq!(
            world.log().endings()[2].text,
            "outcome=accepted method=recovery user=alice rhost=127.0.0.1 tty=ssh"
        );
    });
}

#[test]
fn after_a_wrong_password_nobody_asks_for_a_code() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "id");
        terminal.answer(PASSWORD_PROMPT, "not the password");
        let ended = terminal.end();
        assert!(
            !ended.succeeded() && !ended.text.contains(CODE),
            "{ended:#?}"
        );
        assert_eq!(world.log().ours(), []);
    });
}

#[test]
fn the_prompts_are_in_the_language_of_the_record() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.speak(Language::Swedish);
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "echo framme");
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        terminal.answer(
            "Verification code / verifieringskod från din autentiseringsapp (? för andra sätt): ",
            &alice.wrong_code(),
        );
        terminal.expect("Koden är fel.");
        terminal.answer(VERIFICATION_CODE, &alice.code());
        let ended = terminal.end();
        assert!(ended.text.contains("framme"), "{ended:#?}");
    });
}

#[test]
fn the_notice_of_wrong_codes_since_the_last_sign_in_appears_once() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let wrong = alice.wrong_code();
        assert_refused(&sign_in(world, &sshd, &[&wrong, &wrong, &wrong]));
        let notice = "3 wrong codes since your last sign-in, from 127.0.0.1.";
        let first = sign_in(world, &sshd, &[&alice.code()]);
        assert_signed_in(&first);
        assert!(first.text.contains(notice), "{first:#?}");
        let second = sign_in(world, &sshd, &[&alice.code_in(1)]);
        assert_signed_in(&second);
        assert!(!second.text.contains("wrong code"), "{second:#?}");
    });
}

#[test]
fn a_client_that_goes_away_at_the_prompt_uses_nothing_up() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let before = world.state("alice");
        let at_the_prompt = || -> Terminal {
            let mut terminal = sshd.sign_in(world, "alice", "id");
            terminal.answer(PASSWORD_PROMPT, PASSWORD).expect(CODE);
            terminal
        };
        assert!(!at_the_prompt().interrupt().succeeded());
        assert!(!at_the_prompt().hang_up().success());
        assert_eq!(world.state("alice"), before);
        assert_signed_in(&sign_in(world, &sshd, &[&alice.code()]));
    });
}

#[test]
fn a_wrong_code_is_logged_also_when_the_client_then_goes_away() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "true");
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        terminal.answer(CODE, &alice.wrong_code());
        terminal.expect("That code is wrong.");
        let _ = terminal.interrupt();
        let ours = world.log().ours();
        assert!(
            ours.iter().any(|line| line
                .text
                .starts_with("answer=wrong method=code user=alice rhost=127.0.0.1")),
            "{ours:#?}"
        );
    });
}
