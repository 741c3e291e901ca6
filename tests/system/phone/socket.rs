//! What stands where the daemon's socket should.

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixListener, UnixStream};

use antiphon_core::wire::{FromDaemon, Unwilling};
use antiphon_tests::{LyingDaemon, PamHost, Played, SOCKET, World, in_world};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, bind, listen, socket,
};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::{ALONE, FORKS, NUMBER, alice_with_phone, play_with, wrong_in_a_row};

/// A sign-in that is asked for a code at once, and takes it.
fn asks_for_the_code_at_once(world: &World, host: PamHost, code: &str) {
    let played = host.answer(code).play();
    must_have_asked_for_the_code(world, &played);
}

fn must_have_asked_for_the_code(world: &World, played: &Played) {
    assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    let prompt = &played.texts()[0];
    let told =
        "The phone cannot be reached now.\nVerification code from your app (? for other ways): ";
    assert_eq!(prompt, told);
    world.ended("accepted method=code");
}

fn warning(world: &World) -> String {
    world.log().texts("phone=").pop().unwrap()
}

#[test]
fn where_no_daemon_listens_the_code_is_asked_for_at_once() {
    in_world(|world| {
        world.pam(FORKS, ALONE);
        world.configure("[push]\nmost_in_five_minutes = 100\n");
        let (mut alice, _) = alice_with_phone(world);
        let elsewhere = "/run/elsewhere";
        let _other = UnixListener::bind(elsewhere).unwrap();
        let places: [(&str, fn()); 6] = [
            ("nothing", || {}),
            ("a file", || fs::write(SOCKET, "").unwrap()),
            ("a pipe", || mkfifo(SOCKET, Mode::S_IRWXU).unwrap()),
            ("a folder", || fs::create_dir(SOCKET).unwrap()),
            ("a link to another service", || {
                symlink("/run/elsewhere", SOCKET).unwrap();
            }),
            ("a socket that was left behind", || {
                drop(UnixListener::bind(SOCKET).unwrap());
            }),
        ];
        for (name, place) in places {
            drop(LyingDaemon::start());
            place();
            for service in [FORKS, "antiphon-alone"] {
                alice.change(|_| {});
                let host = PamHost::of_service(world, service, "alice");
                asks_for_the_code_at_once(world, host, &alice.code());
                let warned = warning(world);
                assert!(
                    warned.starts_with("phone=away user=alice"),
                    "{name}: {warned}"
                );
            }
            let _ = fs::remove_file(SOCKET).or_else(|_| fs::remove_dir(SOCKET));
        }
    });
}

#[test]
fn another_user_on_the_socket_is_told_nothing() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        for uid in [0, 1001, 65534] {
            alice.change(|_| {});
            let daemon = LyingDaemon::start_as(uid);
            let host = PamHost::new(world, "alice").answer(alice.code());
            let (played, heard) = play_with(host, |_| {
                use std::io::Read;
                let mut heard = Vec::new();
                daemon.connection().read_to_end(&mut heard).unwrap();
                heard
            });
            must_have_asked_for_the_code(world, &played);
            assert!(heard.is_empty(), "{heard:?}");
            let warned = warning(world);
            let why = format!("detail=\"user id {uid} answers on its socket\"");
            assert!(warned.ends_with(&why), "{warned}");
        }
    });
}

#[test]
fn a_daemon_that_accepts_nobody_holds_nobody_up() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        drop(LyingDaemon::start());
        nix::unistd::seteuid(990.into()).unwrap();
        let full = socket(
            AddressFamily::Unix,
            SockType::Stream,
            SockFlag::empty(),
            None,
        )
        .unwrap();
        bind(full.as_raw_fd(), &UnixAddr::new(SOCKET).unwrap()).unwrap();
        listen(&full, Backlog::new(0).unwrap()).unwrap();
        nix::unistd::seteuid(0.into()).unwrap();
        let _first = UnixStream::connect(SOCKET).unwrap();
        asks_for_the_code_at_once(world, PamHost::new(world, "alice"), &alice.code());
        assert!(warning(world).contains("connect"), "{}", warning(world));
    });
}

#[test]
fn a_daemon_that_hangs_or_says_something_else_first_is_away() {
    in_world(|world| {
        world.pam(FORKS, ALONE);
        world.configure("[push]\nmost_in_five_minutes = 100\nmost_unanswered = 100\n");
        let (mut alice, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for service in [FORKS, "antiphon-alone"] {
            for said in [
                "nothing",
                "the end",
                "declined",
                "answer",
                "unwilling",
                "half",
            ] {
                alice.change(|_| {});
                let host = PamHost::of_service(world, service, "alice").answer(alice.code());
                let (played, ()) = play_with(host, |_| {
                    let mut call = daemon.call();
                    match said {
                        "the end" => return,
                        "declined" => {
                            call.say(&FromDaemon::Declined {});
                        }
                        "answer" => {
                            let answer = passkey.answer(&call.request, "42");
                            call.answer(answer);
                        }
                        "unwilling" => call.refuse(Unwilling::Overloaded),
                        "half" => {
                            call.send(b"\0\0");
                        }
                        _ => {}
                    }
                    let _ = call.outcome();
                });
                must_have_asked_for_the_code(world, &played);
                assert!(!played.texts()[0].contains(NUMBER), "{said}");
            }
        }
        assert_eq!(wrong_in_a_row(world), 0);
    });
}

#[test]
fn a_daemon_that_hangs_up_at_once_kills_no_program() {
    in_world(|world| {
        world.pam(FORKS, ALONE);
        world.configure("[push]\nmost_in_five_minutes = 100\nmost_unanswered = 100\n");
        let (mut alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        // The module writes to a socket whose other end may have gone: no SIGPIPE may come of it.
        for _ in 0..20 {
            alice.change(|_| {});
            let host = PamHost::of_service(world, FORKS, "alice").answer(alice.code());
            let (played, ()) = play_with(host, |_| drop(daemon.connection()));
            assert!(played.succeeded, "{played:#?}");
            must_have_asked_for_the_code(world, &played);
        }
    });
}
