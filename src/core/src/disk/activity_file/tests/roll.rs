//! A file that has become too long.

use std::fs;
use std::os::unix::fs::MetadataExt;

use super::{add, event, outcomes, path, said, size};
use crate::disk::activity_file::load;
use crate::disk::distrust::Fault;
use crate::disk::fixture::{DAEMON, Host, apart, entries, limit_files, mode_of, put};

const ROLLS_AT: u64 = 256 * 1024;

/// A line of some length that says nothing.
fn blank(length: u64) -> String {
    "x".repeat(usize::try_from(length).unwrap() - 1) + "\n"
}

/// Bytes of a line.
fn line(host: &Host) -> u64 {
    add(host, &event("exempt", 1)).unwrap();
    let line = size(host);
    fs::remove_file(path(host)).unwrap();
    line
}

#[test]
fn a_file_grows_to_256_kilobytes_and_then_another_one_begins() {
    let host = Host::new();
    let line = line(&host);
    put(path(&host), blank(ROLLS_AT - line), 0o640);
    add(&host, &event("exempt", 1)).unwrap();
    assert_eq!(size(&host), ROLLS_AT);
    assert_eq!(entries(&host.activity), ["alice.jsonl"]);
    add(&host, &event("exempt", 2)).unwrap();
    assert_eq!(entries(&host.activity), ["alice.jsonl", "alice.jsonl.1"]);
    let rolled = host.activity.path_of("alice.jsonl.1");
    assert_eq!(
        (size(&host), fs::metadata(&rolled).unwrap().len()),
        (line, ROLLS_AT)
    );
    let made = fs::metadata(path(&host)).unwrap();
    assert_eq!((mode_of(path(&host)), made.gid()), (0o640, DAEMON));
    // Both are told of; of a third one the first is forgotten.
    assert_eq!(outcomes(&host), said(&[("exempt", 1), ("exempt", 1)]));
    put(path(&host), blank(ROLLS_AT - line + 1), 0o640);
    add(&host, &event("accepted", 3)).unwrap();
    assert_eq!(outcomes(&host), said(&[("accepted", 1)]));
    assert_eq!(entries(&host.activity), ["alice.jsonl", "alice.jsonl.1"]);
}

#[test]
fn one_that_is_longer_than_it_should_be_is_read_to_twice_its_length() {
    let host = Host::new();
    let line = event("accepted", 1).to_line().unwrap();
    let blank = blank(2 * ROLLS_AT - line.len() as u64);
    put(path(&host), format!("{blank}{line}"), 0o640);
    assert_eq!(outcomes(&host), said(&[("accepted", 1)]));
    put(path(&host), format!("{blank}\n{line}"), 0o640);
    let refused = load(&host.activity, &host.alice).unwrap_err();
    assert_eq!(refused.fault, Fault::TooLarge(2 * ROLLS_AT));
}

#[test]
fn what_the_callers_limit_keeps_from_growing_can_still_roll() {
    apart(|| {
        let host = Host::new();
        let line = line(&host);
        put(path(&host), blank(ROLLS_AT), 0o640);
        limit_files(line);
        add(&host, &event("exempt", 2)).unwrap();
        assert_eq!(size(&host), line);
    });
}
