//! Secrets that other programs keep for people's authenticator apps: what can be taken over, and what cannot.
//!
//! The files were written by others, some of them by the people themselves: every input is read to a result, and nothing
//! here repeats a value of theirs in an error. What was used there stays used here: see
//! [`State::imported`](crate::state::State::imported).

pub mod google_authenticator;
pub mod oath;

#[cfg(test)]
mod noise;

use std::fmt;

use crate::code::Step;
use crate::record::{CodeSecret, Digits, Period, TotpAlgorithm};
use crate::secret::SecretBytes;

/// A secret that can be taken over, with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The secret, with the parameters of its codes.
    pub code: CodeSecret,
    /// The steps whose codes are known to have been used.
    pub used: Vec<Step>,
    /// What the administrator should know.
    pub remarks: Vec<Remark>,
}

/// Something that is different here, or is not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remark {
    /// So many emergency codes of eight digits: short enough to be guessed, where recovery codes may not be.
    EmergencyCodes(usize),
    /// A limit on sign-ins in a time of its own.
    RateLimit,
    /// So many seconds that the app's clock may have been off there, before or after.
    Window(u64),
    /// So many steps that the app's clock was ahead, by the other program's own measure.
    ClockSkew(i64),
    /// The other program did not keep which codes were used: one of the last minutes could be used once more.
    UsedCodesUnknown,
    /// A PIN in front of the code.
    Pin,
    /// So many more secrets of the same person: one can be taken over.
    OtherSecrets(usize),
    /// The other program refuses the file as it is written.
    RefusedThere,
}

/// Why a secret cannot be taken over. Values are never repeated: they may be secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// There is no secret.
    Empty,
    /// The bytes are not text.
    NotText,
    /// The secret has a wrong character, or fewer than 80 or more than 1024 bits.
    Secret,
    /// Its codes count sign-ins (HOTP, RFC 4226), not time.
    Counter,
    /// The period of its codes is not 15 to 300 seconds.
    Period,
    /// Another kind of secret.
    Kind,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "there is no secret in it",
            Self::NotText => "it is not text",
            Self::Secret => "its secret is not one of 80 to 1024 bits",
            Self::Counter => "its codes count sign-ins (HOTP), and codes here are based on time",
            Self::Period => "its codes change at other times than every 15 to 300 seconds",
            Self::Kind => "it is of a kind that is not known here",
        })
    }
}

/// The secret of codes by SHA-1, the only ones of both programs.
fn code_of(secret: SecretBytes, digits: Digits, seconds: u32) -> Result<CodeSecret, Unusable> {
    let period = Period::new(seconds).ok_or(Unusable::Period)?;
    Ok(CodeSecret::new(secret, TotpAlgorithm::Sha1, digits, period))
}
