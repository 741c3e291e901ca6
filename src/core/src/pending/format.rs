//! The file of a pending enrolment: of fixed length, and rejected if any byte was changed.
//!
//! Version 1 kept what was shown in order to show it again; its files are invalid.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::beginnings::{Beginnings, MOST, ORIGIN_LENGTH, Occasion};
use super::{Pending, SECRET_BYTES, SITTING_BYTES, is_open};
use crate::approval::framed;
use crate::name::UserName;
use crate::time::UnixTime;
use crate::visible::visible;

/// The prefix of files of all versions, followed by the version digit, a newline, and the creation time.
const KIND: &[u8] = b"antiphon pending v";
const MAGIC: &[u8] = b"antiphon pending v2\n";
const NUMBER_LENGTH: usize = 8;
const SUM_LENGTH: usize = 32;
/// The longest origin, in bytes.
const LONGEST_FROM: usize = 128;
/// Length of the file, in bytes.
pub(crate) const FILE_LENGTH: usize = MAGIC.len()
    + 2 * NUMBER_LENGTH
    + 1
    + SITTING_BYTES
    + SECRET_BYTES
    + (1 + LONGEST_FROM)
    + MOST * (NUMBER_LENGTH + ORIGIN_LENGTH)
    + SUM_LENGTH;

impl Pending {
    /// Encodes `user`'s file.
    #[must_use]
    pub(crate) fn encode(&self, user: &UserName) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_LENGTH));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.made.0.to_be_bytes());
        bytes.extend_from_slice(&self.used.to_be_bytes());
        bytes.push(self.wrong);
        bytes.extend_from_slice(&self.held_by);
        bytes.extend_from_slice(&*self.secret);
        let from = visible(&self.from, LONGEST_FROM);
        bytes.push(u8::try_from(from.len()).unwrap_or_default());
        bytes.extend_from_slice(from.as_bytes());
        bytes.extend(std::iter::repeat_n(
            0,
            LONGEST_FROM.saturating_sub(from.len()),
        ));
        for index in 0..MOST {
            let occasion = self.beginnings.0.get(index);
            let (at, from) = occasion.map_or((0, [0; _]), |one| (one.at.0, one.origin));
            bytes.extend_from_slice(&at.to_be_bytes());
            bytes.extend_from_slice(&from);
        }
        let sum = sum_of(&bytes, user);
        bytes.extend_from_slice(&sum);
        bytes
    }

    /// Decodes the file of `user`; `None` if it is truncated, damaged, of another version, or another person's.
    #[must_use]
    pub(crate) fn decode(bytes: &[u8], user: &UserName) -> Option<Self> {
        let (content, sum) = bytes.split_last_chunk::<SUM_LENGTH>()?;
        if bytes.len() != FILE_LENGTH || sum_of(content, user) != *sum {
            return None;
        }
        let mut rest = Rest(content.strip_prefix(MAGIC)?);
        let made = UnixTime(rest.number()?);
        let step = rest.number()?;
        let [wrong] = rest.take()?;
        let held_by = rest.take()?;
        let secret = Zeroizing::new(rest.take()?);
        let [length] = rest.take()?;
        let from: [u8; LONGEST_FROM] = rest.take()?;
        let from = std::str::from_utf8(from.get(..usize::from(length))?).ok()?;
        let mut beginnings = Beginnings::default();
        for _ in 0..MOST {
            let at = UnixTime(rest.number()?);
            let origin = rest.take()?;
            if at.0 > 0 {
                beginnings.0.push(Occasion { at, origin });
            }
        }
        Some(Self {
            made,
            used: step,
            wrong,
            held_by,
            from: from.to_owned(),
            secret,
            beginnings,
        })
    }
}

/// Whether a file with these bytes, whosever it is, has expired; `touched` is its modification time. Files truncated or
/// left wiped by a crash expire like whole ones; files that do not have our format never do.
#[must_use]
pub fn is_over(bytes: &[u8], touched: UnixTime, now: UnixTime) -> bool {
    let beginning = bytes.iter().zip(KIND).all(|(byte, ours)| byte == ours);
    if !beginning && bytes.iter().any(|byte| *byte != 0) {
        return false;
    }
    let made = bytes
        .split_at_checked(MAGIC.len())
        .filter(|(magic, _)| magic.starts_with(KIND))
        .and_then(|(_, rest)| Rest(rest).number())
        .map_or(touched, UnixTime);
    !is_open(made, now)
}

/// The unread bytes.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }
}

fn sum_of(content: &[u8], user: &UserName) -> [u8; SUM_LENGTH] {
    Sha256::new_with_prefix(content)
        .chain_update(framed("antiphon pending v2", &[user.as_str().as_bytes()]))
        .finalize()
        .into()
}
