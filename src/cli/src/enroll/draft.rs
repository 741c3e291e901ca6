//! A person's new factors, before anything is written.

use antiphon_core::code::otpauth_uri;
use antiphon_core::draft;
use antiphon_core::name::UserName;
use antiphon_link::random;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::house::House;

/// A new secret and new recovery codes, and their owner.
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
    /// A draft from fresh randomness.
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

    /// The whole draft, for the calling program.
    pub(crate) fn object(&self) -> Object<'_> {
        Object {
            user: self.user.as_str(),
            otpauth: &self.otpauth,
            secret: self.made.code.base32().to_string(),
            recovery_codes: self.made.recovery.texts(),
        }
    }
}
