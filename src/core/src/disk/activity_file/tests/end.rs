//! What can still change: the lines at the end of a file.

use std::fs;

use nix::errno::Errno;

use super::{add, event, outcomes, path, said, size};
use crate::activity::{ASKED, CALLED, Event, Unfinished};
use crate::disk::activity_file::move_on;
use crate::disk::distrust::Fault;
use crate::disk::fixture::{Host, apart, limit_files};

fn go_on(host: &Host, event: Event, over: bool) -> Unfinished {
    move_on(&host.activity, &host.alice, event, "one", over).unwrap()
}

/// Other sign-ins, so that the file grows by at least so many bytes.
fn others(host: &Host, bytes: u64) {
    let until = bytes + fs::metadata(path(host)).map_or(0, |seen| seen.len());
    for second in 100..200 {
        add(host, &event("exempt", second)).unwrap();
        if size(host) >= until {
            return;
        }
    }
    panic!("it does not grow");
}

#[test]
fn a_sign_in_is_one_event_wherever_it_stands_among_others() {
    // At the beginning of the file, which is all that there is; and after more than is looked at.
    for before in [0, 20_000] {
        let host = Host::new();
        if before > 0 {
            others(&host, before);
        }
        go_on(&host, event(ASKED, 1), false);
        others(&host, 5000);
        let whole = size(&host);
        let lines = |host: &Host| fs::read_to_string(path(host)).unwrap();
        let [asked, called, accepted] = [ASKED, CALLED, "accepted"].map(|outcome| {
            go_on(&host, event(outcome, 1), outcome == "accepted");
            assert_eq!(size(&host), whole, "in its own place");
            lines(&host)
        });
        let changed = |one: &str, other: &str| {
            let pairs = one.lines().zip(other.lines());
            pairs.filter(|(one, other)| one != other).count()
        };
        assert_eq!(changed(&asked, &called), 1);
        assert_eq!(changed(&called, &accepted), 1);
        let known = outcomes(&host);
        let of = |outcome: &str| known.iter().filter(|(known, _)| known == outcome).count();
        assert_eq!((of(ASKED), of(CALLED), of("accepted")), (0, 0, 1));
    }
}

#[test]
fn what_stands_further_back_than_is_looked_at_stays_as_it_is() {
    let host = Host::new();
    go_on(&host, event(ASKED, 1), false);
    others(&host, 9000);
    go_on(&host, event("accepted", 2), true);
    let known = outcomes(&host);
    assert_eq!(known[0], (ASKED.to_owned(), 1));
    assert!(known.contains(&("accepted".to_owned(), 1)));
}

#[test]
fn at_its_end_a_sign_in_learns_of_those_that_never_ended_and_not_before() {
    let host = Host::new();
    move_on(
        &host.activity,
        &host.alice,
        event(ASKED, 7),
        "another",
        false,
    )
    .unwrap();
    let nothing = Unfinished::default();
    assert_eq!(go_on(&host, event(ASKED, 8), false), nothing);
    assert_eq!(go_on(&host, event(CALLED, 8), false), nothing);
    let untold = go_on(&host, event("accepted", 9), true);
    assert_eq!(untold.count, 1);
    assert_eq!(untold.from, ["203.0.113.7"]);
    // Once.
    assert_eq!(go_on(&host, event("accepted", 10), true), nothing);
    assert_eq!(
        outcomes(&host),
        said(&[(ASKED, 1), ("accepted", 1), ("accepted", 1)])
    );
}

#[test]
fn where_the_callers_limit_lies_before_the_place_all_stays_as_it_is() {
    apart(|| {
        let host = Host::new();
        others(&host, 1000);
        go_on(&host, event(ASKED, 1), false);
        let line_ends = size(&host);
        others(&host, 1000);
        let before = fs::read(path(&host)).unwrap();
        let change = |limit, event, over| {
            limit_files(limit);
            move_on(&host.activity, &host.alice, event, "one", over)
        };
        let refused = change(line_ends - 1, event(CALLED, 1), false).unwrap_err();
        assert_eq!(refused.fault, Fault::System(Errno::EFBIG));
        assert_eq!(fs::read(path(&host)).unwrap(), before);
        change(line_ends, event(CALLED, 1), false).unwrap();
        assert_ne!(fs::read(path(&host)).unwrap(), before);
        // A line that is added.
        let one_more = event("exempt", 1);
        let line = size(&host);
        limit_files(u64::MAX);
        add(&host, &one_more).unwrap();
        let line = size(&host) - line;
        let before = fs::read(path(&host)).unwrap();
        limit_files(size(&host) + line - 1);
        let refused = add(&host, &one_more).unwrap_err();
        assert_eq!(refused.fault, Fault::System(Errno::EFBIG));
        assert_eq!(fs::read(path(&host)).unwrap(), before);
        limit_files(size(&host) + line);
        add(&host, &one_more).unwrap();
    });
}
