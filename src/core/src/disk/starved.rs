//! A killed process still needs CPU time to exit, and its caller can withhold it: anybody can create a cgroup with a
//! thousandth of a CPU (`systemd-run --user --scope`) and fill it with busy processes. SIGKILL then takes effect
//! minutes later, and the lock is held until then.

use std::fs::OpenOptions;
use std::io::Write;

use rustix::process::{Pid, setpriority_process};

/// Moving a process into one of these removes its CPU limits: the root cgroups of versions 2 and 1.
const UNBOUNDED: [&str; 2] = [
    "/sys/fs/cgroup/cgroup.procs",
    "/sys/fs/cgroup/cpu/cgroup.procs",
];
/// The highest priority.
const FIRST: i32 = -20;

/// Gives the process the CPU time it needs to exit. Where that is not possible, as in a container, it exits when it
/// can.
pub(super) fn feed(pid: Pid) {
    let number = pid.as_raw_nonzero().to_string();
    for path in UNBOUNDED {
        // Not created: without such a cgroup there is no such file.
        if let Ok(mut group) = OpenOptions::new().write(true).open(path) {
            let _ = group.write_all(number.as_bytes());
        }
    }
    let _ = setpriority_process(Some(pid), FIRST);
}
