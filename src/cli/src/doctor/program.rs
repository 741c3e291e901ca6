//! Programs of the system that are asked something: for a while, and for so much, and no more.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How much of what it says is read, in bytes.
const MOST: u64 = 1024 * 1024;
/// How often it is looked whether one has ended.
const LOOK: Duration = Duration::from_millis(5);

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) succeeded: bool,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs `program`.
///
/// # Errors
/// Why it could not be run to its end.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Result<Ran, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let readers = (
        child
            .stdout
            .take()
            .map(|stream| thread::spawn(|| all_of(stream))),
        child
            .stderr
            .take()
            .map(|stream| thread::spawn(|| all_of(stream))),
    );
    let until = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => thread::sleep(LOOK),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{program}: does not end"));
            }
            Err(error) => return Err(format!("{program}: {error}")),
        }
    };
    let text = |reader: Option<thread::JoinHandle<String>>| {
        reader
            .and_then(|reader| reader.join().ok())
            .unwrap_or_default()
    };
    Ok(Ran {
        succeeded: status.success(),
        out: text(readers.0),
        err: text(readers.1),
    })
}

/// What is too much is read and dropped, so that nobody waits for a pipe.
fn all_of(stream: impl Read) -> String {
    let mut bytes = Vec::new();
    let mut kept = stream.take(MOST);
    let _ = kept.read_to_end(&mut bytes);
    let _ = std::io::copy(&mut kept.into_inner(), &mut std::io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{MOST, Ran, run};

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
        let said = run("head", &["-c", "3000000", "/dev/zero"]).unwrap();
        assert!(said.succeeded && said.out.len() as u64 == MOST);
    }
}
