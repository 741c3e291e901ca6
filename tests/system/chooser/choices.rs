//! What is chosen, happens; and choosing costs nothing.

use antiphon_tests::{LyingDaemon, PamHost, Sshd, in_world};

use super::{
    CHOOSE, Door, WORDS, alice_with_everything, alice_with_number, choose, choose_again, doors,
};
use crate::methods::OFFER;
use crate::phone::{NUMBER, Program, approve, last_outcome, number_in, wrong_in_a_row};
use crate::prompts::CODE;

#[test]
fn every_way_of_the_list_signs_in_everywhere_in_both_languages() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let (mut alice, passkey) = alice_with_everything(world);
        for words in WORDS {
            alice.speak(words.language);
            for door in doors() {
                for way in ["approval", "code", "sms", "call", "recovery"] {
                    let mut terminal = door.open(world, &sshd);
                    let mut first = daemon.asked();
                    let line = match way {
                        "approval" => words.approve,
                        "code" => words.code,
                        "sms" => words.text,
                        "call" => words.call,
                        _ => words.recovery,
                    };
                    choose(&mut terminal, line);
                    match way {
                        "approval" => {
                            // It is open already: the same number again.
                            terminal.expect(words.number).expect(": ");
                            let shown = terminal.shown();
                            let (_, number) = shown.rsplit_once(words.number).unwrap();
                            let number: String = number.chars().take(2).collect();
                            approve_in(&mut first, &passkey, &number, door, &mut terminal);
                        }
                        "code" => {
                            terminal.answer(words.code_prompt, &alice.code());
                        }
                        "sms" | "call" => {
                            let sent = daemon.sent();
                            let prompt = [words.text_prompt, words.call_prompt];
                            let prompt = prompt[usize::from(way == "call")];
                            terminal.answer(prompt, &sent.code);
                        }
                        _ => {
                            terminal.answer(words.recovery_prompt, &alice.recovery[0]);
                            // Without the phone: asked whether it is lost.
                            terminal.expect_any(&OFFER);
                            terminal.send_line("");
                        }
                    }
                    let context = format!("{door:?} {way}");
                    if way != "approval" {
                        assert_eq!(first.outcome().as_deref(), Some("cancelled"), "{context}");
                    }
                    door.arrive(terminal);
                    let line = last_outcome(world);
                    let expected = format!("outcome=accepted method={way} user=alice");
                    assert!(line.starts_with(&expected), "{context}: {line}");
                    assert_eq!(world.activity("alice").last().unwrap().method, way);
                    // Another secret's worth of codes.
                    alice.change(|_| {});
                }
            }
        }
    });
}

fn approve_in(
    call: &mut antiphon_tests::Call,
    passkey: &antiphon_tests::Passkey,
    number: &str,
    door: Door,
    terminal: &mut antiphon_tests::Terminal,
) {
    if door == Door::Ssh {
        call.answer(passkey.answer(&call.request, number));
        terminal.send_line("");
        assert_eq!(call.outcome().as_deref(), Some("accepted"));
    } else {
        approve(call, passkey, number);
    }
}

#[test]
fn cancel_ends_the_sign_in_and_takes_the_request_from_the_phone() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let (mut alice, _) = alice_with_everything(world);
        for words in WORDS {
            alice.speak(words.language);
            for door in doors() {
                let mut terminal = door.open(world, &sshd);
                let mut call = daemon.asked();
                choose(&mut terminal, words.cancel);
                assert_eq!(call.outcome().as_deref(), Some("cancelled"));
                let ended = if door == Door::Ssh {
                    // sshd asks for the password again.
                    terminal.interrupt()
                } else {
                    terminal.end()
                };
                assert!(!ended.text.contains("here is"), "{door:?}: {ended:#?}");
                let line = last_outcome(world);
                assert!(line.starts_with("outcome=cancelled user=alice"), "{line}");
            }
        }
        let played = PamHost::new(world, "alice").answer("?").answer("7").play();
        assert_eq!(played.result(), "PAM_ABORT");
    });
}

#[test]
fn what_is_none_of_the_lists_numbers_shows_it_again_but_not_for_ever() {
    in_world(|world| {
        let alice = alice_with_number(world);
        let mut host = PamHost::new(world, "alice").answer("?");
        for typed in ["0", "7", "", "x", "?", "1 1", "\u{1b}[2J", "-1"] {
            host = host.answer(typed);
        }
        let played = host.answer("1").answer(alice.code()).play();
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        let said = played.said();
        assert!(
            said[2]
                .text
                .starts_with("Type a number from 1 to 6.\nHow do"),
            "{said:#?}"
        );
        // A program that answers everything with the same is let go.
        for typed in ["", "?", "9"] {
            let mut host = PamHost::new(world, "alice").answer("?");
            for _ in 0..40 {
                host = host.answer(typed);
            }
            let played = host.play();
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{typed:?}");
            assert!(played.said().len() < 20, "{typed:?}: {played:#?}");
        }
        assert_eq!(wrong_in_a_row(world), 0);
    });
}

#[test]
fn choosing_uses_up_none_of_the_three_answers_and_opens_no_fourth() {
    in_world(|world| {
        let alice = alice_with_number(world);
        let wrong = alice.wrong_code();
        let mut host = PamHost::new(world, "alice");
        for _ in 0..3 {
            host = host.answer("?").answer("1").answer(&wrong);
        }
        let played = host.answer(alice.code()).play();
        assert_eq!(played.result(), "PAM_AUTH_ERR");
        assert_eq!(wrong_in_a_row(world), 3);
        assert_eq!(last_outcome(world), "outcome=wrong user=alice");
    });
}

#[test]
fn the_phone_is_heard_while_the_list_is_open() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let (_, passkey) = alice_with_everything(world);
        for door in doors() {
            let mut terminal = door.open(world, &sshd);
            let mut call = daemon.asked();
            terminal.expect(NUMBER).expect(": ");
            let number = number_in(&terminal.shown());
            terminal.send_line("?").expect(CHOOSE);
            approve_in(&mut call, &passkey, &number, door, &mut terminal);
            door.arrive(terminal);
        }
    });
}

#[test]
fn a_code_that_was_sent_is_taken_while_the_list_is_shown_too() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let alice = alice_with_number(world);
        let door = Program::Sudo;
        for back in ["?", ""] {
            let mut terminal = door.start(world);
            terminal.expect(CODE);
            choose(&mut terminal, "Text +XX XXXXXXXXX21");
            let sent = daemon.sent().code;
            terminal.answer(WORDS[0].text_prompt, back);
            // Digits are judged, and only by what was sent.
            terminal.answer(CHOOSE, &alice.code());
            terminal.expect("That code is wrong.").answer(CHOOSE, &sent);
            door.arrive(terminal);
            let line = last_outcome(world);
            let expected = "outcome=accepted method=sms user=alice";
            assert!(line.starts_with(expected), "{back:?}: {line}");
        }
        assert_eq!(wrong_in_a_row(world), 0);
    });
}

#[test]
fn a_phone_that_was_left_is_asked_anew_with_another_number_and_within_its_limits() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let (alice, passkey) = alice_with_everything(world);
        world.configure("[push]\nmost_in_five_minutes = 2\n");
        let door = Program::Sudo;
        let mut terminal = door.start(world);
        let mut first = daemon.asked();
        choose(&mut terminal, "Use a verification code");
        assert_eq!(first.outcome().as_deref(), Some("cancelled"));
        terminal.answer(CODE, "?");
        choose_again(&mut terminal, "Approve a request in my authenticator app");
        let mut second = daemon.asked();
        assert_ne!(first.request.nonce, second.request.nonce);
        terminal.expect(NUMBER).expect(": ");
        let number = number_in(&terminal.shown());
        // What the first one was asked counts no more.
        second.answer(passkey.answer(&first.request, &number));
        terminal
            .expect("The number did not match.")
            .answer(CODE, "?");
        choose_again(&mut terminal, "Approve a request in my authenticator app");
        terminal.expect("after too many requests.");
        choose_again(&mut terminal, "Use a verification code");
        assert!(!daemon.was_called());
        terminal.answer(CODE, &alice.code());
        door.arrive(terminal);
    });
}
