//! What status, check and unlock say of a phone that is not called for a while.

use antiphon_core::wire::FromDaemon;
use antiphon_tests::{LyingDaemon, PamHost, Passkey, World, in_world};

use crate::command::antiphon;
use crate::fix::status;

const ORIGIN: &str = "https://mfa.example.org";

/// Alice with a phone that can approve, and what plays the daemon.
fn alice_with_phone(world: &World) -> LyingDaemon {
    world.configure(&format!("[page]\norigin = \"{ORIGIN}\"\n"));
    let phone = Passkey::new("Pixel 9", ORIGIN).phone();
    let mut alice = world.enrol("alice");
    alice.change(|record| record.phones.push(phone));
    LyingDaemon::start()
}

/// A sign-in for which the phone is called, and answers "It is not me" if that is wanted; else it is given up.
fn called(world: &World, daemon: &LyingDaemon, is_declined: bool) {
    let host = PamHost::new(world, "alice");
    // Somebody is there who sees the number, and asks for the other ways.
    let host = host.answer(if is_declined { "" } else { "?" });
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut call = daemon.asked();
            if is_declined {
                call.say(&FromDaemon::Declined {});
            }
            let _ = call.outcome();
        });
        let _ = host.play();
    });
}

/// Holds that status and check say why the phone is quiet, and until when, and that unlock lifts it and says so.
fn is_said_and_lifted(world: &World, why: &str, words: &str) {
    let known = status(world)["pauses"].clone();
    assert_eq!(
        (&known[0]["why"], &known[0]["usual_origin"], &known[1]),
        (&why.into(), &false.into(), &serde_json::Value::Null)
    );
    let until = known[0]["until"].as_str().unwrap();
    let shown = until.replace('T', " ").replace('Z', " UTC");
    for (command, place) in [
        ("status alice", "phone calls"),
        ("check", "alice: the phone is"),
    ] {
        let said = antiphon(world, command).done();
        let line = said.out.lines().find(|line| line.contains(place));
        let line = line.unwrap_or_else(|| panic!("{command}: {said:#?}"));
        for part in [
            &format!("until {shown}: ") as &str,
            words,
            "run: antiphon unlock alice",
        ] {
            assert!(line.contains(part), "no {part:?} in {line}");
        }
    }
    let said = antiphon(world, "unlock alice").done();
    assert_eq!(said.out, "alice: lifted the pause of the phone.\n");
    assert_eq!(status(world)["pauses"], serde_json::json!([]));
    let said = antiphon(world, "unlock alice --json").done();
    assert_eq!(
        said.object(),
        serde_json::json!({"user": "alice", "unlocked": false, "lifted": []})
    );
}

#[test]
fn a_pause_after_it_is_not_me_is_said_with_its_end_and_unlock_lifts_it() {
    in_world(|world| {
        let daemon = alice_with_phone(world);
        called(world, &daemon, true);
        let words = "somebody said \"It is not me\" on the phone";
        is_said_and_lifted(world, "reported", words);
    });
}

#[test]
fn a_pause_after_too_many_calls_is_said_with_its_end_and_unlock_lifts_it() {
    in_world(|world| {
        let daemon = alice_with_phone(world);
        for _ in 0..3 {
            called(world, &daemon, false);
        }
        is_said_and_lifted(world, "too-often", "too many calls in five minutes");
        let push = "[push]\nmost_unanswered = 2\n";
        world.configure(&format!("[page]\norigin = \"{ORIGIN}\"\n{push}"));
        for _ in 0..2 {
            called(world, &daemon, false);
        }
        let words = "too many calls in a row that nobody approved";
        is_said_and_lifted(world, "unanswered", words);
    });
}
