//! A provider's token: whatever is signed, only a token for this nonce, client and account, with a fresh sign-in, is
//! right. The first byte says how header and payload are taken: as they come, signed by the right key, or as the token
//! itself. The next two are the length of the header.
#![no_main]

use std::sync::LazyLock;

use antiphon_core::account::{Expected, Key, KeySet, PublicKey, verify};
use antiphon_core::base64url;
use antiphon_core::config::{Config, Provider};
use antiphon_core::record::AccountSubject;
use antiphon_core::time::UnixTime;
use libfuzzer_sys::fuzz_target;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::Value;

const PROVIDER: &str = r#"[[provider]]
name = "kmh"
issuer = "https://id.example.org"
client_id = "antiphon"
label = { sv = "KMH-konto", en = "KMH account" }
strength = { claim = "acrs", values = ["c1"] }
"#;
const ISSUED: UnixTime = UnixTime(1_795_377_600);
const NOW: UnixTime = UnixTime(ISSUED.0 + 25);
const DIGEST: [u8; 32] = [7; 32];

static KNOWN: LazyLock<(Provider, SigningKey, KeySet, AccountSubject)> = LazyLock::new(|| {
    let config = Config::parse(PROVIDER).unwrap();
    let key = SigningKey::from_slice(&[1; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    let keys = KeySet {
        provider: "kmh".into(),
        issuer: "https://id.example.org".into(),
        fetched: ISSUED,
        keys: vec![Key {
            kid: "k".into(),
            key: PublicKey::p256(x, y).unwrap(),
            issuer: None,
            first_seen: ISSUED,
            last_seen: ISSUED,
        }],
    };
    let subject = AccountSubject {
        id: "anna".into(),
        tenant: None,
    };
    (config.providers[0].clone(), key, keys, subject)
});

fuzz_target!(|data: &[u8]| {
    let Some(([how, first, second], rest)) = data.split_first_chunk::<3>() else {
        return;
    };
    let (provider, key, keys, subject) = &*KNOWN;
    let expected = Expected {
        provider,
        keys,
        digest: &DIGEST,
        issued: ISSUED,
        subject: Some(subject),
    };
    if how % 4 == 0 {
        // No fuzzer makes a signature.
        if let Ok(token) = std::str::from_utf8(rest) {
            assert!(verify(token, expected, NOW).is_err());
        }
        return;
    }
    let length = usize::from(u16::from_be_bytes([*first, *second])).min(rest.len());
    let (header, payload) = rest.split_at(length);
    let signed = format!("{}.{}", base64url::encode(header), base64url::encode(payload));
    let signature: Signature = key.sign(signed.as_bytes());
    let mut signature = signature.to_bytes().to_vec();
    let token = format!("{signed}.{}", base64url::encode(&signature));
    if verify(&token, expected, NOW).is_err() {
        return;
    }
    looks_right(header, payload);
    // And so right is it for nothing else.
    let other = AccountSubject {
        id: "bert".into(),
        tenant: None,
    };
    for changed in [
        Expected { digest: &[8; 32], ..expected },
        Expected { subject: Some(&other), ..expected },
        Expected { issued: ISSUED.plus(3600), ..expected },
    ] {
        assert!(verify(&token, changed, NOW).is_err());
    }
    assert!(verify(&token, expected, UnixTime(ISSUED.0 - 86_400)).is_err());
    let place = payload.iter().fold(0, |sum, byte| sum + usize::from(*byte)) % signature.len();
    signature[place] ^= 1;
    let forged = format!("{signed}.{}", base64url::encode(&signature));
    assert!(verify(&forged, expected, NOW).is_err());
});

/// The checks once more and by other means.
fn looks_right(header: &[u8], payload: &[u8]) {
    let header: Value = serde_json::from_slice(header).unwrap();
    assert_eq!((&header["alg"], &header["kid"]), (&"ES256".into(), &"k".into()));
    assert!(header.get("crit").is_none() && header.get("b64").is_none());
    let said: Value = serde_json::from_slice(payload).unwrap();
    assert_eq!(said["iss"], "https://id.example.org");
    assert!(said["aud"] == "antiphon" || said["aud"] == serde_json::json!(["antiphon"]));
    assert!(said.get("azp").is_none_or(|party| party == "antiphon"));
    assert_eq!(said["nonce"], base64url::encode(&DIGEST));
    assert_eq!(said["sub"], "anna");
    let at = |claim: &str| said[claim].as_u64().unwrap();
    assert!((ISSUED.0 - 60..=NOW.0 + 60).contains(&at("auth_time")));
    assert!((ISSUED.0 - 600..=NOW.0 + 60).contains(&at("iat")));
    assert!(at("exp") > NOW.0 - 60);
    assert!(said.get("nbf").is_none() || at("nbf") <= NOW.0 + 60);
    let strength = &said["acrs"];
    assert!(strength == "c1" || strength.as_array().unwrap().contains(&"c1".into()));
}
