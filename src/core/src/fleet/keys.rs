//! Which keys sign for a fleet.

use sha2::{Digest, Sha256};
use toml::de::DeValue;
use toml_writer::ToTomlValue;

use super::checks::{check_until, check_version, follows};
use super::document::{Kind, SignedDocument};
use super::name::{self, is_name};
use super::untrusted::Untrusted;
use super::{INSTANT, VERSION, instant};
use crate::base64url;
use crate::document::{Document, Fault, Section, whole_number};
use crate::es256::is_key;
use crate::time::UnixTime;

/// The name of the root key in a document.
const ROOT: &str = "root";
/// Most keys in a document.
const MOST: usize = 32;

/// An ES256 public key of an accepted form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Takes SubjectPublicKeyInfo, DER: P-256, uncompressed point.
    #[must_use]
    pub fn from_spki(spki: &[u8]) -> Option<Self> {
        is_key(spki).then(|| Self(spki.to_vec()))
    }

    /// SubjectPublicKeyInfo, DER.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.0
    }

    /// Its SHA-256.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }

    /// base64url of it, as in our files.
    #[must_use]
    pub fn to_text(&self) -> String {
        base64url::encode(&self.0)
    }

    pub(super) fn read(value: &DeValue<'_>) -> Option<Self> {
        Self::from_spki(&base64url::decode(value.as_str()?)?)
    }

    pub(super) const RULE: &str = "must be base64url of a P-256 public key";
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Signs people's records.
    Records,
    /// Signs certificates of hosts and relays.
    Certificates,
}

impl Use {
    fn word(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Certificates => "certificates",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Records, Self::Certificates]
            .into_iter()
            .find(|purpose| purpose.word() == word)
    }
}

/// A key and its use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedKey {
    /// Its name, unique in the fleet.
    pub name: String,
    /// Its use.
    pub purpose: Use,
    /// The key.
    pub public_key: PublicKey,
}

/// The keys that sign for a fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Grows with each version.
    pub serial: u32,
    /// When it was signed.
    pub issued: UnixTime,
    /// When it is no longer valid.
    pub until: UnixTime,
    /// The keys.
    pub keys: Vec<NamedKey>,
}

impl Keys {
    /// The name of the root key in a document; no other key can have it.
    pub const ROOT: &'static str = ROOT;

    /// The body of the document.
    #[must_use]
    pub fn to_body(&self) -> String {
        let mut body = format!(
            "version = {VERSION}\nserial = {}\nissued = {}\nuntil = {}\n",
            self.serial, self.issued, self.until
        );
        for key in &self.keys {
            let lines = [
                "\n[[key]]".to_owned(),
                format!("name = {}", key.name.to_toml_value()),
                format!("use = {}", key.purpose.word().to_toml_value()),
                format!("public_key = {}", key.public_key.to_text().to_toml_value()),
            ];
            for line in lines {
                body.push_str(&line);
                body.push('\n');
            }
        }
        body
    }

    /// Parses a body, whose signature is checked elsewhere: by [`TrustedKeys::verify`], or by a host before it kept it.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn parse(body: &str) -> Result<Self, Fault> {
        let document = Document::parse(body)?;
        let mut top = document.root();
        check_version(&mut top)?;
        let mut keys = Self {
            serial: top.required("serial", "must be a whole number", whole_number)?,
            issued: top.required("issued", INSTANT, instant)?,
            until: top.required("until", INSTANT, instant)?,
            keys: Vec::new(),
        };
        let sections = top.sections("key")?;
        if sections.len() > MOST {
            return Err(top.fault("key", "has too many keys"));
        }
        for section in sections {
            let Some(key) = NamedKey::read(section)? else {
                continue;
            };
            if keys.keys.iter().any(|other| other.name == key.name) {
                return Err(top.fault("key.name", "names two keys"));
            }
            keys.keys.push(key);
        }
        top.done()?;
        Ok(keys)
    }
}

impl NamedKey {
    /// Reads one `[[key]]`. A key for what only a later version knows is left out: it signs nothing here.
    fn read(mut section: Section<'_>) -> Result<Option<Self>, Fault> {
        let name = section.required("name", name::RULE, |value| {
            let named = value
                .as_str()
                .filter(|named| is_name(named) && *named != ROOT);
            named.map(str::to_owned)
        })?;
        let purpose = section.required("use", "must be a word", |value| {
            value.as_str().map(Use::from_word)
        })?;
        let public_key = section.required("public_key", PublicKey::RULE, PublicKey::read)?;
        section.done()?;
        Ok(purpose.map(|purpose| Self {
            name,
            purpose,
            public_key,
        }))
    }
}

/// Keys that the root key has signed for this fleet, and that are valid. Made only by [`TrustedKeys::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKeys {
    fleet: String,
    keys: Keys,
}

impl TrustedKeys {
    /// Checks that `root` signed `document` for `fleet`, and that it is valid `now`.
    ///
    /// # Errors
    /// [`Untrusted`].
    pub fn verify(
        document: &SignedDocument,
        fleet: &str,
        root: &PublicKey,
        now: UnixTime,
    ) -> Result<Self, Untrusted> {
        if document.key != ROOT {
            return Err(Untrusted::UnknownKey);
        }
        let keys = Keys::parse(document.verified(Kind::Keys, fleet, root)?)?;
        check_until(keys.until, now)?;
        Ok(Self {
            fleet: fleet.to_owned(),
            keys,
        })
    }

    /// The same, unless this host has seen a later document, `known`.
    ///
    /// # Errors
    /// [`Untrusted::Older`].
    pub fn after(self, known: &Keys) -> Result<Self, Untrusted> {
        follows(&self.keys, known, |keys| keys.serial)?;
        Ok(self)
    }

    /// The fleet.
    #[must_use]
    pub fn fleet(&self) -> &str {
        &self.fleet
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// The key `name`, if it is for `purpose`.
    #[must_use]
    pub fn key(&self, name: &str, purpose: Use) -> Option<&PublicKey> {
        let mut keys = self.keys.keys.iter();
        keys.find(|key| key.name == name && key.purpose == purpose)
            .map(|key| &key.public_key)
    }

    /// The body of `document`, if it is a `kind` that a key for records signed.
    pub(super) fn signed_body<'d>(
        &self,
        document: &'d SignedDocument,
        kind: Kind,
    ) -> Result<&'d str, Untrusted> {
        let key = self.key(&document.key, Use::Records);
        document.verified(kind, &self.fleet, key.ok_or(Untrusted::UnknownKey)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{Keys, MOST, TrustedKeys, Use};
    use crate::fleet::signer::{Authority, FLEET, NOW, Signer, each_byte_flipped};
    use crate::fleet::{Kind, SignedDocument, Untrusted};
    use crate::time::UnixTime;

    fn verify(authority: &Authority, document: &SignedDocument) -> Result<TrustedKeys, Untrusted> {
        TrustedKeys::verify(document, FLEET, &authority.root.public_key(), NOW)
    }

    #[test]
    fn keys_come_back_as_they_were_written() {
        let authority = Authority::new();
        let mut keys = authority.keys(7);
        keys.keys.push(Signer::new("ca").named(Use::Certificates));
        assert_eq!(Keys::parse(&keys.to_body()), Ok(keys.clone()));
        let trusted = verify(&authority, &authority.sign_keys(&keys)).unwrap();
        assert_eq!((trusted.keys(), trusted.fleet()), (&keys, FLEET));
    }

    #[test]
    fn a_key_serves_its_own_use_alone() {
        let authority = Authority::new();
        let mut keys = authority.keys(1);
        keys.keys.push(Signer::new("ca").named(Use::Certificates));
        let trusted = verify(&authority, &authority.sign_keys(&keys)).unwrap();
        for (name, purpose, found) in [
            ("enrol1", Use::Records, true),
            ("enrol1", Use::Certificates, false),
            ("ca", Use::Records, false),
            ("ca", Use::Certificates, true),
            ("root", Use::Records, false),
            ("", Use::Records, false),
        ] {
            assert_eq!(trusted.key(name, purpose).is_some(), found, "{name}");
        }
    }

    #[test]
    fn only_the_pinned_root_key_says_who_signs() {
        let authority = Authority::new();
        let body = authority.keys(1).to_body();
        for (signer, kind, fleet, expected) in [
            (&authority.root, Kind::Keys, "other", Untrusted::Signature),
            (&authority.root, Kind::Record, FLEET, Untrusted::OtherKind),
            (&authority.records, Kind::Keys, FLEET, Untrusted::UnknownKey),
            (
                &Signer::new("root"),
                Kind::Keys,
                FLEET,
                Untrusted::Signature,
            ),
        ] {
            let document = signer.sign(kind, fleet, &body);
            assert_eq!(verify(&authority, &document), Err(expected));
        }
    }

    #[test]
    fn keys_expire_and_never_go_back() {
        let authority = Authority::new();
        let keys = authority.keys(3);
        let document = authority.sign_keys(&keys);
        let root = authority.root.public_key();
        let at = |now: UnixTime| TrustedKeys::verify(&document, FLEET, &root, now);
        let last = UnixTime(keys.until.0 - 1);
        assert!(at(last).is_ok() && at(UnixTime(0)).is_ok());
        for late in [keys.until, keys.until.plus(1)] {
            assert_eq!(at(late), Err(Untrusted::Expired(keys.until)));
        }
        let trusted = at(NOW).unwrap();
        for (seen, expected) in [(2, true), (3, true), (4, false)] {
            let known = Keys {
                serial: seen,
                ..keys.clone()
            };
            assert_eq!(trusted.clone().after(&known).is_ok(), expected, "{seen}");
        }
        // Two texts with one serial: one of them is not what this host has seen.
        let known = Keys {
            keys: Vec::new(),
            ..keys
        };
        let refused = trusted.after(&known).unwrap_err();
        assert_eq!(refused, Untrusted::Older { seen: 3, found: 3 });
    }

    #[test]
    fn a_key_for_what_only_a_later_version_knows_signs_nothing_and_spoils_nothing() {
        let authority = Authority::new();
        let body = authority
            .keys(1)
            .to_body()
            .replace("\"records\"", "\"codes\"");
        let document = authority.root.sign(Kind::Keys, FLEET, &body);
        let trusted = verify(&authority, &document).unwrap();
        assert!(trusted.keys().keys.is_empty());
    }

    #[test]
    fn keys_that_are_not_wholly_understood_are_refused_even_if_signed() {
        let authority = Authority::new();
        let whole = authority.keys(1).to_body();
        let key = whole.split_once("\n[[key]]").unwrap().1;
        let crowd = (0..=MOST).fold(whole.clone(), |body, number| {
            let key = key.replace("enrol1", &format!("enrol{number}"));
            format!("{body}\n[[key]]{key}")
        });
        let replaced = [
            ("version = 1", "version = 2"),
            ("version = 1\n", ""),
            ("serial = 1", "serial = -1"),
            ("serial = 1", "serial = 4294967296"),
            ("serial = 1\n", "serial = 1\nmore = 1\n"),
            ("Z\nuntil", "+01:00\nuntil"),
            ("until", "untill"),
            ("\"enrol1\"", "\"Enrol1\""),
            ("\"enrol1\"", "\"root\""),
            ("use = \"records\"", "use = 1"),
            ("public_key = \"MFkw", "public_key = \"AFkw"),
            ("[[key]]", "[key]"),
        ]
        .map(|(from, to)| {
            assert!(whole.contains(from), "{from}");
            whole.replacen(from, to, 1)
        });
        let twice = format!("{whole}\n[[key]]{key}");
        for body in replaced.iter().chain([&twice, &crowd]) {
            let document = authority.root.sign(Kind::Keys, FLEET, body);
            let refused = verify(&authority, &document).unwrap_err();
            assert!(matches!(refused, Untrusted::Text(_)), "{body}: {refused}");
        }
    }

    #[test]
    fn a_bit_flipped_in_any_byte_is_refused() {
        let authority = Authority::new();
        let document = authority.sign_keys(&authority.keys(1));
        let root = authority.root.public_key();
        let bodies = each_byte_flipped(&document.body).map(|body| SignedDocument {
            body,
            ..document.clone()
        });
        let names = each_byte_flipped(&document.key).map(|key| SignedDocument {
            key,
            ..document.clone()
        });
        let mut tried = 0;
        for flipped in bodies.chain(names) {
            assert!(TrustedKeys::verify(&flipped, FLEET, &root, NOW).is_err());
            tried += 1;
        }
        assert!(tried > document.body.len() / 2, "{tried}");
    }
}
