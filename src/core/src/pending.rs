//! An enrolment at the sign-in that is not finished yet: kept for ten minutes, so that the login's time limit loses
//! nothing. Whoever comes back to the same place is shown the same QR code and the same recovery codes.
//!
//! Only to the same place: a second person who knows the password, and begins elsewhere, must not be shown the secret
//! that the first one is about to confirm.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::approval::framed;
use crate::draft::{DRAFT_BYTES, Draft};
use crate::name::UserName;
use crate::time::UnixTime;

/// Seconds that one is kept.
pub const LIFETIME: u64 = 600;

const MAGIC: &[u8] = b"antiphon pending v1\n";
const TIME_LENGTH: usize = 8;
const SUM_LENGTH: usize = 32;
/// Bytes of the file.
pub(crate) const FILE_LENGTH: usize = MAGIC.len() + TIME_LENGTH + DRAFT_BYTES + SUM_LENGTH;

/// Who enrols, by which service, and from where.
#[derive(Clone, Copy)]
pub struct Sitting<'a> {
    /// The canonical name.
    pub user: &'a UserName,
    /// The PAM service.
    pub service: &'a str,
    /// Remote host or terminal.
    pub origin: &'a str,
    /// Who called su or another program of that kind: terminals have the same name for everybody, one after the other.
    pub caller: &'a str,
}

/// One that is not finished.
pub struct Pending {
    made: UnixTime,
    random: Zeroizing<[u8; DRAFT_BYTES]>,
}

impl Pending {
    /// A new one.
    #[must_use]
    pub fn new(random: Zeroizing<[u8; DRAFT_BYTES]>, now: UnixTime) -> Self {
        Self { made: now, random }
    }

    /// What the person is shown.
    #[must_use]
    pub fn draft(&self) -> Draft {
        Draft::new(&self.random)
    }

    /// When it was begun.
    #[must_use]
    pub fn made(&self) -> UnixTime {
        self.made
    }

    /// Whether it counts at `now`. One from the future does not: nobody knows how old it is.
    #[must_use]
    pub fn is_open(&self, now: UnixTime) -> bool {
        is_open(self.made, now)
    }

    /// Whether `other` is this very one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.made == other.made && self.random == other.random
    }

    /// The bytes of the file.
    #[must_use]
    pub fn encode(&self, sitting: Sitting<'_>) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_LENGTH));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.made.0.to_be_bytes());
        bytes.extend_from_slice(&*self.random);
        let sum = sum_of(&bytes, sitting);
        bytes.extend_from_slice(&sum);
        bytes
    }

    /// Reads the file of `sitting`; `None` if it is cut off, spoilt, or another's.
    #[must_use]
    pub fn decode(bytes: &[u8], sitting: Sitting<'_>) -> Option<Self> {
        let (content, sum) = bytes.split_last_chunk::<SUM_LENGTH>()?;
        if sum_of(content, sitting) != *sum {
            return None;
        }
        let (time, random) = content.strip_prefix(MAGIC)?.split_first_chunk()?;
        Some(Self {
            made: UnixTime(u64::from_be_bytes(*time)),
            random: Zeroizing::new(random.try_into().ok()?),
        })
    }
}

/// Whether the file with these bytes, whosever it is, is of no use to anybody any more; `touched` is when it was last
/// written. What a crash has cut off or left wiped is over like a whole one; what is not ours by its form never is.
#[must_use]
pub fn is_over(bytes: &[u8], touched: UnixTime, now: UnixTime) -> bool {
    let beginning = bytes.iter().zip(MAGIC).all(|(byte, ours)| byte == ours);
    if !beginning && bytes.iter().any(|byte| *byte != 0) {
        return false;
    }
    let made = bytes
        .strip_prefix(MAGIC)
        .and_then(<[u8]>::split_first_chunk)
        .map_or(touched, |(time, _)| UnixTime(u64::from_be_bytes(*time)));
    !is_open(made, now)
}

fn is_open(made: UnixTime, now: UnixTime) -> bool {
    made <= now && now < made.plus(LIFETIME)
}

fn sum_of(content: &[u8], sitting: Sitting<'_>) -> [u8; SUM_LENGTH] {
    let fields: [&[u8]; 4] = [
        sitting.user.as_str().as_bytes(),
        sitting.service.as_bytes(),
        sitting.origin.as_bytes(),
        sitting.caller.as_bytes(),
    ];
    Sha256::new_with_prefix(content)
        .chain_update(framed("antiphon pending v1", &fields))
        .finalize()
        .into()
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use zeroize::Zeroizing;

    use super::{FILE_LENGTH, LIFETIME, Pending, Sitting, is_over};
    use crate::draft::DRAFT_BYTES;
    use crate::name::UserName;
    use crate::time::UnixTime;

    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn pending() -> Pending {
        Pending::new(Zeroizing::new([7; DRAFT_BYTES]), NOW)
    }

    #[test]
    fn it_comes_back_whole_to_the_same_place_and_to_no_other() {
        let names = ["alice", "bob"].map(|name| UserName::new(name).unwrap());
        let here = Sitting {
            user: &names[0],
            service: "sshd",
            origin: "203.0.113.5",
            caller: "root",
        };
        let bytes = pending().encode(here);
        assert_eq!(bytes.len(), FILE_LENGTH);
        assert!(Pending::decode(&bytes, here).unwrap().is(&pending()));
        for elsewhere in [
            Sitting {
                user: &names[1],
                ..here
            },
            Sitting {
                service: "login",
                ..here
            },
            Sitting {
                origin: "203.0.113.6",
                ..here
            },
            Sitting {
                caller: "mallory",
                ..here
            },
            Sitting {
                service: "sshd203.0.113.5",
                origin: "",
                ..here
            },
        ] {
            assert!(Pending::decode(&bytes, elsewhere).is_none());
        }
        for cut in 0..bytes.len() {
            assert!(Pending::decode(&bytes[..cut], here).is_none(), "{cut}");
            let mut spoilt = bytes.clone();
            spoilt[cut] ^= 1;
            assert!(Pending::decode(&spoilt, here).is_none(), "{cut}");
        }
        let longer = [&bytes[..], b"x"].concat();
        assert!(Pending::decode(&longer, here).is_none());
    }

    #[test]
    fn it_counts_for_ten_minutes_and_not_before_it_was_made() {
        let user = UserName::new("alice").unwrap();
        let sitting = Sitting {
            user: &user,
            service: "sshd",
            origin: "",
            caller: "root",
        };
        let bytes = pending().encode(sitting);
        for (now, is_open) in [
            (NOW, true),
            (NOW.plus(LIFETIME - 1), true),
            (NOW.plus(LIFETIME), false),
            (UnixTime(NOW.0 - 1), false),
            (UnixTime(0), false),
            (UnixTime(u64::MAX), false),
        ] {
            assert_eq!(pending().is_open(now), is_open, "{now}");
            assert_eq!(is_over(&bytes, UnixTime(0), now), !is_open, "{now}");
            for left in [&[][..], &bytes[..1], &bytes[..25], &[0; FILE_LENGTH]] {
                assert_eq!(is_over(left, NOW, now), !is_open, "{now}: {left:?}");
            }
            assert!(!is_over(b"something else", UnixTime(0), now));
        }
    }
}
