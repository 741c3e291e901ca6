//! The file itself.

use std::fs::{self, File};
use std::io::{Read, Seek};

use nix::fcntl::{Flock, FlockArg};
use nix::sys::stat::{Mode, umask};

use super::{Desk, ONE, SECRET, secret};
use crate::disk::contest::AtOnce;
use crate::disk::fixture::{
    Host, Other, STRANGER, Waits, apart, entries, limit_files, mode_of, own, set_mode,
};
use crate::disk::pending_file::{folder, remove};
use crate::pending::Beginning;

/// What is wrong, by an answer that needs the file.
fn trouble(desk: &Desk) -> String {
    let trouble = desk.begin(ONE, SECRET, Some(ONE.0)).unwrap_err();
    assert_eq!(trouble.what, "pending");
    trouble.detail
}

#[test]
fn it_is_roots_alone_whatever_the_umask_and_so_is_its_folder() {
    for mask in [0o777, 0] {
        let desk = Desk::new();
        fs::remove_dir(desk.pending.path()).unwrap();
        umask(Mode::from_bits_truncate(mask));
        let desk = Desk {
            pending: folder(desk.pending.path()).unwrap(),
            ..desk
        };
        assert_eq!(desk.begin(ONE, SECRET, None).unwrap(), Beginning::Begun);
        assert_eq!(mode_of(desk.path()), 0o600);
        assert_eq!(mode_of(desk.pending.path()), 0o700);
        assert_eq!(entries(&desk.pending), ["alice"]);
    }
}

#[test]
fn what_others_could_have_written_or_somebody_holds_is_an_error_that_says_what_to_do() {
    let desk = Desk::begun();
    own(desk.path(), STRANGER);
    assert!(trouble(&desk).contains("run: chown root "));
    own(desk.path(), 0);
    set_mode(desk.path(), 0o640);
    assert!(trouble(&desk).contains("run: chmod 0600 "));
    set_mode(desk.path(), 0o600);
    let held = Flock::lock(File::open(desk.path()).unwrap(), FlockArg::LockShared).unwrap();
    let busy = trouble(&desk);
    assert!(
        busy.ends_with("fuser -v /var/lib/antiphon/pending/alice"),
        "{busy}"
    );
    drop(held);
    set_mode(desk.pending.path(), 0o777);
    let refused = folder(desk.pending.path()).unwrap_err();
    assert_eq!(refused.what, "pending");
    assert!(
        refused.detail.contains("run: chmod 0755 "),
        "{}",
        refused.detail
    );
}

#[test]
fn a_caller_that_holds_it_for_two_seconds_is_ended_by_who_waits() {
    apart(|| {
        let desk = Desk::begun();
        let other = Other::holding(&desk.path());
        let mut patience = Waits::at([200, 2200]);
        let _ = remove(&desk.pending, &desk.host.alice, &mut patience);
        assert_eq!(patience.ended[0].pid, other.pid());
        other.killed();
    });
}

#[test]
fn on_a_full_disk_nothing_is_begun_and_nothing_is_left() {
    let desk = Desk::new();
    Host::leave_free("/var/lib", 0);
    let full = trouble(&desk);
    assert!(
        full.contains("pending/alice: ") && full.contains("free some space"),
        "{full}"
    );
    assert_eq!(entries(&desk.pending), [""; 0]);
    Host::leave_free("/var/lib", 1);
    assert_eq!(desk.begin(ONE, SECRET, None).unwrap(), Beginning::Begun);
}

#[test]
fn a_callers_limit_begins_nothing_and_ends_nothing_that_was_begun() {
    apart(|| {
        let desk = Desk::begun();
        let begun = desk.bytes();
        let length = begun.len() as u64;
        limit_files(length - 1);
        assert!(trouble(&desk).contains("ulimit -f"));
        assert_eq!(desk.bytes(), begun);
        let kept = remove(&desk.pending, &desk.host.alice, &mut AtOnce).unwrap_err();
        assert!(kept.detail.contains("ulimit -f"), "{}", kept.detail);
        assert_eq!(desk.bytes(), begun);
        fs::remove_file(desk.path()).unwrap();
        assert!(trouble(&desk).contains("ulimit -f"));
        assert_eq!(entries(&desk.pending), [""; 0]);
        limit_files(length);
        assert_eq!(desk.begin(ONE, SECRET, None).unwrap(), Beginning::Begun);
        remove(&desk.pending, &desk.host.alice, &mut AtOnce).unwrap();
        assert_eq!(entries(&desk.pending), [""; 0]);
    });
}

/// What is left of the file in the hands of somebody who has it open.
fn left(mut open: File) -> Vec<u8> {
    let mut left = Vec::new();
    open.rewind().unwrap();
    open.read_to_end(&mut left).unwrap();
    left
}

#[test]
fn what_is_removed_is_wiped_before() {
    let desk = Desk::begun();
    let length = desk.bytes().len();
    let open = File::open(desk.path()).unwrap();
    remove(&desk.pending, &desk.host.alice, &mut AtOnce).unwrap();
    assert_eq!(left(open), vec![0; length]);
    assert_eq!(entries(&desk.pending), [""; 0]);
    // Where there is nothing, there is nothing to do.
    remove(&desk.pending, &desk.host.alice, &mut AtOnce).unwrap();
    desk.begin(ONE, SECRET, None).unwrap();
    let open = File::open(desk.path()).unwrap();
    desk.within(ONE, |file| {
        let claim = file.claim(&secret(), &mut AtOnce).unwrap().ok().unwrap();
        claim.remove().unwrap();
    });
    assert_eq!(left(open), vec![0; length]);
}

#[test]
fn what_cannot_be_removed_is_said_to_be_there_still() {
    let desk = Desk::begun();
    own(desk.path(), STRANGER);
    let kept = remove(&desk.pending, &desk.host.alice, &mut AtOnce).unwrap_err();
    assert!(kept.detail.contains("pending/alice: "), "{}", kept.detail);
    assert!(desk.path().exists());
}
