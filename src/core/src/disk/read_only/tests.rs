use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::{MARKS, name_of};
use crate::code::{Step, step_at};
use crate::disk::contest::AtOnce;
use crate::disk::distrust::Fault;
use crate::disk::fixture::{
    HALVES, Host, MOMENT, NOW, Other, STRANGER, apart, entries, limit_files, mode_of, own, put,
};
use crate::disk::state_read::{Access, lock_and_read};
use crate::disk::{Folder, LockedState, Opened, StateFile, StateTrouble};
use crate::name::UserName;
use crate::state::State;
use crate::time::{Moment, UnixTime};

/// The computer was started so long before now, in seconds.
fn up_for(seconds: u64) -> Moment {
    Moment {
        now: NOW,
        booted: Some(UnixTime(NOW.0 - seconds)),
    }
}

/// Alice is enrolled, and then her disk can only be read.
fn worn() -> Host {
    let host = Host::with_alice();
    Host::make_read_only("/var/lib");
    host
}

/// The marks' file of alice.
fn marks(host: &Host) -> PathBuf {
    Path::new(MARKS).join(name_of(&host.states, &host.alice))
}

/// One more wrong code of hers, as a sign-in counts it.
fn count(host: &Host) -> State {
    let mut file = host.open_state_at(up_for(1000)).unwrap().file;
    let mut next = file.state().clone();
    next.missed.add("203.0.113.5");
    file.write(next.clone()).unwrap();
    next
}

fn look(host: &Host, user: &UserName) -> Option<State> {
    let slots = StateFile::look(&host.states, user, &mut AtOnce).unwrap();
    slots?.state
}

fn last_step(host: &Host, state: &State) -> Option<Step> {
    state.last_step(host.record().code.as_ref()?)
}

/// The last step that counts as used where nothing is known up to then.
fn up_to(host: &Host, time: UnixTime) -> Option<Step> {
    let window = Step::from(host.config.code.window);
    Some(step_at(time, host.record().code.as_ref()?) + window)
}

#[test]
fn a_state_goes_on_in_memory_and_says_so() {
    let host = worn();
    let bytes = host.state_content();
    let Opened { file, repaired } = host.open_state_at(up_for(1000)).unwrap();
    let repaired = repaired.unwrap();
    assert!(repaired.contains("read-only"), "{repaired}");
    let state = file.state().clone();
    assert!(state.is_in_memory());
    // What could have been used before the computer was started counts as used, and what can be used at any time.
    assert_eq!(
        last_step(&host, &state),
        up_to(&host, UnixTime(NOW.0 - 1000))
    );
    assert_eq!(state.recovery_left(&host.record()), 0);
    assert_eq!((mode_of(MARKS), mode_of(marks(&host))), (0o700, 0o600));
    assert_eq!(host.state_content(), bytes);
    drop(file);
    let next = count(&host);
    assert_eq!(look(&host, &host.alice).as_ref(), Some(&next));
    let again = host.open_state_at(up_for(1000)).unwrap();
    assert_eq!((again.repaired, again.file.state()), (None, &next));
}

#[test]
fn where_nobody_knows_when_the_computer_was_started_every_code_up_to_now_counts_as_used() {
    let host = worn();
    let opened = host.open_state();
    assert_eq!(last_step(&host, opened.file.state()), up_to(&host, NOW));
}

#[test]
fn a_clock_that_was_set_after_the_first_look_closes_the_time_in_between_at_the_next() {
    let host = worn();
    let early = host.open_state_at(up_for(864_000)).unwrap();
    let long_ago = up_to(&host, UnixTime(NOW.0 - 864_000));
    assert_eq!(last_step(&host, early.file.state()), long_ago);
    drop(early);
    let later = host.open_state_at(up_for(60)).unwrap();
    let just_now = up_to(&host, UnixTime(NOW.0 - 60));
    assert_eq!(last_step(&host, later.file.state()), just_now);
    drop(later);
    // Where it was not looked up, all stays as it is.
    let again = host.open_state();
    assert_eq!(last_step(&host, again.file.state()), just_now);
}

#[test]
fn what_was_counted_meanwhile_is_on_the_disk_before_anything_else_when_it_can_be_written_again() {
    let host = worn();
    let own = host.slots().state.unwrap();
    let marked = count(&host);
    Host::make_writable("/var/lib");
    assert_eq!(host.slots().state.as_ref(), Some(&own));
    let locked = LockedState::take(&host.states, &host.alice, &mut AtOnce).unwrap();
    assert!(locked.has_state());
    let on_disk = host.slots();
    assert!(on_disk.whole);
    let on_disk = on_disk.state.unwrap();
    assert_eq!(last_step(&host, &on_disk), last_step(&host, &marked));
    assert_eq!(on_disk.missed.wrong, 1);
    // Recovery codes were refused meanwhile, so they stand as before.
    assert!(!on_disk.is_in_memory());
    assert_eq!(on_disk.recovery_left(&host.record()), 10);
    assert!(!marks(&host).exists());
    let opened = locked.open(&host.record(), &host.config, MOMENT).unwrap();
    assert_eq!((opened.repaired, opened.file.state()), (None, &on_disk));
}

#[test]
fn marks_are_carried_over_whole_or_stay_where_they_are() {
    apart(|| {
        let host = Host::with_alice();
        // The next write is one to the second half.
        count(&host);
        Host::make_read_only("/var/lib");
        count(&host);
        Host::make_writable("/var/lib");
        let bytes = host.state_content();
        limit_files(8191);
        let limited = host.open_state_at(MOMENT).err().unwrap().to_string();
        assert!(limited.contains("ulimit -f"), "{limited}");
        assert_eq!(host.state_content(), bytes);
        assert!(marks(&host).exists());
        limit_files(8192);
        assert_eq!(host.open_state().file.state().missed.wrong, 2);
        assert_eq!(host.without(HALVES[0]).missed.wrong, 2);
        assert!(!marks(&host).exists());
    });
}

#[test]
fn a_state_that_was_lost_before_is_made_anew_in_memory_and_its_recovery_codes_stay_closed() {
    let host = Host::new();
    Host::make_read_only("/var/lib");
    let locked = LockedState::take(&host.states, &host.alice, &mut AtOnce).unwrap();
    assert!(!locked.has_state());
    drop(locked);
    let fresh = host.open_state_at(up_for(1000)).unwrap();
    assert_eq!(last_step(&host, fresh.file.state()), up_to(&host, NOW));
    drop(fresh);
    let locked = LockedState::take(&host.states, &host.alice, &mut AtOnce).unwrap();
    assert!(locked.has_state());
    drop(locked);
    Host::make_writable("/var/lib");
    let opened = host.open_state();
    assert_eq!(opened.file.state().recovery_left(&host.record()), 0);
    assert_eq!(last_step(&host, opened.file.state()), up_to(&host, NOW));
}

#[test]
fn marks_that_were_begun_and_say_nothing_take_the_place_of_nothing() {
    let host = worn();
    let own = host.slots().state;
    fs::create_dir(MARKS).unwrap();
    put(marks(&host), "", 0o600);
    assert_eq!(look(&host, &host.alice), own);
    let locked = LockedState::take(&host.states, &host.alice, &mut AtOnce).unwrap();
    assert!(locked.has_state(), "in its own file");
    drop(locked);
    Host::make_writable("/var/lib");
    let opened = host.open_state();
    assert_eq!(
        (opened.repaired, Some(opened.file.state())),
        (None, own.as_ref())
    );
    assert!(!marks(&host).exists());
}

#[test]
fn the_lock_that_counts_is_the_one_of_the_states_own_file() {
    let host = worn();
    let own = || lock_and_read(&host.states, "alice", Access::Hold, &mut AtOnce);
    let is_held = || matches!(own(), Err(StateTrouble::Busy(path)) if path == host.state_path());
    let locked = LockedState::take(&host.states, &host.alice, &mut AtOnce).unwrap();
    assert!(is_held());
    let opened = locked.open(&host.record(), &host.config, MOMENT).unwrap();
    assert!(is_held());
    drop(opened);
    assert!(!is_held());
    let _held = own().unwrap();
    let busy = host.open_state_at(MOMENT).err().unwrap();
    assert!(matches!(busy, StateTrouble::Busy(path) if path == host.state_path()));
}

#[test]
fn two_people_and_two_folders_of_states_never_share_marks() {
    let host = Host::with_alice();
    let bob = UserName::new("bob").unwrap();
    fs::copy(host.state_path(), host.states.path_of("bob")).unwrap();
    fs::create_dir("/var/lib/antiphon/other").unwrap();
    let other = Folder::open(Path::new("/var/lib/antiphon/other")).unwrap();
    Host::make_read_only("/var/lib");
    let marked = count(&host);
    assert_eq!(look(&host, &host.alice), Some(marked));
    assert_eq!(look(&host, &bob), host.slots().state);
    assert!(matches!(
        StateFile::look(&other, &host.alice, &mut AtOnce),
        Ok(None)
    ));
}

#[test]
fn of_a_state_that_is_removed_nothing_comes_back_from_memory() {
    let host = worn();
    count(&host);
    Host::make_writable("/var/lib");
    assert_eq!(StateFile::remove(&host.states, &host.alice), Ok(true));
    assert_eq!(look(&host, &host.alice), None);
    assert_eq!(entries(&Folder::open(Path::new(MARKS)).unwrap()), [""; 0]);
}

#[test]
fn what_is_wrong_with_the_marks_folder_concerns_nobody_who_has_none_there() {
    let host = Host::with_alice();
    fs::create_dir(MARKS).unwrap();
    own(MARKS, STRANGER);
    assert!(look(&host, &host.alice).is_some());
    assert!(host.open_state_at(MOMENT).is_ok());
}

#[test]
fn marks_that_others_could_have_written_are_not_used() {
    let host = worn();
    let refused = || match host.open_state_at(MOMENT).err().unwrap() {
        StateTrouble::Distrusted(distrust) => distrust.fault,
        trouble => panic!("{trouble}"),
    };
    symlink("/var/lib/antiphon/state", MARKS).unwrap();
    assert_eq!(refused(), Fault::Link);
    fs::remove_file(MARKS).unwrap();
    fs::create_dir(MARKS).unwrap();
    own(MARKS, STRANGER);
    assert_eq!(refused(), Fault::Owner(STRANGER));
    own(MARKS, 0);
    count(&host);
    own(marks(&host), STRANGER);
    assert_eq!(refused(), Fault::Owner(STRANGER));
    // Not even when nobody needs them any more.
    Host::make_writable("/var/lib");
    assert_eq!(refused(), Fault::Owner(STRANGER));
    assert!(StateFile::look(&host.states, &host.alice, &mut AtOnce).is_err());
}

#[test]
fn what_cannot_be_counted_there_says_where() {
    apart(|| {
        let host = worn();
        let mut file = host.open_state_at(MOMENT).unwrap().file;
        let next = file.state().clone();
        limit_files(1);
        match file.write(next).unwrap_err() {
            StateTrouble::Distrusted(distrust) => assert_eq!(distrust.path, marks(&host)),
            trouble => panic!("{trouble}"),
        }
    });
}

#[test]
fn a_process_that_holds_the_state_there_is_waited_for_like_any_other() {
    apart(|| {
        let host = worn();
        let other = Other::holding(&host.state_path());
        let busy = LockedState::take(&host.states, &host.alice, &mut AtOnce);
        assert!(matches!(busy, Err(StateTrouble::Busy(_))));
        drop(other);
        assert!(host.open_state_at(MOMENT).is_ok());
    });
}
