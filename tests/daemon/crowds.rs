//! Many at once: none of them takes the place of others.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;

use crate::abuse::hold_many_connections;
use crate::certificate::Certificate;
use crate::daemon::{STATE, in_house};
use crate::enrolment::enrol;
use crate::http::parse;
use crate::tls::open_at;
use crate::{Daemon, Web};

/// Connections to the page at these addresses of this computer, from where they then also come.
fn held(addresses: impl Iterator<Item = String>) -> Vec<TcpStream> {
    addresses
        .map(|address| TcpStream::connect((address, 8470)).unwrap())
        .collect()
}

#[test]
fn many_idle_connections_of_one_network_or_of_this_computer_leave_the_page_open_for_others() {
    in_house(|world| {
        hold_many_connections();
        let routed = Command::new("ip")
            .args(["route", "add", "local", "198.51.100.0/24", "dev", "lo"])
            .status();
        assert!(routed.unwrap().success());
        let certificate = Certificate::make(world, "page");
        let configuration = format!("{}listen = \"0.0.0.0:8470\"\n", certificate.configured());
        for (network, hosts, named) in [
            ("198.51.100", 250, "the network of 198.51.100.0"),
            ("198.51.100", 1, "198.51.100.1 has 1000 connections"),
            ("127.0.0", 1, "127.0.0.1 has 1000 connections"),
        ] {
            let daemon = Daemon::start(world, &configuration);
            let addresses = (0..3_100).map(|number| format!("{network}.{}", 1 + number % hosts));
            let flood = held(addresses);
            daemon.expect_log(named);
            assert_eq!(open_at("203.0.113.5:8470", &certificate).unwrap(), 200);
            // Once a minute is enough.
            assert!(daemon.log().matches(named).count() <= 2, "{}", daemon.log());
            drop(flood);
        }
    });
}

/// The bytes that the unit gives the daemon.
fn memory_of_the_unit() -> u64 {
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/../conf/antiphond.service");
    let unit = fs::read_to_string(unit).unwrap();
    let most = unit
        .lines()
        .find_map(|line| line.strip_prefix("MemoryMax="));
    let megabytes: u64 = most.unwrap().strip_suffix('M').unwrap().parse().unwrap();
    megabytes << 20
}

/// The most bytes that the daemon has had in memory.
pub(crate) fn most_memory(daemon: &Daemon) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().unwrap() << 10
}

#[test]
fn heads_half_sent_on_all_connections_stay_within_the_units_memory_and_who_asks_is_served() {
    in_house(|world| {
        hold_many_connections();
        let daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol("alice", "Pixel 9");
        // Nearly as long as a head may be.
        let half = format!(
            "GET / HTTP/1.1\r\nHost: localhost:8470\r\nX: {}",
            "x".repeat(7_900)
        );
        let mut flood = Vec::new();
        for _ in 0..16_000 {
            let mut stream = web.connect();
            // The first of them are let go when their time is over.
            let _ = stream.write_all(half.as_bytes());
            flood.push(stream);
        }
        for _ in 0..100 {
            assert_eq!(phone.get("/api/me").status, 200);
        }
        let (most, limit) = (most_memory(&daemon), memory_of_the_unit());
        assert!(most < limit, "{most} of {limit} bytes");
        assert!(!daemon.log().contains("takes no connection"));
        drop(flood);
    });
}

#[test]
fn a_flood_of_bogus_tokens_leaves_no_lines_and_no_phone_is_refused() {
    in_house(|world| {
        hold_many_connections();
        let daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol("alice", "Pixel 9");
        let before = daemon.log();
        let mut flood: Vec<TcpStream> = (0..4_000).map(|_| web.connect()).collect();
        for (number, stream) in flood.iter_mut().enumerate() {
            let head = format!(
                "GET /api/me HTTP/1.1\r\nHost: localhost:8470\r\nConnection: close\r\n\
                 Authorization: Bearer bogus{number}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
        }
        assert_eq!(phone.get("/api/me").status, 200);
        for mut stream in flood {
            let mut all = Vec::new();
            stream.read_to_end(&mut all).unwrap();
            assert_eq!(parse(&all).status, 401);
        }
        assert_eq!(daemon.log(), before);
    });
}

#[test]
fn a_store_that_fails_is_said_a_few_times_however_many_tokens_are_bogus() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let web = Web::default();
        // What is kept at the start is kept.
        assert_eq!(web.get("/api/me", "bogus").status, 401);
        for file in ["", "-wal", "-shm"] {
            // In place, under the daemon's hands.
            let file = fs::OpenOptions::new()
                .write(true)
                .open(format!("{STATE}/antiphond.db{file}"));
            file.unwrap().write_all(&[0; 4096]).unwrap();
        }
        for number in 0..50 {
            let refused = web.get("/api/me", &format!("bogus{number}"));
            assert!((500..=503).contains(&refused.status), "{refused:?}");
        }
        daemon.expect_log("the store cannot be used now");
        assert!(daemon.log().lines().count() < 30, "{}", daemon.log());
    });
}
