//! Resolves a typed name to a person.

use antiphon_core::disk::{Folder, record_file};
use antiphon_core::name::UserName;
use antiphon_core::visible::visible;
use nix::unistd::User;

use crate::failure::{Failure, Kind};
use crate::house::House;

/// The longest name repeated in an error, in bytes.
const LONGEST_SHOWN: usize = 64;

/// The canonical name of `typed` according to the user database.
pub(crate) fn canonical(typed: &str) -> Result<UserName, Failure> {
    in_database(typed)?.ok_or_else(|| {
        Failure::new(
            Kind::NoUser,
            format!(
                "{}: the system knows no such user; getent passwd lists those it knows",
                shown(typed)
            ),
        )
    })
}

/// The same, or `typed` itself if there is a record of that name: records outlive the accounts of people who leave.
pub(crate) fn canonical_or_on_file(typed: &str, house: &House) -> Result<UserName, Failure> {
    let users = house.users()?;
    if let Some(known) = in_database(typed)? {
        return Ok(known);
    }
    let gone = UserName::new(typed).map_err(|error| Failure::new(Kind::Data, error))?;
    if users.is_some_and(|users| has_record(&users, &gone)) {
        return Ok(gone);
    }
    canonical(typed)
}

/// The name that the user database has for this person's user id, if it is a different one.
pub(crate) fn other_name(user: &UserName) -> Option<String> {
    let known = User::from_name(user.as_str()).ok()??;
    let first = User::from_uid(known.uid).ok()??;
    (first.name != user.as_str()).then_some(first.name)
}

/// Whether anything at all exists at the path of this person's record.
pub(crate) fn has_record(users: &Folder, user: &UserName) -> bool {
    let path = users.path_of(&user.file_name(record_file::SUFFIX));
    path.symlink_metadata().is_ok()
}

/// Whether the user database still has exactly this name.
pub(crate) fn is_in_database(user: &UserName) -> bool {
    in_database(user.as_str()).is_ok_and(|known| known.as_ref() == Some(user))
}

fn in_database(typed: &str) -> Result<Option<UserName>, Failure> {
    check_form(typed)?;
    let known = User::from_name(typed).map_err(|errno| {
        Failure::new(
            Kind::Unavailable,
            format!("the user database: {}; try again", errno.desc()),
        )
    })?;
    known
        .map(|user| UserName::new(&user.name))
        .transpose()
        .map_err(|error| Failure::new(Kind::Data, error))
}

/// Such names could be encoded as file names, but nobody has one: it is an attack or a typo.
fn check_form(typed: &str) -> Result<(), Failure> {
    let refused = typed.is_empty()
        || matches!(typed, "." | "..")
        || typed.contains('/')
        || typed.chars().any(char::is_control);
    if refused {
        return Err(Failure::new(
            Kind::Data,
            format!("\"{}\" is not a user name", shown(typed)),
        ));
    }
    Ok(())
}

fn shown(typed: &str) -> String {
    visible(typed, LONGEST_SHOWN)
}

#[cfg(test)]
mod tests {
    use super::{canonical, is_in_database};
    use crate::failure::Kind;
    use antiphon_core::name::UserName;

    #[test]
    fn a_name_that_would_leave_its_folder_is_refused_before_anybody_is_asked_for_it() {
        for typed in [
            "",
            ".",
            "..",
            "../root",
            "root/",
            "/etc/passwd",
            "a\nb",
            "a\0b",
        ] {
            let failure = canonical(typed).unwrap_err();
            assert_eq!(failure.kind(), Kind::Data, "{typed:?}");
            assert!(!failure.to_string().contains(char::is_control));
        }
    }

    #[test]
    fn the_user_database_says_who_exists() {
        assert_eq!(canonical("root").unwrap().as_str(), "root");
        let failure = canonical("nobody-has-this-name").unwrap_err();
        assert_eq!(failure.kind(), Kind::NoUser);
        assert!(is_in_database(&UserName::new("root").unwrap()));
        assert!(!is_in_database(&UserName::new("../root").unwrap()));
    }
}
