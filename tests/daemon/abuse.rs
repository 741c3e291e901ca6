//! Who does not keep to the rules is let go, and holds up nobody.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use antiphon_core::wire::{FromDaemon, MAX_FRAME, Unwilling};
use antiphon_tests::until;
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::daemon::{SOCKET, in_house};
use crate::enrolment::enrol;
use crate::http::parse;
use crate::phone::base64url;
use crate::root::{approve, forget, request, unwilling};
use crate::{Daemon, Phone, Root, Web};

/// A sign-in that the phone has. The one before it may still be on its way out.
fn asked(phone: &Phone) -> Root {
    until("the end of the sign-in before it", || {
        let mut root = Root::approve(&request("alice", 60), &[&phone.credential]);
        let said = root.hear();
        (said != Some(unwilling(Unwilling::Busy))).then(|| {
            assert!(matches!(said, Some(FromDaemon::Waiting { .. })), "{said:?}");
            root
        })
    })
}

/// From now on this process, and what it starts, may hold as many connections as there may be.
pub(crate) fn hold_many_connections() {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
}

/// A sign-in goes its whole way.
fn works(phone: &Phone) {
    let mut root = asked(phone);
    let (mut inbox, waits) = phone.inbox();
    assert_eq!(phone.approve(&waits[0], "42").status, 202);
    assert!(matches!(root.hear(), Some(FromDaemon::Answer(_))));
    // To its end: a page that opens next must not be told of this one's.
    root.outcome("accepted");
    assert_eq!(inbox.gone(&waits[0]), "accepted");
}

#[test]
fn bodies_and_heads_have_bounds() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol("alice", "Pixel 9");
        let request = format!("/api/requests/{}", base64url(&[0; 16]));
        let [answer, decline] = ["answer", "decline"].map(|said| format!("{request}/{said}"));
        for path in ["/api/enroll", "/api/renew", &answer, &decline] {
            let large = format!("\"{}\"", "x".repeat(16 * 1024));
            let refused = web.call("POST", path, Some(&phone.token), Some(&large));
            assert_eq!(refused.status, 413, "{path}");
            // The same without saying how long it is.
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
                 Transfer-Encoding: chunked\r\n\r\n",
                web.host, phone.token
            );
            let refused = web.raw(&format!("{head}4002\r\n{large}\r\n0\r\n\r\n"));
            assert_eq!(refused.status, 413, "{path}");
        }
        let mut stream = web.connect();
        let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(64 * 1024));
        // It may be let go in the middle of it.
        let _ = stream.write_all(long.as_bytes());
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        assert!(said.is_empty() || parse(&said).status >= 400);
        works(&phone);
    });
}

#[test]
fn garbage_and_half_frames_end_their_connection_alone() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let not_understood = Some(unwilling(Unwilling::NotUnderstood));
        let long = u32::try_from(MAX_FRAME + 1).unwrap().to_be_bytes();
        for garbage in [
            &long[..],
            &[255; 4],
            b"GET / HTTP/1.1\r\n\r\n",
            b"\0\0\0\0",
            b"\0\0\0\x02{}",
            b"\0\0\0\x0f{\"type\":\"keep\"}",
            b"\0\0\0\x04\xff\xfe\xfd\xfc",
        ] {
            let mut root = Root::connect();
            root.write(garbage);
            assert_eq!(root.hear(), not_understood, "{garbage:?}");
            assert_eq!(root.hear(), None);
        }
        let halves: Vec<_> = (0..50)
            .map(|_| {
                let mut root = Root::connect();
                root.write(b"\0\0\xff\xffhalf a frame");
                root
            })
            .collect();
        let silent: Vec<_> = (0..50).map(|_| Root::connect()).collect();
        works(&phone);
        drop((halves, silent));
        // In the middle of a sign-in too.
        let mut root = Root::approve(&request("alice", 60), &[&phone.credential]);
        assert!(matches!(root.hear(), Some(FromDaemon::Waiting { .. })));
        root.write(b"\0\0\0\x02[]");
        assert_eq!(root.hear(), not_understood);
        works(&phone);
    });
}

#[test]
fn requests_that_make_no_sense_are_not_understood() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let not_understood = Some(unwilling(Unwilling::NotUnderstood));
        let many: Vec<[u8; 2]> = (0..65_u8).map(|number| [1, number]).collect();
        let many: Vec<&[u8]> = many.iter().map(|bytes| &bytes[..]).collect();
        for odd in [
            approve(&request("", 60), &[&[1]]),
            approve(&request("alice", 60), &[]),
            approve(&request("alice", 60), &[&[]]),
            approve(&request("alice", 60), &[&[1; 1024]]),
            approve(&request("alice", 60), &many),
            forget(&[]),
            forget(&[&[]]),
            forget(&[&[1; 1024]]),
            forget(&many),
        ] {
            assert_eq!(Root::say(&odd).hear(), not_understood);
        }
    });
}

#[test]
fn ten_thousand_idle_connections_hold_up_nobody() {
    in_house(|world| {
        hold_many_connections();
        let daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol("alice", "Pixel 9");
        let silent: Vec<TcpStream> = (0..9_000).map(|_| web.connect()).collect();
        let slow: Vec<TcpStream> = (0..1_000)
            .map(|_| {
                let mut stream = web.connect();
                stream.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
                stream
            })
            .collect();
        let waiting: Vec<UnixStream> = (0..1_000)
            .map(|_| UnixStream::connect(SOCKET).unwrap())
            .collect();
        for _ in 0..10 {
            works(&phone);
        }
        assert!(!daemon.log().contains("takes no connection"));
        drop((silent, slow, waiting));
        works(&phone);
    });
}
