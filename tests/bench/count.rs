//! Counts, which no other load of the machine changes: system calls and instructions.
//!
//! Each is the difference of two runs, so that only sign-ins are in it.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

use crate::subject::Subject;

/// What one sign-in does.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Calls {
    pub(crate) all: u64,
    /// `fsync`, `fdatasync` and their kin.
    pub(crate) syncs: u64,
    /// New threads and processes.
    pub(crate) clones: u64,
}

/// The same of a warm and of a cold one.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct WarmAndCold<T> {
    pub(crate) warm: T,
    pub(crate) cold: T,
}

/// System calls; `None` without strace, which writes to `folder`.
pub(crate) fn calls(subject: &Subject<'_>, folder: &Path) -> Option<WarmAndCold<Calls>> {
    let trace = folder.join(format!("{}.strace", subject.module.name()));
    let run = |orders: &[String]| {
        let file = trace.to_str().unwrap();
        run_under(&["strace", "-f", "-qq", "-o", file], subject, orders)?;
        Some(count_calls(&fs::read_to_string(&trace).unwrap()))
    };
    let between = |more: Calls, less: Calls, times: u64| Calls {
        all: (more.all - less.all).div_ceil(times),
        syncs: (more.syncs - less.syncs).div_ceil(times),
        clones: (more.clones - less.clones).div_ceil(times),
    };
    let [few, many] = numbers(subject);
    let load = subject.order_to_load();
    Some(WarmAndCold {
        warm: between(
            run(&[load.clone(), subject.order(many)])?,
            run(&[load, subject.order(few)])?,
            many - few,
        ),
        cold: between(run(&[subject.order(1)])?, run(&[subject.order(0)])?, 1),
    })
}

/// Instructions in user space; `None` without valgrind, which writes to `folder`.
pub(crate) fn instructions(subject: &Subject<'_>, folder: &Path) -> Option<WarmAndCold<u64>> {
    let name = subject.module.name();
    let file = folder.join(format!("{name}.%p.callgrind"));
    let file = format!("--callgrind-out-file={}", file.display());
    let tool = ["valgrind", "--tool=callgrind", &file];
    let run = |orders: &[String]| collected(&run_under(&tool, subject, orders)?);
    let [few, many] = numbers(subject);
    let load = subject.order_to_load();
    let warm = run(&[load.clone(), subject.order(many)])?
        .saturating_sub(run(&[load, subject.order(few)])?)
        / (many - few);
    let cold = run(&[subject.order(1)])?.saturating_sub(run(&[subject.order(0)])?);
    Some(WarmAndCold { warm, cold })
}

/// How many sign-ins the two runs have whose difference is taken. The first one of a process is never in it.
fn numbers(subject: &Subject<'_>) -> [u64; 2] {
    if subject.is_heavy() { [1, 3] } else { [5, 25] }
}

/// What a guest's tool said on standard error; `None` if the tool is not there.
fn run_under(tool: &[&str], subject: &Subject<'_>, orders: &[String]) -> Option<String> {
    let mut command = subject.command(tool);
    command.env("PATH", "/usr/bin:/bin");
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().ok()?;
    writeln!(child.stdin.take().unwrap(), "{}", orders.join("\n")).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{tool:?}: {said}");
    Some(said)
}

fn count_calls(trace: &str) -> Calls {
    let mut calls = Calls::default();
    // `1234 openat(AT_FDCWD, …) = 3`; what is interrupted by another process is resumed on a line of its own.
    let names = trace.lines().filter_map(|line| {
        let call = line.trim_start_matches(|character: char| character.is_ascii_digit());
        call.trim_start().split_once('(').map(|(name, _)| name)
    });
    for name in names.filter(|name| !name.contains(' ')) {
        calls.all += 1;
        match name {
            "fsync" | "fdatasync" | "sync" | "syncfs" | "sync_file_range" => calls.syncs += 1,
            "clone" | "clone3" | "fork" | "vfork" => calls.clones += 1,
            _ => {}
        }
    }
    calls
}

/// The number in `==1234== Collected : 567890`.
fn collected(said: &str) -> Option<u64> {
    let (_, number) = said.split_once("Collected :")?;
    number.split_whitespace().next()?.parse().ok()
}
