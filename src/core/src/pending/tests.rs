use zeroize::Zeroizing;

use super::{
    Answered, Begun, Elsewhere, FILE_LENGTH, LIFETIME, Pending, Proven, Returned, SECRET_BYTES,
    Sitting, Typed, Void, is_over,
};
use crate::code::code_at;
use crate::judge::Unconfirmed;
use crate::name::UserName;
use crate::time::UnixTime;

const NOW: UnixTime = UnixTime(1_795_377_600);

fn alice() -> UserName {
    UserName::new("alice").unwrap()
}

fn sitting<'a>(user: &'a UserName, from: &'a str, id: u8) -> Sitting<'a> {
    Sitting {
        user,
        from,
        id: [id; 16],
    }
}

/// Started by sitting 1 from 203.0.113.5.
fn pending() -> Pending {
    begun_after(None, ("203.0.113.5", 1), NOW).unwrap()
}

/// The sitting's number is also that of its secret.
fn begun_after(
    before: Option<&Pending>,
    (from, id): (&str, u8),
    now: UnixTime,
) -> Result<Pending, u64> {
    let user = alice();
    let secret = Zeroizing::new([id; SECRET_BYTES]);
    Pending::begin(before, sitting(&user, from, id), secret, now)
}

fn code(pending: &Pending, seconds: i64) -> String {
    let then = UnixTime(NOW.0.saturating_add_signed(seconds));
    code_at(&pending.code(), then).to_string()
}

fn typed(digits: &str) -> Typed<'_> {
    Typed { digits, window: 1 }
}

/// Sitting 2 returns from elsewhere with this code.
fn returned(pending: &Pending, digits: &str, now: UnixTime) -> (Returned, Option<Pending>) {
    let user = alice();
    pending.returned(
        sitting(&user, "203.0.113.6", 2),
        pending.held_by,
        typed(digits),
        now,
    )
}

#[test]
fn the_file_comes_back_whole_and_not_at_all_if_a_byte_is_another_or_it_is_anothers() {
    let mut whole = pending();
    whole.used = 7;
    whole.wrong = 3;
    let bytes = whole.encode(&alice());
    assert_eq!(bytes.len(), FILE_LENGTH);
    let back = Pending::decode(&bytes, &alice()).unwrap();
    assert_eq!(back.encode(&alice()), bytes);
    assert_eq!(
        (back.made, back.used, back.wrong, back.held_by),
        (NOW, 7, 3, [1; 16])
    );
    assert_eq!(
        (back.from.as_str(), back.code()),
        ("203.0.113.5", whole.code())
    );
    assert!(Pending::decode(&bytes, &UserName::new("bob").unwrap()).is_none());
    for cut in 0..bytes.len() {
        assert!(Pending::decode(&bytes[..cut], &alice()).is_none(), "{cut}");
        let mut spoilt = bytes.clone();
        spoilt[cut] ^= 1;
        assert!(Pending::decode(&spoilt, &alice()).is_none(), "{cut}");
    }
    let longer = [&bytes[..], b"x"].concat();
    assert!(Pending::decode(&longer, &alice()).is_none());
}

#[test]
fn a_file_of_the_version_before_is_void_and_is_over_like_any_other() {
    let mut old = b"antiphon pending v1\n".to_vec();
    old.extend_from_slice(&NOW.0.to_be_bytes());
    old.extend_from_slice(&[7; 136 + 32]);
    assert!(Pending::decode(&old, &alice()).is_none());
    assert!(!is_over(&old, UnixTime(0), NOW));
    assert!(is_over(&old, NOW, NOW.plus(LIFETIME)));
}

#[test]
fn an_origin_of_any_length_is_kept_as_far_as_it_fits() {
    for from in [
        "",
        "x".repeat(500).as_str(),
        "å".repeat(200).as_str(),
        "a\nb",
    ] {
        let begun = begun_after(None, (from, 1), NOW).unwrap();
        let bytes = begun.encode(&alice());
        assert_eq!(bytes.len(), FILE_LENGTH);
        assert!(Pending::decode(&bytes, &alice()).is_some(), "{from}");
    }
}

#[test]
fn it_counts_for_ten_minutes_and_not_before_it_was_made() {
    let bytes = pending().encode(&alice());
    for (now, is_open) in [
        (NOW, true),
        (NOW.plus(LIFETIME - 1), true),
        (NOW.plus(LIFETIME), false),
        (UnixTime(NOW.0 - 1), false),
        (UnixTime(0), false),
        (UnixTime(u64::MAX), false),
    ] {
        let pending = pending();
        assert_eq!(pending.is_open(now), is_open, "{now}");
        assert_eq!(pending.seen_from("", now).is_some(), is_open, "{now}");
        let held = pending.check([1; 16], &pending.code(), now);
        assert_eq!(held, if is_open { Ok(()) } else { Err(Void::Over) });
        assert_eq!(is_over(&bytes, UnixTime(0), now), !is_open, "{now}");
        for left in [&[][..], &bytes[..1], &bytes[..25], &[0; FILE_LENGTH]] {
            assert_eq!(is_over(left, NOW, now), !is_open, "{now}: {left:?}");
        }
        assert!(!is_over(b"something else", UnixTime(0), now));
    }
    let late = NOW.plus(LIFETIME);
    let right = code_at(&pending().code(), late);
    assert!(matches!(
        returned(&pending(), &right, late),
        (Returned::Changed, None)
    ));
}

#[test]
fn whoever_comes_back_is_told_from_where_it_was_begun_and_nothing_else() {
    let seen = pending().seen_from("203.0.113.6", NOW.plus(90)).unwrap();
    assert_eq!(
        seen,
        Begun {
            held_by: [1; 16],
            at: NOW,
            ago: 90,
            from: "203.0.113.5".into(),
            takes_codes: true,
            rests_for: None,
        }
    );
}

#[test]
fn a_right_code_takes_it_over_for_ten_more_minutes_and_the_other_sitting_is_told() {
    let first = pending();
    let later = NOW.plus(LIFETIME - 1);
    let right = code_at(&first.code(), later);
    let (Returned::Proven(Proven { code, .. }), Some(next)) = returned(&first, &right, later)
    else {
        panic!("not taken over");
    };
    assert_eq!(code, first.code());
    assert_eq!(next.check([2; 16], &code, later.plus(LIFETIME - 1)), Ok(()));
    let elsewhere = Elsewhere {
        at: later,
        from: "203.0.113.6".into(),
    };
    assert_eq!(
        next.check([1; 16], &code, later),
        Err(Void::GoneOn(elsewhere))
    );
}

#[test]
fn begun_again_the_first_is_void_and_its_sitting_is_told_from_where() {
    let first = pending();
    let second = begun_after(Some(&first), ("203.0.113.6", 2), NOW.plus(60)).unwrap();
    let elsewhere = Elsewhere {
        at: NOW.plus(60),
        from: "203.0.113.6".into(),
    };
    assert_eq!(
        second.check([1; 16], &first.code(), NOW.plus(61)),
        Err(Void::BegunAgain(elsewhere))
    );
    let (answer, _) = returned(&second, &code(&first, 60), NOW.plus(61));
    assert!(matches!(answer, Returned::Wrong { .. }), "{answer:?}");
}

#[test]
fn a_code_that_was_right_once_is_used_and_so_are_those_before_it() {
    let first = pending();
    let (Answered::Right(_), Some(next)) = first.answered(typed(&code(&first, 0)), NOW) else {
        panic!("not right");
    };
    for (seconds, is_used) in [(-30, true), (0, true), (30, false)] {
        let digits = code(&first, seconds);
        let (answered, _) = next.answered(typed(&digits), NOW);
        assert_eq!(matches!(answered, Answered::Used(_)), is_used, "{seconds}");
        let (answered, counted) = returned(&next, &digits, NOW);
        assert_eq!(matches!(answered, Returned::Used(_)), is_used, "{seconds}");
        assert_eq!(counted.is_none(), is_used, "{seconds}");
    }
}

#[test]
fn five_wrong_codes_of_those_who_come_back_close_it_to_them_but_not_to_the_sitting_that_holds_it() {
    let mut now_on_file = pending();
    let right = code(&now_on_file, 0);
    for count in 1..=5 {
        let (answer, next) = returned(&now_on_file, &code(&now_on_file, 90), NOW);
        let Returned::Wrong {
            why: Unconfirmed::ClockOff { .. },
            more,
        } = answer
        else {
            panic!("{answer:?}");
        };
        assert_eq!(more, count < 5);
        now_on_file = next.unwrap();
    }
    assert!(!now_on_file.seen_from("", NOW).unwrap().takes_codes);
    assert!(matches!(
        returned(&now_on_file, &right, NOW),
        (Returned::Changed, None)
    ));
    assert_eq!(now_on_file.check([1; 16], &now_on_file.code(), NOW), Ok(()));
    let (answered, _) = now_on_file.answered(typed(&right), NOW);
    assert!(matches!(answered, Answered::Right(_)));
}

#[test]
fn a_code_for_one_that_is_another_by_now_is_not_looked_at() {
    let first = pending();
    let user = alice();
    let (answer, next) =
        first.returned(sitting(&user, "", 3), [2; 16], typed(&code(&first, 0)), NOW);
    assert!(matches!(answer, Returned::Changed) && next.is_none());
}

#[test]
fn nobody_makes_it_void_again_and_again_for_ever() {
    let mut on_file = pending();
    let mut at = NOW;
    for _ in 1..5 {
        at = at.plus(10);
        on_file = begun_after(Some(&on_file), ("203.0.113.5", 1), at).unwrap();
    }
    // From there the sixth has to wait until the first is ten minutes old; from elsewhere it does not.
    let from_there = |on_file: &Pending, at| begun_after(Some(on_file), ("203.0.113.5", 1), at);
    assert_eq!(from_there(&on_file, at).err(), Some(LIFETIME - 40));
    let rests = on_file.seen_from("203.0.113.5", at).unwrap().rests_for;
    assert_eq!(rests, Some(LIFETIME - 40));
    assert!(from_there(&on_file, NOW.plus(LIFETIME)).is_ok());
    for number in 0..7 {
        on_file = begun_after(Some(&on_file), (&format!("198.51.100.{number}"), 1), at).unwrap();
        // As between two sittings.
        on_file = Pending::decode(&on_file.encode(&alice()), &alice()).unwrap();
    }
    assert_eq!(
        begun_after(Some(&on_file), ("198.51.100.99", 1), at).err(),
        Some(LIFETIME - 40)
    );
    let much_later = at.plus(LIFETIME);
    let mut anew = begun_after(Some(&on_file), ("203.0.113.5", 1), much_later).unwrap();
    assert!(
        anew.seen_from("203.0.113.5", much_later)
            .unwrap()
            .rests_for
            .is_none()
    );
    // A clock that was set back: future starts are not counted.
    anew = begun_after(Some(&on_file), ("203.0.113.5", 1), UnixTime(NOW.0 - 9999)).unwrap();
    assert_eq!(anew.beginnings.0.len(), 1);
}
