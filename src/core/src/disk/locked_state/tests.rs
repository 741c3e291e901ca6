use std::fs;

use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};

use super::LockedState;
use crate::code::{Step, step_at};
use crate::config::Config;
use crate::disk::StateTrouble;
use crate::disk::contest::AtOnce;
use crate::disk::distrust::Fault;
use crate::disk::fixture::{HALVES, Host, MOMENT, NOW, apart, entries, limit_files, mode_of, put};
use crate::record::{CodeSecret, Record};
use crate::state::State;

fn take(host: &Host) -> LockedState<'_> {
    LockedState::take(&host.states, &host.alice, &mut AtOnce).unwrap()
}

/// The last step that may have been used by now: of the present, and of clocks that are ahead.
fn present(host: &Host, record: &Record) -> Option<Step> {
    let window = Step::from(host.config.code.window);
    let code = record.code.as_ref()?;
    Some(step_at(NOW, code) + window)
}

fn last_step(state: &State, record: &Record) -> Option<Step> {
    state.last_step(record.code.as_ref()?)
}

fn fault_of(trouble: &StateTrouble) -> Fault {
    match trouble {
        StateTrouble::Distrusted(distrust) => distrust.fault.clone(),
        _ => panic!("{trouble}"),
    }
}

#[test]
fn a_state_that_was_lost_is_made_anew_and_everything_before_counts_as_used() {
    let host = Host::with_alice();
    let record = host.record();
    let enrolled = fs::read(host.state_path()).unwrap();
    let mut both_spoilt = enrolled.clone();
    for half in HALVES {
        both_spoilt[half + 40] ^= 1;
    }
    for lost in [
        None,
        Some(vec![]),
        Some(vec![0; 8192]),
        Some(vec![b'x'; 100]),
        Some(enrolled[..50].to_vec()),
        Some(both_spoilt),
    ] {
        fs::remove_file(host.state_path()).unwrap();
        lost.inspect(|bytes| put(host.state_path(), bytes, 0o600));
        let locked = take(&host);
        assert!(!locked.has_state());
        let opened = locked.open(&record, &host.config, MOMENT).unwrap();
        let repaired = opened.repaired.unwrap();
        assert!(repaired.contains("missing or unreadable"), "{repaired}");
        assert_eq!(
            last_step(opened.file.state(), &record),
            present(&host, &record)
        );
        assert_eq!(opened.file.state().recovery_left(&record), 0);
        // And so it stands in both halves.
        assert!(host.slots().whole);
        for half in HALVES {
            assert_eq!(&host.without(half), opened.file.state());
        }
    }
}

#[test]
fn the_first_one_of_who_has_no_codes_is_no_repair_at_a_fleets_host_and_one_that_was_spoilt_is() {
    let host = Host::with_alice();
    let fleets = Config {
        fleet: Config::parse("[fleet]\n").unwrap().fleet,
        ..host.config.clone()
    };
    let mut record = host.record();
    record.code = None;
    let repaired = |config: &Config, record: &Record, lost: Option<&[u8]>| {
        fs::remove_file(host.state_path()).unwrap();
        lost.inspect(|bytes| put(host.state_path(), bytes, 0o600));
        let opened = take(&host).open(record, config, MOMENT);
        opened.unwrap().repaired.is_some()
    };
    assert!(
        repaired(&fleets, &record, None),
        "recovery codes were closed"
    );
    record.recovery = None;
    assert!(!repaired(&fleets, &record, None));
    assert!(repaired(&fleets, &record, Some(b"spoilt")));
    // Enrolling here writes one: it was lost.
    assert!(repaired(&host.config, &record, None));
}

#[test]
fn one_that_is_made_has_its_mode_whatever_the_umask() {
    for mask in [0o777, 0, 0o277] {
        let host = Host::new();
        umask(Mode::from_bits_truncate(mask));
        let opened = host.open_state();
        assert_eq!(mode_of(host.state_path()), 0o600, "{mask:o}");
        drop(opened);
        assert_eq!(entries(&host.states), ["alice"]);
    }
}

#[test]
fn one_whose_half_was_lost_knows_what_the_other_says_and_is_whole_again() {
    for half in HALVES {
        let host = Host::with_alice();
        let record = host.record();
        host.spoil(half);
        let locked = take(&host);
        assert!(locked.has_state());
        let opened = locked.open(&record, &host.config, MOMENT).unwrap();
        let repaired = opened.repaired.unwrap();
        assert!(repaired.contains("one half"), "{repaired}");
        assert_eq!(opened.file.state().recovery_left(&record), 10);
        assert_eq!(
            last_step(opened.file.state(), &record),
            present(&host, &record)
        );
        let slots = host.slots();
        assert!(slots.whole);
        assert_eq!(slots.state.as_ref(), Some(opened.file.state()));
    }
}

#[test]
fn a_half_is_made_good_also_for_who_has_no_code() {
    let host = Host::with_alice();
    let mut record = host.record();
    record.code = None;
    host.put_state(&State::enrolled(&record, None));
    host.spoil(HALVES[0]);
    assert!(take(&host).open(&record, &host.config, MOMENT).is_ok());
    assert!(host.slots().whole);
}

#[test]
fn one_that_needs_no_repair_is_not_written() {
    let host = Host::with_alice();
    let bytes = host.state_content();
    let opened = host.open_state();
    assert_eq!(opened.repaired, None);
    assert_eq!(Some(opened.file.state()), host.slots().state.as_ref());
    assert_eq!(host.state_content(), bytes);
}

#[test]
fn of_another_secret_than_the_states_every_code_so_far_counts_as_used_and_that_is_on_file() {
    let host = Host::with_alice();
    let mut record = host.record();
    record.code = Some(CodeSecret::usual([8; 20]));
    let opened = take(&host).open(&record, &host.config, MOMENT).unwrap();
    assert_eq!(opened.repaired, None);
    let on_file = host.slots().state.unwrap();
    assert_eq!(&on_file, opened.file.state());
    assert_eq!(last_step(&on_file, &record), present(&host, &record));
    assert_eq!(on_file.recovery_left(&record), 10);
}

#[test]
fn a_file_that_was_made_for_a_look_goes_with_it_and_one_that_says_something_stays() {
    let host = Host::new();
    take(&host).leave();
    assert_eq!(entries(&host.states), [""; 0]);
    let host = Host::with_alice();
    let bytes = host.state_content();
    take(&host).leave();
    assert_eq!(host.state_content(), bytes);
}

#[test]
fn while_one_judges_another_waits() {
    let host = Host::with_alice();
    let busy = || match LockedState::take(&host.states, &host.alice, &mut AtOnce) {
        Err(StateTrouble::Busy(path)) => path == host.state_path(),
        _ => false,
    };
    let locked = take(&host);
    assert!(busy());
    let opened = locked.open(&host.record(), &host.config, MOMENT).unwrap();
    assert!(busy());
    drop(opened);
    assert!(!busy());
}

#[test]
fn on_a_full_disk_there_is_nothing_to_judge_by() {
    let host = Host::new();
    for blocks in [0, 1] {
        Host::leave_free("/var/lib", blocks);
        let full = host.open_state_at(MOMENT).err().unwrap();
        assert_eq!(fault_of(&full), Fault::System(Errno::ENOSPC));
    }
    Host::leave_free("/var/lib", 2);
    let opened = host.open_state();
    assert!(opened.repaired.is_some() && host.slots().whole);
    assert_eq!(opened.file.state().recovery_left(&host.record()), 0);
}

#[test]
fn where_the_callers_limit_would_cut_it_in_two_it_is_begun_and_not_half_written() {
    apart(|| {
        let host = Host::new();
        for limit in [0, 1, 4096, 8191] {
            limit_files(limit);
            let limited = host.open_state_at(MOMENT).err().unwrap();
            assert_eq!(fault_of(&limited), Fault::System(Errno::EFBIG));
            assert_eq!(fs::read(host.state_path()).unwrap(), b"");
        }
        limit_files(8192);
        let _ = host.open_state();
        assert!(host.slots().whole);
    });
}
