//! What a signed document must hold to be used, beside its signature: a version that is known, its person, a time that has not
//! passed, and no lower serial than a host has seen.

use super::VERSION;
use super::untrusted::Untrusted;
use crate::document::{Fault, Section, whole_number};
use crate::name::UserName;
use crate::time::UnixTime;

/// Refuses a body of another version, before anything else in it is looked at.
pub(super) fn check_version(top: &mut Section<'_>) -> Result<(), Fault> {
    let version = top.required("version", "must be a whole number", whole_number)?;
    if version == VERSION {
        return Ok(());
    }
    Err(top.fault("version", "is one that is not known here"))
}

/// Refuses a body of another version, or of another person than `user`, before anything else in it is looked at.
pub(super) fn check_user(top: &mut Section<'_>, user: &UserName) -> Result<(), Untrusted> {
    check_version(top)?;
    let named = top.required("user", "must be a name", |value| value.as_str())?;
    if named == user.as_str() {
        return Ok(());
    }
    Err(Untrusted::OtherUser)
}

/// Refuses what is no longer valid `now`.
pub(super) fn check_until(until: UnixTime, now: UnixTime) -> Result<(), Untrusted> {
    if now < until {
        return Ok(());
    }
    Err(Untrusted::Expired(until))
}

/// A host never goes back to a lower serial, and one serial stands for one text.
pub(super) fn follows<T: PartialEq>(
    found: &T,
    known: &T,
    serial: fn(&T) -> u32,
) -> Result<(), Untrusted> {
    let (seen, new) = (serial(known), serial(found));
    if new > seen || (new == seen && found == known) {
        return Ok(());
    }
    Err(Untrusted::Older { seen, found: new })
}
