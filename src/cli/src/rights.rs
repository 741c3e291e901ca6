//! Looks at files of others with no more rights than they have themselves, who gain nothing by a link to what is not theirs.

use nix::unistd::{Gid, Uid, setfsgid, setfsuid};

const ROOT: u32 = 0;

/// Does `look` with this user's rights to files instead of root's, in this thread alone; the other groups stay root's.
pub(crate) fn with_rights_of<T>(uid: Uid, gid: Gid, look: impl FnOnce() -> T) -> T {
    /// Gives root's rights back, also when `look` panics.
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            setfsuid(Uid::from_raw(ROOT));
            setfsgid(Gid::from_raw(ROOT));
        }
    }
    let _back = Back;
    setfsgid(gid);
    setfsuid(uid);
    look()
}
