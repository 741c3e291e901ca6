//! Which of a provider's keys are taken.

use serde_json::{Value, json};

use super::{PublishedError, published_keys};
use crate::account::Algorithm;
use crate::account::test_provider::{TestProvider, usual};

fn read(keys: &[Value]) -> Result<Vec<String>, PublishedError> {
    let published = published_keys(&json!({"keys": keys}).to_string(), &usual())?;
    Ok(published.keys.into_iter().map(|key| key.kid).collect())
}

#[test]
fn a_key_is_taken_whose_use_algorithm_and_issuer_fit() {
    let of = TestProvider::new();
    let sound = of.jwk(Algorithm::EdDsa, &json!({"kid": "sound"}));
    for (algorithm, more, fits) in [
        (Algorithm::Rs256, json!({}), true),
        (
            Algorithm::Rs256,
            json!({"alg": "RS256", "use": "sig"}),
            true,
        ),
        (Algorithm::Rs256, json!({"alg": "PS256"}), false),
        (Algorithm::Rs256, json!({"alg": "RS512"}), false),
        (Algorithm::Rs256, json!({"alg": "ES256"}), false),
        (Algorithm::Rs256, json!({"alg": 1}), false),
        (Algorithm::Rs256, json!({"use": "enc"}), false),
        (Algorithm::Rs256, json!({"use": ["sig"]}), false),
        (Algorithm::Rs256, json!({"e": "AQ"}), false),
        (Algorithm::Rs256, json!({"n": "AQAB"}), false),
        (Algorithm::Rs256, json!({"n": null}), false),
        (Algorithm::Rs256, json!({"kty": "oct"}), false),
        (Algorithm::Es256, json!({"alg": "ES256"}), true),
        (Algorithm::Es256, json!({"crv": "P-384"}), false),
        (Algorithm::Es256, json!({"alg": "ES384"}), false),
        (Algorithm::EdDsa, json!({"alg": "EdDSA"}), true),
        (Algorithm::EdDsa, json!({"alg": "Ed25519"}), true),
        (Algorithm::EdDsa, json!({"crv": "X25519"}), false),
        (Algorithm::EdDsa, json!({"kid": ""}), false),
        (Algorithm::EdDsa, json!({"kid": 7}), false),
        (Algorithm::EdDsa, json!({"kid": "a\u{1b}b"}), false),
        (Algorithm::EdDsa, json!({"kid": "a".repeat(257)}), false),
        (Algorithm::EdDsa, json!({"issuer": usual().issuer}), true),
        (
            Algorithm::EdDsa,
            json!({"issuer": "https://other.example"}),
            false,
        ),
        (Algorithm::EdDsa, json!({"issuer": 1}), false),
    ] {
        let kids = read(&[of.jwk(algorithm, &more), sound.clone()]).unwrap();
        assert_eq!(kids.len(), if fits { 2 } else { 1 }, "{algorithm:?} {more}");
    }
}

#[test]
fn of_two_keys_with_one_id_neither_is_taken() {
    let of = TestProvider::new();
    let twin = |algorithm| of.jwk(algorithm, &json!({"kid": "twin"}));
    let sound = of.jwk(Algorithm::EdDsa, &json!({}));
    let kids = read(&[twin(Algorithm::Rs256), sound, twin(Algorithm::Es256)]);
    assert_eq!(kids.unwrap(), ["EdDSA"]);
}

#[test]
fn what_is_passed_over_is_told_and_safe_to_show() {
    let of = TestProvider::new();
    let odd = of.jwk(
        Algorithm::Rs256,
        &json!({"kid": "a\u{1b}[2J", "use": "enc"}),
    );
    let keys = json!({"keys": [odd, of.jwk(Algorithm::EdDsa, &json!({}))]}).to_string();
    let published = published_keys(&keys, &usual()).unwrap();
    assert_eq!(published.others, ["a?[2J: has no usable id"]);
}

#[test]
fn what_is_no_key_at_all_keeps_no_other_from_being_used() {
    let of = TestProvider::new();
    let sound = of.jwk(Algorithm::EdDsa, &json!({"x5c": ["a"], "exp": 1.5}));
    let keys = format!(r#"{{"keys":[null,7,"a",[],{{"kid":"b","kid":"c"}},{sound}]}}"#);
    let published = published_keys(&keys, &usual()).unwrap();
    let kids: Vec<&str> = published.keys.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(kids, ["EdDSA"]);
    assert_eq!(
        published.others,
        ["5 of the keys: no JSON object with distinct names"]
    );
}

#[test]
fn a_document_without_a_usable_key_is_an_error() {
    for (json, error) in [
        ("", PublishedError::NotAKeySet),
        ("[]", PublishedError::NotAKeySet),
        ("{}", PublishedError::NotAKeySet),
        ("{\"keys\":{}}", PublishedError::NotAKeySet),
        ("{\"keys\":[1]}", PublishedError::NoKey),
        (
            "{\"keys\":[{\"kid\":\"a\",\"kid\":\"b\"}]}",
            PublishedError::NoKey,
        ),
        ("{\"keys\":[]}", PublishedError::NoKey),
        ("{\"keys\":[{}]}", PublishedError::NoKey),
    ] {
        assert_eq!(published_keys(json, &usual()), Err(error), "{json}");
    }
    let many = json!({"keys": vec![json!({}); 65]}).to_string();
    assert_eq!(
        published_keys(&many, &usual()),
        Err(PublishedError::TooMany)
    );
}
