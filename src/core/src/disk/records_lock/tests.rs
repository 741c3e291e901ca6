use std::path::Path;

use nix::errno::Errno;

use super::{LockTrouble, RecordsLock};
use crate::disk::Distrust;
use crate::disk::contest::AtOnce;
use crate::disk::fixture::{Host, Other, Waits, apart, is_handed_on};

#[test]
fn one_command_keeps_every_other_out_and_sign_ins_too_until_it_has_done() {
    let host = Host::new();
    let held = RecordsLock::take(&host.users, &mut AtOnce).unwrap();
    for other in [
        RecordsLock::take(&host.users, &mut AtOnce),
        RecordsLock::share(&host.users, &mut AtOnce),
    ] {
        assert!(matches!(other, Err(LockTrouble::Busy(path)) if path == host.users.path()));
    }
    drop(held);
    assert!(RecordsLock::take(&host.users, &mut AtOnce).is_ok());
}

#[test]
fn sign_ins_share_it_and_keep_commands_out() {
    let host = Host::new();
    let one = RecordsLock::share(&host.users, &mut AtOnce).unwrap();
    let other = RecordsLock::share(&host.users, &mut AtOnce).unwrap();
    drop(one);
    assert!(RecordsLock::take(&host.users, &mut AtOnce).is_err());
    drop(other);
    assert!(RecordsLock::take(&host.users, &mut AtOnce).is_ok());
}

#[test]
fn a_program_that_is_started_meanwhile_does_not_get_it() {
    let host = Host::new();
    let _held = RecordsLock::take(&host.users, &mut AtOnce).unwrap();
    assert!(!is_handed_on(host.users.path()));
}

#[test]
fn a_command_that_holds_it_for_three_seconds_is_ended_by_who_waits() {
    apart(|| {
        let host = Host::new();
        let other = Other::holding(host.users.path());
        let mut patience = Waits::at([0, 200, 3199]);
        assert!(RecordsLock::take(&host.users, &mut patience).is_err());
        assert!(patience.ended.is_empty());
        let mut patience = Waits::at([200, 3200]);
        let _ = RecordsLock::take(&host.users, &mut patience);
        assert_eq!(patience.ended[0].pid, other.pid());
        other.killed();
        assert!(RecordsLock::take(&host.users, &mut AtOnce).is_ok());
    });
}

#[test]
fn why_it_cannot_be_had_is_said_with_the_way_to_find_out_who_has_it() {
    let busy = LockTrouble::Busy("/etc/antiphon/users".into()).to_string();
    assert!(
        busy.contains("another command is changing records"),
        "{busy}"
    );
    assert!(busy.ends_with("fuser -v /etc/antiphon/users"), "{busy}");
    let distrust = Distrust::system(Path::new("/etc/antiphon/users"), Errno::ENOLCK);
    let system = LockTrouble::System(distrust.clone()).to_string();
    assert_eq!(system, distrust.to_string());
}
