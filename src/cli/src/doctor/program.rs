//! Runs programs of the system that answer a question, with a limit on time and output.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// The time limit.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most output kept of each stream, in bytes.
pub(crate) const MOST: u64 = 16 * 1024 * 1024;
/// How often to look whether a program has ended.
const LOOK: Duration = Duration::from_millis(5);

/// The result of a program that ran to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) succeeded: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `program`.
///
/// # Errors
/// Why it did not run to its end.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<Ran, String> {
    run_within(PATIENCE, program, arguments)
}

fn run_within(patience: Duration, program: &str, arguments: &[&str]) -> Result<Ran, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own, so that what it has started ends with it.
        .process_group(0)
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let out = child.stdout.take().map(heard);
    let err = child.stderr.take().map(heard);
    let until = Instant::now() + patience;
    let ended = ended(&mut child, until);
    // Something that it has started may still hold the streams.
    let text = |heard: Option<Receiver<String>>| {
        let left = until.saturating_duration_since(Instant::now());
        heard.and_then(|heard| heard.recv_timeout(left).ok())
    };
    if let (Some(succeeded), Some(out), Some(err)) = (ended, text(out), text(err)) {
        return Ok(Ran {
            succeeded,
            out,
            err,
        });
    }
    end(&mut child);
    let seconds = patience.as_secs();
    Err(format!("{program} did not finish within {seconds} s"))
}

/// Whether it succeeded; `None` if it still runs.
fn ended(child: &mut Child, until: Instant) -> Option<bool> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status.success()),
            Ok(None) if Instant::now() < until => thread::sleep(LOOK),
            Ok(None) | Err(_) => return None,
        }
    }
}

fn end(child: &mut Child) {
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    let _ = child.try_wait();
}

/// Output beyond the limit is read and dropped, so that the program does not wait for a reader.
fn heard(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut kept = stream.take(MOST);
        let _ = kept.read_to_end(&mut bytes);
        let _ = io::copy(&mut kept.into_inner(), &mut io::sink());
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{MOST, Ran, run, run_within};

    #[test]
    fn what_a_program_says_and_how_it_ends_is_known() {
        let said = run("sh", &["-c", "echo one; echo two >&2; exit 3"]).unwrap();
        let expected = Ran {
            succeeded: false,
            out: "one\n".to_owned(),
            err: "two\n".to_owned(),
        };
        assert_eq!(said, expected);
        assert!(run("/no/such/program", &[]).is_err());
    }

    #[test]
    fn no_more_is_kept_than_has_room() {
        let said = run("head", &["-c", "20000000", "/dev/zero"]).unwrap();
        assert!(said.succeeded && said.out.len() as u64 == MOST);
    }

    #[test]
    fn nobody_is_waited_for_who_does_not_end_or_leaves_somebody_behind() {
        for script in ["sleep 60", "sleep 60 & exit 0"] {
            let begun = Instant::now();
            let said = run_within(Duration::from_millis(300), "sh", &["-c", script]);
            assert!(said.is_err(), "{said:?}");
            assert!(begun.elapsed() < Duration::from_secs(10), "{script}");
        }
    }
}
