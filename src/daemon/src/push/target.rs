//! Where to call a phone, in the form of `PUT /api/push`, which is also the stored form.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// An address given by a phone. The phone, and so perhaps an attacker, chooses it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Target {
    /// A subscription in browsers' format (RFC 8030).
    WebPush {
        /// The push service's URL for this browser.
        endpoint: String,
        /// The keys to encrypt messages to (RFC 8291).
        keys: Keys,
    },
    Post {
        post: String,
    },
}

impl Target {
    /// The URL to call.
    pub(super) fn address(&self) -> &str {
        match self {
            Self::WebPush { endpoint, .. } => endpoint,
            Self::Post { post } => post,
        }
    }
}

/// The browser's keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Keys {
    /// An uncompressed P-256 point.
    #[serde(with = "base64url")]
    pub(crate) p256dh: Vec<u8>,
    /// 16 bytes.
    #[serde(with = "base64url")]
    pub(crate) auth: Vec<u8>,
}

/// Browsers send base64url without padding; some libraries pad.
pub(crate) mod base64url {
    use super::{BASE64URL_NOPAD, Deserialize, Deserializer, Error, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64URL_NOPAD
            .decode(text.trim_end_matches('=').as_bytes())
            .map_err(|_| D::Error::custom("not base64url"))
    }
}
