//! What a new host joins a fleet with: `ANT1-relay1.example.org:8471-…`.
//!
//! It says where to ask, whom to believe there, and that the host may come in. It is a secret as long as it serves.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::address::RelayAddress;
use super::keys::PublicKey;
use crate::base64url;

const BEGIN: &str = "ANT1-";
/// Bytes of each fingerprint: nobody finds another key with the same 128 bits.
const FINGERPRINT: usize = 16;
/// Bytes of the secret.
const SECRET: usize = 16;
/// Both fingerprints and the secret as text: 48 bytes are 64 characters.
const TAIL: usize = (2 * FINGERPRINT + SECRET) / 3 * 4;

/// The secret part of a token. Wiped on drop, never shown in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(Zeroizing<[u8; SECRET]>);

impl TokenSecret {
    /// Takes random bytes.
    #[must_use]
    pub fn new(random: [u8; SECRET]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// As it travels to the relay.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(base64url::encode(&*self.0))
    }

    /// Reads [`Self::to_text`].
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(base64url::decode(text)?);
        Some(Self::new(bytes.as_slice().try_into().ok()?))
    }

    /// What a relay keeps of it: SHA-256, from which nobody finds 128 random bits.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(*self.0).into()
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret([redacted])")
    }
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// The relay to ask.
    pub relay: RelayAddress,
    relay_key: [u8; FINGERPRINT],
    root: [u8; FINGERPRINT],
    /// The proof that the host may join.
    pub secret: TokenSecret,
}

impl JoinToken {
    /// A token for the relay at `relay`, whose certificate has `relay_key`, in the fleet of `root`.
    #[must_use]
    pub fn new(
        relay: RelayAddress,
        relay_key: &PublicKey,
        root: &PublicKey,
        secret: TokenSecret,
    ) -> Self {
        Self {
            relay,
            relay_key: short(relay_key),
            root: short(root),
            secret,
        }
    }

    /// Whether `key` is that of the relay's certificate.
    #[must_use]
    pub fn is_for_relay(&self, key: &PublicKey) -> bool {
        self.relay_key == short(key)
    }

    /// Whether `key` is the fleet's root key.
    #[must_use]
    pub fn is_for_root(&self, key: &PublicKey) -> bool {
        self.root == short(key)
    }

    /// The token, to be typed or copied.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let tail = [&self.relay_key[..], &self.root, &*self.secret.0].concat();
        let tail = Zeroizing::new(tail);
        let encoded = Zeroizing::new(base64url::encode(&tail));
        Zeroizing::new(format!("{BEGIN}{}-{}", self.relay, *encoded))
    }

    /// Reads [`Self::to_text`].
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(BEGIN)?;
        // From the end: hyphens also stand in names and in base64url.
        let (relay, tail) = rest.split_at_checked(rest.len().checked_sub(TAIL)?)?;
        let relay = RelayAddress::read(relay.strip_suffix('-')?)?;
        let bytes = Zeroizing::new(base64url::decode(tail)?);
        let (relay_key, bytes) = bytes.split_first_chunk()?;
        let (root, bytes) = bytes.split_first_chunk()?;
        Some(Self {
            relay,
            relay_key: *relay_key,
            root: *root,
            secret: TokenSecret::new(bytes.try_into().ok()?),
        })
    }
}

fn short(key: &PublicKey) -> [u8; FINGERPRINT] {
    let whole = key.fingerprint();
    std::array::from_fn(|index| whole.get(index).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{JoinToken, TokenSecret};
    use crate::fleet::RelayAddress;
    use crate::fleet::signer::Signer;

    #[test]
    fn a_token_is_read_as_it_was_written_and_knows_both_keys() {
        let (relay, root) = (Signer::new("relay1"), Signer::new("root"));
        let (relay, root) = (relay.public_key(), root.public_key());
        for address in ["relay-1.example.org:8471", "[2001:db8::7]:8471"] {
            let address = RelayAddress::read(address).unwrap();
            let secret = TokenSecret::new([0xfb; 16]);
            let token = JoinToken::new(address, &relay, &root, secret);
            let text = token.to_text();
            assert!(text.starts_with("ANT1-"), "{}", *text);
            let read = JoinToken::read(&text).unwrap();
            assert_eq!(read, token);
            assert!(read.is_for_relay(&relay) && read.is_for_root(&root));
            assert!(!read.is_for_relay(&root) && !read.is_for_root(&relay));
        }
    }

    #[test]
    fn what_is_not_exactly_a_token_is_none() {
        let (relay, root) = (Signer::new("relay1"), Signer::new("root"));
        let token = JoinToken::new(
            RelayAddress::read("relay1:8471").unwrap(),
            &relay.public_key(),
            &root.public_key(),
            TokenSecret::new([7; 16]),
        );
        let text = token.to_text();
        for end in 0..text.len() {
            assert_eq!(JoinToken::read(&text[..end]), None);
        }
        for wrong in [
            text.replace("ANT1", "ANT2"),
            text.replace(":8471-", ":8471"),
            text.replace("relay1:8471", "relay1"),
            format!("{}\n", *text),
            format!(" {}", *text),
            "å".repeat(80),
        ] {
            assert_eq!(JoinToken::read(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_secret_is_kept_as_a_hash_and_not_shown() {
        let secret = TokenSecret::new([7; 16]);
        assert_eq!(TokenSecret::read(&secret.to_text()), Some(secret.clone()));
        assert_eq!(TokenSecret::read("BwcH"), None);
        assert_ne!(secret.hash(), TokenSecret::new([8; 16]).hash());
        assert_eq!(format!("{secret:?}"), "TokenSecret([redacted])");
    }
}
