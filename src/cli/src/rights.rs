//! Looks at files of others with no more rights than they have themselves, who gain nothing by a link to what is not theirs.

use std::ffi::CString;

use nix::unistd::{Gid, Uid, getgrouplist, setfsgid, setfsuid};
use rustix::process::getgroups;
use rustix::thread::set_thread_groups;

const ROOT: u32 = 0;

/// Does `look` with this person's rights to files instead of root's, in this thread alone: with their user id, and with all
/// of their groups and none of root's, as sshd does.
pub(crate) fn with_rights_of<T>(name: &str, uid: Uid, gid: Gid, look: impl FnOnce() -> T) -> T {
    /// Gives root's rights back, also when `look` panics.
    struct Back(Vec<rustix::process::Gid>);
    impl Drop for Back {
        fn drop(&mut self) {
            setfsuid(Uid::from_raw(ROOT));
            setfsgid(Gid::from_raw(ROOT));
            let _ = set_thread_groups(&self.0);
        }
    }
    let groups = groups_of(name, gid);
    let _back = Back(getgroups().unwrap_or_default());
    // Where the system lets nobody set groups, root's count too, as they always did.
    let _ = set_thread_groups(&groups);
    setfsgid(gid);
    setfsuid(uid);
    look()
}

/// Those of the person called `name`; if they cannot be had, the first alone.
fn groups_of(name: &str, gid: Gid) -> Vec<rustix::process::Gid> {
    let name = CString::new(name).unwrap_or_default();
    let groups = getgrouplist(&name, gid).unwrap_or_else(|_| vec![gid]);
    groups
        .into_iter()
        .map(|group| rustix::process::Gid::from_raw(group.as_raw()))
        .collect()
}
