//! The file of `pam_oath`: `/etc/users.oath`, one secret of one person per line.
//!
//! Its columns, between blanks: the kind of secret, the person, a PIN, the secret in hexadecimal, and, once it was used, a
//! counter, the last code and its time.

use std::collections::HashMap;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::{Found, Remark, Unusable, code_of};
use crate::code::matching_step;
use crate::record::{Digits, secret_of};
use crate::time::UnixTime;

/// The largest file that is read, in bytes: some hundred thousand people.
pub const MAX_SIZE: u64 = 32 * 1024 * 1024;

/// How many steps from now the last code is looked for: an hour or more, wider than anybody's window. Once in some four
/// thousand files a step is found by chance, which closes the codes until then, at most.
const FAR: u8 = 120;

/// One person in the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name, as it is written; empty if there is none.
    pub user: &'a str,
    /// Where the person's first line is, counted from 1.
    pub line: usize,
    /// All lines of the person.
    pub lines: Vec<&'a [u8]>,
}

/// Finds the people in the file, in the order of their first lines.
#[must_use]
pub fn entries(bytes: &[u8]) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut places = HashMap::new();
    for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let mut columns = columns(bytes);
        if columns.next().is_none_or(|kind| kind.starts_with(b"#")) {
            continue;
        }
        let user = columns
            .next()
            .and_then(|user| std::str::from_utf8(user).ok());
        let user = user.unwrap_or_default();
        let place = *places.entry(user).or_insert(entries.len());
        match entries.get_mut(place).filter(|_| !user.is_empty()) {
            Some(entry) => entry.lines.push(bytes),
            None => entries.push(Entry {
                user,
                line,
                lines: vec![bytes],
            }),
        }
    }
    entries
}

/// A person's first secret whose codes are based on time, as these lines have it at the time `now`.
///
/// # Errors
/// Why there is none: what is wrong with the first line.
pub fn read(lines: &[impl AsRef<[u8]>], now: UnixTime) -> Result<Found, Unusable> {
    let mut secrets = lines.iter().map(|line| read_line(line.as_ref(), now));
    let first = secrets.next().unwrap_or(Err(Unusable::Empty));
    let mut found = first.or_else(|why| secrets.find_map(Result::ok).ok_or(why))?;
    if lines.len() > 1 {
        found.remarks.push(Remark::OtherSecrets(lines.len() - 1));
    }
    Ok(found)
}

/// As the other module parts a line.
fn columns(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let parts = line.split(u8::is_ascii_whitespace);
    parts.filter(|part| !part.is_empty())
}

fn read_line(line: &[u8], now: UnixTime) -> Result<Found, Unusable> {
    let mut columns =
        columns(line).map(|column| std::str::from_utf8(column).map_err(|_| Unusable::NotText));
    let mut column = || columns.next().transpose();
    let kind = Kind::read(column()?.unwrap_or_default())?;
    let _user = column()?;
    let pin = column()?.ok_or(Unusable::Empty)?;
    let secret = column()?.ok_or(Unusable::Empty)?;
    let secret = HEXLOWER_PERMISSIVE.decode(secret.as_bytes()).ok();
    let secret = secret.and_then(secret_of).ok_or(Unusable::Secret)?;
    let code = code_of(secret, kind.digits, kind.seconds)?;
    let _counter = column()?;
    // One that is further away can be used neither there nor here.
    let last = column()?.and_then(|typed| matching_step(&code, typed, now, FAR));
    Ok(Found {
        used: last.into_iter().collect(),
        code,
        // A minus sign is none, a plus sign a password that another module checks.
        remarks: match pin {
            "-" | "+" => Vec::new(),
            _ => vec![Remark::Pin],
        },
    })
}

/// The first column: `HOTP/T30/6` is based on time, `HOTP/E/6` on sign-ins; the digits may be left out.
struct Kind {
    seconds: u32,
    digits: Digits,
}

impl Kind {
    fn read(word: &str) -> Result<Self, Unusable> {
        let mut parts = word.split('/');
        if parts.next() != Some("HOTP") {
            return Err(Unusable::Kind);
        }
        let seconds = match parts.next() {
            None | Some("E") => return Err(Unusable::Counter),
            Some(period) => period
                .strip_prefix('T')
                .and_then(|period| period.parse().ok()),
        };
        let digits = parts.next().map_or(Some(6), |digits| digits.parse().ok());
        let digits = digits
            .and_then(Digits::new)
            .filter(|_| parts.next().is_none());
        Ok(Self {
            seconds: seconds.ok_or(Unusable::Kind)?,
            digits: digits.ok_or(Unusable::Kind)?,
        })
    }
}

#[cfg(test)]
mod tests;
