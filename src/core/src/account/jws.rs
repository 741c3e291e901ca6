//! A JSON Web Signature in compact form (RFC 7515, section 7.1).

use super::claims::Claims;
use super::fault::Fault;
use crate::base64url;

/// The longest accepted token, in bytes; the providers' have 400 to 2,000.
pub const LONGEST_TOKEN: usize = 16 * 1024;

/// A token, not verified.
pub(super) struct Jws<'t> {
    /// What it names the algorithm.
    pub(super) algorithm: String,
    /// The key's id.
    pub(super) kid: String,
    /// What is signed: header and payload, as they stand.
    pub(super) signed: &'t [u8],
    pub(super) signature: Vec<u8>,
    payload: Vec<u8>,
}

impl<'t> Jws<'t> {
    /// Takes `token` apart. Of its header nothing but `alg` and `kid` is used: a key that the token itself brings or
    /// points at (`jwk`, `jku`, `x5c`, `x5u`) is never read.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) fn parse(token: &'t str) -> Result<Self, Fault> {
        if token.len() > LONGEST_TOKEN {
            return Err(Fault::Form);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Fault::Form);
        };
        let signed = token.as_bytes().get(..header.len() + 1 + payload.len());
        let decoded = |part| base64url::decode(part).ok_or(Fault::Form);
        let header = Claims::parse(&decoded(header)?).ok_or(Fault::Form)?;
        if header.has("crit") || header.has("b64") {
            return Err(Fault::Critical);
        }
        Ok(Self {
            algorithm: header.text("alg").ok_or(Fault::Algorithm)?.to_owned(),
            kid: header.text("kid").ok_or(Fault::NoKey)?.to_owned(),
            signed: signed.ok_or(Fault::Form)?,
            signature: decoded(signature)?,
            payload: decoded(payload)?,
        })
    }

    /// What it says, once its signature was verified.
    ///
    /// # Errors
    /// [`Fault::Form`].
    pub(super) fn claims(&self) -> Result<Claims, Fault> {
        Claims::parse(&self.payload).ok_or(Fault::Form)
    }
}
