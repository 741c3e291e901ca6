use std::cell::RefCell;
use std::fs::File;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use nix::sys::stat::{FileStat, fstat};

use super::{ALL_RECORDS, AtOnce, Contest, Holder, ONE_PERSON, Patience};
use crate::disk::fixture::{Host, Other, Waits, apart, put};

/// A file of alice's, and its lock.
struct Locked {
    _host: Host,
    path: PathBuf,
    seen: FileStat,
}

impl Locked {
    fn new() -> Self {
        let host = Host::new();
        let path = host.state_path();
        put(&path, "", 0o600);
        let seen = fstat(File::open(&path).unwrap()).unwrap();
        Self {
            _host: host,
            path,
            seen,
        }
    }

    /// Waits for it until these milliseconds have passed one after the other; the process ids of those that were ended.
    fn ended<const PAUSES: usize>(&self, at: [u64; PAUSES]) -> Vec<u32> {
        let mut patience = Waits::at(at);
        let mut contest = Contest::new(&mut patience, ONE_PERSON);
        for _ in at {
            assert!(contest.goes_on(&self.seen));
        }
        assert!(!contest.goes_on(&self.seen), "patience was over");
        patience.ended.iter().map(|holder| holder.pid).collect()
    }
}

#[test]
fn without_patience_nothing_is_waited_for() {
    assert_eq!(AtOnce.pause(), None);
}

#[test]
fn a_holder_is_ended_when_it_was_seen_for_two_seconds_and_never_before() {
    apart(|| {
        let locked = Locked::new();
        let mut other = Other::holding(&locked.path);
        assert_eq!(locked.ended([0, 199, 200, 2199]), [0; 0]);
        // How long it held the lock before is not known to this wait.
        assert_eq!(locked.ended([100_000, 101_999]), [0; 0]);
        assert!(other.is_alive());
        assert_eq!(locked.ended([0, 199, 200, 2200]), [other.pid()]);
        other.killed();
    });
}

#[test]
fn an_ordinary_wait_looks_at_nobody() {
    apart(|| {
        let locked = Locked::new();
        let other = Other::holding(&locked.path);
        // Seen at 199, it would be ended at 2199.
        assert_eq!(locked.ended([0, 100, 199, 2199]), [0; 0]);
        assert_eq!(locked.ended([0, 100, 200, 2200]), [other.pid()]);
    });
}

#[test]
fn one_that_lets_go_in_time_is_not_ended_nor_is_one_that_takes_the_lock_again() {
    apart(|| {
        let locked = Locked::new();
        let mut other = Other::holding(&locked.path);
        let mut patience = Waits::at([200, 1200, 2100, 3200]);
        let mut contest = Contest::new(&mut patience, ONE_PERSON);
        assert!(contest.goes_on(&locked.seen));
        other.let_go();
        assert!(contest.goes_on(&locked.seen));
        other.lock(&locked.path);
        assert!(contest.goes_on(&locked.seen));
        // Three seconds since it was first seen, and not two since it took the lock again.
        assert!(contest.goes_on(&locked.seen));
        assert!(patience.ended.is_empty());
        assert!(other.is_alive());
    });
}

#[test]
fn whoever_holds_no_lock_of_the_file_is_never_ended() {
    apart(|| {
        let locked = Locked::new();
        let another = locked.path.with_file_name("bob");
        put(&another, "", 0o600);
        let mut beside = Other::holding(&another);
        beside.open(&locked.path);
        let mut waiting = Other::holding(locked.path.parent().unwrap());
        let other = Other::holding(&locked.path);
        waiting.begin_to_lock(&locked.path);
        assert_eq!(locked.ended([200, 2200]), [other.pid()]);
        // The one that waited has it from now on.
        waiting.hear();
        assert!(beside.is_alive() && waiting.is_alive());
        assert_eq!(locked.ended([200, 2199]), [0; 0]);
        assert_eq!(locked.ended([200, 2200, 9000]), [waiting.pid()]);
        assert!(beside.is_alive());
    });
}

#[test]
fn all_that_hold_it_together_are_ended_each_in_its_time() {
    apart(|| {
        let locked = Locked::new();
        let [mut one, mut two, mut three] = [Other::start(), Other::start(), Other::start()];
        one.share(&locked.path);
        two.share(&locked.path);
        let mut patience = Waits::at([200, 1000, 2200, 3000]);
        let mut contest = Contest::new(&mut patience, ONE_PERSON);
        assert!(contest.goes_on(&locked.seen));
        three.share(&locked.path);
        assert!(contest.goes_on(&locked.seen));
        assert!(contest.goes_on(&locked.seen));
        assert!(three.is_alive());
        assert!(contest.goes_on(&locked.seen));
        let ended: Vec<u32> = patience.ended.iter().map(|holder| holder.pid).collect();
        let mut first = ended[..2].to_vec();
        first.sort_unstable();
        assert_eq!(first, [one.pid(), two.pid()]);
        assert_eq!(ended[2..], [three.pid()]);
        three.killed();
    });
}

#[test]
fn one_that_waits_for_the_disk_has_twice_the_time() {
    apart(|| {
        let locked = Locked::new();
        let other = Other::holding(&locked.path);
        other.seems("stat", "7 (a) S 1) D 1 7 7 0 -1\n");
        assert_eq!(locked.ended([200, 4199]), [0; 0]);
        assert_eq!(locked.ended([200, 4200]), [other.pid()]);
    });
}

/// Time that goes on by a step at each pause, and when somebody was ended; shared, to be read while the wait goes on.
#[derive(Clone)]
struct Steps(Rc<RefCell<(u64, Vec<u64>)>>);

impl Steps {
    const STEP: u64 = 25;

    fn now(&self) -> u64 {
        self.0.borrow().0
    }

    fn ended(&self) -> Vec<u64> {
        self.0.borrow().1.clone()
    }
}

impl Patience for Steps {
    fn pause(&mut self) -> Option<Duration> {
        let mut steps = self.0.borrow_mut();
        steps.0 += Self::STEP;
        Some(Duration::from_millis(steps.0))
    }

    fn ended(&mut self, _: &Holder) {
        let mut steps = self.0.borrow_mut();
        let now = steps.0;
        steps.1.push(now);
    }
}

/// One wait, while processes take turns with the lock: each takes it when the one before was ended. How long each had.
fn turns(locked: &Locked, grace: Duration, turns: usize) -> Vec<u64> {
    let steps = Steps(Rc::new(RefCell::new((200, Vec::new()))));
    let mut patience = steps.clone();
    let mut contest = Contest::new(&mut patience, grace);
    let mut had = Vec::new();
    while had.len() < turns {
        let _other = Other::holding(&locked.path);
        let first_seen = steps.now() + Steps::STEP;
        while steps.ended().len() == had.len() {
            assert!(contest.goes_on(&locked.seen));
            assert!(steps.now() < first_seen + 10_000);
        }
        had.push(steps.now() - first_seen);
    }
    had
}

#[test]
fn of_many_that_take_turns_each_has_half_the_time_of_the_one_before_but_enough_for_a_slow_disk() {
    apart(|| {
        let locked = Locked::new();
        let had = turns(&locked, ONE_PERSON, 7);
        assert_eq!(had, [2000, 1000, 500, 250, 125, 100, 100]);
        assert_eq!(turns(&locked, ALL_RECORDS, 3), [3000, 1000, 500]);
    });
}
