use std::fs;
use std::os::unix::fs::MetadataExt;

use nix::sys::stat::{Mode, umask};

use super::{Durable, load, remove, store};
use crate::disk::distrust::Fault;
use crate::disk::fixture::{DAEMON, Host, STRANGER, entries, mode_of, own, put};
use crate::summary::{NumberSummary, Summary};

/// Of somebody with so many numbers.
fn summary(numbers: usize) -> Summary {
    let number = NumberSummary {
        ending: "21".into(),
        uses: Vec::new(),
    };
    Summary {
        code: true,
        numbers: vec![number; numbers],
        ..Summary::default()
    }
}

#[test]
fn what_was_stored_is_loaded_and_the_daemons_group_may_read_it() {
    let host = Host::new();
    for durable in [Durable::Yes, Durable::No] {
        umask(Mode::from_bits_truncate(0o777));
        for numbers in [2, 1] {
            store(&host.activity, &host.alice, &summary(numbers), durable).unwrap();
            let loaded = load(&host.activity, &host.alice);
            assert_eq!(loaded, Ok(Some(summary(numbers))));
        }
        let path = host.activity.path_of("alice.json");
        let found = fs::metadata(&path).unwrap();
        assert_eq!(
            (mode_of(&path), found.uid(), found.gid()),
            (0o640, 0, DAEMON)
        );
        assert_eq!(entries(&host.activity), ["alice.json"]);
    }
}

#[test]
fn where_there_is_nothing_that_is_understood_there_is_nothing() {
    let host = Host::new();
    let path = host.activity.path_of("alice.json");
    assert_eq!(load(&host.activity, &host.alice), Ok(None));
    put(&path, "{\"code\":", 0o640);
    assert_eq!(load(&host.activity, &host.alice), Ok(None));
    own(&path, STRANGER);
    let refused = load(&host.activity, &host.alice).unwrap_err();
    assert_eq!(refused.fault, Fault::Owner(STRANGER));
}

#[test]
fn one_of_64_kilobytes_is_read_and_no_larger_one() {
    let host = Host::new();
    let path = host.activity.path_of("alice.json");
    let text = summary(0).to_text().unwrap();
    let blank = " ".repeat(64 * 1024 - text.len());
    put(&path, format!("{text}{blank}"), 0o640);
    assert_eq!(load(&host.activity, &host.alice), Ok(Some(summary(0))));
    put(&path, format!("{text}{blank} "), 0o640);
    let refused = load(&host.activity, &host.alice).unwrap_err();
    assert_eq!(refused.fault, Fault::TooLarge(64 * 1024));
}

#[test]
fn one_that_cannot_be_written_leaves_the_old_one() {
    let host = Host::new();
    store(&host.activity, &host.alice, &summary(1), Durable::Yes).unwrap();
    Host::make_read_only("/var/lib");
    assert!(store(&host.activity, &host.alice, &summary(2), Durable::Yes).is_err());
    assert_eq!(load(&host.activity, &host.alice), Ok(Some(summary(1))));
}

#[test]
fn one_is_removed_once_and_what_is_no_file_is_said_to_be_in_the_way() {
    let host = Host::new();
    let removed = || remove(&host.activity, &host.alice);
    assert_eq!(removed(), Ok(false));
    store(&host.activity, &host.alice, &summary(1), Durable::No).unwrap();
    assert_eq!(removed(), Ok(true));
    assert_eq!(entries(&host.activity), [""; 0]);
    let path = host.activity.path_of("alice.json");
    fs::create_dir(&path).unwrap();
    assert_eq!(removed().unwrap_err().path, path);
}
