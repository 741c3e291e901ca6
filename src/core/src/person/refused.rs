//! Why an edit is refused.

use std::fmt;

use super::edit::{MOST_ACCOUNTS, MOST_NUMBERS, MOST_PHONES};
use super::last_way::Closed;

/// Why an edit is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There is no record, and this edit does not create one.
    NotEnrolled,
    /// There is a record with more than telephone numbers, and this edit replaces none.
    Enrolled,
    /// The record has no method that could be bypassed.
    NoWay,
    /// On some service the person could then sign in only with a recovery code.
    LastWay(Closed),
    /// The name of phone or account is invalid.
    Name,
    /// Another phone, or another account, of the person already has this name.
    TakenName,
    /// The phone is not in the record.
    UnknownPhone,
    /// The phone is already in the record.
    KnownPhone,
    /// The person has [`MOST_PHONES`] already.
    TooManyPhones,
    /// The account is not in the record.
    UnknownAccount,
    /// The account is already in the record.
    KnownAccount,
    /// The person has [`MOST_ACCOUNTS`] already.
    TooManyAccounts,
    /// Nobody has signed in with this account at its provider.
    UnprovedAccount,
    /// With it the record could not be read again, and every way in would be closed.
    Unsound,
    /// The number is not in the record.
    UnknownNumber,
    /// The number is already in the record, with all these uses.
    KnownNumber,
    /// The person already has the most numbers allowed.
    TooManyNumbers,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEnrolled => f.write_str("the person is not enrolled"),
            Self::Enrolled => f.write_str("the person has a record already"),
            Self::NoWay => f.write_str("the person has no way to sign in that could be bypassed"),
            Self::LastWay(closed) if closed.is_all => {
                f.write_str("it is the only way in that the person has")
            }
            Self::LastWay(closed) => {
                write!(f, "it is the only way in that the person has at {closed}")
            }
            Self::Name => f.write_str("the name is invalid"),
            Self::TakenName => f.write_str("another one of the person has this name"),
            Self::UnknownPhone => f.write_str("the person has no such phone"),
            Self::KnownPhone => f.write_str("the person has this phone already"),
            Self::TooManyPhones => write!(f, "the person has {MOST_PHONES} phones already"),
            Self::UnknownAccount => f.write_str("the person has no such account"),
            Self::KnownAccount => f.write_str("the person has this account already"),
            Self::TooManyAccounts => {
                write!(f, "the person has {MOST_ACCOUNTS} accounts already")
            }
            Self::UnprovedAccount => f.write_str("nobody has signed in with this account"),
            Self::Unsound => f.write_str("with it the record could not be read again"),
            Self::UnknownNumber => f.write_str("the person has no such telephone number"),
            Self::KnownNumber => f.write_str("the person has this telephone number already"),
            Self::TooManyNumbers => {
                write!(f, "the person has {MOST_NUMBERS} telephone numbers already")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_ACCOUNTS, MOST_NUMBERS, MOST_PHONES, Refused};

    #[test]
    fn each_reason_is_a_sentence_for_people() {
        for (refused, words) in [
            (Refused::NotEnrolled, "is not enrolled"),
            (Refused::Enrolled, "has a record already"),
            (Refused::NoWay, "no way to sign in that could be bypassed"),
            (Refused::Name, "the name is invalid"),
            (
                Refused::TakenName,
                "another one of the person has this name",
            ),
            (Refused::UnknownPhone, "no such phone"),
            (Refused::KnownPhone, "has this phone already"),
            (Refused::TooManyPhones, &format!("{MOST_PHONES} phones")),
            (Refused::UnknownAccount, "no such account"),
            (Refused::KnownAccount, "has this account already"),
            (
                Refused::TooManyAccounts,
                &format!("{MOST_ACCOUNTS} accounts"),
            ),
            (Refused::UnprovedAccount, "nobody has signed in"),
            (Refused::Unsound, "could not be read again"),
            (Refused::UnknownNumber, "no such telephone number"),
            (Refused::KnownNumber, "has this telephone number already"),
            (
                Refused::TooManyNumbers,
                &format!("{MOST_NUMBERS} telephone numbers"),
            ),
        ] {
            let said = refused.to_string();
            assert!(said.contains(words), "{said}");
            // Not the name in the source.
            assert!(!said.contains(&format!("{refused:?}")), "{said}");
        }
    }
}
