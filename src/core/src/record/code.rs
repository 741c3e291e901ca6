//! `[code]`: the secret shared with an authenticator app, and the parameters of its codes (RFC 6238).

use std::fmt;

use base32ct::{Base32UpperUnpadded, Encoding};
use zeroize::Zeroizing;

use crate::document::{Document, Fault, Section, whole_number};
use crate::secret::SecretBytes;
use crate::tag::Tag;

/// The shortest accepted secret, in bytes: 80 bits, for imports (RFC 4226 §4 requires 128; ours have 160).
const LEAST_SECRET: usize = 10;
/// The longest, in bytes: HMAC hashes keys longer than a block anyway (RFC 2104 §2).
const LARGEST_SECRET: usize = 128;

const SECRET_RULE: &str = "must be base32 of 80 to 1024 bits: A to Z and 2 to 7, and neither 1, 3 nor 6 of them beyond a \
                           multiple of 8";

/// Everything that determines a code except the time. All keys are required: with defaults, a truncated record could
/// turn into another valid one.
#[derive(Debug, Clone)]
pub struct CodeSecret {
    secret: SecretBytes,
    algorithm: TotpAlgorithm,
    digits: Digits,
    period: Period,
    /// Made once: it is compared several times at each sign-in.
    tag: Tag,
}

/// Equal if they make the same codes.
impl PartialEq for CodeSecret {
    fn eq(&self, other: &Self) -> bool {
        self.secret.expose() == other.secret.expose()
            && (self.algorithm, self.digits, self.period)
                == (other.algorithm, other.digits, other.period)
    }
}

impl Eq for CodeSecret {}

impl CodeSecret {
    /// A secret of `random` bytes with the parameters that every authenticator app supports: SHA-1, six digits, 30
    /// seconds.
    #[must_use]
    pub fn usual(random: [u8; 20]) -> Self {
        Self::new(
            SecretBytes::new(random.to_vec()),
            TotpAlgorithm::Sha1,
            Digits::SIX,
            Period(30),
        )
    }

    /// A secret with these parameters.
    #[must_use]
    pub fn new(
        secret: SecretBytes,
        algorithm: TotpAlgorithm,
        digits: Digits,
        period: Period,
    ) -> Self {
        let parameters = format!("{algorithm} {} {}", digits.get(), period.get());
        let tag = Tag::of_code(&parameters, &secret);
        Self {
            secret,
            algorithm,
            digits,
            period,
            tag,
        }
    }

    /// The shared secret K.
    #[must_use]
    pub fn secret(&self) -> &SecretBytes {
        &self.secret
    }

    /// The hash of the HMAC.
    #[must_use]
    pub fn algorithm(&self) -> TotpAlgorithm {
        self.algorithm
    }

    /// Length of a code.
    #[must_use]
    pub fn digits(&self) -> Digits {
        self.digits
    }

    /// The time step X.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// Identifies it in a state. Covers everything that determines a code except the time: with another period, a step
    /// is another time.
    pub(crate) fn tag(&self) -> Tag {
        self.tag
    }

    /// The secret in unpadded base32, for typing into an app.
    #[must_use]
    pub fn base32(&self) -> Zeroizing<String> {
        Zeroizing::new(Base32UpperUnpadded::encode_string(self.secret.expose()))
    }

    /// The same in groups of four, for display.
    #[must_use]
    pub fn key(&self) -> Zeroizing<String> {
        in_groups(&self.base32(), ' ')
    }

    /// Reads `[code]`; `Ok(None)` if absent.
    pub(super) fn read(mut section: Section<'_>) -> Result<Option<Self>, Fault> {
        if !section.is_present() {
            return Ok(None);
        }
        let secret = section.required("secret", SECRET_RULE, |value| {
            secret_from_base32(value.as_str()?)
        })?;
        let algorithm = section.required(
            "algorithm",
            "must be \"SHA1\", \"SHA256\" or \"SHA512\"",
            |value| TotpAlgorithm::from_name(value.as_str()?),
        )?;
        let digits = section.required("digits", "must be 6, 7 or 8", |value| {
            Digits::new(whole_number(value)?)
        })?;
        let period = section.required(
            "period",
            "must be a whole number of seconds from 15 to 300",
            |value| Period::new(whole_number(value)?),
        )?;
        section.done()?;
        Ok(Some(Self::new(secret, algorithm, digits, period)))
    }

    /// Whether the secret is shorter than the 128 bits of RFC 4226 §4.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.secret.expose().len() < 16
    }
}

/// `algorithm`, spelt as in the Key URI format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TotpAlgorithm {
    /// HMAC-SHA-1, which every app supports.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl TotpAlgorithm {
    /// Parses a name, case-sensitively.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sha1, Self::Sha256, Self::Sha512]
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }
}

impl fmt::Display for TotpAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Length of a code: 6 to 8 digits (RFC 4226 §5.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digits(u8);

impl Digits {
    /// Six, which every authenticator app supports.
    pub const SIX: Self = Self(6);

    /// `None` if out of range.
    #[must_use]
    pub fn new(digits: u32) -> Option<Self> {
        u8::try_from(digits)
            .ok()
            .filter(|digits| (6..=8).contains(digits))
            .map(Self)
    }

    /// The number of digits.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

/// The time step in seconds: 15 to 300.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(u16);

impl Period {
    /// `None` if out of range.
    #[must_use]
    pub fn new(seconds: u32) -> Option<Self> {
        u16::try_from(seconds)
            .ok()
            .filter(|seconds| (15..=300).contains(seconds))
            .map(Self)
    }

    /// Seconds.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0.into()
    }
}

/// Whether the secret in `[code]` of the record `text` is canonical (RFC 4648 §3.5): no bits set after the last whole
/// byte. We and most apps ignore such bits; others refuse the secret or compute other codes.
pub(crate) fn is_canonical(text: &str) -> bool {
    let Ok(document) = Document::parse(text) else {
        return false;
    };
    let code = document.root().section("code");
    let written = code.and_then(|mut code| {
        code.optional("secret", SECRET_RULE, |value| {
            let written = plain(value.as_str()?);
            let read = Zeroizing::new(Base32UpperUnpadded::decode_vec(&written).ok()?);
            let again = Zeroizing::new(Base32UpperUnpadded::encode_string(&read));
            (*again == *written).then_some(())
        })
    });
    written.is_ok()
}

/// Decodes base32 (RFC 4648 §6) leniently: any case, with or without padding, spaces between groups.
pub(crate) fn secret_from_base32(text: &str) -> Option<SecretBytes> {
    secret_of(Base32UpperUnpadded::decode_vec(&plain(text)).ok()?)
}

/// The secret of these bytes, if they are as many as a record may hold.
pub(crate) fn secret_of(bytes: Vec<u8>) -> Option<SecretBytes> {
    let secret = SecretBytes::new(bytes);
    (LEAST_SECRET..=LARGEST_SECRET)
        .contains(&secret.expose().len())
        .then_some(secret)
}

/// `plain` in groups of four, for display.
pub(crate) fn in_groups(plain: &str, between: char) -> Zeroizing<String> {
    // Allocated large enough: a string that grows leaves an unwiped copy behind.
    let mut grouped = Zeroizing::new(String::with_capacity(plain.len() * 2));
    for (index, character) in plain.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            grouped.push(between);
        }
        grouped.push(character);
    }
    grouped
}

fn plain(text: &str) -> Zeroizing<String> {
    Zeroizing::new(
        text.trim_end_matches('=')
            .chars()
            .filter(|character| *character != ' ')
            .map(|character| character.to_ascii_uppercase())
            .collect(),
    )
}
