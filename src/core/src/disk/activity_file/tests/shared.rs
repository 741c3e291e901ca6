//! What the daemon may read.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};

use nix::sys::stat::{Mode, umask};

use super::{add, event};
use crate::disk::fixture::{DAEMON, Host, mode_of, put};

const FILES: [&str; 3] = ["alice.jsonl", "alice.jsonl.1", "alice.json"];

/// Files from before there was a daemon.
fn put_all(host: &Host) {
    for name in FILES {
        put(host.activity.path_of(name), "", 0o600);
    }
}

/// Mode and group of each.
fn found(host: &Host) -> [(u32, u32); 3] {
    FILES.map(|name| {
        let path = host.activity.path_of(name);
        (mode_of(&path), fs::metadata(path).unwrap().gid())
    })
}

#[test]
fn a_new_file_may_be_read_by_the_folders_group_whatever_the_umask() {
    for mask in [0o777, 0] {
        let host = Host::new();
        umask(Mode::from_bits_truncate(mask));
        add(&host, &event("accepted", 1)).unwrap();
        let path = host.activity.path_of("alice.jsonl");
        let group = fs::metadata(&path).unwrap().gid();
        assert_eq!((mode_of(path), group), (0o640, DAEMON));
    }
}

#[test]
fn of_a_file_from_before_the_daemon_all_that_the_person_is_shown_may_be_read_by_it() {
    for (mode, group) in [(0o600, 0), (0o640, 0), (0o600, DAEMON), (0o644, DAEMON)] {
        let host = Host::new();
        put_all(&host);
        let path = host.activity.path_of("alice.jsonl");
        put(&path, "", mode);
        chown(path, None, Some(group)).unwrap();
        add(&host, &event("accepted", 1)).unwrap();
        assert_eq!(found(&host), [(0o640, DAEMON); 3], "{mode:o} {group}");
    }
}

#[test]
fn where_there_is_no_more_than_the_file_itself_that_is_enough() {
    let host = Host::new();
    let path = host.activity.path_of("alice.jsonl");
    put(&path, "", 0o600);
    add(&host, &event("accepted", 1)).unwrap();
    assert_eq!(mode_of(path), 0o640);
}

#[test]
fn once_it_may_be_read_nothing_else_is_looked_after_at_every_sign_in() {
    let host = Host::new();
    put_all(&host);
    add(&host, &event("accepted", 1)).unwrap();
    put_all(&host);
    let path = host.activity.path_of("alice.jsonl");
    put(&path, "", 0o640);
    chown(path, None, Some(DAEMON)).unwrap();
    add(&host, &event("accepted", 1)).unwrap();
    let [file, others @ ..] = found(&host);
    assert_eq!(file, (0o640, DAEMON));
    assert_eq!(others.map(|(mode, _)| mode), [0o600, 0o600]);
}
