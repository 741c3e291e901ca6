//! The file of keys, and how it follows what the provider publishes.

use serde_json::json;

use super::{KeySet, KeySetError};
use crate::account::test_provider::{ALL, ISSUED, TestProvider, configured, usual};
use crate::account::{Algorithm, PublicKey, Published, published_keys};
use crate::base64url;
use crate::time::UnixTime;

const DAY: u64 = 24 * 3600;

/// What `of` publishes, with the keys of these algorithms alone.
fn published(of: &TestProvider, algorithms: &[Algorithm]) -> Published {
    let keys: Vec<_> = algorithms
        .iter()
        .map(|algorithm| of.jwk(*algorithm, &json!({})))
        .collect();
    published_keys(&json!({"keys": keys}).to_string(), &usual()).unwrap()
}

fn kids(set: &KeySet, now: UnixTime) -> Vec<&str> {
    let found = |kid| set.key(kid, &usual(), now).map(|key| key.kid.as_str());
    ALL.iter()
        .filter_map(|algorithm| found(algorithm.name()))
        .collect()
}

#[test]
fn a_set_comes_back_as_it_was_written() {
    let provider = usual();
    let mut set = TestProvider::new().key_set(&provider);
    set.keys[0].issuer = Some(provider.issuer.clone());
    set.keys[1].kid = "odd \"\\\u{1b}\nåäö".into();
    set.keys[2].last_seen = ISSUED.plus(7);
    assert_eq!(KeySet::parse(&set.to_toml(), "kmh"), Ok(set));
}

#[test]
fn a_file_that_is_not_wholly_understood_is_refused() {
    let whole = TestProvider::new().key_set(&usual()).to_toml();
    assert!(KeySet::parse(&whole, "kmh").is_ok());
    assert_eq!(
        KeySet::parse(&whole, "kth"),
        Err(KeySetError::OtherProvider)
    );
    let later = whole.replacen("version = 1", "version = 2\nnovelty = 1", 1);
    assert_eq!(KeySet::parse(&later, "kmh"), Err(KeySetError::Version(2)));
    for (from, to) in [
        ("version = 1\n", ""),
        ("issuer", "isuer"),
        ("fetched = 2026-11-22T20:00:00Z", "fetched = 2026-11-22"),
        (
            "fetched = 2026-11-22T20:00:00Z",
            "fetched = 2026-11-22T20:00:00+01:00",
        ),
        ("kid = \"RS256\"", "kid = \"\""),
        ("kid = \"RS256\"\n", ""),
        ("algorithm = \"RS256\"", "algorithm = \"ES256\""),
        ("algorithm = \"RS256\"", "algorithm = \"PS256\""),
        ("algorithm = \"RS256\"", "algorithm = \"none\""),
        ("public_key = [\"", "public_key = [\"A"),
        ("public_key = [\"", "public_key = [\"AQ\", \""),
        ("\"AQAB\"", "\"AQ\""),
        ("first_seen = 2026-11-22T20:00:00Z\n", ""),
        ("last_seen = 2026-11-22T20:00:00Z", "last_seen = \"never\""),
    ] {
        assert!(whole.contains(from), "{from}");
        assert!(
            KeySet::parse(&whole.replacen(from, to, 1), "kmh").is_err(),
            "{from} -> {to}"
        );
    }
    let (head, key) = whole.split_once("[[key]]").unwrap();
    let key = key.split("[[key]]").next().unwrap();
    let many = |count: usize| format!("{head}{}", format!("[[key]]{key}").repeat(count));
    assert_eq!(KeySet::parse(&many(64), "kmh").unwrap().keys.len(), 64);
    assert!(KeySet::parse(&many(65), "kmh").is_err());
}

// Check 19.

#[test]
fn a_key_counts_for_24_hours_after_it_was_last_published() {
    let set = TestProvider::new().key_set(&usual());
    let all = ["RS256", "ES256", "EdDSA"];
    assert_eq!(kids(&set, ISSUED), all);
    assert_eq!(kids(&set, ISSUED.plus(DAY - 1)), all);
    assert!(kids(&set, ISSUED.plus(DAY)).is_empty());
    // Fetched by a clock that has since been set back.
    assert_eq!(kids(&set, UnixTime(ISSUED.0 - 3600)), all);
    assert!(kids(&set, UnixTime(ISSUED.0 - 3601)).is_empty());
}

#[test]
fn a_removed_key_dies_within_24_hours_however_often_the_others_are_fetched() {
    let (of, provider) = (TestProvider::new(), usual());
    let mut set = of.key_set(&provider);
    let left = [Algorithm::Rs256, Algorithm::EdDsa];
    for hour in 1..=24 {
        let now = ISSUED.plus(hour * 3600);
        set = KeySet::refreshed(Some(&set), &provider, published(&of, &left), now);
        let is_there = kids(&set, now).contains(&"ES256");
        assert_eq!(is_there, hour < 24, "{hour}");
        assert_eq!(set.fetched, now);
    }
    assert_eq!(kids(&set, ISSUED.plus(DAY)), ["RS256", "EdDSA"]);
    assert_eq!(set.keys.len(), 2);
    let first = set.keys.iter().map(|key| key.first_seen);
    assert!(first.into_iter().all(|first| first == ISSUED));
}

#[test]
fn a_key_whose_id_has_become_another_keys_is_gone_at_once() {
    let (of, other, provider) = (TestProvider::new(), TestProvider::new(), usual());
    let set = of.key_set(&provider);
    let now = ISSUED.plus(60);
    let set = KeySet::refreshed(
        Some(&set),
        &provider,
        published(&other, &[Algorithm::Es256]),
        now,
    );
    let found: Vec<_> = set.keys.iter().filter(|key| key.kid == "ES256").collect();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].first_seen, found[0].last_seen), (now, now));
    assert_eq!(kids(&set, now).len(), 3);
}

#[test]
fn keys_of_an_earlier_issuer_are_not_kept() {
    let (of, provider) = (TestProvider::new(), usual());
    let before = of.key_set(&configured("https://old.example.org", ""));
    let set = KeySet::refreshed(
        Some(&before),
        &provider,
        published(&of, &[Algorithm::Es256]),
        ISSUED,
    );
    assert_eq!(set.keys.len(), 1);
}

#[test]
fn a_clock_that_ran_ahead_keeps_no_removed_key_alive() {
    let (of, provider) = (TestProvider::new(), usual());
    let mut ahead = of.key_set(&provider);
    for key in &mut ahead.keys {
        key.last_seen = ISSUED.plus(3000);
    }
    let set = KeySet::refreshed(
        Some(&ahead),
        &provider,
        published(&of, &[Algorithm::Es256]),
        ISSUED,
    );
    assert!(set.keys.iter().all(|key| key.last_seen == ISSUED));
}

// Check 2.

#[test]
fn a_key_is_one_that_nobody_can_guess_or_choose_freely() {
    let of = TestProvider::new();
    let part = |algorithm, name: &str| {
        let jwk = of.jwk(algorithm, &json!({}));
        base64url::decode(jwk[name].as_str().unwrap()).unwrap()
    };
    let modulus = part(Algorithm::Rs256, "n");
    let e = [1, 0, 1];
    assert!(PublicKey::rsa(&modulus, &e).is_some());
    // Leading zeros, which some libraries write, change nothing.
    assert_eq!(
        PublicKey::rsa(&[&[0], &modulus[..]].concat(), &[0, 1, 0, 1]),
        PublicKey::rsa(&modulus, &e)
    );
    let mut short = modulus.clone();
    short[0] = 0x7f;
    let mut even = modulus.clone();
    *even.last_mut().unwrap() &= 0xfe;
    let long = |bytes: usize| [&[0xff][..], &vec![0xff; bytes - 1]].concat();
    for (modulus, exponent, fine) in [
        (&short[..], &e[..], false),
        (&modulus[1..], &e, false),
        (&even, &e, false),
        (&long(512), &e, true),
        (&long(513), &e, false),
        (&modulus, &[3], true),
        (&modulus, &[1], false),
        (&modulus, &[2], false),
        (&modulus, &[1, 0, 0], false),
        (&modulus, &[], false),
        (&modulus, &[1; 5], false),
        (&[], &e, false),
    ] {
        assert_eq!(
            PublicKey::rsa(modulus, exponent).is_some(),
            fine,
            "{} {exponent:?}",
            modulus.len()
        );
    }
    let (x, y) = (part(Algorithm::Es256, "x"), part(Algorithm::Es256, "y"));
    assert!(PublicKey::p256(&x, &y).is_some());
    assert!(PublicKey::p256(&x[1..], &y).is_none());
    assert!(PublicKey::p256(&[&[0], &x[..]].concat(), &y[1..]).is_none());
    let point = part(Algorithm::EdDsa, "x");
    assert!(PublicKey::ed25519(&point).is_some());
    assert!(PublicKey::ed25519(&point[1..]).is_none());
}
