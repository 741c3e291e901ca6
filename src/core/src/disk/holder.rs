//! The process that holds one of our locks, and killing it.
//!
//! All our files survive a kill at any instant, so killing a lock holder costs only its own sign-in.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use nix::sys::stat::FileStat;
use rustix::process::{
    Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal, setpriority_process,
};

use crate::logline::LogLine;
use crate::visible::visible;

/// The longest program name kept, in bytes: the kernel's own limit.
const LONGEST_PROGRAM: usize = 16;
/// The kernel's login uid of processes outside any login.
const NOBODY: u32 = u32::MAX;
/// Process 1, whose end would be the system's.
const INIT: u32 = 1;
/// Moving a process into one of these removes its CPU limits: the root cgroups of versions 2 and 1.
const UNBOUNDED: [&str; 2] = [
    "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/cgroup/cpu/cgroup.procs",
];
/// The highest priority.
const FIRST: i32 = -20;

/// A process that held a lock for too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: u32,
    /// The program's name; safe to show.
    pub program: String,
    /// The user id of the person behind it, as far as known.
    pub uid: u32,
}

impl Holder {
    /// The syslog line about its end.
    #[must_use]
    pub fn log_line(&self) -> LogLine {
        LogLine::new()
            .with("lock", "holder-ended")
            .with("pid", &self.pid.to_string())
            .with("program", &self.program)
            .with("uid", &self.uid.to_string())
            .with(
                "detail",
                "it held a lock that others waited for, and did not let go",
            )
    }
}

/// A process seen holding a lock. The pidfd tells it apart from a later process with the same id.
#[derive(Debug)]
pub(super) struct Seen {
    pid: u32,
    number: Pid,
    handle: OwnedFd,
}

impl Seen {
    /// The processes that hold a lock on `file`, except this one and process 1.
    ///
    /// Candidates come from `/proc/locks`. It gives a file's device in the kernel's numbering, which differs from that
    /// of fstat(2) on some file systems, so the process's file descriptors decide.
    pub(super) fn holding(file: &FileStat) -> Vec<u32> {
        let locks = fs::read_to_string("/proc/locks").unwrap_or_default();
        let mut pids: Vec<u32> = locks
            .lines()
            .filter_map(|line| pid_in(line, file.st_ino))
            .filter(|pid| *pid > INIT && *pid != std::process::id() && holds(*pid, file))
            .collect();
        pids.dedup();
        pids
    }

    /// Opens a pidfd on the process; `None` if it has gone, or if the kernel is older than 5.3 and has no pidfds.
    pub(super) fn of(pid: u32) -> Option<Self> {
        let number = Pid::from_raw(i32::try_from(pid).ok()?)?;
        let handle = pidfd_open(number, PidfdFlags::empty()).ok()?;
        Some(Self {
            pid,
            number,
            handle,
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it still holds the lock.
    pub(super) fn holds(&self, file: &FileStat) -> bool {
        holds(self.pid, file)
    }

    /// Whether it waits for a disk: that is not its fault, and a signal would not reach it before the disk answers.
    pub(super) fn waits_for_disk(&self) -> bool {
        let stat = self.read("stat");
        // The name in parentheses may contain parentheses itself.
        stat.rsplit(')')
            .next()
            .unwrap_or_default()
            .starts_with(" D")
    }

    /// Kills it if it still holds the lock; returns who it was.
    pub(super) fn end(&self, file: &FileStat) -> Option<Holder> {
        let holder = Holder {
            pid: self.pid,
            program: visible(self.read("comm").trim_end(), LONGEST_PROGRAM),
            uid: self.person(),
        };
        if !self.holds(file) {
            return None;
        }
        // Before the signal: until then it is alive and its process id cannot be reused.
        feed(self.number);
        // Through the pidfd: if the process has gone since, nobody is hit.
        pidfd_send_signal(&self.handle, Signal::KILL).ok()?;
        Some(holder)
    }

    /// A set-user-id program of ours has real user id 0 while it holds a lock, so the person is its login uid, or else
    /// the user id of its parent.
    fn person(&self) -> u32 {
        let status = self.read("status");
        let real = real_uid(&status);
        let signed_in = self.read("loginuid").trim_end().parse().ok();
        let parent = value_of(&status, "PPid:").and_then(|parent| parent.parse::<u32>().ok());
        let parent = parent.map(|parent| read(parent, "status"));
        [
            real,
            signed_in.filter(|uid| *uid != NOBODY),
            parent.as_deref().and_then(real_uid),
        ]
        .into_iter()
        .flatten()
        .find(|uid| *uid != 0)
        .unwrap_or_default()
    }

    fn read(&self, name: &str) -> String {
        read(self.pid, name)
    }
}

/// Gives the process the CPU time it needs to exit, which its caller can withhold: anybody can create a cgroup with a
/// thousandth of a CPU (`systemd-run --user --scope`) and fill it with busy processes. SIGKILL then takes effect minutes
/// later, and the lock is held until then. Where nothing can be given, as in a container, it exits when it can.
fn feed(pid: Pid) {
    let number = pid.as_raw_nonzero().to_string();
    for path in UNBOUNDED {
        // Not created: without such a cgroup there is no such file.
        if let Ok(mut group) = OpenOptions::new().write(true).open(path) {
            let _ = group.write_all(number.as_bytes());
        }
    }
    let _ = setpriority_process(Some(pid), FIRST);
}

fn read(pid: u32, name: &str) -> String {
    let bytes = fs::read(folder_of(pid).join(name)).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn folder_of(pid: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}"))
}

/// The first word after `key` in `/proc/PID/status`.
fn value_of<'a>(status: &'a str, key: &str) -> Option<&'a str> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()
}

fn real_uid(status: &str) -> Option<u32> {
    value_of(status, "Uid:")?.parse().ok()
}

/// The process id in a line of `/proc/locks` about a flock(2) lock on a file with this inode number: `1: FLOCK
/// ADVISORY  WRITE 4711 08:01:123456 0 EOF`. A waiter has an arrow before the word FLOCK.
fn pid_in(line: &str, inode: u64) -> Option<u32> {
    let mut words = line.split_whitespace().skip(1);
    if words.next()? != "FLOCK" {
        return None;
    }
    let pid = words.nth(2)?;
    let (_, found) = words.next()?.rsplit_once(':')?;
    (found.parse() == Ok(inode)).then(|| pid.parse().ok())?
}

/// Whether one of the process's file descriptors refers to `file` and holds a lock on it.
fn holds(pid: u32, file: &FileStat) -> bool {
    let folder = folder_of(pid);
    let Ok(descriptors) = fs::read_dir(folder.join("fd")) else {
        return false;
    };
    descriptors.flatten().any(|descriptor| {
        let is_the_file = fs::metadata(descriptor.path())
            .is_ok_and(|seen| (seen.dev(), seen.ino()) == (file.st_dev, file.st_ino));
        is_the_file
            && fs::read_to_string(folder.join("fdinfo").join(descriptor.file_name()))
                .is_ok_and(|info| info.lines().any(tells_of_lock))
    })
}

/// `lock: 1: FLOCK  ADVISORY  WRITE 4711 08:01:123456 0 EOF`
fn tells_of_lock(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next() == Some("lock:") && words.nth(1) == Some("FLOCK")
}

#[cfg(test)]
mod tests;
