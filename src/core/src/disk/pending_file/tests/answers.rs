//! What becomes of one, answer by answer.

use std::fs;

use super::{Desk, ONE, OTHER, SECRET, secret, typed};
use crate::disk::contest::AtOnce;
use crate::disk::fixture::{NOW, put};
use crate::disk::pending_file::PendingFile;
use crate::pending::{Answered, Beginning, Begun, Elsewhere, Returned, SittingId, Void};
use crate::trouble::Trouble;

fn confirm(desk: &Desk, sitting: (SittingId, &str), digits: &str) -> Answered {
    desk.within(sitting, |file| {
        file.confirm(&secret(), typed(digits), &mut AtOnce).unwrap()
    })
}

/// Comes back from elsewhere to the one that `ONE` holds.
fn go_on(desk: &Desk, digits: &str) -> Returned {
    desk.within(OTHER, |file| {
        file.go_on(ONE.0, typed(digits), &mut AtOnce).unwrap()
    })
}

/// Why the sitting cannot write its record; `None` if it can.
fn void(desk: &Desk, sitting: (SittingId, &str)) -> Option<Void> {
    desk.within(sitting, |file| {
        file.claim(&secret(), &mut AtOnce).unwrap().err()
    })
}

fn elsewhere(desk: &Desk) -> Elsewhere {
    Elsewhere {
        at: desk.now.get(),
        from: OTHER.1.into(),
    }
}

#[test]
fn what_was_begun_is_seen_from_elsewhere_for_ten_minutes() {
    let desk = Desk::new();
    assert_eq!(desk.look(), None);
    assert_eq!(desk.begin(ONE, SECRET, None).unwrap(), Beginning::Begun);
    desk.later(599);
    let begun = Begun {
        held_by: ONE.0,
        at: NOW,
        ago: 599,
        from: ONE.1.into(),
        takes_codes: true,
        rests_for: None,
    };
    assert_eq!(desk.look(), Some(begun));
    desk.later(1);
    assert_eq!(desk.look(), None);
}

#[test]
fn it_is_begun_again_only_in_the_place_of_the_one_that_the_person_was_told_of() {
    let desk = Desk::begun();
    let bytes = desk.bytes();
    desk.later(1);
    for told_of in [None, Some(OTHER.0)] {
        let beginning = desk.begin(OTHER, [8; 20], told_of).unwrap();
        assert_eq!(beginning, Beginning::Changed);
        assert_eq!(desk.bytes(), bytes);
    }
    let begun = desk.begin(OTHER, [8; 20], Some(ONE.0)).unwrap();
    assert_eq!(begun, Beginning::Begun);
    let again = Void::BegunAgain(elsewhere(&desk));
    assert_eq!(
        confirm(&desk, ONE, &desk.code()),
        Answered::Void(again.clone())
    );
    assert_eq!(void(&desk, ONE), Some(again));
    // Once it is over, nobody need have been told of it.
    desk.later(600);
    assert_eq!(desk.begin(ONE, SECRET, None).unwrap(), Beginning::Begun);
}

#[test]
fn begun_too_often_the_last_one_stays() {
    let desk = Desk::begun();
    for _ in 0..4 {
        let begun = desk.begin(ONE, SECRET, Some(ONE.0)).unwrap();
        assert_eq!(begun, Beginning::Begun);
    }
    let bytes = desk.bytes();
    desk.later(60);
    let once_more = desk.begin(ONE, SECRET, Some(ONE.0)).unwrap();
    assert_eq!(once_more, Beginning::TooOften(540));
    assert_eq!(desk.bytes(), bytes);
}

#[test]
fn a_right_code_is_used_when_its_sitting_hears_of_it() {
    let desk = Desk::begun();
    let bytes = desk.bytes();
    assert!(matches!(confirm(&desk, ONE, "000000"), Answered::Wrong(_)));
    assert_eq!(desk.bytes(), bytes);
    let code = desk.code();
    assert!(matches!(confirm(&desk, ONE, &code), Answered::Right(_)));
    assert!(matches!(confirm(&desk, ONE, &code), Answered::Used(_)));
    desk.later(30);
    assert!(matches!(
        confirm(&desk, ONE, &desk.code()),
        Answered::Right(_)
    ));
}

#[test]
fn somebody_with_a_right_code_goes_on_and_the_first_is_told_from_where() {
    let desk = Desk::begun();
    desk.later(30);
    let Returned::Proven(proven) = go_on(&desk, &desk.code()) else {
        panic!("a right code")
    };
    assert_eq!(proven.code, secret());
    let gone_on = Void::GoneOn(elsewhere(&desk));
    assert_eq!(void(&desk, ONE), Some(gone_on));
    assert_eq!(void(&desk, OTHER), None);
    // It is another one now than the one that was told of.
    assert!(matches!(go_on(&desk, &desk.code()), Returned::Changed));
}

#[test]
fn five_wrong_codes_of_those_who_come_back_are_counted_on_file() {
    let desk = Desk::begun();
    for number in 1..=5 {
        let Returned::Wrong { more, .. } = go_on(&desk, "000000") else {
            panic!("a wrong code")
        };
        assert_eq!(more, number < 5);
    }
    assert!(!desk.look().unwrap().takes_codes);
    assert!(matches!(go_on(&desk, &desk.code()), Returned::Changed));
    // The sitting that holds it is not shut out.
    assert!(matches!(
        confirm(&desk, ONE, &desk.code()),
        Answered::Right(_)
    ));
}

#[test]
fn one_that_is_gone_or_spoilt_is_over_and_begun_anew() {
    let desk = Desk::begun();
    let whole = desk.bytes();
    let mut spoilt = whole.clone();
    spoilt[60] ^= 1;
    for left in [
        None,
        Some(&b""[..]),
        Some(&whole[..whole.len() - 1]),
        Some(&[&whole[..], b"\0"].concat()),
        Some(&spoilt),
    ] {
        fs::remove_file(desk.path()).unwrap();
        left.inspect(|bytes| put(desk.path(), bytes, 0o600));
        assert_eq!(desk.look(), None);
        let over = Answered::Void(Void::Over);
        assert_eq!(confirm(&desk, ONE, &desk.code()), over);
        assert!(matches!(go_on(&desk, &desk.code()), Returned::Changed));
        assert_eq!(void(&desk, ONE), Some(Void::Over));
        assert_eq!(desk.begin(ONE, SECRET, None).unwrap(), Beginning::Begun);
        assert_eq!(void(&desk, ONE), None);
    }
}

#[test]
fn while_its_record_is_written_nobody_begins_again_and_then_it_is_gone() {
    let desk = Desk::begun();
    desk.within(ONE, |file| {
        let claim = file.claim(&secret(), &mut AtOnce).unwrap().ok().unwrap();
        let meanwhile = desk.begin(OTHER, [8; 20], Some(ONE.0)).unwrap_err();
        assert!(
            meanwhile.detail.contains("another process holds the lock"),
            "{}",
            meanwhile.detail
        );
        claim.remove().unwrap();
    });
    assert!(!desk.path().exists());
    assert_eq!(void(&desk, ONE), Some(Void::Over));
}

#[test]
fn without_the_time_nothing_is_judged() {
    let desk = Desk::begun();
    let bytes = desk.bytes();
    let clock = || Err(Trouble::new("clock", &"it has stopped"));
    desk.within(ONE, |file| {
        let file = PendingFile {
            clock: &clock,
            ..file
        };
        let code = &desk.code();
        assert!(file.look(&mut AtOnce).is_err());
        assert!(file.confirm(&secret(), typed(code), &mut AtOnce).is_err());
        assert!(file.go_on(ONE.0, typed(code), &mut AtOnce).is_err());
        assert!(file.claim(&secret(), &mut AtOnce).is_err());
        let again = file.begin(SECRET.into(), Some(ONE.0), &mut AtOnce);
        assert_eq!(again.unwrap_err().what, "clock");
    });
    assert_eq!(desk.bytes(), bytes);
}
