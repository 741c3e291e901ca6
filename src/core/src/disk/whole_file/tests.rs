use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use nix::errno::Errno;
use nix::sys::stat::{Mode, umask};
use nix::unistd::Gid;

use super::WholeFile;
use crate::disk::distrust::Fault;
use crate::disk::fixture::{DAEMON, Host, apart, entries, limit_files, mode_of, own, put};

const FILE: WholeFile<'_> = WholeFile {
    name: "x",
    temporary: ".x.new",
    mode: 0o600,
    group: None,
    durable: true,
};

/// Why the file could not be written.
fn errno(host: &Host, bytes: &[u8]) -> Errno {
    let distrust = FILE.write(&host.users, bytes).unwrap_err();
    assert_eq!(distrust.path, host.users.path_of(".x.new"));
    match distrust.fault {
        Fault::System(errno) => errno,
        fault => panic!("{fault:?}"),
    }
}

#[test]
fn a_file_is_written_whole_in_the_place_of_an_old_one_and_nothing_is_left_beside_it() {
    let host = Host::new();
    let path = host.users.path_of("x");
    for durable in [true, false] {
        for content in ["first", "", "another, which is longer"] {
            let file = WholeFile { durable, ..FILE };
            file.write(&host.users, content.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
            assert_eq!(entries(&host.users), ["x"]);
        }
    }
}

#[test]
fn who_reads_the_old_one_meanwhile_has_it_whole() {
    let host = Host::new();
    let path = host.users.path_of("x");
    FILE.write(&host.users, b"old").unwrap();
    let old = fs::File::open(&path).unwrap();
    FILE.write(&host.users, b"new").unwrap();
    assert_eq!(std::io::read_to_string(old).unwrap(), "old");
    assert_eq!(fs::read(path).unwrap(), b"new");
}

#[test]
fn it_has_the_mode_and_the_group_that_it_is_to_have_whatever_the_umask() {
    let host = Host::new();
    let path = host.users.path_of("x");
    for mask in [0o777, 0] {
        umask(Mode::from_bits_truncate(mask));
        for (mode, group) in [(0o600, 0), (0o640, DAEMON)] {
            let file = WholeFile {
                mode,
                group: (group != 0).then(|| Gid::from_raw(group)),
                ..FILE
            };
            file.write(&host.users, b"").unwrap();
            let found = fs::metadata(&path).unwrap();
            assert_eq!((mode_of(&path), found.uid(), found.gid()), (mode, 0, group));
        }
    }
}

#[test]
fn what_a_crash_or_somebody_else_left_under_the_temporary_name_is_cleared_away_and_not_written_to()
{
    let host = Host::new();
    let temporary = host.users.path_of(".x.new");
    put(host.users.path_of("victim"), "theirs", 0o644);
    put(&temporary, "half of a rec", 0o666);
    own(&temporary, 1000);
    FILE.write(&host.users, b"whole").unwrap();
    symlink(host.users.path_of("victim"), &temporary).unwrap();
    FILE.write(&host.users, b"whole").unwrap();
    assert_eq!(fs::read(host.users.path_of("victim")).unwrap(), b"theirs");
    assert_eq!(fs::read(host.users.path_of("x")).unwrap(), b"whole");
    assert_eq!(fs::metadata(host.users.path_of("x")).unwrap().uid(), 0);
    assert_eq!(entries(&host.users), ["victim", "x"]);
}

#[test]
fn where_it_cannot_be_written_the_old_one_stands_and_nothing_is_left() {
    let host = Host::new();
    FILE.write(&host.users, b"old").unwrap();
    let stands = || {
        assert_eq!(fs::read(host.users.path_of("x")).unwrap(), b"old");
        assert_eq!(entries(&host.users), ["x"]);
    };
    Host::leave_free("/etc", 1);
    assert_eq!(errno(&host, &[b'n'; 5000]), Errno::ENOSPC);
    stands();
    FILE.write(&host.users, b"old").unwrap();
    Host::make_read_only("/etc");
    assert_eq!(errno(&host, b"new"), Errno::EROFS);
    stands();
    Host::make_writable("/etc");
    // A folder in its place.
    fs::remove_file(host.users.path_of("x")).unwrap();
    fs::create_dir(host.users.path_of("x")).unwrap();
    assert_eq!(errno(&host, b"new"), Errno::EISDIR);
    assert_eq!(entries(&host.users), ["x"]);
    fs::remove_dir(host.users.path_of("x")).unwrap();
    fs::create_dir(host.users.path_of(".x.new")).unwrap();
    assert_eq!(errno(&host, b"new"), Errno::EISDIR);
}

#[test]
fn where_the_callers_limit_would_cut_it_in_two_it_is_not_begun() {
    apart(|| {
        let host = Host::new();
        FILE.write(&host.users, b"old").unwrap();
        limit_files(2);
        assert_eq!(errno(&host, b"new"), Errno::EFBIG);
        assert_eq!(fs::read(host.users.path_of("x")).unwrap(), b"old");
        assert_eq!(entries(&host.users), ["x"]);
        limit_files(3);
        FILE.write(&host.users, b"new").unwrap();
    });
}
