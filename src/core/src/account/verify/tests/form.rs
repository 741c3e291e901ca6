//! Check 1: the form of a token.

use serde_json::{Value, json};

use super::Desk;
use crate::account::test_provider::{TestProvider, claims};
use crate::account::{Algorithm, Fault, LONGEST_TOKEN};

#[test]
fn a_token_is_three_parts_of_strict_base64url_and_nothing_around_them() {
    let desk = Desk::new();
    let right = desk.right(Algorithm::Es256);
    let parts: Vec<&str> = right.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!()
    };
    for token in [
        String::new(),
        "..".into(),
        format!("{header}.{payload}"),
        format!("{right}."),
        format!("{right}.{signature}"),
        format!(".{right}"),
        format!("{right}="),
        format!("{right}=="),
        format!("{right}\n"),
        format!(" {right}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload} .{signature}"),
        right.replace(['-', '_'], "+"),
        right.replace('.', ","),
    ] {
        if token != right {
            assert_eq!(desk.verdict(&token), Err(Fault::Form), "{token}");
        }
    }
    assert_eq!(
        desk.verdict(&format!("{header}.{payload}.")),
        Err(Fault::Signature)
    );
    // A lenient decoder takes another last character for the same bytes.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let begin = &right[..right.len() - 1];
    let taken = alphabet
        .chars()
        .filter(|last| desk.verdict(&format!("{begin}{last}")).is_ok());
    assert_eq!(taken.count(), 1);
}

#[test]
fn a_token_may_have_16_kib_and_no_more() {
    let desk = Desk::new();
    let of_length = |padding: usize| {
        let mut claims = claims(&desk.provider, &desk.digest);
        claims.insert("x".into(), "a".repeat(padding).into());
        desk.of.token(Algorithm::EdDsa, &claims)
    };
    // Three bytes more are four characters more.
    let shortest = of_length(0).len();
    let most = (LONGEST_TOKEN - shortest) / 4 * 3;
    let fits = of_length(most);
    assert!(
        (LONGEST_TOKEN - 3..=LONGEST_TOKEN).contains(&fits.len()),
        "{}",
        fits.len()
    );
    assert_eq!(desk.verdict(&fits), Ok(()));
    let long = of_length(most + 6);
    assert!(long.len() > LONGEST_TOKEN);
    assert_eq!(desk.verdict(&long), Err(Fault::Form));
}

#[test]
fn a_name_that_stands_twice_in_header_or_payload_is_refused() {
    let desk = Desk::new();
    let payload = Value::Object(claims(&desk.provider, &desk.digest)).to_string();
    let header = r#"{"alg":"ES256","kid":"ES256"}"#;
    let signs = |header: &str, payload: &str| desk.of.signs(Algorithm::Es256, header, payload);
    assert_eq!(desk.verdict(&signs(header, &payload)), Ok(()));
    for twice in [
        r#""nonce":"x","#,
        r#""sub":"x","#,
        r#""\u0073ub":"3f07-a","#,
        r#""y":1,"y":2,"#,
    ] {
        let token = signs(header, &payload.replacen('{', &format!("{{{twice}"), 1));
        assert_eq!(desk.verdict(&token), Err(Fault::Form), "{twice}");
    }
    for twice in [r#""alg":"none","#, r#""kid":"ES256","#, r#""y":1,"y":2,"#] {
        let token = signs(&header.replacen('{', &format!("{{{twice}"), 1), &payload);
        assert_eq!(desk.verdict(&token), Err(Fault::Form), "{twice}");
    }
}

#[test]
fn header_and_payload_are_objects() {
    let desk = Desk::new();
    for odd in ["", "[]", "\"a\"", "null", "{", "{} {}"] {
        let header = r#"{"alg":"ES256","kid":"ES256"}"#;
        let token = desk.of.signs(Algorithm::Es256, header, odd);
        assert_eq!(desk.verdict(&token), Err(Fault::Form), "{odd}");
        let token = desk.headed_as(Algorithm::Es256, odd);
        assert_eq!(desk.verdict(&token), Err(Fault::Form), "{odd}");
    }
}

#[test]
fn a_header_that_asks_for_an_extension_is_refused() {
    let desk = Desk::new();
    for extension in [
        json!({"crit": ["exp"]}),
        json!({"crit": []}),
        json!({"crit": null}),
        json!({"b64": true}),
        json!({"b64": false, "crit": ["b64"]}),
    ] {
        let mut header = json!({"alg": "ES256", "kid": "ES256"});
        header
            .as_object_mut()
            .unwrap()
            .extend(extension.as_object().unwrap().clone());
        let token = desk.headed(Algorithm::Es256, &header);
        assert_eq!(desk.verdict(&token), Err(Fault::Critical), "{header}");
    }
}

#[test]
fn a_key_that_the_token_brings_or_points_at_is_never_used() {
    let desk = Desk::new();
    let stranger = TestProvider::new();
    let own = stranger.jwk(Algorithm::Es256, &json!({}));
    let payload = Value::Object(claims(&desk.provider, &desk.digest)).to_string();
    for kid in ["ES256", "own"] {
        let header = json!({
            "alg": "ES256", "kid": kid, "jwk": own, "jku": "https://evil.example/jwks", "x5c": ["MIIB"],
            "x5u": "https://evil.example/x",
        });
        let token = stranger.signs(Algorithm::Es256, &header.to_string(), &payload);
        let fault = if kid == "own" {
            Fault::UnknownKey
        } else {
            Fault::Signature
        };
        assert_eq!(desk.verdict(&token), Err(fault));
        // With our key's signature they change nothing.
        let token = desk.headed(Algorithm::Es256, &header);
        assert_eq!(desk.verdict(&token).is_ok(), kid == "ES256");
    }
}
