//! The pause that "It is not me" begins, and what ends it, with the real module.

use std::io::Write;
use std::time::SystemTime;

use antiphon_core::approval::{ApprovalRequest, Assertion, TakenBack};
use antiphon_core::config::Config;
use antiphon_core::state::{Pause, SlotPair};
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromDaemon, Suspicion};
use antiphon_tests::{LyingDaemon, PamHost, Passkey, Played, World, in_world};

use super::quiet::{given_up, is_quiet, is_quiet_or_asks};
use super::{ORIGIN, alice_with_phone, approve, play_with};
use crate::read_only::remount;

/// Says "It is not me" in a sign-in, `ahead` seconds from now; the request that it was said of.
fn declined(world: &World, daemon: &LyingDaemon, ahead: i64) -> ApprovalRequest {
    let host = PamHost::new(world, "alice").ahead(ahead).answer("");
    let (played, request) = play_with(host, |_| {
        let mut call = daemon.asked();
        assert_eq!(
            call.say(&FromDaemon::Declined {}).outcome().as_deref(),
            Some("reported")
        );
        call.request.clone()
    });
    assert_eq!(played.result(), "PAM_AUTH_ERR");
    request
}

/// What ends the pause of alice's at `host` that began at `since`.
fn taken_back(passkey: &Passkey, host: &str, since: UnixTime) -> Assertion {
    let taken_back = TakenBack {
        user: "alice",
        host,
        since,
    };
    passkey.sign(&passkey.signing_for(&taken_back.digest()))
}

#[test]
fn what_was_no_stranger_is_taken_back_by_a_passkey_of_the_person_and_by_nothing_else() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let request = declined(world, &daemon, 0);
        let host = request.host.as_str();
        let since = daemon_is_asked(world, &daemon, 0, &FromDaemon::StillPaused {});
        // A stranger's passkey under the person's name, a word of another pause or computer, and an approval.
        let forged = Assertion {
            credential: passkey.phone().credential,
            ..taken_back(&Passkey::new("Pixel 9", ORIGIN), host, since)
        };
        for lie in [
            FromDaemon::TakenBack(forged),
            FromDaemon::TakenBack(taken_back(&passkey, host, since.plus(1))),
            FromDaemon::TakenBack(taken_back(&passkey, "web1", since)),
            FromDaemon::TakenBack(passkey.answer(&request, "42")),
            FromDaemon::Declined {},
            FromDaemon::Waiting { phones: 1 },
        ] {
            assert_eq!(daemon_is_asked(world, &daemon, 0, &lie), since, "{lie:?}");
        }
        let right = FromDaemon::TakenBack(taken_back(&passkey, host, since));
        let (played, ()) = play_with(PamHost::new(world, "alice").answer(""), |numbers| {
            assert_eq!(daemon.paused(&right).since, since);
            let mut call = daemon.asked();
            approve(&mut call, &passkey, &numbers.recv().unwrap());
        });
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        // The word ends no other pause.
        declined(world, &daemon, 20);
        let later = daemon_is_asked(world, &daemon, 30, &right);
        assert_ne!(later, since);
    });
}

/// A sign-in during a pause, of which the daemon says `answer`, and which stays one; since when it lasts.
fn daemon_is_asked(
    world: &World,
    daemon: &LyingDaemon,
    ahead: i64,
    answer: &FromDaemon,
) -> UnixTime {
    let host = PamHost::new(world, "alice").ahead(ahead).answer("?");
    let (played, pause) = play_with(host, |_| daemon.paused(answer));
    assert!(is_quiet(&played), "{played:#?}");
    assert!(!daemon.was_called());
    pause.since
}

/// A sign-in of alice's from this host.
fn from(world: &World, host: &str) -> PamHost {
    PamHost::new(world, "alice").option(&format!("--rhost={host}"))
}

/// A sign-in from `host`, whose daemon tells of a suspicion instead of asking the phone, and then does `next`.
fn told_of<T: Send>(
    world: &World,
    daemon: &LyingDaemon,
    host: &str,
    suspicion: &Suspicion,
    next: impl FnOnce() -> T + Send,
) -> (Played, T) {
    play_with(from(world, host).answer("?"), |_| {
        let said = FromDaemon::Suspected(suspicion.clone());
        daemon.call().say(&said);
        next()
    })
}

/// When the next sign-in began, at its end.
fn issued(daemon: &LyingDaemon) -> UnixTime {
    let mut call = daemon.asked();
    let _ = call.outcome();
    call.request.issued
}

fn suspicion(from: &str, since: UnixTime) -> Suspicion {
    Suspicion {
        since,
        remote_host: from.into(),
        caller: String::new(),
    }
}

#[test]
fn it_is_not_me_of_a_sign_in_that_hung_up_pauses_the_phone_for_the_next_from_there() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let (home, stranger) = ("198.51.100.1", "203.0.113.9");
        let host = from(world, home).answer(alice.code());
        let (played, issued) = play_with(host, |_| issued(&daemon));
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        // Heard of where the person usually is, it closes nothing there.
        let said = suspicion(stranger, issued);
        let (played, _) = told_of(world, &daemon, home, &said, || daemon.asked().outcome());
        assert!(!is_quiet(&played), "{played:#?}");
        // Where nobody has signed in from, all strangers are one; and it lasts since it was said.
        let said = suspicion("192.0.2.7", UnixTime(issued.0 - 10));
        let still = FromDaemon::StillPaused {};
        let host = from(world, stranger).answer("?");
        let (played, pause) = play_with(host, |_| daemon.paused(&still));
        assert!(is_quiet(&played), "{played:#?}");
        assert_eq!(pause.since, issued);
        let words = "phone=reported user=alice rhost=203.0.113.9";
        assert!(world.log().has(words));
        // What is heard of later shortens no pause.
        let (played, _) = told_of(world, &daemon, home, &said, || daemon.asked().outcome());
        assert!(!is_quiet(&played), "{played:#?}");
        let host = from(world, stranger).answer("?");
        let (_, pause) = play_with(host, |_| daemon.paused(&still));
        assert_eq!(pause.since, issued);
    });
}

#[test]
fn a_daemon_that_tells_of_one_suspicion_after_the_other_is_not_heard_out_and_none_lies_ahead() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let (home, stranger) = ("198.51.100.1", "203.0.113.9");
        let host = from(world, home).answer(alice.code());
        let (_, issued) = play_with(host, |_| issued(&daemon));
        let old = suspicion(stranger, UnixTime(1));
        let (played, ()) = told_of(world, &daemon, home, &old, || {
            daemon.call().say(&FromDaemon::Suspected(old.clone()));
        });
        assert!(!is_quiet_or_asks(&played), "{played:#?}");
        assert!(!daemon.was_called());
        let ahead = suspicion(home, UnixTime(u64::MAX));
        let still = FromDaemon::StillPaused {};
        let (played, pause) = told_of(world, &daemon, home, &ahead, || daemon.paused(&still));
        assert!(is_quiet(&played), "{played:#?}");
        assert!(pause.since >= issued && pause.since < issued.plus(600));
        assert_eq!(pause.until, pause.since.plus(900));
    });
}

#[test]
fn a_daemon_that_hangs_closes_or_babbles_leaves_the_pause_and_the_code() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        declined(world, &daemon, 0);
        let flood = vec![0; 200_000];
        for (babble, closes) in [
            (&[][..], true),
            (&[0, 0], true),
            (b"\0\0\0\x02{}", false),
            (&[255; 64], false),
            (&flood, false),
            // It says nothing, or half of something.
            (&[0, 0], false),
            (&[], false),
        ] {
            let (played, _stream) = play_with(PamHost::new(world, "alice").answer("?"), |_| {
                let mut stream = daemon.connection();
                let _ = stream.write_all(babble);
                (!closes).then_some(stream)
            });
            assert!(is_quiet(&played), "{played:#?}");
            assert!(!daemon.was_called());
        }
        let host = PamHost::new(world, "alice").answer(alice.code());
        let (played, _) = play_with(host, |_| daemon.paused(&FromDaemon::StillPaused {}));
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn a_sign_in_that_is_killed_while_a_pause_begins_or_ends_leaves_it_whole_or_not_there() {
    in_world(|world| {
        let (mut alice, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        // Before it is written, and before that is durable.
        for (call, is_written) in [("pwrite64", false), ("fdatasync", true)] {
            let killed_at = |time: u32| {
                let mut strace = world.command("strace");
                strace.args(["-qq", "-o", "/dev/null"]);
                strace.arg(format!("--inject={call}:signal=SIGKILL:when={time}"));
                strace.arg(&world.product().pam_host);
                PamHost::started_by(strace, "antiphon-alone", "alice").answer("")
            };
            let (played, request) = play_with(killed_at(2), |_| {
                let mut call = daemon.asked();
                let outcome = call.say(&FromDaemon::Declined {}).outcome();
                assert_eq!(outcome, None, "nobody is told of what may not be there");
                call.request.clone()
            });
            assert!(played.results().is_empty(), "{played:#?}");
            assert_eq!(!pauses(world).is_empty(), is_written);
            if !is_written {
                declined(world, &daemon, 0);
            }
            let [pause] = pauses(world)[..] else {
                panic!("no pause, or two")
            };
            let signed = taken_back(&passkey, &request.host, pause.since);
            let (played, ()) = play_with(killed_at(1), |_| {
                let _ = daemon.paused(&FromDaemon::TakenBack(signed));
            });
            assert!(played.results().is_empty(), "{played:#?}");
            let left = pauses(world);
            assert_eq!(left, if is_written { vec![] } else { vec![pause] });
            alice.change(|_| {});
        }
    });
}

#[test]
fn on_a_read_only_disk_a_pause_begins_and_ends_all_the_same() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        remount(world, "ro");
        let request = declined(world, &daemon, 0);
        let since = daemon_is_asked(world, &daemon, 0, &FromDaemon::StillPaused {});
        remount(world, "rw");
        let still = daemon_is_asked(world, &daemon, 0, &FromDaemon::StillPaused {});
        assert_eq!(still, since);
        remount(world, "ro");
        let signed = taken_back(&passkey, &request.host, since);
        let (_, outcome) = play_with(PamHost::new(world, "alice").answer("?"), |_| {
            assert_eq!(daemon.paused(&FromDaemon::TakenBack(signed)).since, since);
            daemon.asked().outcome()
        });
        assert_eq!(outcome, None);
        remount(world, "rw");
        given_up(world, &daemon, 0);
    });
}

/// The pauses that last, in a state that is whole.
fn pauses(world: &World) -> Vec<Pause> {
    let slots = SlotPair::decode(&world.state("alice").unwrap()).unwrap();
    let now = UnixTime(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs());
    let paused = slots.state.unwrap().pauses(&Config::default(), now);
    paused.into_iter().map(|paused| paused.pause).collect()
}

#[test]
fn what_was_begun_by_mistake_is_refused_and_pauses_nothing() {
    in_world(|world| {
        let (_, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let (played, outcome) = play_with(PamHost::new(world, "alice").answer(""), |_| {
            daemon.asked().say(&FromDaemon::Mistake {}).outcome()
        });
        assert_eq!(played.result(), "PAM_AUTH_ERR");
        assert_eq!(outcome.as_deref(), Some("mistake"));
        world.ended("refused reason=mistake user=alice");
        given_up(world, &daemon, 0);
    });
}
