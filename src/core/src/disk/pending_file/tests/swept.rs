//! What is over, and whose that may be.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use nix::fcntl::{Flock, FlockArg};

use super::{Desk, ONE, SECRET};
use crate::disk::fixture::{NOW, STRANGER, entries, own, put};
use crate::disk::pending_file::sweep;
use crate::time::UnixTime;
use crate::trouble::Trouble;

/// Puts a file there that was last written so long ago, in seconds.
fn put_long_ago(desk: &Desk, name: &str, bytes: &[u8], ago: u64) {
    let path = desk.pending.path_of(name);
    put(&path, bytes, 0o600);
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW.0 - ago);
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(then).unwrap();
}

/// What a look for what is over leaves, so long after now.
fn left_after(desk: &Desk, seconds: u64) -> Vec<String> {
    sweep(&desk.pending, &|| Ok(NOW.plus(seconds)));
    entries(&desk.pending)
}

#[test]
fn what_is_over_goes_whosever_it_is_and_nothing_before() {
    let desk = Desk::begun();
    let begun = desk.bytes();
    // By what it says, and not by when it was written.
    put_long_ago(&desk, "bob", &begun, 100_000);
    assert_eq!(left_after(&desk, 599), ["alice", "bob"]);
    assert_eq!(left_after(&desk, 600), [""; 0]);
    desk.begin(ONE, SECRET, None).unwrap();
    // From the future: nobody knows how old it is.
    sweep(&desk.pending, &|| Ok(UnixTime(NOW.0 - 1)));
    assert_eq!(entries(&desk.pending), [""; 0]);
}

#[test]
fn what_a_crash_has_left_goes_ten_minutes_after_it_was_written() {
    let desk = Desk::begun();
    let whole = desk.bytes();
    fs::remove_file(desk.path()).unwrap();
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("cut", b"antiphon pend"),
        ("wiped", &vec![0; whole.len()]),
    ] {
        put_long_ago(&desk, name, bytes, 100);
    }
    assert_eq!(left_after(&desk, 499), ["cut", "empty", "wiped"]);
    assert_eq!(left_after(&desk, 500), [""; 0]);
}

#[test]
fn what_is_over_is_wiped_before_it_goes() {
    let desk = Desk::begun();
    let length = desk.bytes().len();
    fs::hard_link(desk.path(), "/var/lib/kept").unwrap();
    assert_eq!(left_after(&desk, 600), [""; 0]);
    assert_eq!(fs::read("/var/lib/kept").unwrap(), vec![0; length]);
}

#[test]
fn what_is_not_ours_or_in_use_or_not_to_be_trusted_stays() {
    let desk = Desk::begun();
    put_long_ago(&desk, "notes", b"somebody else's\n", 100_000);
    put_long_ago(&desk, "anothers", b"", 100_000);
    own(desk.pending.path_of("anothers"), STRANGER);
    fs::create_dir(desk.pending.path_of("folder")).unwrap();
    symlink("notes", desk.pending.path_of("link")).unwrap();
    let held = Flock::lock(File::open(desk.path()).unwrap(), FlockArg::LockShared).unwrap();
    let all = ["alice", "anothers", "folder", "link", "notes"];
    assert_eq!(left_after(&desk, 600), all);
    drop(held);
    assert_eq!(left_after(&desk, 600), all[1..]);
}

#[test]
fn without_the_time_nothing_goes() {
    let desk = Desk::begun();
    sweep(&desk.pending, &|| {
        Err(Trouble::new("clock", &"it has stopped"))
    });
    assert_eq!(entries(&desk.pending), ["alice"]);
}

#[test]
fn a_folder_that_has_gone_has_nothing_in_it() {
    let desk = Desk::new();
    fs::remove_dir(desk.pending.path()).unwrap();
    sweep(&desk.pending, &|| Ok(NOW));
}
