//! Who waits for whom.

use std::fs::File;

use nix::fcntl::{Flock, FlockArg};

use super::{Editing, PersonFiles, ROOT, Unwritten, change, change_by, editing, files};
use crate::disk::fixture::{Host, Other, Waits, apart};
use crate::disk::{LockTrouble, Patience, StateTrouble};
use crate::language::Language;
use crate::person::{By, Edit};

const SPEAK: Edit<'_> = Edit::Speak(Language::Swedish);

#[test]
fn a_command_of_root_keeps_all_others_out_and_people_only_commands() {
    let host = Host::with_alice();
    let open = |by| PersonFiles::open(editing(&host, by));
    let is_busy = |by| matches!(open(by), Err(Unwritten::Lock(LockTrouble::Busy(_))));
    let root = open(ROOT).unwrap();
    assert!(is_busy(ROOT) && is_busy(By::Person));
    drop(root);
    let person = open(By::Person).unwrap();
    assert!(is_busy(ROOT) && !is_busy(By::Person));
    // It is held until the files are let go, also while they are changed.
    assert!(person.change(SPEAK).is_ok());
    assert!(is_busy(ROOT));
    drop(person);
    assert!(!is_busy(ROOT));
}

#[test]
fn a_sign_in_that_judges_keeps_an_edit_waiting_and_not_the_other_way_round_for_ever() {
    let host = Host::with_alice();
    let before = files(&host);
    let state = File::open(host.state_path()).unwrap();
    let held = Flock::lock(state, FlockArg::LockShared).unwrap();
    for by in [ROOT, By::Person] {
        let busy = change_by(&host, by, SPEAK).err().unwrap();
        assert!(
            matches!(busy, Unwritten::State(StateTrouble::Busy(path)) if path == host.state_path())
        );
    }
    assert_eq!(files(&host), before);
    drop(held);
    assert!(change(&host, SPEAK).is_ok());
}

#[test]
fn a_process_that_holds_the_state_for_two_seconds_keeps_no_command_of_root_from_its_work() {
    apart(|| {
        let host = Host::with_alice();
        let other = Other::holding(&host.state_path());
        let patience = || -> Box<dyn Patience> { Box::new(Waits::at([200, 2200])) };
        let editing = Editing {
            patience: &patience,
            ..editing(&host, ROOT)
        };
        let files = PersonFiles::open(editing).unwrap();
        let _ = files.change(SPEAK);
        other.killed();
        assert!(files.change(SPEAK).is_ok());
    });
}
