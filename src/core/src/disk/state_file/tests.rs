use std::fs;

use nix::errno::Errno;

use super::{Opened, StateFile, StateTrouble};
use crate::disk::contest::AtOnce;
use crate::disk::distrust::Fault;
use crate::disk::fixture::{HALVES, Host, NOW, apart, limit_files};
use crate::judge::Judgement;
use crate::state::{SlotPair, State, StateError};

/// The state with one more wrong code.
fn counted(state: &State) -> State {
    let mut next = state.clone();
    next.missed.add("203.0.113.5");
    next
}

/// The state after the first recovery code.
fn recovered(state: &State) -> State {
    let mut next = state.clone();
    next.recovery.as_mut().unwrap().marks |= 1;
    next
}

fn look(host: &Host) -> Option<SlotPair> {
    StateFile::look(&host.states, &host.alice, &mut AtOnce).unwrap()
}

fn errno_of(trouble: &StateTrouble) -> Errno {
    match trouble {
        StateTrouble::Distrusted(distrust) => match distrust.fault {
            Fault::System(errno) => errno,
            _ => panic!("{trouble}"),
        },
        _ => panic!("{trouble}"),
    }
}

#[test]
fn a_look_says_what_stands_there_and_changes_nothing() {
    let host = Host::with_alice();
    let bytes = host.state_content();
    assert_eq!(look(&host), Some(host.slots()));
    host.spoil(HALVES[1]);
    let slots = look(&host).unwrap();
    assert!(slots.state.is_some() && !slots.whole);
    host.spoil(HALVES[1]);
    assert_eq!(host.state_content(), bytes);
    fs::remove_file(host.state_path()).unwrap();
    assert_eq!(look(&host), None);
    assert!(!host.state_path().exists());
}

#[test]
fn each_write_leaves_the_state_before_it_in_the_other_half() {
    let host = Host::with_alice();
    let mut file = host.open_state().file;
    assert_eq!(file.now(), NOW);
    for _ in 0..5 {
        let before = file.state().clone();
        let next = counted(&before);
        file.write(next.clone()).unwrap();
        assert_eq!(file.state(), &next);
        let slots = host.slots();
        assert_eq!((slots.state.as_ref(), slots.whole), (Some(&next), true));
        let halves = HALVES.map(|half| host.without(half));
        assert!(halves.contains(&before) && halves.contains(&next));
    }
}

#[test]
fn a_verdict_is_opened_when_its_state_stands_in_the_file() {
    let host = Host::with_alice();
    let file = host.open_state().file;
    let before = file.state().clone();
    let next = counted(&before);
    let judgement = Judgement {
        verdict: "wrong",
        next: Some(next.clone()),
    };
    assert_eq!(file.settle(judgement).unwrap(), "wrong");
    assert_eq!(host.slots().state.as_ref(), Some(&next));
    // Once, so that the other half says what was true before.
    assert!(HALVES.map(|half| host.without(half)).contains(&before));
}

#[test]
fn a_judgement_that_changes_nothing_writes_nothing() {
    let host = Host::with_alice();
    let bytes = host.state_content();
    let judgement = Judgement {
        verdict: "seen",
        next: None,
    };
    assert_eq!(host.open_state().file.settle(judgement).unwrap(), "seen");
    assert_eq!(host.state_content(), bytes);
}

#[test]
fn a_recovery_code_is_used_whichever_half_is_lost_later() {
    let host = Host::with_alice();
    let file = host.open_state().file;
    let next = recovered(file.state());
    let judgement = Judgement {
        verdict: (),
        next: Some(next.clone()),
    };
    file.settle(judgement).unwrap();
    for half in HALVES {
        assert_eq!(host.without(half), next);
        assert_eq!(host.without(half).recovery_left(&host.record()), 9);
    }
}

#[test]
fn there_is_no_verdict_where_the_callers_limit_would_cut_the_state_in_two_and_nothing_is_used_up() {
    apart(|| {
        let host = Host::with_alice();
        let settled = |limit, change: fn(&State) -> State| {
            let Opened { file, .. } = host.open_state();
            let judgement = Judgement {
                verdict: "seen",
                next: Some(change(file.state())),
            };
            limit_files(limit);
            file.settle(judgement)
        };
        // Before a write to the first half, and before one to the second.
        for change in [counted, recovered, counted] {
            let bytes = host.state_content();
            for too_low in [0, 1, 4095, 4096, 8191] {
                let trouble = settled(too_low, change).unwrap_err();
                assert_eq!(errno_of(&trouble), Errno::EFBIG);
                assert_eq!(host.state_content(), bytes);
            }
            assert_eq!(settled(8192, change).unwrap(), "seen");
            assert_ne!(host.state_content(), bytes);
        }
    });
}

#[test]
fn a_state_that_does_not_fit_is_not_written() {
    let host = Host::with_alice();
    let bytes = host.state_content();
    let mut file = host.open_state().file;
    let mut large = file.state().clone();
    large.missed.from = vec!["x".repeat(4096)];
    let trouble = file.write(large).unwrap_err();
    assert!(
        matches!(
            trouble,
            StateTrouble::NotUnderstood(_, StateError::TooLarge)
        ),
        "{trouble}"
    );
    assert_eq!(host.state_content(), bytes);
}

#[test]
fn a_state_is_removed_once_and_what_is_no_file_is_said_to_be_in_the_way() {
    let host = Host::with_alice();
    let remove = || StateFile::remove(&host.states, &host.alice);
    assert_eq!(remove(), Ok(true));
    assert!(!host.state_path().exists());
    assert_eq!(remove(), Ok(false));
    fs::create_dir(host.state_path()).unwrap();
    let refused = remove().unwrap_err();
    assert_eq!(refused.path, host.state_path());
    assert!(host.state_path().exists());
}
