use nix::errno::Errno;

use super::allows;
use crate::disk::fixture::{apart, limit_files};

#[test]
fn a_file_may_grow_to_the_very_byte_of_the_callers_limit_and_not_beyond() {
    apart(|| {
        assert_eq!(allows(u64::MAX), Ok(()));
        limit_files(8192);
        assert_eq!(allows(0), Ok(()));
        assert_eq!(allows(8192), Ok(()));
        assert_eq!(allows(8193), Err(Errno::EFBIG));
        limit_files(0);
        assert_eq!(allows(0), Ok(()));
        assert_eq!(allows(1), Err(Errno::EFBIG));
    });
}
