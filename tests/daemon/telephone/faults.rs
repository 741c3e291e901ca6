//! Gateways that are slow, broken, lying or somebody else; and what the daemon does meanwhile.

use antiphon_core::wire::{FromDaemon, ToDaemon, Undelivered};
use antiphon_tests::World;

use super::{OPEN, credentials, elks, not, send, sms, taken};
use crate::daemon::{SOCKET, in_house};
use crate::enrolment::enrol;
use crate::root::request;
use crate::server::{Reply, Server};
use crate::{Daemon, Root};

#[test]
fn a_gateway_that_is_silent_costs_that_way_and_nothing_else() {
    in_house(|world| {
        let gateway = Server::secure(world, |_| Reply::Silence);
        let daemon = elks::start(world, &gateway);
        let phone = enrol("alice", "Pixel 9");
        // More than there are places.
        let mut waiting: Vec<_> = (0..24)
            .map(|_| Root::say(&ToDaemon::Deliver(sms())))
            .collect();
        gateway.next();
        let (mut inbox, _) = phone.inbox();
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        assert_eq!(phone.approve(&inbox.request(), "42").status, 202);
        assert!(matches!(root.hear(), Some(FromDaemon::Answer(_))));
        for root in &mut waiting {
            assert_eq!(root.hear(), Some(not(Undelivered::NoAnswer)));
            assert_eq!(root.hear(), None);
        }
        daemon.expect_log("has not taken a text to …21 for alice: no answer within 10 s");
        daemon.expect_log("too many are on their way");
        gateway.answer_with(elks::elks);
        assert_eq!(send(sms()), taken());
    });
}

#[test]
fn an_answer_that_is_none_is_no_answer() {
    in_house(|world| {
        let gateway = Server::secure(world, elks::elks);
        let daemon = elks::start(world, &gateway);
        for (head, words) in [
            ("500 Internal Server Error", "answered 500: oh"),
            ("503 Busy", "answered 503: oh"),
            (
                "302 Found\r\nLocation: /a1/sms",
                "answered 302, which leads elsewhere",
            ),
            (
                "307 Go\r\nLocation: https://localhost/x",
                "answered 307, which leads elsewhere",
            ),
            (
                "308 Go\r\nLocation: http://127.0.0.1:1/",
                "answered 308, which leads elsewhere",
            ),
        ] {
            gateway.answer_with(move |_| Reply::Say(head.into(), "oh".into()));
            assert_eq!(send(sms()), not(Undelivered::NoAnswer), "{head}");
            daemon.expect_log(words);
            gateway.next();
            assert!(gateway.is_idle(), "{head} was followed");
        }
    });
}

#[test]
fn of_an_answer_without_end_the_beginning_is_read() {
    in_house(|world| {
        let gateway = Server::secure(world, |_| Reply::Flood("200 OK".into()));
        let daemon = elks::start(world, &gateway);
        assert_eq!(send(sms()), not(Undelivered::NoAnswer));
        daemon.expect_log("in a form that is not known: xxxx");
        gateway.answer_with(|_| Reply::Flood("403 No".into()));
        assert_eq!(send(sms()), not(Undelivered::Refused));
        let longest = daemon.log().lines().map(str::len).max().unwrap();
        assert!(longest < 400, "{longest}");
    });
}

/// A daemon that sends texts there, by the generic kind.
fn daemon_of(world: &World, url: &str, trusted: (&'static str, String)) -> Daemon {
    let environment = [credentials(world, elks::CREDENTIALS), trusted];
    let configuration = format!(
        "{}[gateway.sms]\nkind = \"http\"\nurl = \"{url}/sms\"\nform = {{ m = \"{{text}}\" }}\n",
        OPEN.replace("call = true", "call = false")
    );
    Daemon::start_with(world, &configuration, &environment)
}

#[test]
fn a_server_whose_certificate_has_another_name_or_signer_learns_nothing() {
    in_house(|world| {
        let gateway = Server::secure(world, |_| Reply::Say("200 OK".into(), String::new()));
        let other_name = gateway.origin_by_another_name();
        let daemon = daemon_of(world, &other_name, gateway.trusted());
        assert_eq!(send(sms()), not(Undelivered::NoAnswer));
        drop(daemon);
        let other = crate::certificate::Certificate::make(world, "other");
        let other = ("SSL_CERT_FILE", other.chain.to_str().unwrap().to_owned());
        let daemon = daemon_of(world, &gateway.origin(), other);
        assert_eq!(send(sms()), not(Undelivered::NoAnswer));
        drop(daemon);
        assert!(gateway.is_idle());
        // With name and signer right, the same server is believed.
        let _daemon = daemon_of(world, &gateway.origin(), gateway.trusted());
        assert_eq!(send(sms()), taken());
        gateway.next();
    });
}

#[test]
fn a_gateway_that_is_not_there_is_no_answer() {
    in_house(|world| {
        let gateway = Server::secure(world, |_| Reply::Silence);
        let daemon = daemon_of(world, "https://localhost:1", gateway.trusted());
        assert_eq!(send(sms()), not(Undelivered::NoAnswer));
        // It does not wait where nobody is.
        daemon.expect_log("has not taken a text to …21 for alice: Connection refused");
    });
}

#[test]
fn a_way_that_nobody_carries_is_said_so() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        assert_eq!(send(sms()), not(Undelivered::NoGateway));
    });
}

#[test]
fn nobody_but_root_has_a_code_sent() {
    in_house(|world| {
        let gateway = Server::secure(world, elks::elks);
        let daemon = elks::start(world, &gateway);
        // As the daemon's own user, who alone can open the socket beside root.
        let frame = antiphon_core::wire::encode(&ToDaemon::Deliver(sms())).unwrap();
        let frame = data_encoding::HEXLOWER.encode(&frame);
        let script = format!(
            "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect('{SOCKET}')\n\
             s.sendall(bytes.fromhex('{frame}'))\nsys.exit(1 if s.recv(9) else 0)"
        );
        let said = world
            .command_of("antiphon", "python3")
            .args(["-c", &script])
            .output()
            .unwrap();
        // Closed unheard, or the pipe broke under the frame.
        let broken = String::from_utf8_lossy(&said.stderr).into_owned();
        let is_closed = said.status.success()
            || broken.contains("BrokenPipe")
            || broken.contains("ConnectionReset");
        assert!(is_closed, "{broken}");
        daemon.expect_log("is not root");
        assert!(gateway.is_idle());
        let mut alice = world.command_of("alice", "python3");
        assert!(!alice.args(["-c", &script]).status().unwrap().success());
    });
}

#[test]
fn who_hangs_up_before_it_is_counted_has_nothing_sent() {
    in_house(|world| {
        let gateway = Server::secure(world, |_| Reply::Silence);
        let _daemon = elks::start(world, &gateway);
        // All places are taken, so the next one waits, and goes.
        let mut waiting: Vec<_> = (0..16)
            .map(|_| Root::say(&ToDaemon::Deliver(sms())))
            .collect();
        for _ in 0..16 {
            gateway.next();
        }
        let mut gone = sms();
        gone.user = "bob".into();
        drop(Root::say(&ToDaemon::Deliver(gone)));
        for root in &mut waiting {
            assert_eq!(root.hear(), Some(not(Undelivered::NoAnswer)));
        }
        gateway.answer_with(elks::elks);
        assert_eq!(send(sms()), taken());
        gateway.next();
        assert!(gateway.is_idle());
        assert_eq!(traces_of("bob"), 0);
        assert_ne!(traces_of("alice"), 0);
    });
}

/// How often this name stands in the daemon's store.
fn traces_of(user: &str) -> usize {
    let files = std::fs::read_dir(crate::daemon::STATE).unwrap();
    let read = |file: std::fs::DirEntry| std::fs::read(file.path()).unwrap();
    let bytes: Vec<u8> = files.flat_map(|file| read(file.unwrap())).collect();
    let parts = bytes.windows(user.len());
    parts.filter(|part| *part == user.as_bytes()).count()
}
