use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::stat::{FileStat, fstat};
use rustix::process::Pid;

use super::{Holder, Seen, UNBOUNDED, feed, holds, pid_in, tells_of_lock};
use crate::disk::fixture::{Host, Other, apart, put, seems, tmpfs};

/// A file of alice's.
fn locked(host: &Host) -> (PathBuf, FileStat) {
    let path = host.state_path();
    put(&path, "", 0o600);
    let seen = fstat(File::open(&path).unwrap()).unwrap();
    (path, seen)
}

#[test]
fn only_a_lock_by_flock_on_the_very_inode_names_a_process() {
    for (line, pid) in [
        (
            "1: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF",
            Some(4711),
        ),
        ("12: FLOCK  ADVISORY  READ  9 00:2f:123456 0 EOF", Some(9)),
        ("1: FLOCK  ADVISORY  WRITE 4711 08:01:12345 0 EOF", None),
        ("1: -> FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF", None),
        ("1: POSIX  ADVISORY  WRITE 4711 08:01:123456 0 EOF", None),
        ("1: FLOCK  ADVISORY  WRITE -1 08:01:123456 0 EOF", None),
        ("", None),
    ] {
        assert_eq!(pid_in(line, 123_456), pid, "{line}");
    }
}

#[test]
fn only_a_lock_by_flock_is_one_of_ours() {
    for (line, is_one) in [
        (
            "lock:\t1: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF",
            true,
        ),
        (
            "lock:\t1: FLOCK  ADVISORY  READ 4711 08:01:123456 0 EOF",
            true,
        ),
        (
            "lock:\t1: POSIX  ADVISORY  WRITE 4711 08:01:123456 0 EOF",
            false,
        ),
        (
            "lock:\t1: LEASE  ACTIVE    READ 4711 08:01:123456 0 EOF",
            false,
        ),
        ("flags:\t1: FLOCK", false),
        ("pos:\t0", false),
        ("", false),
    ] {
        assert_eq!(tells_of_lock(line), is_one, "{line}");
    }
}

#[test]
fn a_process_holds_the_lock_of_a_file_that_it_has_locked_and_still_has_open() {
    apart(|| {
        let host = Host::new();
        let (path, file) = locked(&host);
        let mut other = Other::holding(&path);
        let seen = Seen::of(other.pid()).unwrap();
        assert_eq!(Seen::holding(&file), [other.pid()]);
        assert!(seen.holds(&file));
        // Open it stays, and another file is locked.
        other.let_go();
        other.lock(host.states.path());
        assert_eq!(Seen::holding(&file), [0; 0]);
        assert!(!seen.holds(&file));
        other.share(&path);
        assert_eq!(Seen::holding(&file), [other.pid()]);
        drop(other);
        assert_eq!(Seen::holding(&file), [0; 0]);
        assert!(!seen.holds(&file));
    });
}

#[test]
fn neither_we_ourselves_nor_the_first_process_of_all_is_a_holder_to_be_ended() {
    // In a thread of its own: what seems to be so there seems so to no other test.
    thread::spawn(|| {
        let host = Host::new();
        let (path, file) = locked(&host);
        let _own = Flock::lock(File::open(&path).unwrap(), FlockArg::LockExclusive).unwrap();
        let us = std::process::id();
        tmpfs("/proc/1");
        fs::create_dir_all("/proc/1/fd").unwrap();
        fs::create_dir_all("/proc/1/fdinfo").unwrap();
        symlink(&path, "/proc/1/fd/3").unwrap();
        let line = |pid| {
            format!(
                "1: FLOCK  ADVISORY  WRITE {pid} 00:01:{} 0 EOF\n",
                file.st_ino
            )
        };
        fs::write("/proc/1/fdinfo/3", format!("lock:\t{}", line(1))).unwrap();
        seems("/proc/locks", &format!("{}{}", line(1), line(us)));
        assert!(holds(1, &file) && holds(us, &file));
        assert_eq!(Seen::holding(&file), [0; 0]);
    })
    .join()
    .unwrap();
}

#[test]
fn a_process_that_has_gone_is_not_kept_an_eye_on() {
    apart(|| {
        let _host = Host::new();
        let other = Other::start();
        let pid = other.pid();
        assert_eq!(Seen::of(pid).map(|seen| seen.pid()), Some(pid));
        drop(other);
        assert!(Seen::of(pid).is_none());
        assert!(Seen::of(0).is_none() && Seen::of(u32::MAX).is_none());
    });
}

#[test]
fn a_holder_is_ended_and_told_of_and_one_that_holds_nothing_is_let_be() {
    apart(|| {
        let host = Host::new();
        let (path, file) = locked(&host);
        let mut other = Other::holding(&path);
        let seen = Seen::of(other.pid()).unwrap();
        other.let_go();
        assert_eq!(seen.end(&file), None);
        assert!(other.is_alive());
        other.lock(&path);
        other.seems("comm", "su\u{1b}[2J of somebody\n");
        other.seems("loginuid", "1001");
        let ended = seen.end(&file).unwrap();
        let expected = Holder {
            pid: other.pid(),
            program: "su?[2J of somebo".into(),
            uid: 1001,
        };
        assert_eq!(ended, expected);
        other.killed();
    });
}

#[test]
fn a_later_process_with_the_same_id_is_not_ended_for_an_earlier_one() {
    apart(|| {
        let host = Host::new();
        let (path, file) = locked(&host);
        let earlier = Other::holding(&path);
        let pid = earlier.pid();
        let seen = Seen::of(pid).unwrap();
        drop(earlier);
        // The next process gets the number after this one.
        fs::write("/proc/sys/kernel/ns_last_pid", (pid - 1).to_string()).unwrap();
        let mut later = Other::holding(&path);
        assert_eq!(later.pid(), pid);
        assert!(seen.holds(&file), "by its number it is the same");
        assert_eq!(seen.end(&file), None);
        assert!(later.is_alive());
    });
}

#[test]
fn the_person_behind_it_is_who_it_runs_for_or_who_signed_in_or_who_started_it() {
    apart(|| {
        let _host = Host::new();
        let other = Other::start();
        let seen = Seen::of(other.pid()).unwrap();
        for (real, signed_in, parents, person) in [
            (1002, "1001", 1003, 1002),
            (0, "1001\n", 1003, 1001),
            // Nobody has signed in.
            (0, "4294967295", 1003, 1003),
            (0, "0", 1003, 1003),
            (0, "", 1003, 1003),
            (0, "0", 0, 0),
        ] {
            let status =
                |uid| format!("Name:\tsu\nPPid:\t1\nUid:\t{uid}\t0\t0\t0\nGid:\t7\t7\t7\t7\n");
            other.seems("status", &status(real));
            other.seems("loginuid", signed_in);
            seems("/proc/1/status", &status(parents));
            assert_eq!(seen.person(), person, "{real} {signed_in} {parents}");
        }
    });
}

#[test]
fn only_a_process_in_the_state_d_waits_for_the_disk_whatever_it_is_called() {
    apart(|| {
        let _host = Host::new();
        let other = Other::start();
        let seen = Seen::of(other.pid()).unwrap();
        for (stat, waits) in [
            ("7 (su) D 1 7 7 0 -1\n", true),
            ("7 (su) R) D 1 7 7 0 -1\n", true),
            ("7 (su) S 1 7 7 0 -1\n", false),
            ("7 (su) D 1) S 1 7 7 0 -1\n", false),
            ("", false),
        ] {
            other.seems("stat", stat);
            assert_eq!(seen.waits_for_disk(), waits, "{stat}");
        }
    });
}

#[test]
fn its_end_is_logged_with_who_it_was_and_why() {
    let holder = Holder {
        pid: 4711,
        program: "su".into(),
        uid: 1001,
    };
    let line = holder.log_line();
    let line = line.as_str();
    assert!(
        line.starts_with("lock=holder-ended pid=4711 program=su uid=1001 detail="),
        "{line}"
    );
    assert!(line.contains("did not let go"), "{line}");
}

#[test]
fn a_process_that_is_to_end_gets_the_processor_before_everybody_else() {
    apart(|| {
        let _host = Host::new();
        let other = Other::start();
        fs::create_dir_all("/sys/fs/cgroup/cpu").unwrap();
        for path in UNBOUNDED {
            fs::write(path, "").unwrap();
        }
        feed(Pid::from_raw(other.pid().cast_signed()).unwrap());
        for path in UNBOUNDED {
            assert_eq!(fs::read_to_string(path).unwrap(), other.pid().to_string());
        }
        // proc_pid_stat(5): the nice value is field 19, and the name field 2.
        let stat = fs::read_to_string(format!("/proc/{}/stat", other.pid())).unwrap();
        let (_, after_name) = stat.rsplit_once(") ").unwrap();
        assert_eq!(after_name.split_whitespace().nth(16), Some("-20"), "{stat}");
    });
}

#[test]
fn where_there_are_no_such_groups_none_are_made() {
    apart(|| {
        let _host = Host::new();
        fs::create_dir_all("/sys/fs/cgroup").unwrap();
        let other = Other::start();
        feed(Pid::from_raw(other.pid().cast_signed()).unwrap());
        assert!(!Path::new(UNBOUNDED[0]).exists());
    });
}
