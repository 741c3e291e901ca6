//! What waits in the background until the time of a change is over, and then takes it back: a transient service where
//! systemd runs, else a process that nothing of the terminal ends.
//!
//! A computer that restarts meanwhile ends both; there `antiphon-revert.service` takes the change back.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::RawFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use antiphon_core::logline::LogLine;
use nix::unistd::{close, setsid};

use super::{Changes, Ends, Why, end_open};
use crate::doctor::program;
use crate::failure::{Failure, Kind};
use crate::log;

/// Takes open changes back when the computer starts.
const AT_BOOT: &str = "antiphon-revert.service";
/// What the process in the background says when nothing of the terminal can end it any more.
const READY: &str = "ready";
/// How long to wait after a failure, as of a full disk.
const PAUSE: Duration = Duration::from_secs(5);
/// How often to try: for a day.
const MOST_TRIES: usize = 17_280;

/// It waits.
pub(super) struct Guard {
    /// What is missing for a change to be taken back whatever happens.
    pub(super) missing: Vec<String>,
    unit: Option<String>,
}

/// By how much it is later than the command, which then ends the change itself and can say so. In seconds.
const LATER: u64 = 2;

/// Has something wait for `time`, and then take the change `id` back.
pub(super) fn start(id: &str, time: Duration) -> Result<Guard, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(Kind::Unavailable, format!("/proc/self/exe: {error}")))?;
    let program = program.display().to_string();
    let seconds = time.as_secs().saturating_add(LATER).to_string();
    let words = [program.as_str(), "revert", "--guard", id, &seconds];
    if !Path::new("/run/systemd/system").exists() {
        let missing = "no systemd runs here: if the computer restarts before that time, run antiphon revert then";
        return as_process(words, missing.to_owned());
    }
    match as_unit(id, &words) {
        Ok(guard) => Ok(guard),
        Err(why) => as_process(
            words,
            format!(
                "systemd-run failed ({why}); a process of its own waits instead: if it is killed, run antiphon revert"
            ),
        ),
    }
}

fn unit_of(id: &str) -> String {
    format!("antiphon-guard-{id}.service")
}

fn as_unit(id: &str, words: &[&str]) -> Result<Guard, String> {
    let unit = unit_of(id);
    let named = format!("--unit={unit}");
    let mut arguments = vec![
        "--quiet",
        "--collect",
        "--description=Antiphon: takes a change back unless it is confirmed",
        "--property=Restart=on-failure",
        "--property=RestartSec=1",
        &named,
    ];
    if waits_for_exec() {
        // Else a unit whose program cannot be started counts as started.
        arguments.push("--property=Type=exec");
    }
    arguments.push("--");
    arguments.extend(words);
    let ran = program::run("systemd-run", &arguments)?;
    if !ran.succeeded {
        // It would be started again and again.
        stop(&unit);
        return Err(ran.err.trim().to_owned());
    }
    let wanted = program::run(
        "systemctl",
        &["show", "--property=WantedBy", "--value", AT_BOOT],
    );
    let is_wanted = wanted.is_ok_and(|ran| !ran.out.trim().is_empty());
    let missing = (!is_wanted).then(|| {
        format!("{AT_BOOT} is not installed: if the computer restarts before that time, run antiphon revert then")
    });
    Ok(Guard {
        missing: missing.into_iter().collect(),
        unit: Some(unit),
    })
}

/// Whether systemd knows `Type=exec`: from 240 on. RHEL 8 has 239.
fn waits_for_exec() -> bool {
    let said = program::run("systemctl", &["--version"]).map(|ran| ran.out);
    let version = said
        .as_deref()
        .unwrap_or_default()
        .split_whitespace()
        .nth(1);
    version.and_then(|version| version.parse().ok()) >= Some(240)
}

fn as_process(words: [&str; 5], missing: String) -> Result<Guard, Failure> {
    let [program, arguments @ ..] = words;
    let failed = |why: &dyn std::fmt::Display| {
        let what = format!(
            "nothing could be started that takes the change back ({why}); nothing was changed"
        );
        Failure::new(Kind::Unavailable, what)
    };
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(&error))?;
    let mut said = String::new();
    if let Some(out) = child.stdout.take() {
        let _ = BufReader::new(out).read_line(&mut said);
    }
    if said.trim_end() != READY {
        return Err(failed(&"it ended at once"));
    }
    Ok(Guard {
        missing: vec![missing],
        unit: None,
    })
}

impl Guard {
    /// Nothing is left to wait for. A process finds that out by itself.
    pub(super) fn end(&self) {
        if let Some(unit) = &self.unit {
            stop(unit);
        }
    }
}

/// The same for the change `id` of another command, whose guard may be a unit.
pub(super) fn end(id: &str) {
    stop(&unit_of(id));
}

fn stop(unit: &str) {
    let _ = program::run("systemctl", &["stop", unit]);
}

/// Has something in the background try again what failed: `antiphon-revert.service` runs once, because systemd before 244
/// (RHEL 8 has 239) refuses a unit that is `Type=oneshot` and has `Restart=`, and because sign-ins must not wait for it.
///
/// Returns the failure in words for people.
pub(crate) fn try_again(id: &str, failure: &Failure) -> Failure {
    // One that waits for its time is replaced.
    end(id);
    let what = match start(id, Duration::ZERO) {
        Ok(_) => format!("{failure}; it is also tried again in the background"),
        Err(_) => failure.to_string(),
    };
    Failure::new(failure.kind(), what)
}

/// Waits for `time`, and takes the change `id` back if it is still open; tries until that succeeds.
pub(crate) fn run(id: &str, time: Duration) -> Result<(), Failure> {
    // Fails where it is the first of its session already, as under systemd.
    let _ = setsid();
    close_others();
    let _ = writeln!(io::stdout(), "{READY}");
    sleep(time);
    let mut last = None;
    for _ in 0..MOST_TRIES {
        let Err(failure) = try_once(id) else {
            return Ok(());
        };
        let why = failure.to_string();
        if last.as_ref() != Some(&why) {
            let line = LogLine::new()
                .with("outcome", "not-taken-back")
                .with("change", id)
                .with("detail", &why);
            log::log_by_caller(line);
        }
        last = Some(why);
        sleep(PAUSE);
    }
    Err(Failure::new(Kind::Io, last.unwrap_or_default()))
}

/// Closes what the command was started with beside the standard streams, and what was inherited thereby: a lock, or a pipe
/// whose reader waits for its end.
fn close_others() {
    let entries = fs::read_dir("/proc/self/fd").into_iter().flatten();
    let numbers: Vec<RawFd> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    for number in numbers.into_iter().filter(|number| *number > 2) {
        // That of the folder is closed already.
        let _ = close(number);
    }
}

fn try_once(id: &str) -> Result<(), Failure> {
    let Some(changes) = Changes::lock_if_there()? else {
        return Ok(());
    };
    let waits = changes.current()?;
    let waits = waits.filter(|open| open.id == id && open.ends != Ends::LookedAt);
    let Some(change) = waits else {
        return Ok(());
    };
    end_open(&changes, &change, Why::Late).map(drop)
}
