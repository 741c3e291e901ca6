//! What is chosen, happens; and choosing costs nothing.

use antiphon_tests::{LyingDaemon, Sshd, in_world};

use super::{CHOOSE, WORDS, alice_with_everything, choose};
use crate::methods::{OFFER, take};
use crate::phone::{Door, Program, doors, number_on};
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
                            door.approve(&mut terminal, &mut first, &passkey, &number);
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
                    if way != "approval" {
                        let told = first.outcome();
                        assert_eq!(told.as_deref(), Some("cancelled"), "{door:?} {way}");
                    }
                    door.arrive(terminal);
                    world.ended(&format!("accepted method={way} user=alice"));
                    assert_eq!(world.activity("alice").last().unwrap().method, way);
                    // Another secret's worth of codes.
                    alice.change(|_| {});
                }
            }
        }
    });
}

#[test]
fn cancel_ends_the_sign_in_and_takes_the_request_from_the_phone() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let _ = alice_with_everything(world);
        for door in doors() {
            let mut terminal = door.open(world, &sshd);
            let mut call = daemon.asked();
            choose(&mut terminal, "Cancel");
            assert_eq!(call.outcome().as_deref(), Some("cancelled"));
            let ended = if door == Door::Ssh {
                // sshd asks for the password again.
                terminal.interrupt()
            } else {
                terminal.end()
            };
            assert!(!ended.text.contains("here is"), "{door:?}: {ended:#?}");
            world.ended("cancelled user=alice");
        }
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
            let number = number_on(&mut terminal);
            terminal.send_line("?").expect(CHOOSE);
            door.approve(&mut terminal, &mut call, &passkey, &number);
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
        take(&mut terminal, "Approve a request in my authenticator app");
        let mut second = daemon.asked();
        assert_ne!(first.request.nonce, second.request.nonce);
        let number = number_on(&mut terminal);
        // What the first one was asked counts no more.
        second.answer(passkey.answer(&first.request, &number));
        terminal
            .expect("The number did not match.")
            .answer(CODE, "?");
        take(&mut terminal, "Approve a request in my authenticator app");
        terminal.expect("after too many requests.");
        take(&mut terminal, "Use a verification code");
        assert!(!daemon.was_called());
        terminal.answer(CODE, &alice.code());
        door.arrive(terminal);
    });
}
