//! Check 7: when the person signed in, and when the token was made.

use serde_json::{Value, json};

use super::Desk;
use crate::account::test_provider::{ISSUED, NOW};
use crate::account::{Fault, WrongTime};
use crate::time::UnixTime;

fn wrong(claim: &'static str, at: u64) -> Fault {
    let at = Some(UnixTime(at));
    Fault::Time(WrongTime { claim, at })
}

fn malformed(claim: &'static str) -> Fault {
    Fault::Time(WrongTime { claim, at: None })
}

/// No number, or not a whole one that is not negative.
fn odd() -> Vec<Value> {
    let now = NOW.0;
    let mut odd = vec![
        json!(now.to_string()),
        json!([now]),
        json!(true),
        json!(-1),
        json!({}),
    ];
    for text in [
        "1795377615.0",
        "1.795377615e9",
        "1795377615.5",
        "18446744073709551616",
    ] {
        odd.push(serde_json::from_str(text).unwrap());
    }
    odd
}

#[test]
fn the_person_signed_in_at_the_provider_for_this_sign_in_and_not_before() {
    let desk = Desk::new();
    for (at, expected) in [
        (
            ISSUED.0 - 61,
            Err(Fault::OldSignIn(UnixTime(ISSUED.0 - 61))),
        ),
        (ISSUED.0 - 60, Ok(())),
        (NOW.0, Ok(())),
        (NOW.0 + 60, Ok(())),
        (NOW.0 + 61, Err(wrong("auth_time", NOW.0 + 61))),
        (u64::MAX, Err(wrong("auth_time", u64::MAX))),
        (0, Err(Fault::OldSignIn(UnixTime(0)))),
    ] {
        assert_eq!(desk.having("auth_time", &json!(at)), expected, "{at}");
    }
    assert_eq!(
        desk.having("auth_time", &Value::Null),
        Err(Fault::NoSignInTime)
    );
    for odd in odd() {
        assert_eq!(
            desk.having("auth_time", &odd),
            Err(malformed("auth_time")),
            "{odd}"
        );
    }
}

#[test]
fn an_older_sign_in_counts_only_where_root_says_so() {
    let desk = Desk::with("reauthentication = false");
    for (at, expected) in [
        (json!(null), Ok(())),
        (json!(0), Ok(())),
        (json!(ISSUED.0 - 100_000), Ok(())),
        (json!(NOW.0 + 60), Ok(())),
        (json!(NOW.0 + 61), Err(wrong("auth_time", NOW.0 + 61))),
        (json!("now"), Err(malformed("auth_time"))),
    ] {
        assert_eq!(desk.having("auth_time", &at), expected, "{at}");
    }
}

#[test]
fn a_token_was_issued_for_this_sign_in_as_far_as_its_clock_can_tell() {
    let desk = Desk::new();
    for (at, expected) in [
        (ISSUED.0 - 601, Err(wrong("iat", ISSUED.0 - 601))),
        // Entra ID writes five minutes too early.
        (ISSUED.0 - 600, Ok(())),
        (ISSUED.0 - 300, Ok(())),
        (NOW.0 + 60, Ok(())),
        (NOW.0 + 61, Err(wrong("iat", NOW.0 + 61))),
    ] {
        assert_eq!(desk.having("iat", &json!(at)), expected, "{at}");
    }
    assert_eq!(desk.having("iat", &Value::Null), Err(malformed("iat")));
    for odd in odd() {
        assert_eq!(desk.having("iat", &odd), Err(malformed("iat")), "{odd}");
    }
}

#[test]
fn a_token_has_not_expired() {
    let desk = Desk::new();
    for (at, expected) in [
        (NOW.0 - 60, Err(wrong("exp", NOW.0 - 60))),
        (NOW.0 - 59, Ok(())),
        (u64::MAX, Ok(())),
        (0, Err(wrong("exp", 0))),
    ] {
        assert_eq!(desk.having("exp", &json!(at)), expected, "{at}");
    }
    assert_eq!(desk.having("exp", &Value::Null), Err(malformed("exp")));
    for odd in odd() {
        assert_eq!(desk.having("exp", &odd), Err(malformed("exp")), "{odd}");
    }
}

#[test]
fn a_token_is_valid_already() {
    let desk = Desk::new();
    for (at, expected) in [
        (NOW.0 + 60, Ok(())),
        (NOW.0 + 61, Err(wrong("nbf", NOW.0 + 61))),
        (0, Ok(())),
    ] {
        assert_eq!(desk.having("nbf", &json!(at)), expected, "{at}");
    }
    for odd in odd() {
        assert_eq!(desk.having("nbf", &odd), Err(malformed("nbf")), "{odd}");
    }
}

#[test]
fn a_clock_that_is_off_by_five_minutes_either_way_is_refused() {
    let desk = Desk::new();
    let claims = crate::account::test_provider::claims(&desk.provider, &desk.digest);
    let token = desk.of.token(crate::account::Algorithm::Es256, &claims);
    // The host's clock is behind, so the provider's times are in its future, or ahead, so that they are past.
    let behind = desk.verified_at(&token, UnixTime(NOW.0 - 300)).map(drop);
    assert!(matches!(behind, Err(Fault::Time(_))), "{behind:?}");
    let mut old = claims;
    for claim in ["iat", "exp", "auth_time"] {
        let at = old[claim].as_u64().unwrap() - 300;
        old.insert(claim.into(), at.into());
    }
    let token = desk.of.token(crate::account::Algorithm::Es256, &old);
    let ahead = desk.verified_at(&token, NOW).map(drop);
    // Of the clock, and not of the person, who has just signed in.
    assert_eq!(ahead, Err(wrong("auth_time", ISSUED.0 + 15 - 300)));
    let earlier = ISSUED.0 - 3600;
    old.insert("auth_time".into(), earlier.into());
    let token = desk.of.token(crate::account::Algorithm::Es256, &old);
    let signed_in_already = desk.verified_at(&token, NOW).map(drop);
    assert_eq!(signed_in_already, Err(Fault::OldSignIn(UnixTime(earlier))));
}
