//! Check 2: the key that has signed.

use serde_json::json;

use super::Desk;
use crate::account::test_provider::{ALL, NOW};
use crate::account::{Algorithm, Fault, has_key_for};
use crate::base64url;

#[test]
fn a_token_names_one_key_of_roots_file_by_its_id() {
    let mut desk = Desk::new();
    for (header, fault) in [
        (json!({"alg": "ES256"}), Fault::NoKey),
        (json!({"alg": "ES256", "kid": null}), Fault::NoKey),
        (json!({"alg": "ES256", "kid": ["ES256"]}), Fault::NoKey),
        (json!({"alg": "ES256", "kid": ""}), Fault::UnknownKey),
        (json!({"alg": "ES256", "kid": "es256"}), Fault::UnknownKey),
        (json!({"alg": "ES256", "kid": "ES256 "}), Fault::UnknownKey),
        (json!({"alg": "ES256", "kid": "EdDSA"}), Fault::Algorithm),
    ] {
        let token = desk.headed(Algorithm::Es256, &header);
        assert_eq!(desk.verdict(&token), Err(fault), "{header}");
    }
    let token = desk.right(Algorithm::Es256);
    assert!(has_key_for(&token, &desk.keys, &desk.provider, NOW));
    let twin = desk
        .keys
        .keys
        .iter()
        .find(|key| key.kid == "ES256")
        .unwrap()
        .clone();
    desk.keys.keys.push(twin);
    assert_eq!(desk.verdict(&token), Err(Fault::UnknownKey));
    desk.keys.keys.retain(|key| key.kid != "ES256");
    assert_eq!(desk.verdict(&token), Err(Fault::UnknownKey));
    assert!(!has_key_for(&token, &desk.keys, &desk.provider, NOW));
    // What is no token need not wait for a key.
    assert!(has_key_for("a.b", &desk.keys, &desk.provider, NOW));
}

#[test]
fn the_key_fixes_the_algorithm_whatever_the_header_says() {
    let desk = Desk::new();
    for algorithm in ALL {
        for named in [
            "none", "None", "", "HS256", "RS256", "rs256", "RS384", "RS512", "PS256", "ES256",
            "ES256K", "ES384", "EdDSA", "Ed25519", "Ed448", "RS256 ",
        ] {
            let header = json!({"alg": named, "kid": algorithm.name()});
            let verdict = desk.verdict(&desk.headed(algorithm, &header));
            let is_its_own =
                named == algorithm.name() || (named == "Ed25519" && algorithm == Algorithm::EdDsa);
            let expected = if is_its_own {
                Ok(())
            } else {
                Err(Fault::Algorithm)
            };
            assert_eq!(verdict, expected, "{named} with a key of {algorithm:?}");
        }
        for odd in [json!(null), json!(1), json!(["ES256"])] {
            let header = json!({"alg": odd, "kid": algorithm.name()});
            let verdict = desk.verdict(&desk.headed(algorithm, &header));
            assert_eq!(verdict, Err(Fault::Algorithm));
        }
        // Another key's signature, under the right names.
        for other in ALL.into_iter().filter(|other| *other != algorithm) {
            let name = algorithm.name();
            let header = json!({"alg": name, "kid": name});
            let verdict = desk.verdict(&desk.headed(other, &header));
            assert_eq!(verdict, Err(Fault::Signature));
        }
    }
}

#[test]
fn the_public_key_is_no_secret_to_sign_with() {
    let desk = Desk::new();
    let n = desk.of.jwk(Algorithm::Rs256, &json!({}))["n"]
        .as_str()
        .unwrap()
        .to_owned();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &base64url::decode(&n).unwrap());
    for named in ["HS256", "RS256"] {
        let header = json!({"alg": named, "kid": "RS256"});
        let token = desk.headed(Algorithm::Rs256, &header);
        let signed = &token[..token.rfind('.').unwrap()];
        let tag = ring::hmac::sign(&key, signed.as_bytes());
        let forged = format!("{signed}.{}", base64url::encode(tag.as_ref()));
        assert!(desk.verdict(&forged).is_err());
    }
}

#[test]
fn an_rsa_signature_is_as_long_as_its_key_and_below_it() {
    let desk = Desk::new();
    let token = desk.right(Algorithm::Rs256);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let modulus = desk.of.jwk(Algorithm::Rs256, &json!({}))["n"]
        .as_str()
        .unwrap()
        .to_owned();
    let modulus = base64url::decode(&modulus).unwrap();
    for forged in [
        [&[0], &signature[..]].concat(),
        signature[1..].to_vec(),
        signature[..255].to_vec(),
        [&signature[..], &[0]].concat(),
        vec![0; 256],
        [&[0; 255][..], &[1]].concat(),
        vec![0xff; 256],
        modulus,
        Vec::new(),
        vec![1; 512],
        vec![1; 5000],
    ] {
        let token = format!("{signed}.{}", base64url::encode(&forged));
        assert_eq!(desk.verdict(&token), Err(Fault::Signature));
    }
}
