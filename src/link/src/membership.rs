//! Who is in which system group.

use std::cell::OnceCell;
use std::ffi::CString;

use antiphon_core::config::Membership;
use nix::unistd::{Gid, Group, getgrouplist};

/// Says of a group whether the person called `name`, whose own group is `gid`, is a member: by the id that the group's name
/// has here. A group that the system does not know may be one of a directory that is away, so that it is not known who is
/// in it.
pub fn memberships(name: &str, gid: Gid) -> impl Fn(&str) -> Membership {
    // Looked up once, and only if a group is asked for.
    let groups = OnceCell::new();
    move |group| {
        let groups: &Option<Vec<Gid>> = groups.get_or_init(|| group_ids(name, gid));
        match (groups, Group::from_name(group)) {
            // The list may be short without a word where a directory does not answer: then the group's own counts.
            (Some(groups), Ok(Some(known)))
                if groups.contains(&known.gid) || known.mem.iter().any(|member| member == name) =>
            {
                Membership::Member
            }
            (Some(groups), Ok(Some(_))) if has_one_called(group, groups) => Membership::Namesake,
            (Some(_), Ok(Some(_))) => Membership::Other,
            _ => Membership::Unknown,
        }
    }
}

/// Whether one of these groups has this name: a directory may have a group that is called as a local one, and a look-up by
/// name finds the local one alone.
fn has_one_called(name: &str, groups: &[Gid]) -> bool {
    let mut groups = groups.iter();
    groups.any(|gid| matches!(Group::from_gid(*gid), Ok(Some(group)) if group.name == name))
}

/// The ids of the groups of the person called `name`, whose own group is `gid`; `None` if the system gives no answer.
#[must_use]
pub fn group_ids(name: &str, gid: Gid) -> Option<Vec<Gid>> {
    let name = CString::new(name).ok()?;
    getgrouplist(&name, gid).ok()
}

#[cfg(test)]
mod tests {
    use antiphon_core::config::Membership;
    use nix::unistd::Gid;

    use super::memberships;

    #[test]
    fn a_group_that_the_system_does_not_know_is_unknown_and_not_one_without_members() {
        let root = memberships("root", Gid::from_raw(0));
        assert_eq!(root("root"), Membership::Member);
        assert_eq!(root("daemon"), Membership::Other);
        for group in ["no-group-has-this-name", "", "a\0b"] {
            assert_eq!(root(group), Membership::Unknown, "{group:?}");
        }
        let nobody = memberships("a\0b", Gid::from_raw(0));
        assert_eq!(nobody("root"), Membership::Unknown);
    }
}
