//! Refused edits in words, with the fix.

use antiphon_core::disk::Unwritten;
use antiphon_core::name::UserName;
use antiphon_core::person::{MOST_ACCOUNTS, MOST_NUMBERS, Refused};

use crate::failure::{Failure, Kind};

/// Why an edit of `user` was refused; `what` was to be added or removed.
pub(crate) fn in_words(why: Unwritten, user: &UserName, what: &str) -> Failure {
    let Unwritten::Refused(refused) = why else {
        return why.into();
    };
    let word = user.shell_word();
    let kind = match &refused {
        Refused::NotEnrolled
        | Refused::NoWay
        | Refused::UnknownNumber
        | Refused::UnknownAccount => Kind::NoUser,
        Refused::LastWay(_) | Refused::UnprovedAccount | Refused::Unsound => Kind::Data,
        Refused::Enrolled
        | Refused::KnownNumber
        | Refused::TooManyNumbers
        | Refused::KnownAccount
        | Refused::TooManyAccounts => Kind::CannotCreate,
        Refused::UnknownPhone
        | Refused::KnownPhone
        | Refused::TooManyPhones
        | Refused::Name
        | Refused::TakenName => Kind::TryAgain,
    };
    let said = match refused {
        Refused::NotEnrolled => return not_enrolled(user),
        Refused::Enrolled => format!("{user} has a record already"),
        Refused::NoWay => format!(
            "{user} has no way to sign in that could be bypassed; run: antiphon enroll {word} --replace"
        ),
        Refused::LastWay(closed) if closed.is_all => format!(
            "{what} is the only way in that {user} has; first give another (antiphon enroll {word} --phone, or --replace for \
             codes), or take all away: antiphon remove {word}"
        ),
        Refused::LastWay(closed) => format!(
            "{what} is the only way in that {user} has at {closed}; first give another (antiphon enroll {word}), or insist: \
             --force"
        ),
        Refused::KnownNumber => format!("{user} has the number {what} already"),
        Refused::TooManyNumbers => format!(
            "{user} has {MOST_NUMBERS} numbers already; take one away first: antiphon number remove {word} NUMBER"
        ),
        Refused::UnknownNumber => {
            format!("{user} has no such number; see: antiphon status {word}")
        }
        Refused::KnownAccount => format!("{user} has this account already"),
        Refused::TooManyAccounts => format!(
            "{user} has {MOST_ACCOUNTS} accounts already; remove one first: antiphon remove {word} --account ACCOUNT"
        ),
        Refused::UnknownAccount => {
            format!("{user} has no such account; see: antiphon status {word}")
        }
        Refused::UnprovedAccount => format!("nobody has signed in with that account of {user}"),
        Refused::Unsound => {
            format!("with it, {user}'s record could not be read again; it stays as it is")
        }
        Refused::UnknownPhone
        | Refused::KnownPhone
        | Refused::TooManyPhones
        | Refused::Name
        | Refused::TakenName => {
            format!("{user}'s phones were changed meanwhile; see: antiphon status {word}")
        }
    };
    Failure::new(kind, said)
}

/// There is no record.
pub(crate) fn not_enrolled(user: &UserName) -> Failure {
    let word = user.shell_word();
    let what = format!("{user} is not enrolled; run: antiphon enroll {word}");
    Failure::new(Kind::NoUser, what)
}
