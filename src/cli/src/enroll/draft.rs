//! What a person is to be given, before anything of it is written.

use antiphon_core::code::otpauth_uri;
use antiphon_core::draft;
use antiphon_core::name::UserName;
use antiphon_link::random;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::house::House;

/// A new secret and new recovery codes, and whose.
pub(crate) struct Draft {
    pub(crate) user: UserName,
    pub(crate) host: String,
    pub(crate) otpauth: Zeroizing<String>,
    pub(crate) made: draft::Draft,
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
        let made = draft::Draft::new(&*random::bytes()?);
        let account = format!("{user}@{}", house.host);
        Ok(Self {
            user: user.clone(),
            host: house.host.clone(),
            otpauth: otpauth_uri(&made.code, house.issuer(), &account),
            made,
        })
    }

    /// All of it, for the program that asked.
    pub(crate) fn object(&self) -> Object<'_> {
        Object {
            user: self.user.as_str(),
            otpauth: &self.otpauth,
            secret: self.made.code.base32().to_string(),
            recovery_codes: self.made.recovery.texts(),
        }
    }
}
