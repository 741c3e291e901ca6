//! What a person is to be given, before anything of it is written.

use antiphon_core::code::otpauth_uri;
use antiphon_core::name::UserName;
use antiphon_core::record::{CodeSecret, RecoveryHashes};
use antiphon_core::recovery::{self, CODE_LENGTH, CODES, RecoveryCode, SALT_LENGTH};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::house::House;
use crate::random;

/// A new secret and new recovery codes.
pub(crate) struct Draft {
    pub(crate) user: UserName,
    pub(crate) host: String,
    pub(crate) code: CodeSecret,
    pub(crate) otpauth: Zeroizing<String>,
    pub(crate) recovery: RecoverySet,
}

/// Ten new recovery codes and what the record keeps of them.
pub(crate) struct RecoverySet {
    pub(crate) shown: Vec<Zeroizing<String>>,
    pub(crate) hashes: RecoveryHashes,
}

/// The object of `enroll --json`.
#[derive(Serialize)]
pub(crate) struct Object<'a> {
    user: &'a str,
    otpauth: &'a str,
    secret: String,
    recovery_codes: Vec<&'a str>,
}

impl Draft {
    /// Makes one, of fresh randomness.
    pub(crate) fn new(user: &UserName, house: &House) -> Result<Self, Failure> {
        let code = CodeSecret::usual(random::bytes()?);
        let account = format!("{user}@{}", house.host);
        Ok(Self {
            user: user.clone(),
            host: house.host.clone(),
            otpauth: otpauth_uri(&code, house.issuer(), &account),
            code,
            recovery: RecoverySet::new()?,
        })
    }

    /// All of it, for the program that asked.
    pub(crate) fn object(&self) -> Object<'_> {
        Object {
            user: self.user.as_str(),
            otpauth: &self.otpauth,
            secret: self.code.base32().to_string(),
            recovery_codes: self.recovery.texts(),
        }
    }
}

impl RecoverySet {
    /// Ten codes, of fresh randomness.
    pub(crate) fn new() -> Result<Self, Failure> {
        let codes = (0..CODES)
            .map(|_| random::bytes::<CODE_LENGTH>().map(RecoveryCode::new))
            .collect::<Result<Vec<_>, _>>()?;
        let salt = random::bytes::<SALT_LENGTH>()?;
        Ok(Self {
            shown: codes.iter().map(RecoveryCode::shown).collect(),
            hashes: recovery::hashes_of(&codes, salt),
        })
    }

    /// The codes, as people type them.
    pub(crate) fn texts(&self) -> Vec<&str> {
        self.shown.iter().map(|code| code.as_str()).collect()
    }
}
