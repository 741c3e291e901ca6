//! A provider's keys, as it publishes them (RFC 7517), for the command that writes them to root's file.

use std::fmt;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::claims::{Claim, Claims};
use super::key::{Algorithm, PublicKey};
use super::key_set::MOST_KEYS;
use crate::base64url;
use crate::config::Provider;
use crate::visible::visible;

/// The longest key id, in bytes.
const LONGEST_KID: usize = 256;
/// The longest part of a message about a key, in bytes.
const LONGEST_SHOWN: usize = 64;

/// What a provider publishes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// The keys that can be used here.
    pub keys: Vec<PublishedKey>,
    /// The others, each with the reason; safe to show.
    pub others: Vec<String>,
}

/// A usable key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKey {
    /// Its id.
    pub kid: String,
    /// The key.
    pub key: PublicKey,
    /// The issuer whose tokens alone it signs, if the provider says so.
    pub issuer: Option<String>,
}

/// Why a document is not a provider's set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishedError {
    /// Not an object with an array `keys`.
    NotAKeySet,
    /// More keys than any provider has.
    TooMany,
    /// None of the keys can be used here.
    NoKey,
}

impl fmt::Display for PublishedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAKeySet => "is not a JSON Web Key Set",
            Self::TooMany => "has more than 64 keys",
            Self::NoKey => {
                "has no key that can be used: have the provider sign with RS256, ES256 or EdDSA (Ed25519)"
            }
        })
    }
}

impl std::error::Error for PublishedError {}

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Element>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Element {
    Key(Claims),
    /// No object, or one in which a name stands twice.
    Other(IgnoredAny),
}

/// The keys in `json`, which `provider` has published. A key that cannot be used is passed over: providers publish some
/// for other purposes, and new kinds of them one day.
///
/// # Errors
/// [`PublishedError`].
pub fn published_keys(json: &str, provider: &Provider) -> Result<Published, PublishedError> {
    let jwks: Jwks = serde_json::from_str(json).map_err(|_| PublishedError::NotAKeySet)?;
    if jwks.keys.len() > MOST_KEYS {
        return Err(PublishedError::TooMany);
    }
    let mut published = Published::default();
    let keys = || {
        jwks.keys.iter().filter_map(|element| match element {
            Element::Key(jwk) => Some(jwk),
            Element::Other(_) => None,
        })
    };
    let odd = jwks.keys.len() - keys().count();
    if odd > 0 {
        let why = format!("{odd} of the keys: no JSON object with distinct names");
        published.others.push(why);
    }
    for jwk in keys() {
        let kid = jwk.text("kid").unwrap_or_default();
        let is_shared = keys()
            .filter(|other| other.text("kid") == Some(kid))
            .count()
            > 1;
        let read = if is_shared {
            Err("another key has this id")
        } else {
            read(jwk, kid, provider)
        };
        match read {
            Ok(key) => published.keys.push(key),
            Err(why) => published
                .others
                .push(format!("{}: {why}", visible(kid, LONGEST_SHOWN))),
        }
    }
    if published.keys.is_empty() {
        return Err(PublishedError::NoKey);
    }
    Ok(published)
}

fn read(jwk: &Claims, kid: &str, provider: &Provider) -> Result<PublishedKey, &'static str> {
    if kid.is_empty() || visible(kid, LONGEST_KID) != kid {
        return Err("has no usable id");
    }
    if jwk.has("use") && jwk.text("use") != Some("sig") {
        return Err("is not for signatures");
    }
    let part = |name| {
        jwk.text(name)
            .and_then(base64url::decode)
            .unwrap_or_default()
    };
    let key = match (jwk.text("kty"), jwk.text("crv")) {
        (Some("RSA"), _) => PublicKey::rsa(&part("n"), &part("e")),
        (Some("EC"), Some("P-256")) => PublicKey::p256(&part("x"), &part("y")),
        (Some("OKP"), Some("Ed25519")) => PublicKey::ed25519(&part("x")),
        _ => return Err("is of another kind"),
    };
    let key = key.ok_or("is invalid, or too short or too long")?;
    // Entra ID's keys have none: then RSA is RS256.
    let named = jwk.get("alg").map(|alg| match alg {
        Claim::Text(name) => Algorithm::from_name(name),
        _ => None,
    });
    if named.is_some_and(|named| named != Some(key.algorithm())) {
        return Err("signs by another algorithm");
    }
    let issuer = jwk
        .text("issuer")
        .map(|issuer| issuer.replace("{tenantid}", tenant_of(provider)));
    if jwk.has("issuer") && issuer.as_deref() != Some(provider.issuer.as_str()) {
        return Err("is another issuer's");
    }
    Ok(PublishedKey {
        kid: kid.to_owned(),
        key,
        issuer,
    })
}

/// What Entra ID means by `{tenantid}`: of its own keys, which sign for every tenant, the configured one.
fn tenant_of(provider: &Provider) -> &str {
    let mut parts = provider.issuer.rsplit('/');
    parts.nth(1).unwrap_or_default()
}

#[cfg(test)]
mod tests;
