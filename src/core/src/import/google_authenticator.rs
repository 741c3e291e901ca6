//! The file of `pam_google_authenticator`: `~/.google_authenticator`, or wherever its `secret=` says.
//!
//! The first line is the secret in base32. Options follow, each on a line that begins with a quotation mark and a blank,
//! and then emergency codes of eight digits, one a line.

use zeroize::Zeroizing;

use super::{Found, Remark, Unusable, code_of};
use crate::record::{Digits, secret_from_base32};
use crate::secret::SecretBytes;

/// The largest file that is read, in bytes: the other module's own limit.
pub const MAX_SIZE: u64 = 64 * 1024;

/// The period of codes without `STEP_SIZE`, in seconds.
const USUAL_PERIOD: u32 = 30;
/// How many codes count at a time without `WINDOW_SIZE`.
const USUAL_WINDOW: u64 = 3;
/// Digits of an emergency code.
const EMERGENCY_DIGITS: usize = 8;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads one person's file.
///
/// More is read than the other module accepts, since a person may never have noticed that it refused them; a
/// [`Remark::RefusedThere`] says so.
///
/// # Errors
/// [`Unusable`].
pub fn read(bytes: &[u8]) -> Result<Found, Unusable> {
    let whole = std::str::from_utf8(bytes).map_err(|_| Unusable::NotText)?;
    let text = whole.trim_start_matches(BYTE_ORDER_MARK);
    let is_secret = |line: &&str| !line.is_empty() && !line.starts_with(['"', '#']);
    let lines = text.lines().map(str::trim);
    let written = lines.clone().find(is_secret).ok_or(Unusable::Empty)?;
    let options = Options::among(lines.clone());
    if options
        .number("HOTP_COUNTER")
        .is_some_and(|counter| counter > 0)
    {
        return Err(Unusable::Counter);
    }
    let secret = secret_in(written).ok_or(Unusable::Secret)?;
    let period = options.number("STEP_SIZE");
    let period = period.map_or(Some(USUAL_PERIOD), |seconds| seconds.try_into().ok());
    let code = code_of(secret, Digits::SIX, period.ok_or(Unusable::Period)?)?;

    let mut remarks = Vec::new();
    let is_first = whole.lines().next().map(str::trim) == Some(written);
    if !is_first || written.contains('=') || options.after("TOTP_AUTH").is_none() {
        remarks.push(Remark::RefusedThere);
    }
    let is_emergency_code = |line: &&str| {
        line.len() == EMERGENCY_DIGITS && line.bytes().all(|byte| byte.is_ascii_digit())
    };
    let emergency_codes = lines.filter(is_emergency_code).count();
    if emergency_codes > 0 {
        remarks.push(Remark::EmergencyCodes(emergency_codes));
    }
    if options.after("RATE_LIMIT").is_some() {
        remarks.push(Remark::RateLimit);
    }
    let window = options.number("WINDOW_SIZE").unwrap_or(USUAL_WINDOW);
    remarks.push(Remark::Window(
        (window / 2).saturating_mul(code.period().get()),
    ));
    let skew = options
        .after("TIME_SKEW")
        .and_then(|steps| steps.parse().ok());
    if let Some(steps) = skew.filter(|steps: &i64| *steps != 0) {
        remarks.push(Remark::ClockSkew(steps));
    }
    let used = options.after("DISALLOW_REUSE");
    if used.is_none() {
        remarks.push(Remark::UsedCodesUnknown);
    }
    let used = used.unwrap_or_default().split_whitespace();
    Ok(Found {
        code,
        used: used.filter_map(|step| step.parse().ok()).collect(),
        remarks,
    })
}

/// The lines of options, without their beginning.
struct Options<'a>(Vec<&'a str>);

impl<'a> Options<'a> {
    fn among(lines: impl Iterator<Item = &'a str>) -> Self {
        Self(lines.filter_map(|line| line.strip_prefix("\" ")).collect())
    }

    /// What follows this word; empty if nothing does, `None` without the word.
    fn after(&self, word: &str) -> Option<&'a str> {
        self.0.iter().find_map(|line| {
            let rest = line.strip_prefix(word)?;
            (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim_start())
        })
    }

    fn number(&self, word: &str) -> Option<u64> {
        self.after(word)?.split_whitespace().next()?.parse().ok()
    }
}

/// Decodes as the other module does, and only padding is more than it takes: digits that look like letters stand for
/// them, dashes and blanks for nothing, and bits beyond the last whole byte are dropped.
fn secret_in(written: &str) -> Option<SecretBytes> {
    let mut plain = Zeroizing::new(String::with_capacity(written.len()));
    for letter in written.trim_end_matches('=').chars() {
        match letter {
            ' ' | '\t' | '-' => {}
            '0' => plain.push('O'),
            '1' => plain.push('L'),
            '8' => plain.push('B'),
            other => plain.push(other),
        }
    }
    let bytes = plain.len() * 5 / 8;
    secret_from_base32(plain.get(..(bytes * 8).div_ceil(5))?)
}

#[cfg(test)]
mod tests;
