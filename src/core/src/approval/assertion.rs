//! A passkey's signature and the checks it must pass (WebAuthn Level 3, section 7.2).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::client_data;
use super::fault::Fault;
use crate::es256::is_signed;
use crate::record::Phone;
use crate::web_origin::relying_party;

/// The phone's answer. Bytes are base64url in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// The credential ID.
    #[serde(with = "crate::wire::bytes")]
    pub credential: Vec<u8>,
    /// `clientDataJSON`.
    #[serde(with = "crate::wire::bytes")]
    pub client_data: Vec<u8>,
    /// `authenticatorData`.
    #[serde(with = "crate::wire::bytes")]
    pub authenticator_data: Vec<u8>,
    /// The signature, DER.
    #[serde(with = "crate::wire::bytes")]
    pub signature: Vec<u8>,
}

/// A passkey that has signed the challenge. Made only by [`verify`].
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedPasskey {
    counter: u32,
}

impl VerifiedPasskey {
    /// The signature counter to remember.
    #[must_use]
    pub fn counter(&self) -> u32 {
        self.counter
    }
}

/// Flags of `authenticatorData` (section 6.1).
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// RP ID hash, flags and signature counter.
const PLAIN_LENGTH: usize = 37;

/// Checks that `phone`'s passkey signed `challenge` after verifying its user, with a counter above `last_counter`; both
/// may be zero, for passkeys that do not count.
///
/// # Errors
/// The first [`Fault`]; nothing was proved then.
pub fn verify(
    assertion: &Assertion,
    phone: &Phone,
    challenge: &[u8; 32],
    last_counter: u32,
) -> Result<VerifiedPasskey, Fault> {
    if assertion.credential != phone.credential {
        return Err(Fault::Credential);
    }
    client_data::check(&assertion.client_data, challenge, &phone.origin)?;
    let data = AuthenticatorData::parse(&assertion.authenticator_data)?;
    if data.site != Sha256::digest(relying_party(&phone.origin)).as_slice() {
        return Err(Fault::RelyingParty);
    }
    if !data.has(USER_PRESENT) || !data.has(USER_VERIFIED) {
        return Err(Fault::UserVerification);
    }
    let eligible = data.has(BACKUP_ELIGIBLE);
    if eligible != phone.backup_eligible || (data.has(BACKED_UP) && !eligible) {
        return Err(Fault::Backup);
    }
    check_signature(assertion, phone)?;
    if data.counter <= last_counter && (data.counter, last_counter) != (0, 0) {
        return Err(Fault::Counter);
    }
    Ok(VerifiedPasskey {
        counter: data.counter,
    })
}

struct AuthenticatorData<'a> {
    site: &'a [u8],
    flags: u8,
    counter: u32,
}

impl<'a> AuthenticatorData<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let (site, rest) = bytes.split_at_checked(32).ok_or(Fault::AuthenticatorData)?;
        let (flags, rest) = rest.split_first().ok_or(Fault::AuthenticatorData)?;
        let (counter, _) = rest
            .split_first_chunk::<4>()
            .ok_or(Fault::AuthenticatorData)?;
        let parsed = Self {
            site,
            flags: *flags,
            counter: u32::from_be_bytes(*counter),
        };
        // An assertion has no attested credential data, and is longer only if the extension flag is set.
        let is_plain = bytes.len() == PLAIN_LENGTH;
        if parsed.has(ATTESTED) || is_plain == parsed.has(EXTENSIONS) {
            return Err(Fault::AuthenticatorData);
        }
        Ok(parsed)
    }

    fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

fn check_signature(assertion: &Assertion, phone: &Phone) -> Result<(), Fault> {
    let mut signed = assertion.authenticator_data.clone();
    signed.extend_from_slice(&Sha256::digest(&assertion.client_data));
    if is_signed(&phone.public_key, &signed, &assertion.signature) {
        Ok(())
    } else {
        Err(Fault::Signature)
    }
}

#[cfg(test)]
mod tests;
