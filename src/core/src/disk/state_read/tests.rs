use std::fs;

use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};
use xxhash_rust::xxh64::Xxh64;

use super::{Access, Read, StateTrouble, lock_and_read};
use crate::disk::contest::AtOnce;
use crate::disk::distrust::{Distrust, Fault};
use crate::disk::fixture::{HALVES, Host, STRANGER, entries, mode_of, own, put};
use crate::state::{State, StateError};

const EVERY_ACCESS: [Access; 4] = [Access::Make, Access::Change, Access::Hold, Access::Look];

fn read(host: &Host, access: Access) -> Result<Option<Read>, StateTrouble> {
    lock_and_read(&host.states, "alice", access, &mut AtOnce)
}

#[test]
fn a_missing_state_is_made_for_root_alone_and_only_for_who_will_write_it() {
    let host = Host::new();
    umask(Mode::empty());
    for access in [Access::Change, Access::Hold, Access::Look] {
        assert!(read(&host, access).unwrap().is_none());
        assert_eq!(entries(&host.states), [""; 0]);
    }
    let made = read(&host, Access::Make).unwrap().unwrap();
    assert_eq!(mode_of(host.state_path()), 0o600);
    assert_eq!((made.slots.state, made.slots.whole), (None, false));
}

#[test]
fn every_access_reads_what_stands_there() {
    let host = Host::with_alice();
    let state = State::enrolled(&host.record(), None);
    for access in EVERY_ACCESS {
        let read = read(&host, access).unwrap().unwrap();
        assert_eq!(read.slots.state.as_ref(), Some(&state));
        assert!(read.slots.whole);
    }
}

#[test]
fn only_those_who_look_do_not_shut_each_other_out() {
    let host = Host::with_alice();
    for (holds, comes, both) in [
        (Access::Look, Access::Look, true),
        (Access::Look, Access::Change, false),
        (Access::Look, Access::Hold, false),
        (Access::Change, Access::Look, false),
        (Access::Make, Access::Look, false),
        (Access::Make, Access::Change, false),
        (Access::Hold, Access::Look, false),
        (Access::Hold, Access::Hold, false),
    ] {
        let _held = read(&host, holds).unwrap();
        match read(&host, comes) {
            Ok(_) => assert!(both),
            Err(StateTrouble::Busy(path)) => assert!(!both && path == host.state_path()),
            Err(trouble) => panic!("{trouble}"),
        }
    }
}

#[test]
fn a_disk_that_cannot_be_written_keeps_nobody_from_holding_it_or_looking() {
    let host = Host::with_alice();
    Host::make_read_only("/var/lib");
    for (access, can_be) in EVERY_ACCESS.into_iter().zip([false, false, true, true]) {
        match read(&host, access) {
            Ok(found) => assert!(can_be && found.is_some()),
            Err(StateTrouble::Distrusted(distrust)) => {
                assert!(!can_be);
                assert_eq!(distrust.fault, Fault::System(Errno::EROFS));
            }
            Err(trouble) => panic!("{trouble}"),
        }
    }
}

#[test]
fn a_state_that_a_later_version_wrote_is_an_error_and_left_as_it_is() {
    let host = Host::with_alice();
    let mut bytes = fs::read(host.state_path()).unwrap();
    for half in HALVES {
        let slot = &mut bytes[half..];
        slot[8..12].copy_from_slice(&7_u32.to_be_bytes());
        let length = u32::from_be_bytes(slot[12..16].try_into().unwrap());
        let mut sum = Xxh64::new(0);
        sum.update(&slot[..24]);
        sum.update(&slot[32..32 + length as usize]);
        slot[24..32].copy_from_slice(&sum.digest().to_be_bytes());
    }
    fs::write(host.state_path(), &bytes).unwrap();
    for access in EVERY_ACCESS {
        let trouble = read(&host, access).err().unwrap();
        assert!(
            matches!(&trouble, StateTrouble::NotUnderstood(path, StateError::Version(7)) if *path == host.state_path()),
            "{trouble}"
        );
    }
    assert!(host.state_content().0 == bytes);
}

#[test]
fn a_state_of_another_is_not_read() {
    let host = Host::with_alice();
    own(host.state_path(), STRANGER);
    for access in EVERY_ACCESS {
        let trouble = read(&host, access).err().unwrap();
        assert!(
            matches!(&trouble, StateTrouble::Distrusted(distrust) if distrust.fault == Fault::Owner(STRANGER)),
            "{trouble}"
        );
    }
}

#[test]
fn what_stands_beyond_both_halves_makes_it_no_other() {
    let host = Host::with_alice();
    let state = host.slots().state;
    let mut bytes = fs::read(host.state_path()).unwrap();
    bytes.extend([0; 100]);
    put(host.state_path(), bytes, 0o600);
    assert_eq!(
        read(&host, Access::Look).unwrap().unwrap().slots.state,
        state
    );
}

#[test]
fn why_there_is_no_state_is_said_with_what_to_do() {
    let path = "/var/lib/antiphon/state/a b";
    let busy = StateTrouble::Busy(path.into()).to_string();
    assert!(busy.contains("another process holds the lock"), "{busy}");
    assert!(
        busy.ends_with("fuser -v '/var/lib/antiphon/state/a b'"),
        "{busy}"
    );
    let distrust = Distrust::system(path.as_ref(), Errno::EROFS);
    let said = StateTrouble::Distrusted(distrust.clone()).to_string();
    assert_eq!(said, distrust.to_string());
    let later = StateTrouble::NotUnderstood(path.into(), StateError::Version(7)).to_string();
    for part in [path, "version 7", "remove it", "antiphon recovery"] {
        assert!(later.contains(part), "{later}");
    }
}
