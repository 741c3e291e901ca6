//! `[[phone]]` and `[[number]]`: the ways that go over a telephone.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer};
use toml::value::Datetime;

use super::instant;

/// What comes before the point in the DER of a P-256 key (RFC 5480 §2): only that curve, only the uncompressed form.
const SPKI_P256_PREFIX: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
/// The prefix and the point's two coordinates.
const SPKI_P256_LENGTH: usize = SPKI_P256_PREFIX.len() + 64;

/// A phone whose passkey approves sign-ins.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// The name that the person gave it.
    pub name: String,
    /// WebAuthn credential id.
    #[serde(deserialize_with = "base64url")]
    pub credential: Vec<u8>,
    /// SubjectPublicKeyInfo, DER, P-256, uncompressed point.
    #[serde(deserialize_with = "p256_spki")]
    pub public_key: Vec<u8>,
    /// The page that the passkey belongs to.
    #[serde(deserialize_with = "web_origin")]
    pub origin: String,
    /// WebAuthn's BE flag at enrolment: whether the passkey may be synced.
    pub backup_eligible: bool,
    /// When it was enrolled.
    #[serde(deserialize_with = "instant")]
    pub enrolled: Datetime,
}

/// A telephone number for SMS and voice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelephoneNumber {
    /// E.164: a plus sign and up to 15 digits.
    #[serde(deserialize_with = "e164")]
    pub tel: String,
    /// What may be sent there.
    pub uses: Vec<TelephoneUse>,
}

/// One entry of `uses`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TelephoneUse {
    /// A text message.
    Sms,
    /// A spoken call.
    Call,
}

fn base64url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match BASE64URL_NOPAD.decode(text.as_bytes()) {
        Ok(bytes) if !bytes.is_empty() => Ok(bytes),
        _ => Err(serde::de::Error::custom("not base64url")),
    }
}

fn p256_spki<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let bytes = base64url(deserializer)?;
    if bytes.len() == SPKI_P256_LENGTH && bytes.starts_with(&SPKI_P256_PREFIX) {
        Ok(bytes)
    } else {
        Err(serde::de::Error::custom("not a P-256 public key"))
    }
}

fn web_origin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let origin = String::deserialize(deserializer)?;
    if origin.starts_with("https://") || origin.starts_with("http://localhost") {
        Ok(origin)
    } else {
        Err(serde::de::Error::custom("not an https origin"))
    }
}

fn e164<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let tel = String::deserialize(deserializer)?;
    let digits = tel.strip_prefix('+').unwrap_or_default();
    if (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(tel)
    } else {
        Err(serde::de::Error::custom(
            "not a number in the form +46701234567",
        ))
    }
}
