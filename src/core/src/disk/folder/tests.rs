use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::{Mode, umask};
use nix::unistd::mkfifo;

use super::{Folder, Kind, Walk};
use crate::disk::distrust::{Distrust, Fault};
use crate::disk::fixture::{Host, STRANGER, entries, is_handed_on, mode_of, own, put, set_mode};

/// The folders on the way to the records.
const WAY: [&str; 3] = ["/etc", "/etc/antiphon", "/etc/antiphon/users"];
const USERS: &str = WAY[2];

/// Why the folder of the records, or what is on the way to it, is not trusted.
fn distrusted() -> (PathBuf, Fault) {
    let Distrust { path, fault } = Folder::open(Path::new(USERS)).unwrap_err();
    (path, fault)
}

#[test]
fn every_folder_on_the_way_must_belong_to_root_and_be_writable_by_nobody_else() {
    let _host = Host::new();
    for level in WAY {
        own(level, STRANGER);
        assert_eq!(distrusted(), (level.into(), Fault::Owner(STRANGER)));
        own(level, 0);
        let mode = mode_of(level);
        for open in [0o020, 0o002, 0o022] {
            set_mode(level, mode | open);
            assert_eq!(distrusted(), (level.into(), Fault::Mode(mode | open, mode)));
        }
        // Others may look.
        set_mode(level, 0o1755);
        assert!(Folder::open(Path::new(USERS)).is_ok(), "{level}");
    }
}

#[test]
fn no_link_is_followed_at_any_level_though_it_leads_to_a_folder_of_roots() {
    let _host = Host::new();
    for level in [WAY[1], WAY[2]] {
        fs::rename(level, "/etc/elsewhere").unwrap();
        fs::create_dir_all("/etc/elsewhere/users").unwrap();
        symlink("/etc/elsewhere", level).unwrap();
        assert_eq!(distrusted(), (level.into(), Fault::Link));
        fs::remove_file(level).unwrap();
        fs::rename("/etc/elsewhere", level).unwrap();
    }
}

#[test]
fn what_is_missing_or_no_folder_is_named_at_any_level() {
    let _host = Host::new();
    for level in [WAY[2], WAY[1]] {
        fs::remove_dir(level).unwrap();
        let missing = Folder::open(Path::new(USERS)).unwrap_err();
        assert!(missing.is_missing());
        assert_eq!(missing.path, Path::new(level));
        put(level, "", 0o600);
        let no_folder = Fault::System(Errno::ENOTDIR);
        assert_eq!(distrusted(), (level.into(), no_folder));
        fs::remove_file(level).unwrap();
    }
}

#[test]
fn a_path_that_goes_up_is_refused() {
    let _host = Host::new();
    for path in ["/etc/antiphon/../antiphon/users", "..", "./etc"] {
        let refused = Folder::open(Path::new(path)).unwrap_err();
        assert_eq!(refused.fault, Fault::System(Errno::EINVAL), "{path}");
    }
}

#[test]
fn what_root_has_put_in_a_folders_place_is_what_counts() {
    let host = Host::new();
    put(host.record_path(), "hers", 0o600);
    fs::rename(USERS, "/etc/antiphon/old").unwrap();
    fs::create_dir(USERS).unwrap();
    put(host.record_path(), "another", 0o600);
    let read = host.users.read_secret("alice.toml", 100);
    assert_eq!(read.unwrap().unwrap().as_slice(), b"another");
    assert_eq!(host.users.path(), Path::new(USERS));
}

#[test]
fn one_walk_to_two_folders_trusts_neither_more_than_walks_of_their_own() {
    let host = Host::new();
    let walk = Walk::default();
    assert!(walk.open(Path::new(USERS)).is_ok());
    let state = &host.config.paths.state;
    assert!(walk.open(state).is_ok());
    own("/var/lib/antiphon", STRANGER);
    let walk = Walk::default();
    assert!(walk.open(Path::new(USERS)).is_ok());
    let refused = walk.open(state).unwrap_err();
    assert_eq!(refused.fault, Fault::Owner(STRANGER));
}

#[test]
fn only_the_last_folder_is_made_for_root_alone_whatever_the_umask() {
    let host = Host::new();
    let pending = &host.config.paths.pending;
    for mask in [0o777, 0] {
        umask(Mode::from_bits_truncate(mask));
        let made = Folder::open_or_make(pending).unwrap();
        assert_eq!(made.path(), pending);
        assert_eq!(mode_of(pending), 0o700);
        fs::remove_dir(pending).unwrap();
    }
    let deeper = Path::new("/var/lib/antiphon/no/pending");
    let refused = Folder::open_or_make(deeper).unwrap_err();
    assert!(refused.is_missing());
    assert!(!deeper.parent().unwrap().exists());
}

#[test]
fn a_folder_that_is_there_is_left_as_it_is_and_one_that_is_not_trusted_is_not_made_over() {
    let host = Host::new();
    let pending = &host.config.paths.pending;
    fs::create_dir(pending).unwrap();
    set_mode(pending, 0o750);
    assert!(Folder::open_or_make(pending).is_ok());
    assert_eq!(mode_of(pending), 0o750);
    own(pending, STRANGER);
    let refused = Folder::open_or_make(pending).unwrap_err();
    assert_eq!(refused.fault, Fault::Owner(STRANGER));
    fs::remove_dir(pending).unwrap();
    symlink("/var/lib/antiphon/state", pending).unwrap();
    let refused = Folder::open_or_make(pending).unwrap_err();
    assert_eq!(refused.fault, Fault::Link);
    set_mode("/var/lib/antiphon", 0o777);
    let refused = Folder::open_or_make(Path::new("/var/lib/antiphon/new")).unwrap_err();
    assert_eq!(refused.fault, Fault::Mode(0o777, 0o755));
}

/// Why the file `x` of the records is not opened.
fn refused(host: &Host, flags: OFlag, kind: Kind) -> Fault {
    let refused = host.users.open_file("x", flags, kind).unwrap_err();
    assert_eq!(refused.path, Path::new("/etc/antiphon/users/x"));
    refused.fault
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    let host = Host::new();
    let path = host.users.path_of("x");
    let secret = |flags| refused(&host, flags, Kind::Secret);
    symlink("/etc/antiphon/users/alice.toml", &path).unwrap();
    put(host.record_path(), "", 0o600);
    for flags in [OFlag::O_RDONLY, OFlag::O_RDWR | OFlag::O_CREAT] {
        assert_eq!(secret(flags), Fault::Link);
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    set_mode(&path, 0o700);
    for flags in [OFlag::O_RDONLY, OFlag::O_RDWR] {
        assert_eq!(secret(flags), Fault::NotAFile);
    }
    fs::remove_dir(&path).unwrap();
    let _socket = UnixListener::bind(&path).unwrap();
    assert_eq!(secret(OFlag::O_RDONLY), Fault::NotAFile);
}

#[test]
fn a_fifo_is_not_waited_for() {
    let (told, heard) = mpsc::channel();
    // In a thread of its own: a wait for somebody at the other end would have no end.
    thread::spawn(move || {
        let host = Host::new();
        let path = host.users.path_of("x");
        mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
        for flags in [OFlag::O_RDONLY, OFlag::O_WRONLY] {
            told.send(refused(&host, flags, Kind::Secret)).unwrap();
        }
    });
    for _ in 0..2 {
        let fault = heard.recv_timeout(Duration::from_secs(10));
        assert_eq!(fault, Ok(Fault::NotAFile));
    }
}

#[test]
fn a_file_must_be_roots_and_as_closed_as_its_kind_wants() {
    let host = Host::new();
    let path = host.users.path_of("x");
    put(&path, "", 0o600);
    let opened = |kind| host.users.open_file("x", OFlag::O_RDONLY, kind);
    for (mode, secret, public) in [
        (0o600, None, None),
        (0o400, None, None),
        (0o640, Some(0o600), None),
        (0o604, Some(0o600), None),
        (0o601, Some(0o600), None),
        (0o755, Some(0o700), None),
        (0o620, Some(0o600), Some(0o600)),
        (0o646, Some(0o600), Some(0o644)),
    ] {
        set_mode(&path, mode);
        for (kind, needed) in [(Kind::Secret, secret), (Kind::Public, public)] {
            let fault = opened(kind).err().map(|distrust| distrust.fault);
            let expected = needed.map(|needed| Fault::Mode(mode, needed));
            assert_eq!(fault, expected, "{mode:o} {kind:?}");
        }
    }
    set_mode(&path, 0o600);
    own(&path, STRANGER);
    for kind in [Kind::Secret, Kind::Public] {
        assert_eq!(
            refused(&host, OFlag::O_RDONLY, kind),
            Fault::Owner(STRANGER)
        );
    }
}

#[test]
fn a_missing_file_is_none_and_one_that_is_made_is_roots_alone() {
    let host = Host::new();
    umask(Mode::empty());
    let opened = |flags| host.users.open_file("x", flags, Kind::Secret).unwrap();
    assert!(opened(OFlag::O_RDWR).is_none());
    assert!(host.users.read_public("x", 1).unwrap().is_none());
    assert_eq!(entries(&host.users), [""; 0]);
    let mut made = opened(OFlag::O_RDWR | OFlag::O_CREAT).unwrap();
    made.write_all(b"new").unwrap();
    let path = host.users.path_of("x");
    assert_eq!(mode_of(&path), 0o600);
    assert_eq!(fs::read(&path).unwrap(), b"new");
    // A program that is started gets neither.
    assert!(!is_handed_on(&path) && !is_handed_on(host.users.path()));
}

#[test]
fn a_file_is_read_whole_or_not_at_all() {
    let host = Host::new();
    let path = host.users.path_of("x");
    let read = |most| host.users.read_secret("x", most);
    for size in [0, 1, 4096, 100_000] {
        let bytes = vec![b'a'; size];
        put(&path, &bytes, 0o600);
        let most = u64::try_from(size).unwrap();
        assert_eq!(read(most).unwrap().unwrap().as_slice(), bytes);
        assert_eq!(read(most + 1).unwrap().unwrap().as_slice(), bytes);
        if let Some(less) = most.checked_sub(1) {
            assert_eq!(read(less).unwrap_err().fault, Fault::TooLarge(less));
        }
    }
}

#[test]
fn a_file_that_has_more_than_it_had_at_first_or_cannot_be_read_is_not_half_read() {
    // Files of the kernel are said to be empty when they are opened, and have something in them when they are read.
    let _host = Host::new();
    let process = format!("/proc/{}", std::process::id());
    let process = Folder::open(Path::new(&process)).unwrap();
    let grown = process.read_public("status", 100_000).unwrap_err();
    assert_eq!(grown.fault, Fault::System(Errno::EAGAIN));
    // Nothing is mapped at its beginning.
    let failing = process.read_secret("mem", 100_000).unwrap_err();
    assert_eq!(failing.fault, Fault::System(Errno::EIO));
}

#[test]
fn a_file_that_was_replaced_or_removed_is_not_the_one_that_was_seen() {
    let host = Host::new();
    let path = host.users.path_of("x");
    put(&path, "one", 0o600);
    let opened = host.users.open_and_look("x", OFlag::O_RDONLY, Kind::Secret);
    let (_open, seen) = opened.unwrap().unwrap();
    assert_eq!(host.users.still_holds("x", &seen), Ok(true));
    let other = host.users.path_of("y");
    put(&other, "one", 0o600);
    fs::rename(&other, &path).unwrap();
    assert_eq!(host.users.still_holds("x", &seen), Ok(false));
    fs::remove_file(&path).unwrap();
    assert_eq!(host.users.still_holds("x", &seen), Ok(false));
}

#[test]
fn a_folder_that_is_gone_is_not_said_to_be_durable() {
    let _host = Host::new();
    let folder = Folder::open(Path::new(USERS)).unwrap();
    assert_eq!(folder.sync(), Ok(()));
    fs::remove_dir_all(USERS).unwrap();
    assert_eq!(folder.sync(), Err(Errno::ENOENT));
}
