//! What is chosen, happens; and choosing costs nothing.

use antiphon_tests::{LyingDaemon, PamHost, Sshd, in_world};

use super::{CHOOSE, Door, WORDS, alice_with_everything, choose, choose_again, doors};
use crate::methods::OFFER;
use crate::phone::{NUMBER, Program, approve, last_outcome, number_in};
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
