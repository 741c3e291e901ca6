//! Names that a phone has the daemon look up.

use std::fs;
use std::net::UdpSocket;
use std::thread;

use serde_json::json;

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::http::Answer;
use crate::root::request;
use crate::server::{PUSHES, Server};
use crate::{Daemon, Phone, Root};

/// A name server that hears questions and answers none.
fn silent_name_server() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
    socket.set_nonblocking(true).unwrap();
    fs::write("/etc/resolv.conf", "nameserver 127.0.0.1\n").unwrap();
    let names = "passwd: files\ngroup: files\nhosts: files dns\n";
    fs::write("/etc/nsswitch.conf", names).unwrap();
    socket
}

fn put(phone: &Phone, post: &str) -> Answer {
    phone.put_push(&json!({ "post": post }))
}

#[test]
fn slow_names_of_one_phone_hold_up_no_other_phone_and_no_push() {
    in_house(|world| {
        let _names = silent_name_server();
        let service = Server::of_pushes(world);
        let _daemon = Daemon::start_with(world, PUSHES, &[service.trusted()]);
        let alice = enrol("alice", "Pixel 9");
        let mallory = enrol("mallory", "Pixel 9");
        // From many connections at once, so that none waits for another.
        let mallory = &mallory;
        let ask = |number| put(mallory, &format!("https://slow{number}.example/")).status;
        let mut answers: Vec<u16> = thread::scope(|scope| {
            let slow: Vec<_> = (0..250).map(|n| scope.spawn(move || ask(n))).collect();
            slow.into_iter().map(|one| one.join().unwrap()).collect()
        });
        answers.sort_unstable();
        answers.dedup();
        assert_eq!(answers, [200, 429]);
        let hers = format!("{}/hers", service.origin());
        assert_eq!(put(&alice, &hers).status, 200);
        // Pushes to slow names are on their way while hers goes.
        let _his = Root::ask(&request("mallory", 60), &[&mallory.credential], 1);
        let _hers = Root::ask(&request("alice", 60), &[&alice.credential], 1);
        assert_eq!(service.next().path, "/hers");
    });
}

#[test]
fn where_a_phone_is_called_tells_it_nothing_of_names_inside() {
    in_house(|world| {
        let names = silent_name_server();
        let _daemon = Daemon::start(world, "");
        let inside = "127.0.0.1 localhost\n10.0.0.1 private.example\n9.9.9.9 public.example\n";
        fs::write("/etc/hosts", inside).unwrap();
        let phone = enrol("alice", "Pixel 9");
        let mut told = ["private", "public", "unknown"].map(|name| {
            let answer = put(&phone, &format!("https://{name}.example/"));
            (answer.status, answer.body)
        });
        told.sort();
        assert_eq!(told[0], told[2]);
        // The time that it takes tells nothing either: nobody was asked.
        let asked = names.recv(&mut [0; 512]);
        assert_eq!(asked.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    });
}

#[test]
fn where_to_call_it_a_phone_says_so_often_and_then_waits_and_others_do_not() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let [alice, bob] = ["alice", "bob"].map(|user| enrol(user, "Pixel 9"));
        let post = "https://9.9.9.9/";
        let refused = (0..100)
            .map(|_| put(&alice, post))
            .find(|answer| answer.status != 200)
            .expect("a refusal");
        assert_eq!(refused.status, 429);
        assert!(refused.header("retry-after").is_some());
        assert_eq!(put(&bob, post).status, 200);
    });
}
