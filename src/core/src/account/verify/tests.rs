//! Each check of a token, by a token that fails it alone.

mod form;
mod keys;
mod said;
mod times;
mod vendors;

use serde_json::Value;

use super::{Expected, VerifiedToken, names_account, verify};
use crate::account::test_provider::{
    ALL, ISSUED, Members, NOW, SUBJECT, TestProvider, claims, configured, digest, usual,
};
use crate::account::{Algorithm, Fault, KeySet};
use crate::base64url;
use crate::config::Provider;
use crate::record::AccountSubject;
use crate::time::UnixTime;

/// A tenant of Entra ID.
const TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// A provider, and what a token of its must be for.
struct Desk {
    provider: Provider,
    keys: KeySet,
    of: TestProvider,
    digest: [u8; 32],
    subject: Option<AccountSubject>,
}

impl Desk {
    fn new() -> Self {
        Self::at(usual())
    }

    fn at(provider: Provider) -> Self {
        let of = TestProvider::new();
        Self {
            keys: of.key_set(&provider),
            digest: digest(&provider),
            provider,
            of,
            subject: Some(AccountSubject {
                id: SUBJECT.into(),
                tenant: None,
            }),
        }
    }

    /// The usual provider, with these lines more.
    fn with(more: &str) -> Self {
        Self::at(configured(&usual().issuer, more))
    }

    fn verified_at(&self, token: &str, now: UnixTime) -> Result<VerifiedToken, Fault> {
        let expected = Expected {
            provider: &self.provider,
            keys: &self.keys,
            digest: &self.digest,
            issued: ISSUED,
            subject: self.subject.as_ref(),
        };
        verify(token, expected, now)
    }

    fn verdict(&self, token: &str) -> Result<(), Fault> {
        self.verified_at(token, NOW).map(drop)
    }

    /// The verdict on a token that is right but for this change.
    fn changed(&self, change: impl FnOnce(&mut Members)) -> Result<(), Fault> {
        let mut members = claims(&self.provider, &self.digest);
        change(&mut members);
        self.verdict(&self.of.token(Algorithm::Es256, &members))
    }

    /// The verdict on a token in which `claim` is this, or is missing.
    fn having(&self, claim: &str, value: &Value) -> Result<(), Fault> {
        self.changed(|claims| {
            claims.insert(claim.into(), value.clone());
            claims.retain(|_, value| !value.is_null());
        })
    }

    /// A right token with this header.
    fn headed(&self, algorithm: Algorithm, header: &Value) -> String {
        self.headed_as(algorithm, &header.to_string())
    }

    fn headed_as(&self, algorithm: Algorithm, header: &str) -> String {
        let payload = Value::Object(claims(&self.provider, &self.digest)).to_string();
        self.of.signs(algorithm, header, &payload)
    }

    fn right(&self, algorithm: Algorithm) -> String {
        self.of
            .token(algorithm, &claims(&self.provider, &self.digest))
    }
}

#[test]
fn a_right_token_of_each_algorithm_is_verified_and_says_whose_it_is() {
    let mut desk = Desk::new();
    for algorithm in ALL {
        let token = desk.right(algorithm);
        let verified = desk.verified_at(&token, NOW).unwrap();
        assert_eq!(Some(verified.subject()), desk.subject.as_ref());
        assert_eq!(
            verified.check_digits(),
            &crate::account::CheckDigits::of(&token)
        );
    }
    // Whoever it is, where that is to be learnt; the name is made safe.
    desk.subject = None;
    let mut claims = claims(&desk.provider, &desk.digest);
    claims.insert("name".into(), "Anna\u{1b}[2J".into());
    let verified = desk
        .verified_at(&desk.of.token(Algorithm::EdDsa, &claims), NOW)
        .unwrap();
    assert_eq!(
        (verified.subject().id.as_str(), verified.name()),
        (SUBJECT, "Anna?[2J")
    );
}

#[test]
fn no_bit_of_a_signature_can_be_flipped() {
    let desk = Desk::new();
    for algorithm in ALL {
        let token = desk.right(algorithm);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url::decode(signature).unwrap();
        for bit in 0..signature.len() * 8 {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let flipped = format!("{signed}.{}", base64url::encode(&flipped));
            assert_eq!(
                desk.verdict(&flipped),
                Err(Fault::Signature),
                "{algorithm:?}, bit {bit}"
            );
        }
    }
}

#[test]
fn no_bit_of_header_payload_or_signature_can_be_flipped_as_they_stand() {
    let desk = Desk::new();
    let token = desk.right(Algorithm::EdDsa);
    for bit in 0..token.len() * 8 {
        let mut flipped = token.clone().into_bytes();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let Ok(flipped) = String::from_utf8(flipped) else {
            continue;
        };
        assert!(desk.verdict(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn a_token_that_is_cut_off_anywhere_is_refused() {
    let desk = Desk::new();
    let token = desk.right(Algorithm::EdDsa);
    for length in 0..token.len() {
        assert!(desk.verdict(&token[..length]).is_err(), "{length}");
    }
}
