//! What a phone answers: whatever it signs, only an answer to this very question, on our page, with its user verified,
//! is right. The first two bytes are the length of `clientDataJSON`; `authenticatorData` follows it.
#![no_main]

use antiphon_core::approval::{Assertion, verify};
use antiphon_core::base64url;
use antiphon_core::record::Phone;
use libfuzzer_sys::fuzz_target;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

const ORIGIN: &str = "http://localhost:8470";
const CHALLENGE: [u8; 32] = [7; 32];
/// The counter that is remembered.
const COUNTER: u32 = 1;
/// What comes before the point in the DER of a P-256 key (RFC 5480).
const SPKI_BEFORE_POINT: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

fuzz_target!(|data: &[u8]| {
    let Some((length, rest)) = data.split_first_chunk::<2>() else {
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
    let (client_data, authenticator_data) = rest.split_at(length);
    let key = SigningKey::from_slice(&[1; 32]).unwrap();
    let point = key.verifying_key().to_sec1_point(false);
    let phone = Phone {
        name: "Pixel 9".into(),
        credential: vec![1; 16],
        public_key: [&SPKI_BEFORE_POINT, point.as_bytes()].concat(),
        origin: ORIGIN.into(),
        backup_eligible: false,
        enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
    };
    let signed = [authenticator_data, &Sha256::digest(client_data)].concat();
    let signature: DerSignature = key.sign(&signed);
    let mut assertion = Assertion {
        credential: phone.credential.clone(),
        client_data: client_data.to_vec(),
        authenticator_data: authenticator_data.to_vec(),
        signature: signature.as_bytes().to_vec(),
    };
    if verify(&assertion, &phone, &CHALLENGE, COUNTER).is_err() {
        return;
    }
    looks_right(client_data, authenticator_data);
    // And so right is it for nothing else.
    assert!(verify(&assertion, &phone, &[8; 32], COUNTER).is_err());
    assert!(verify(&assertion, &phone, &CHALLENGE, u32::MAX).is_err());
    let place = authenticator_data
        .iter()
        .fold(0, |sum, byte| sum + usize::from(*byte))
        % assertion.signature.len();
    assertion.signature[place] ^= 1;
    assert!(verify(&assertion, &phone, &CHALLENGE, COUNTER).is_err());
});

/// The checks of WebAuthn Level 3, section 7.2, once more and by other means.
fn looks_right(client_data: &[u8], authenticator_data: &[u8]) {
    let said: Value = serde_json::from_slice(client_data).unwrap();
    assert_eq!(said["type"], "webauthn.get");
    assert_eq!(said["challenge"], base64url::encode(&CHALLENGE));
    assert_eq!(said["origin"], ORIGIN);
    assert!(matches!(
        said.get("crossOrigin"),
        None | Some(Value::Bool(false))
    ));
    assert!(said.get("topOrigin").is_none());
    assert_eq!(authenticator_data[..32], Sha256::digest("localhost")[..]);
    let flags = authenticator_data[32];
    // User present and verified; neither backed up nor to be; no new key.
    assert_eq!(flags & 0b0101_1101, 0b0000_0101);
    assert!(flags & 0x80 != 0 || authenticator_data.len() == 37);
    let counter = u32::from_be_bytes(authenticator_data[33..37].try_into().unwrap());
    assert!(counter > COUNTER);
}
