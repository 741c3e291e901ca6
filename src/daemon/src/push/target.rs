//! Where a phone is called: in the form of `PUT /api/push`, which is also the form that is stored.

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// An address that a phone gave. It is the phone's choice, and so perhaps an attacker's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Target {
    /// A subscription as browsers give it (RFC 8030).
    WebPush {
        /// The push service's address for this browser.
        endpoint: String,
        /// What the message is encrypted to (RFC 8291).
        keys: Keys,
    },
    /// A plain POST.
    Post {
        /// Where to.
        post: String,
    },
}

/// The browser's keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Keys {
    /// A point of P-256, uncompressed.
    #[serde(with = "base64url")]
    pub(crate) p256dh: Vec<u8>,
    /// 16 bytes.
    #[serde(with = "base64url")]
    pub(crate) auth: Vec<u8>,
}

/// Browsers give base64url without padding, some libraries pad.
mod base64url {
    use super::{BASE64URL_NOPAD, Deserialize, Deserializer, Error, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64URL_NOPAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64URL_NOPAD
            .decode(text.trim_end_matches('=').as_bytes())
            .map_err(|_| D::Error::custom("not base64url"))
    }
}
