//! What a newcomer runs first.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use antiphon_tests::{PATIENCE, Product, apart};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

const TRY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/try");

/// With what the try-out looks for beside these tests, and ports of our own: it takes one of ten that may be taken.
fn begin() {
    Product::build();
    Product::build_daemon();
    apart();
}

/// The try-out with these options, which must do everything by itself.
fn goes_well(options: &[&str]) {
    begin();
    // In namespaces of its own, as everything here.
    let output = Command::new(TRY)
        .args(options)
        .env("ANTIPHON_BUILT", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:#?}");
    assert!(output.stdout.ends_with(b"\nok\n"), "{output:#?}");
}

#[test]
fn the_try_out_signs_in_by_itself() {
    goes_well(&["--check"]);
}

#[test]
fn the_try_out_of_a_fleet_signs_in_everywhere_though_a_relay_and_the_primary_are_killed() {
    goes_well(&["--fleet", "--check"]);
}

#[test]
fn the_try_outs_page_is_open_to_the_machines_browser_and_goes_with_it() {
    page_is_open(&[]);
}

#[test]
fn the_page_of_a_fleet_is_open_to_the_machines_browser_and_goes_with_it() {
    page_is_open(&["--fleet"]);
}

/// The page of the try-out with these options, until Ctrl-C.
fn page_is_open(options: &[&str]) {
    begin();
    // Ctrl-C ends it, also where the tests run in the background and so were told to ignore it.
    let mut sandbox = Command::new("env")
        .args(["--default-signal", TRY])
        .args(options)
        .env("ANTIPHON_BUILT", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        // Of its own, to be ended as Ctrl-C ends it: with all that it has started.
        .process_group(0)
        .spawn()
        .unwrap();
    let mut shown = String::new();
    let mut lines = BufReader::new(sandbox.stdout.take().unwrap());
    while !shown.contains("Ctrl-C leaves.") {
        assert_ne!(lines.read_line(&mut shown).unwrap(), 0, "{shown}");
    }
    let (_, rest) = shown.split_once("at http://localhost:").unwrap();
    let port: u16 = rest.split_whitespace().next().unwrap().parse().unwrap();
    let mut page = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        page,
        "GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    page.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");

    let end = Instant::now() + PATIENCE;
    // Again and again, as a person does: what the signal ends may only be about to begin.
    while sandbox.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "it does not end");
        let _ = killpg(Pid::from_raw(sandbox.id().cast_signed()), Signal::SIGINT);
        std::thread::sleep(Duration::from_millis(100));
    }
    // What it had started has gone with its namespaces, at once or nearly.
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(Instant::now() < end, "somebody still listens");
        std::thread::sleep(Duration::from_millis(10));
    }
}
