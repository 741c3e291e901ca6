//! What a process has used, and may use (proc(5)).

use std::fs;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Bytes that it has in memory.
pub(crate) fn resident(id: u32) -> i64 {
    let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kibibytes = line.unwrap().trim().trim_end_matches(" kB");
    kibibytes.parse::<i64>().unwrap() * 1024
}

/// Seconds of a core that it has used.
pub(crate) fn used(id: u32) -> f64 {
    // utime and stime, in ticks of 10 ms; the second field is the name, in brackets.
    let text = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let (_, fields) = text.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum::<f64>()
        / 100.0
}

/// How many descriptors this process may have from now on: as many as it can. Daemons that it has started may have as many.
pub(crate) fn descriptors() -> usize {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most, most).unwrap();
    usize::try_from(most).unwrap()
}
