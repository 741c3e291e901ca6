//! A provider's keys, as root's file has them: `/var/lib/antiphon/providers/NAME.toml`.
//!
//! `antiphon providers refresh` writes it, as root, and nothing else does. The module never fetches a key.

use std::fmt::{self, Write as _};

use toml::de::DeValue;
use toml_writer::ToTomlValue;

use super::key::{Algorithm, PublicKey};
use super::published::Published;
use crate::base64url;
use crate::config::Provider;
use crate::document::{Document, Fault, Section, whole_number};
use crate::time::UnixTime;

const VERSION: u32 = 1;
/// How long a key counts after the provider last published it, in seconds: a day without the network keeps nobody out,
/// and a key that the provider has removed dies within that time.
const KEPT: u64 = 24 * 3600;
/// How far in the future a key may have been seen last, in seconds: a clock that ran far ahead keeps no key alive.
const AHEAD: u64 = 3600;
/// Most keys of one provider.
pub(super) const MOST_KEYS: usize = 64;

/// A provider's keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySet {
    /// The provider's name in the configuration.
    pub provider: String,
    /// The issuer that they were fetched for: keys of an earlier one do not count.
    pub issuer: String,
    /// When they were last fetched.
    pub fetched: UnixTime,
    /// The keys.
    pub keys: Vec<Key>,
}

/// A key, and when the provider had it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id.
    pub kid: String,
    /// The key.
    pub key: PublicKey,
    /// The issuer whose tokens alone it signs, if the provider says so (Entra ID).
    pub issuer: Option<String>,
    /// When it was first published, as far as we saw.
    pub first_seen: UnixTime,
    /// When it was last published.
    pub last_seen: UnixTime,
}

/// Why a key set is unusable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySetError {
    /// Not TOML, an unknown or missing key, or a value that is not allowed.
    NotUnderstood(Fault),
    /// Another version of the format.
    Version(u32),
    /// `provider` differs from the file's name.
    OtherProvider,
}

impl From<Fault> for KeySetError {
    fn from(fault: Fault) -> Self {
        Self::NotUnderstood(fault)
    }
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUnderstood(fault) => fault.fmt(f),
            Self::Version(found) => write!(f, "version {found} is not known here"),
            Self::OtherProvider => f.write_str("`provider` names another one than the file"),
        }
    }
}

impl std::error::Error for KeySetError {}

impl Key {
    /// Whether it counts `now`.
    #[must_use]
    pub fn counts(&self, now: UnixTime) -> bool {
        now < self.last_seen.plus(KEPT) && self.last_seen <= now.plus(AHEAD)
    }

    fn read(mut section: Section<'_>) -> Result<Self, Fault> {
        let kid = section.required("kid", "must be the key's id", |value| {
            value.as_str().filter(|kid| !kid.is_empty())
        })?;
        let algorithm = section.required(
            "algorithm",
            "must be \"RS256\", \"ES256\" or \"EdDSA\"",
            |value| Algorithm::from_name(value.as_str()?),
        )?;
        let rule = "must be an array of base64url: modulus and exponent of an RSA key of 2048 to 4096 bits, both \
                    coordinates of a point of P-256, or an Ed25519 key";
        let key = section.required("public_key", rule, |value| key_of(algorithm, value))?;
        let issuer = section.optional("issuer", "must be an issuer", DeValue::as_str)?;
        let key = Self {
            kid: kid.to_owned(),
            key,
            issuer: issuer.map(str::to_owned),
            first_seen: seen(&mut section, "first_seen")?,
            last_seen: seen(&mut section, "last_seen")?,
        };
        section.done()?;
        Ok(key)
    }
}

impl KeySet {
    /// Parses the file of the provider called `name`.
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn parse(text: &str, name: &str) -> Result<Self, KeySetError> {
        let document = Document::parse(text)?;
        let mut top = document.root();
        let version = top.required("version", "must be a whole number", whole_number)?;
        if version != VERSION {
            return Err(KeySetError::Version(version));
        }
        let provider = top.required("provider", "must be a name", |value| value.as_str())?;
        if provider != name {
            return Err(KeySetError::OtherProvider);
        }
        let issuer = top.required("issuer", "must be an issuer", |value| value.as_str())?;
        let mut set = Self {
            provider: provider.to_owned(),
            issuer: issuer.to_owned(),
            fetched: seen(&mut top, "fetched")?,
            keys: Vec::new(),
        };
        for section in top.sections("key")? {
            set.keys.push(Key::read(section)?);
        }
        top.done()?;
        if set.keys.len() > MOST_KEYS {
            let rule = format!("stands more than {MOST_KEYS} times");
            return Err(Fault::rule("key", rule).into());
        }
        Ok(set)
    }

    /// The text for [`Self::parse`].
    #[must_use]
    pub fn to_toml(&self) -> String {
        let quoted = |text: &str| text.to_toml_value();
        let mut text = format!(
            "# Written by: antiphon providers refresh\nversion = {VERSION}\nprovider = {}\nissuer = {}\nfetched = {}\n",
            quoted(&self.provider),
            quoted(&self.issuer),
            self.fetched,
        );
        for key in &self.keys {
            let parts: Vec<String> = key
                .key
                .parts()
                .iter()
                .map(|part| quoted(&base64url::encode(part)))
                .collect();
            let _ = write!(
                text,
                "\n[[key]]\nkid = {}\nalgorithm = {}\npublic_key = [{}]\n",
                quoted(&key.kid),
                quoted(key.key.algorithm().name()),
                parts.join(", "),
            );
            if let Some(issuer) = &key.issuer {
                let _ = writeln!(text, "issuer = {}", quoted(issuer));
            }
            let _ = write!(
                text,
                "first_seen = {}\nlast_seen = {}\n",
                key.first_seen, key.last_seen
            );
        }
        text
    }

    /// The set after `provider` has published these keys `now`, where `before` was on file. A key that is no longer
    /// published stays for a day; one whose id has become another key's goes at once.
    #[must_use]
    pub fn refreshed(
        before: Option<&Self>,
        provider: &Provider,
        published: Published,
        now: UnixTime,
    ) -> Self {
        let before = before.filter(|before| before.issuer == provider.issuer);
        let known = before
            .map(|before| before.keys.as_slice())
            .unwrap_or_default();
        let mut keys: Vec<Key> = published
            .keys
            .into_iter()
            .map(|new| {
                let same = known
                    .iter()
                    .find(|known| known.kid == new.kid && known.key == new.key);
                Key {
                    first_seen: same.map_or(now, |same| same.first_seen.min(now)),
                    last_seen: now,
                    kid: new.kid,
                    key: new.key,
                    issuer: new.issuer,
                }
            })
            .collect();
        for gone in known {
            let is_published = keys.iter().any(|key| key.kid == gone.kid);
            if !is_published && gone.counts(now) && keys.len() < MOST_KEYS {
                keys.push(Key {
                    last_seen: gone.last_seen.min(now),
                    ..gone.clone()
                });
            }
        }
        Self {
            provider: provider.name.clone(),
            issuer: provider.issuer.clone(),
            fetched: now,
            keys,
        }
    }

    /// The one key of `provider` with this id that counts `now`.
    #[must_use]
    pub fn key(&self, kid: &str, provider: &Provider, now: UnixTime) -> Option<&Key> {
        if self.issuer != provider.issuer || self.provider != provider.name {
            return None;
        }
        let mut found = self.keys.iter().filter(|key| key.kid == kid);
        let key = found.next()?;
        (found.next().is_none() && key.counts(now)).then_some(key)
    }
}

fn key_of(algorithm: Algorithm, value: &DeValue<'_>) -> Option<PublicKey> {
    let texts = crate::document::texts(value)?;
    let parts: Option<Vec<_>> = texts.into_iter().map(base64url::decode).collect();
    match (algorithm, parts?.as_slice()) {
        (Algorithm::Rs256, [modulus, exponent]) => PublicKey::rsa(modulus, exponent),
        (Algorithm::Es256, [x, y]) => PublicKey::p256(x, y),
        (Algorithm::EdDsa, [x]) => PublicKey::ed25519(x),
        _ => None,
    }
}

fn seen(section: &mut Section<'_>, key: &'static str) -> Result<UnixTime, Fault> {
    section.required(key, "must be a date and time in UTC", |value| {
        UnixTime::read(&value.as_datetime()?.to_string())
    })
}

#[cfg(test)]
mod tests;
