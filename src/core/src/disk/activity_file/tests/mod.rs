mod end;
mod roll;
mod shared;

use std::fs;
use std::path::PathBuf;

use super::{append, load, remove};
use crate::activity::Event;
use crate::disk::Distrust;
use crate::disk::distrust::Fault;
use crate::disk::fixture::{Host, STRANGER, entries, own, put};

/// What happened in the second `second`, from a place of that number.
fn event(outcome: &str, second: usize) -> Event {
    Event {
        time: format!("2026-11-22T20:{:02}:{:02}Z", second / 60, second % 60),
        outcome: outcome.into(),
        service: "sshd".into(),
        remote_host: format!("203.0.113.{second}"),
        ..Event::default()
    }
}

fn path(host: &Host) -> PathBuf {
    host.activity.path_of("alice.jsonl")
}

fn add(host: &Host, event: &Event) -> Result<(), Distrust> {
    append(&host.activity, &host.alice, event)
}

fn size(host: &Host) -> u64 {
    fs::metadata(path(host)).unwrap().len()
}

/// The outcomes on file, in order, and how often each happened.
fn outcomes(host: &Host) -> Vec<(String, u32)> {
    let events = load(&host.activity, &host.alice).unwrap();
    let known = events
        .iter()
        .map(|event| (event.outcome.clone(), event.times()));
    known.collect()
}

fn said(outcomes: &[(&str, u32)]) -> Vec<(String, u32)> {
    let known = outcomes
        .iter()
        .map(|(outcome, times)| ((*outcome).to_owned(), *times));
    known.collect()
}

#[test]
fn each_event_is_a_line_and_one_that_strangers_can_repeat_counts_where_it_stands() {
    let host = Host::new();
    assert_eq!(outcomes(&host), said(&[]));
    for (second, outcome) in ["exempt", "exempt", "answered", "accepted"]
        .into_iter()
        .enumerate()
    {
        add(&host, &event(outcome, second)).unwrap();
    }
    for second in 10..15 {
        let again = Event {
            remote_host: "192.0.2.1".into(),
            ..event("answered", second)
        };
        add(&host, &again).unwrap();
    }
    assert_eq!(
        outcomes(&host),
        said(&[
            ("exempt", 1),
            ("exempt", 1),
            ("answered", 1),
            ("accepted", 1),
            ("answered", 5)
        ])
    );
    let lines = fs::read_to_string(path(&host)).unwrap();
    assert_eq!(lines.lines().count(), 5);
}

#[test]
fn a_line_that_was_cut_off_hides_no_other() {
    let host = Host::new();
    put(path(&host), "{\"time\":\"2026-11-22T19:5", 0o640);
    add(&host, &event("accepted", 1)).unwrap();
    assert_eq!(outcomes(&host), said(&[("accepted", 1)]));
}

#[test]
fn on_a_full_disk_what_was_not_written_whole_is_said_not_to_be() {
    let host = Host::new();
    // The first of it still fits into the block that there is.
    put(path(&host), "\n".repeat(4000), 0o640);
    Host::leave_free("/var/lib", 0);
    let full = add(&host, &event("accepted", 1)).unwrap_err();
    assert!(full.to_string().contains("free some space there"), "{full}");
    assert_eq!((full.path, size(&host)), (path(&host), 4096));
    Host::leave_free("/var/lib", 1);
    add(&host, &event("wrong", 2)).unwrap();
    assert_eq!(outcomes(&host), said(&[("wrong", 1)]));
}

#[test]
fn a_file_that_others_could_have_written_is_neither_read_nor_added_to() {
    let host = Host::new();
    let line = event("accepted", 1).to_line().unwrap();
    for name in ["alice.jsonl", "alice.jsonl.1"] {
        let path = host.activity.path_of(name);
        put(&path, &line, 0o640);
        own(&path, STRANGER);
        let unread = load(&host.activity, &host.alice).unwrap_err();
        assert_eq!(unread.fault, Fault::Owner(STRANGER));
        if name == "alice.jsonl" {
            let unwritten = add(&host, &event("wrong", 2)).unwrap_err();
            assert_eq!(unwritten.fault, Fault::Owner(STRANGER));
            assert_eq!(fs::read_to_string(&path).unwrap(), line);
        }
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn events_are_told_in_the_order_of_their_times_wherever_they_stand() {
    let host = Host::new();
    let lines = |seconds: [usize; 2]| {
        let lines = seconds.map(|second| event("accepted", second).to_line().unwrap());
        lines.concat()
    };
    put(path(&host), lines([4, 1]), 0o640);
    put(host.activity.path_of("alice.jsonl.1"), lines([3, 2]), 0o640);
    let events = load(&host.activity, &host.alice).unwrap();
    let seconds: Vec<&str> = events.iter().map(|event| &event.time[17..19]).collect();
    assert_eq!(seconds, ["01", "02", "03", "04"]);
}

#[test]
fn all_of_it_is_removed_once_and_what_is_no_file_is_said_to_be_in_the_way() {
    let host = Host::new();
    let removed = || remove(&host.activity, &host.alice);
    assert_eq!(removed(), Ok(false));
    for names in [
        &["alice.jsonl"][..],
        &["alice.jsonl.1"],
        &["alice.jsonl", "alice.jsonl.1"],
    ] {
        for name in names {
            put(host.activity.path_of(name), "", 0o640);
        }
        assert_eq!(removed(), Ok(true), "{names:?}");
        assert_eq!(entries(&host.activity), [""; 0]);
    }
    assert_eq!(removed(), Ok(false));
    fs::create_dir(path(&host)).unwrap();
    assert_eq!(removed().unwrap_err().path, path(&host));
}
