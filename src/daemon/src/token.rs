//! A phone's token, which identifies it. Only the phone keeps it; we keep its hash.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq;

use crate::random::{self, NoRandomness};

/// 256 random bits, base64url.
pub(crate) struct Token(String);

/// The SHA-256 of a token's text. Unsalted, since nobody can guess 256 bits.
#[derive(Clone, Copy)]
pub(crate) struct TokenHash([u8; 32]);

impl Token {
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        Ok(Self(BASE64URL_NOPAD.encode(&random::bytes::<32>()?)))
    }

    /// The text, for the one response that contains it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl TokenHash {
    /// The hash of a token sent by a phone.
    pub(crate) fn of(sent: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, sent.as_bytes()).as_ref());
        Self(bytes)
    }

    /// A hash from the store.
    pub(crate) fn stored(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash for the store.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Compares in constant time.
impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, TokenHash};

    #[test]
    fn a_token_has_256_bits_and_is_known_by_its_hash_alone() {
        let (one, other) = (Token::new().unwrap(), Token::new().unwrap());
        assert_eq!(one.expose().len(), 43);
        assert_eq!(TokenHash::of(one.expose()), one.hash());
        assert_ne!(one.hash(), other.hash());
        assert!(!format!("{:?}", one.hash()).contains(one.expose()));
    }
}
