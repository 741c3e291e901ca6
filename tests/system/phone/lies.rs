//! A lying daemon never signs anyone in, holds nobody up for long, and takes no code away.
//!
//! What it says is as right as can be but for one thing: the number is known to it, and the passkey is alice's.

use std::fs;
use std::sync::mpsc::Receiver;

use antiphon_core::wire::{Enrolled, FromDaemon, MAX_FRAME, Unwilling, encode};
use antiphon_tests::{
    Call, Enrolled as Person, LyingDaemon, PamHost, Passkey, Played, World, in_world,
};

use super::{ALONE, FORKS, ORIGIN, alice_with_phone, play_with, wrong_in_a_row};

/// What a lie has at hand.
struct Liar<'a> {
    call: Call,
    number: String,
    passkey: &'a Passkey,
}

type Lie<'a> = Box<dyn Fn(&mut Liar<'_>) + Sync + 'a>;

/// Alice, two wrong codes after her last sign-in, and as many pushes as wanted.
fn alice(world: &World) -> (Person, Passkey, Vec<u8>) {
    world.configure("[push]\nmost_in_five_minutes = 100\nmost_unanswered = 100\n");
    world.pam(FORKS, ALONE);
    let (alice, passkey) = alice_with_phone(world);
    let wrong = alice.wrong_code();
    world.sign_in("alice", [&wrong; 2], "PAM_ABORT");
    assert_eq!(wrong_in_a_row(world), 2);
    let state = world.state("alice").unwrap();
    (alice, passkey, state)
}

/// One sign-in after the other meets each of `lies`, in a program that forks and in one that does not: nobody is let in
/// by it, nothing is counted, and a code still is.
fn must_not_help(world: &World, lies: Vec<(&str, Lie<'_>)>, person: &(Person, Passkey, Vec<u8>)) {
    let (alice, passkey, state) = person;
    let daemon = LyingDaemon::start();
    for (name, lie) in lies {
        for service in [FORKS, "antiphon-alone"] {
            for code in [None, Some(alice.code())] {
                fs::write(world.state_path("alice"), state).unwrap();
                let host = PamHost::of_service(world, service, "alice");
                let host = if service == FORKS {
                    host.option("--phone-first")
                } else {
                    host.answer("")
                };
                let host = code.iter().fold(host, PamHost::answer);
                let played = meet(&daemon, host, &lie, passkey);
                let context = format!("{name}, {service}: {played:#?}");
                if code.is_some() {
                    assert_eq!(played.result(), "PAM_SUCCESS", "{context}");
                    world.ended("accepted method=code");
                } else {
                    assert_eq!(played.result(), "PAM_ABORT", "{context}");
                    assert_eq!(wrong_in_a_row(world), 2, "{context}");
                }
            }
        }
    }
}

fn meet(daemon: &LyingDaemon, host: PamHost, lie: &Lie<'_>, passkey: &Passkey) -> Played {
    let tell = |numbers: Receiver<String>| {
        let call = daemon.asked();
        let number = numbers.recv().unwrap_or_default();
        let mut liar = Liar {
            call,
            number,
            passkey,
        };
        lie(&mut liar);
        // Until it has gone: what it is told is no matter.
        let _ = liar.call.outcome();
    };
    play_with(host, tell).0
}

#[test]
fn forged_replayed_and_exchanged_answers_are_refused() {
    in_world(|world| {
        let person = alice(world);
        let stranger = Passkey::new("Stranger", ORIGIN);
        let bobs = Passkey::new("Bob's", ORIGIN);
        let mut bob = world.enrol("bob");
        bob.change(|record| record.phones.push(bobs.phone()));
        // What the daemon has carried before: right, and taken.
        let daemon = LyingDaemon::start();
        let host = PamHost::of_service(world, FORKS, "alice").option("--phone-first");
        let (played, older) = play_with(host, |numbers| {
            let mut call = daemon.asked();
            let older = person.1.answer(&call.request, &numbers.recv().unwrap());
            assert_eq!(
                call.answer(older.clone()).outcome().as_deref(),
                Some("accepted")
            );
            older
        });
        assert_eq!(played.result(), "PAM_SUCCESS");
        drop(daemon);
        let lies: Vec<(&str, Lie<'_>)> = vec![
            (
                "another number",
                Box::new(|liar| {
                    let other = if liar.number == "42" { "43" } else { "42" };
                    let answer = liar.passkey.answer(&liar.call.request, other);
                    liar.call.answer(answer);
                }),
            ),
            (
                "an older answer",
                Box::new(|liar| {
                    liar.call.answer(older.clone());
                }),
            ),
            (
                "another key",
                Box::new(|liar| {
                    let mut answer = stranger.answer(&liar.call.request, &liar.number);
                    answer.credential.clone_from(&liar.passkey.credential);
                    liar.call.answer(answer);
                }),
            ),
            (
                "a phone that is not in the record, or not any more",
                Box::new(|liar| {
                    let answer = stranger.answer(&liar.call.request, &liar.number);
                    liar.call.answer(answer);
                }),
            ),
            (
                "another person's phone",
                Box::new(|liar| {
                    let answer = bobs.answer(&liar.call.request, &liar.number);
                    liar.call.answer(answer);
                }),
            ),
            (
                "the answer to another person's request",
                Box::new(|liar| {
                    let mut request = liar.call.request.clone();
                    request.user = "bob".into();
                    let answer = liar.passkey.answer(&request, &liar.number);
                    liar.call.answer(answer);
                }),
            ),
            (
                "a wrong answer, then the right one",
                Box::new(|liar| {
                    let wrong = liar.passkey.answer(&liar.call.request, "9");
                    let right = liar.passkey.answer(&liar.call.request, &liar.number);
                    liar.call.answer(wrong).answer(right);
                }),
            ),
            (
                "no signature",
                Box::new(|liar| {
                    let mut answer = liar.passkey.answer(&liar.call.request, &liar.number);
                    answer.signature.clear();
                    liar.call.answer(answer);
                }),
            ),
        ];
        must_not_help(world, lies, &person);
    });
}

#[test]
fn floods_garbage_and_half_frames_end_the_phone_way_and_nothing_else() {
    in_world(|world| {
        let raw = |name, bytes: Vec<u8>| -> (&str, Lie<'_>) {
            (
                name,
                Box::new(move |liar: &mut Liar<'_>| {
                    liar.call.send(&bytes);
                }),
            )
        };
        let message = |name, message: &FromDaemon| raw(name, encode(message).unwrap());
        let waiting = encode(&FromDaemon::Waiting { phones: 7 }).unwrap();
        let mut longest = u32::try_from(MAX_FRAME).unwrap().to_be_bytes().to_vec();
        longest.extend(vec![b'x'; MAX_FRAME]);
        let lies = vec![
            raw("a flood of Waiting", waiting.repeat(1000)),
            raw("64 KiB", longest.clone()),
            raw("a flood of frames", longest.repeat(100)),
            raw("a length beyond all frames", vec![0, 1, 0, 1]),
            raw("the greatest length", vec![255; 4]),
            raw("an empty frame", vec![0; 4]),
            raw("garbage", b"HTTP/1.1 200 OK\r\n\r\n".to_vec()),
            raw("no message", b"\0\0\0\x02{}".to_vec()),
            raw("not UTF-8", b"\0\0\0\x02\xff\xff".to_vec()),
            raw("a list", b"\0\0\0\x02[]".to_vec()),
            raw("deep", {
                let deep = "[".repeat(60_000);
                let mut frame = 60_000_u32.to_be_bytes().to_vec();
                frame.extend(deep.bytes());
                frame
            }),
            message("kept", &FromDaemon::Kept {}),
            message("a ticket", &FromDaemon::TicketOpen {}),
            message("a ticket that was seen", &FromDaemon::TicketSeen {}),
            message(
                "an enrolment",
                &FromDaemon::Enrolled(Enrolled {
                    name: "x".into(),
                    credential: vec![1],
                    public_key: vec![2],
                    backup_eligible: false,
                    proof: vec![3],
                }),
            ),
            message(
                "busy, later",
                &FromDaemon::Unwilling {
                    reason: Unwilling::Busy,
                },
            ),
            message(
                "not understood",
                &FromDaemon::Unwilling {
                    reason: Unwilling::NotUnderstood,
                },
            ),
            ("the end", hung_up(b"")),
            ("half a length", hung_up(b"\0\0")),
            ("half a frame", hung_up(b"\0\0\x01\0{\"answer\"")),
        ];
        must_not_help(world, lies, &alice(world));
    });
}

/// Sends `bytes` and then no more.
fn hung_up(bytes: &'static [u8]) -> Lie<'static> {
    Box::new(move |liar| {
        liar.call.send(bytes).hang_up();
    })
}

#[test]
fn false_refusals_cost_one_sign_in_and_then_the_daemon_is_asked_for_no_approval() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let declined = encode(&FromDaemon::Declined {}).unwrap();
        let host = PamHost::new(world, "alice").answer("").answer(alice.code());
        let (played, ()) = play_with(host, |_| {
            let mut call = daemon.asked();
            call.send(&declined.repeat(1000));
            let _ = call.outcome();
        });
        assert_eq!(played.result(), "PAM_AUTH_ERR");
        assert_eq!(wrong_in_a_row(world), 0);
        let again = PamHost::new(world, "alice").answer(alice.code());
        let (again, _) = play_with(again, |_| daemon.paused(&FromDaemon::StillPaused {}));
        assert_eq!(again.result(), "PAM_SUCCESS", "{again:#?}");
        assert!(!daemon.was_called());
    });
}

#[test]
fn a_daemon_that_says_nothing_more_keeps_nobody_from_typing_a_code() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let host = PamHost::new(world, "alice").answer("").answer(alice.code());
        let (played, outcome) = play_with(host, |_| {
            let mut call = daemon.asked();
            // Half a frame, and silence.
            call.send(b"\0\0\x01\0{\"answer\"").outcome()
        });
        assert_eq!(outcome.as_deref(), Some("answered"));
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        assert!(
            played.said()[1].text.starts_with("Not approved"),
            "{played:#?}"
        );
    });
}
