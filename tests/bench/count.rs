//! Counts, which no other load of the machine changes: system calls and instructions.
//!
//! Each is the difference of two runs, so that only sign-ins are in it.

use std::collections::BTreeSet;
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

/// What runs in user space.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Code {
    /// Instructions.
    pub(crate) instructions: WarmAndCold<u64>,
    /// Lines of 64 bytes of code that a cold one runs through and a process without it does not.
    pub(crate) lines: usize,
}

/// `None` without valgrind, which writes to `folder`.
pub(crate) fn code(subject: &Subject<'_>, folder: &Path) -> Option<Code> {
    let run = |name: &str, orders: &[String]| {
        let file = folder.join(format!("{}.{name}.callgrind", subject.module.name()));
        let out = format!("--callgrind-out-file={}", file.display());
        let tool = ["valgrind", "--tool=callgrind", "--dump-instr=yes", &out];
        let instructions = collected(&run_under(&tool, subject, orders)?)?;
        Some((instructions, lines_in(&fs::read_to_string(file).ok()?)))
    };
    let [few, many] = numbers(subject);
    let load = subject.order_to_load();
    let (warm_many, _) = run("warm", &[load.clone(), subject.order(many)])?;
    let (warm_few, _) = run("few", &[load, subject.order(few)])?;
    let (cold, cold_lines) = run("cold", &[subject.order(1)])?;
    let (none, other_lines) = run("none", &[subject.order(0)])?;
    Some(Code {
        instructions: WarmAndCold {
            warm: warm_many.saturating_sub(warm_few) / (many - few),
            cold: cold.saturating_sub(none),
        },
        lines: cold_lines.difference(&other_lines).count(),
    })
}

/// A line of 64 bytes of an object's code.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct CodeLine {
    object: String,
    number: u64,
}

/// The lines that ran, of the file that callgrind wrote: after the object that lines are of (`ob=(3) /lib/…`, later
/// `ob=(3)`) come lines of an address, a line number and a cost, the address perhaps as a difference from the last one.
fn lines_in(callgrind: &str) -> BTreeSet<CodeLine> {
    let mut lines = BTreeSet::new();
    let (mut object, mut address) = (String::new(), 0_u64);
    for text in callgrind.lines() {
        if let Some(named) = text.strip_prefix("ob=") {
            named
                .split(' ')
                .next()
                .unwrap_or_default()
                .clone_into(&mut object);
        }
        let word = text.split(' ').next().unwrap_or_default();
        let hex = |digits: &str| u64::from_str_radix(digits, 16).ok();
        let found = match word.as_bytes() {
            [b'0', b'x', ..] => hex(&word[2..]),
            [b'+', ..] => word[1..].parse().ok().map(|more: u64| address + more),
            [b'-', ..] => word[1..].parse().ok().map(|less: u64| address - less),
            b"*" => Some(address),
            _ => None,
        };
        if let Some(found) = found {
            address = found;
            let object = object.clone();
            lines.insert(CodeLine {
                object,
                number: found / 64,
            });
        }
    }
    lines
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
