//! The figures for Prometheus: at an address of their own, counted, and without a name.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::net::TcpStream;

use antiphon_tests::{World, until};
use serde_json::json;

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::root::request;
use crate::server::{PUSHES, Reply, Server};
use crate::{Daemon, Root, Web};

const LISTEN: &str = "127.0.0.1:9470";
const CONFIGURED: &str = "[metrics]\nlisten = \"127.0.0.1:9470\"\n";

fn web() -> Web {
    Web {
        address: LISTEN.into(),
        host: LISTEN.into(),
    }
}

fn text() -> String {
    let answer = web().call("GET", "/metrics", None, None);
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("text/plain; version=0.0.4; charset=utf-8"));
    String::from_utf8(answer.body).unwrap()
}

/// The figures, by name and labels. Each family is announced before its figures, and nothing is there twice.
fn figures() -> BTreeMap<String, u64> {
    let mut figures = BTreeMap::new();
    let mut announced = BTreeSet::new();
    for line in text().lines() {
        if let Some(comment) = line.strip_prefix("# TYPE ") {
            let (family, kind) = comment.split_once(' ').unwrap();
            assert_eq!(kind == "counter", family.ends_with("_total"), "{line}");
            assert!(announced.insert(family.to_owned()), "{line}");
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let family = name.split('{').next().unwrap();
            assert!(announced.contains(family), "{line}");
            let before = figures.insert(name.to_owned(), value.parse().unwrap());
            assert!(before.is_none(), "{line}");
        }
    }
    figures
}

/// Waits until a figure is so.
fn expect(name: &str, value: u64) {
    until(name, || (figures()[name] == value).then_some(()));
}

#[test]
fn without_an_address_there_are_no_figures() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        assert!(TcpStream::connect(LISTEN).is_err());
        assert_eq!(
            Web::default().call("GET", "/metrics", None, None).status,
            404
        );
    });
}

#[test]
fn sign_ins_pages_and_answers_are_counted_and_nobody_is_named() {
    in_house(|world| {
        let _daemon = Daemon::start(world, CONFIGURED);
        let phone = enrol("alice", "Pixel 9");
        let before = figures();
        let (mut inbox, _) = phone.inbox();
        expect("antiphond_pages_open", 1);
        for outcome in ["accepted", "reported"] {
            let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
            let shown = inbox.request();
            expect("antiphond_requests_waiting", 1);
            if outcome == "accepted" {
                assert_eq!(phone.approve(&shown, "42").status, 202);
            } else {
                assert_eq!(phone.decline(&shown).status, 202);
            }
            root.hear();
            root.outcome(outcome);
            inbox.gone(&shown);
        }
        expect("antiphond_requests_waiting", 0);
        drop(Root::ask(&request("alice", 60), &[&phone.credential], 1));
        expect("antiphond_requests_ended_total{outcome=\"cancelled\"}", 1);
        let after = figures();
        let more = |name: &str| after[name] - before[name];
        assert_eq!(more("antiphond_requests_opened_total"), 3);
        for outcome in ["accepted", "reported", "cancelled"] {
            assert_eq!(
                more(&format!(
                    "antiphond_requests_ended_total{{outcome=\"{outcome}\"}}"
                )),
                1
            );
        }
        for answer in ["approved", "declined"] {
            assert_eq!(
                more(&format!(
                    "antiphond_requests_answered_total{{answer=\"{answer}\"}}"
                )),
                1
            );
        }
        assert_eq!(Web::default().call("GET", "/none", None, None).status, 404);
        let refused = "antiphond_http_responses_total{class=\"4xx\"}";
        assert_eq!(figures()[refused], after[refused] + 1);
        drop(inbox);
        expect("antiphond_pages_open", 0);
        for name in ["alice", "Pixel", "web1", "127.0.0.1"] {
            assert!(!text().contains(name), "{name}");
        }
    });
}

#[test]
fn pushes_are_counted_by_what_became_of_them() {
    in_house(|world| {
        let push = Server::of_pushes(world);
        let configured = format!("{CONFIGURED}{PUSHES}");
        let _daemon = Daemon::start_with(world, &configured, &[push.trusted()]);
        let phone = enrol("alice", "Pixel 9");
        let post = json!({"post": format!("{}/topic", push.origin())});
        assert_eq!(phone.put_push(&post).status, 200);
        for (status, result) in [("201 Created", "sent"), ("500 No", "failed")] {
            push.answer_with(move |_| Reply::Say(status.into(), String::new()));
            let root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
            push.next();
            expect(&format!("antiphond_pushes_total{{result=\"{result}\"}}"), 1);
            // That it has gone is not posted.
            drop(root);
            expect("antiphond_requests_waiting", 0);
        }
        assert_eq!(figures()["antiphond_pushes_total{result=\"sent\"}"], 1);
    });
}

#[test]
fn nothing_else_is_answered_and_the_idle_hold_up_nobody_for_long() {
    in_house(|world| {
        let _daemon = Daemon::start(world, CONFIGURED);
        for (method, path, status) in [
            ("GET", "/", 404),
            ("POST", "/metrics", 405),
            ("GET", "/api/me", 404),
        ] {
            assert_eq!(
                web().call(method, path, None, None).status,
                status,
                "{method} {path}"
            );
        }
        let idle: Vec<TcpStream> = (0..20)
            .map(|_| TcpStream::connect(LISTEN).unwrap())
            .collect();
        // Waits its turn.
        text();
        for mut stream in idle {
            // Closed by now, or soon.
            assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
        }
    });
}

#[test]
fn an_address_that_is_taken_costs_only_the_figures() {
    in_house(|world: &World| {
        let _taken = std::net::TcpListener::bind(LISTEN).unwrap();
        let daemon = Daemon::start(world, CONFIGURED);
        daemon.expect_log("[metrics] listen");
        assert_eq!(Web::default().call("GET", "/", None, None).status, 200);
    });
}
