//! A signed document, as it travels and as a host keeps it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::keys::PublicKey;
use super::untrusted::Untrusted;
use crate::approval::framed;
use crate::es256::is_signed;

/// The longest body, in bytes. Escaped, it still fits into a frame.
pub const LONGEST_BODY: usize = 24 * 1024;
/// The longest document as text, in bytes.
pub const LONGEST_DOCUMENT: usize = 60 * 1024;

/// What the signature is for, so that it can stand for nothing else.
const PURPOSE: &str = "antiphon fleet v1";

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// [`super::Keys`], signed with the root key.
    Keys,
    /// A [`super::FleetRecord`], signed with a key for records.
    Record,
    /// [`super::FleetNumbers`], signed with the same key as their record.
    Numbers,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::Record => "record",
            Self::Numbers => "numbers",
        }
    }
}

/// A text and its signature.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedDocument {
    /// What it is.
    pub kind: Kind,
    /// The text, TOML.
    pub body: String,
    /// The name of the key that it was signed with.
    pub key: String,
    /// ES256 over [`SignedDocument::statement`], DER.
    #[serde(with = "crate::wire::bytes")]
    pub signature: Vec<u8>,
}

/// Keeps telephone numbers out of logs.
impl fmt::Debug for SignedDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SignedDocument");
        shown.field("kind", &self.kind).field("key", &self.key);
        match self.kind {
            Kind::Keys | Kind::Record => shown.field("body", &self.body),
            Kind::Numbers => &mut shown,
        }
        .finish_non_exhaustive()
    }
}

impl SignedDocument {
    /// What is signed: `"antiphon fleet v1" ‖ Σ len32be(field) ‖ field` of kind, fleet and body.
    #[must_use]
    pub fn statement(kind: Kind, fleet: &str, body: &str) -> Vec<u8> {
        let fields = [kind.word(), fleet, body].map(str::as_bytes);
        framed(PURPOSE, &fields)
    }

    /// Parses what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// [`Untrusted::NotUnderstood`].
    pub fn parse(text: &[u8]) -> Result<Self, Untrusted> {
        if text.len() > LONGEST_DOCUMENT {
            return Err(Untrusted::NotUnderstood);
        }
        serde_json::from_slice(text).map_err(|_| Untrusted::NotUnderstood)
    }

    /// The document as text, for a file.
    ///
    /// # Errors
    /// [`Untrusted::NotUnderstood`] if [`Self::parse`] would not take it.
    pub fn to_text(&self) -> Result<String, Untrusted> {
        let text = serde_json::to_string(self).map_err(|_| Untrusted::NotUnderstood)?;
        let fits = text.len() <= LONGEST_DOCUMENT;
        fits.then_some(text).ok_or(Untrusted::NotUnderstood)
    }

    /// The body, if `key` signed it as a `kind` of this `fleet`. Nothing else looks into a body of others.
    pub(super) fn verified(
        &self,
        kind: Kind,
        fleet: &str,
        key: &PublicKey,
    ) -> Result<&str, Untrusted> {
        if self.kind != kind {
            return Err(Untrusted::OtherKind);
        }
        if self.body.len() > LONGEST_BODY {
            return Err(Untrusted::NotUnderstood);
        }
        let statement = Self::statement(kind, fleet, &self.body);
        if is_signed(key.spki(), &statement, &self.signature) {
            Ok(&self.body)
        } else {
            Err(Untrusted::Signature)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, LONGEST_BODY, LONGEST_DOCUMENT, SignedDocument};
    use crate::fleet::signer::Signer;
    use crate::fleet::{PublicKey, Untrusted};
    use crate::wire::MAX_FRAME;

    #[test]
    fn what_is_signed_is_the_described_bytes() {
        let statement = SignedDocument::statement(Kind::Record, "example", "x\n");
        assert_eq!(
            statement,
            b"antiphon fleet v1\0\0\0\x06record\0\0\0\x07example\0\0\0\x02x\n"
        );
        assert_ne!(
            SignedDocument::statement(Kind::Keys, "ab", "c"),
            SignedDocument::statement(Kind::Keys, "a", "bc")
        );
    }

    #[test]
    fn a_document_comes_back_as_it_was_written_and_the_longest_fits_a_frame() {
        let signer = Signer::new("enrol1");
        let longest = "\"".repeat(LONGEST_BODY);
        for body in ["version = 1\nname = \"åsa\"\n", "", &longest] {
            let document = signer.sign(Kind::Record, "example", body);
            let text = document.to_text().unwrap();
            assert_eq!(SignedDocument::parse(text.as_bytes()), Ok(document));
        }
        const { assert!(LONGEST_DOCUMENT < MAX_FRAME) };
        let mut document = signer.sign(Kind::Record, "example", "");
        document.body = "\0".repeat(LONGEST_DOCUMENT);
        assert_eq!(document.to_text(), Err(Untrusted::NotUnderstood));
    }

    #[test]
    fn what_is_not_exactly_a_document_is_none() {
        let text = Signer::new("enrol1")
            .sign(Kind::Record, "example", "x")
            .to_text()
            .unwrap();
        assert!(SignedDocument::parse(text.as_bytes()).is_ok());
        for (from, to) in [
            ("\"record\"", "\"verdict\""),
            ("{\"kind\"", "{\"more\":1,\"kind\""),
            ("{\"kind\"", "{\"kind\":\"keys\",\"kind\""),
            ("\"key\":\"enrol1\",", ""),
            ("\"body\":\"x\"", "\"body\":[\"x\"]"),
            ("\"signature\":\"", "\"signature\":\" "),
        ] {
            assert!(text.contains(from), "{from}");
            let text = text.replacen(from, to, 1);
            let parsed = SignedDocument::parse(text.as_bytes());
            assert_eq!(parsed, Err(Untrusted::NotUnderstood), "{text}");
        }
        let padded = format!("{text}{}", " ".repeat(LONGEST_DOCUMENT));
        assert!(SignedDocument::parse(padded.as_bytes()).is_err());
        assert!(SignedDocument::parse(b"").is_err());
    }

    #[test]
    fn no_single_bit_of_a_signature_can_be_flipped() {
        let signer = Signer::new("enrol1");
        let (key, document) = (
            signer.public_key(),
            signer.sign(Kind::Record, "example", "x"),
        );
        assert!(document.verified(Kind::Record, "example", &key).is_ok());
        for bit in 0..8 * document.signature.len() {
            let mut flipped = document.clone();
            flipped.signature[bit / 8] ^= 1 << (bit % 8);
            let refused = flipped.verified(Kind::Record, "example", &key);
            assert_eq!(refused, Err(Untrusted::Signature), "bit {bit}");
        }
    }

    #[test]
    fn a_signature_counts_for_its_kind_and_fleet_and_key_and_text_alone() {
        let signer = Signer::new("enrol1");
        let (key, other) = (signer.public_key(), Signer::new("enrol1").public_key());
        let document = signer.sign(Kind::Record, "example", "x");
        let verified = |document: &SignedDocument, kind, fleet: &str, key: &PublicKey| {
            document.verified(kind, fleet, key).map(str::to_owned)
        };
        assert_eq!(
            verified(&document, Kind::Record, "example", &key),
            Ok("x".to_owned())
        );
        assert_eq!(
            verified(&document, Kind::Keys, "example", &key),
            Err(Untrusted::OtherKind)
        );
        let relabelled = SignedDocument {
            kind: Kind::Keys,
            ..document.clone()
        };
        for (document, kind, fleet, key) in [
            (&relabelled, Kind::Keys, "example", &key),
            (&document, Kind::Record, "examples", &key),
            (&document, Kind::Record, "example", &other),
        ] {
            let refused = verified(document, kind, fleet, key);
            assert_eq!(refused, Err(Untrusted::Signature));
        }
        let long = signer.sign(Kind::Record, "example", &"x".repeat(LONGEST_BODY + 1));
        assert_eq!(
            verified(&long, Kind::Record, "example", &key),
            Err(Untrusted::NotUnderstood)
        );
    }
}
