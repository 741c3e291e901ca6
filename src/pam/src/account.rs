//! The person's entry in the system's user database.

use std::ffi::CString;

use antiphon_core::config::Membership;
use antiphon_core::name::UserName;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_link::memberships;
use nix::unistd::{Gid, Uid, User};

use crate::ffi;

/// A user of the system.
pub(crate) struct Account {
    /// The canonical name: `pw_name`, not what was typed.
    pub(crate) name: UserName,
    uid: Uid,
    gid: Gid,
    /// `pw_passwd`: usually `x`, which means that the hash is in the shadow database.
    password: CString,
}

impl Account {
    pub(crate) fn find(asked_for: &str) -> Result<Self, Outcome> {
        let unusable = |detail: &dyn std::fmt::Display| {
            Outcome::Unusable(Trouble::new("user-database", detail))
        };
        // A name with a NUL cannot come from C, and cannot be looked up.
        if asked_for.contains('\0') {
            return Err(Outcome::Refused(Refusal::UnknownUser));
        }
        let found = User::from_name(asked_for).map_err(|errno| {
            unusable(&format_args!(
                "the user database gave no answer: {}",
                errno.desc()
            ))
        })?;
        let Some(user) = found else {
            return Err(Outcome::Refused(Refusal::UnknownUser));
        };
        let name = UserName::new(&user.name).map_err(|error| unusable(&error))?;
        Ok(Self {
            name,
            uid: user.uid,
            gid: user.gid,
            password: user.passwd,
        })
    }

    /// Whether the user id maps back to this name.
    pub(crate) fn is_the_name_of_its_uid(&self) -> bool {
        matches!(User::from_uid(self.uid), Ok(Some(user)) if user.name == self.name.as_str())
    }

    /// Whether there is a local password that `pam_unix` can check. For people without one, or with one in a directory,
    /// it rejects every password, which means nothing.
    pub(crate) fn has_local_password(&self) -> bool {
        let here = self.password.to_bytes();
        let first = if here == b"x" || here.starts_with(b"##") {
            CString::new(self.name.as_str())
                .ok()
                .and_then(|name| ffi::first_byte_of_hash(&name))
        } else {
            Some(here.first().copied().unwrap_or_default())
        };
        first.is_some_and(|first| !matches!(first, b'*' | b'!'))
    }

    /// Whether this is root, by whatever name.
    pub(crate) fn is_root(&self) -> bool {
        self.uid.is_root()
    }

    /// The groups among `candidates` that the person is a member of, each of which permits something: unknown counts as
    /// no, and so does another group of the same name.
    pub(crate) fn member_of(&self, candidates: &[String]) -> Vec<String> {
        let membership = self.memberships();
        candidates
            .iter()
            .filter(|name| membership(name) == Membership::Member)
            .cloned()
            .collect()
    }

    /// Says of a group whether the person is a member.
    pub(crate) fn memberships(&self) -> impl Fn(&str) -> Membership {
        memberships(self.name.as_str(), self.gid)
    }
}
