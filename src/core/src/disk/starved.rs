//! A process that is to end needs the processor for that, and its caller may see to it that it gets none: anybody can have
//! a cgroup with a thousandth of a processor (`systemd-run --user --scope`), and a crowd in it that wants that too. SIGKILL
//! is then carried out minutes later, and until then the lock is held.

use std::fs::OpenOptions;
use std::io::Write;

use rustix::process::{Pid, setpriority_process};

/// Who is written into one of these has the processor as root's own processes have it: cgroups of version 2, and of 1.
const UNBOUNDED: [&str; 2] = [
    "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/cgroup/cpu/cgroup.procs",
];
/// Before everybody else.
const FIRST: i32 = -20;

/// Gives the process what it needs to end. Where that is not to be had, as in a container, it ends as soon as it can.
pub(super) fn feed(pid: Pid) {
    let number = pid.as_raw_nonzero().to_string();
    for path in UNBOUNDED {
        // Never made: where there is no such group there is none to be written.
        if let Ok(mut group) = OpenOptions::new().write(true).open(path) {
            let _ = group.write_all(number.as_bytes());
        }
    }
    let _ = setpriority_process(Some(pid), FIRST);
}

#[cfg(test)]
mod tests;
