//! A gateway or a daemon that fails, lies or is slow is a way that failed, and no more: the list comes back.

use antiphon_core::wire::{FromDaemon, MAX_FRAME, Undelivered, Unwilling, encode};
use antiphon_tests::{LyingDaemon, PamHost, Sending, Sshd, World, in_world};

use super::{CHOOSE, TELEPHONE, alice_with_number, choose};
use crate::methods::take;
use crate::phone::{Door, Program, doors, play_with, wrong_in_a_row};
use crate::prompts::CODE;

type Deed = fn(&mut Sending);

/// What the log says of the last code.
fn last_sending(world: &World) -> String {
    world.log().texts("telephone=").pop().unwrap()
}

const DEEDS: [(&str, Deed); 11] = [
    ("no gateway", |sending| sending.fail(Undelivered::NoGateway)),
    ("a ceiling", |sending| sending.fail(Undelivered::Ceiling)),
    ("a refusal", |sending| sending.fail(Undelivered::Refused)),
    ("no answer", |sending| sending.fail(Undelivered::NoAnswer)),
    ("no number", |sending| sending.fail(Undelivered::NoNumber)),
    ("an end", |_| {}),
    ("unwilling", |sending| {
        sending.say(&FromDaemon::Unwilling {
            reason: Unwilling::Overloaded,
        });
    }),
    ("another answer", |sending| {
        sending.say(&FromDaemon::Waiting { phones: 1 });
    }),
    ("half a frame", |sending| {
        let frame = encode(&FromDaemon::Delivered {}).unwrap();
        sending.send(&frame[..frame.len() - 1]);
    }),
    ("a frame without bound", |sending| {
        sending.send(&[255; 64]);
    }),
    ("what nobody knows", |sending| {
        let length = u32::try_from(MAX_FRAME).unwrap().to_be_bytes();
        sending.send(&length).send(&vec![b'{'; MAX_FRAME]);
    }),
];

#[test]
fn whatever_the_daemon_says_instead_the_list_comes_back_and_a_code_still_signs_in() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let mut alice = alice_with_number(world);
        for (name, deed) in DEEDS {
            let host = PamHost::new(world, "alice").answers(["?", "2", "1", &alice.code()]);
            let (played, ()) = play_with(host, |_| deed(&mut daemon.sending()));
            assert_eq!(played.result(), "PAM_SUCCESS", "{name}: {played:#?}");
            let said = &played.texts()[2];
            assert!(
                said.starts_with("The text could not be sent.\nHow do you"),
                "{name}: {said}"
            );
            let line = last_sending(world);
            assert!(
                line.starts_with(
                    "telephone=failed method=sms user=alice to=\"+XX XXXXXXXXX21\" detail="
                ),
                "{name}: {line}"
            );
            assert_eq!(wrong_in_a_row(world), 0, "{name}");
            alice.change(|_| {});
        }
    });
}

#[test]
fn a_daemon_that_says_taken_and_sends_nothing_lets_nobody_in() {
    in_world(|world| {
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        let host = PamHost::new(world, "alice").answers(["?", "2", "", "5"]);
        let (played, ()) = play_with(host, |_| {
            let mut sending = daemon.sending();
            sending.say(&FromDaemon::Delivered {});
            sending.say(&FromDaemon::Delivered {});
            sending.say(&FromDaemon::Kept {});
        });
        assert_eq!(played.result(), "PAM_ABORT", "{played:#?}");
        world.ended("cancelled user=alice");
    });
}

#[test]
fn without_a_daemon_or_with_one_of_another_user_a_text_is_a_way_that_failed() {
    in_world(|world| {
        let alice = alice_with_number(world);
        let play = || {
            let played = world.sign_in("alice", ["?", "2", "5"], "PAM_ABORT");
            assert!(played.texts()[2].starts_with("The text could not be sent."));
        };
        play();
        assert!(last_sending(world).contains("connect: "));
        let stranger = LyingDaemon::start_as(1001);
        play();
        assert!(last_sending(world).contains("user id 1001 answers on its socket"));
        drop(stranger);
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
    });
}

#[test]
fn a_gateway_that_never_answers_is_given_up_and_the_list_comes_back_everywhere() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut alice = alice_with_number(world);
        world.configure(&format!("{TELEPHONE}most_in_ten_minutes = 50\n"));
        // All at once: each waits as long as we wait at most.
        let mut waiting: Vec<_> = doors()
            .into_iter()
            .map(|door| {
                let mut terminal = door.open(world, &sshd);
                choose(&mut terminal, "Call +XX XXXXXXXXX21");
                (door, terminal, daemon.sending())
            })
            .collect();
        for (_, terminal, _) in &mut waiting {
            terminal.expect("The call could not be made.");
            take(terminal, "Use a verification code");
            terminal.expect(CODE);
        }
        for (door, mut terminal, mut sending) in waiting {
            assert!(sending.is_left(), "{door:?}");
            terminal.send_line(&alice.code());
            door.arrive(terminal);
            alice.change(|_| {});
        }
    });
}

#[test]
fn ctrl_c_and_a_closed_window_end_the_wait_for_a_gateway() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let _ = alice_with_number(world);
        world.configure(&format!("{TELEPHONE}most_in_ten_minutes = 50\n"));
        for door in doors() {
            for interrupts in [true, false] {
                let mut terminal = door.open(world, &sshd);
                choose(&mut terminal, "Text +XX XXXXXXXXX21");
                let mut sending = daemon.sending();
                if interrupts {
                    let text = terminal.interrupt().text;
                    assert!(!text.contains("here is"), "{door:?}: {text}");
                } else {
                    let _ = terminal.hang_up();
                }
                // The connection is closed: an answer is for nobody.
                assert!(sending.is_left(), "{door:?} {interrupts}");
            }
        }
        assert_eq!(wrong_in_a_row(world), 0);
        let mut sudo = Door::At(Program::Sudo).open(world, &sshd);
        sudo.expect(CODE).send_line("?").expect(CHOOSE);
        let _ = sudo.interrupt();
    });
}
