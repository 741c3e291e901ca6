//! Refused edits in words, with the fix.

use antiphon_core::disk::Unwritten;
use antiphon_core::name::UserName;
use antiphon_core::person::{Closed, MOST_NUMBERS, Refused};

use crate::failure::{Failure, Kind};

/// Why an edit of `user` was refused; `what` was to be added or removed.
pub(crate) fn in_words(why: Unwritten, user: &UserName, what: &str) -> Failure {
    let Unwritten::Refused(refused) = why else {
        return why.into();
    };
    let word = user.shell_word();
    match refused {
        Refused::NotEnrolled => not_enrolled(user),
        Refused::NoWay => Failure::new(
            Kind::NoUser,
            format_args!(
                "{user} has no way to sign in that could be bypassed; run: antiphon enroll {word} --replace"
            ),
        ),
        Refused::LastWay(closed) => last_way(&closed, user, what),
        Refused::KnownNumber => Failure::new(
            Kind::CannotCreate,
            format_args!("{user} has the number {what} already"),
        ),
        Refused::TooManyNumbers => Failure::new(
            Kind::CannotCreate,
            format_args!(
                "{user} has {MOST_NUMBERS} numbers already; take one away first: antiphon number remove {word} NUMBER"
            ),
        ),
        Refused::UnknownNumber => Failure::new(
            Kind::NoUser,
            format_args!("{user} has no such number; see: antiphon status {word}"),
        ),
        Refused::UnknownPhone | Refused::KnownPhone | Refused::Name | Refused::TakenName => {
            Failure::new(
                Kind::TryAgain,
                format_args!("{user}'s phones were changed meanwhile; see: antiphon status {word}"),
            )
        }
    }
}

/// There is no record.
pub(crate) fn not_enrolled(user: &UserName) -> Failure {
    let word = user.shell_word();
    let what = format!("{user} is not enrolled; run: antiphon enroll {word}");
    Failure::new(Kind::NoUser, what)
}

/// Removing `what` would leave the person without a way in.
pub(crate) fn last_way(closed: &Closed, user: &UserName, what: &str) -> Failure {
    let word = user.shell_word();
    let what = if closed.is_all {
        format!(
            "{what} is the only way in that {user} has; first give another (antiphon enroll {word} --phone, or --replace for \
             codes), or take all away: antiphon remove {word}"
        )
    } else {
        format!(
            "{what} is the only way in that {user} has at {closed}; first give another (antiphon enroll {word}), or insist: \
             --force"
        )
    };
    Failure::new(Kind::Data, what)
}
