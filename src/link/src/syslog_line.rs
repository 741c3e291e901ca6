//! Writes to the local syslog socket.
//!
//! Not with libc's syslog(3), which belongs to the application: it would leave a connection open under the
//! application's name, write to the console or the terminal if the application has asked for that (`LOG_CONS`,
//! `LOG_PERROR`), and block forever if the log is not being read.

use std::io::Write;
use std::time::Duration;

pub use syslog::Severity;
use syslog::{Facility, LogFormat, LoggerBackend};

/// How long to wait for a syslog daemon that does not read.
const PATIENCE: Duration = Duration::from_secs(1);

/// The name of the logging program.
#[derive(Clone)]
struct Program<'a>(&'a str);

/// `<priority>program[pid]: text`, the local form of RFC 3164.
///
/// Without a timestamp, which the daemon adds: ours would be in the time zone of the caller's TZ.
impl LogFormat<&str> for Program<'_> {
    fn format<W: Write>(&self, to: &mut W, severity: Severity, text: &str) -> syslog::Result<()> {
        let priority = Facility::LOG_AUTHPRIV as u32 | severity as u32;
        let (program, pid) = (self.0, std::process::id());
        write!(to, "<{priority}>{program}[{pid}]: {text}").map_err(syslog::Error::Write)
    }
}

/// Sends a line. Failures are ignored: otherwise disabling the log would lock everybody out. Never written to the
/// console instead, which costs milliseconds and is not private.
pub fn send(program: &str, severity: Severity, text: &str) {
    let Ok(mut logger) = syslog::unix(Program(program)) else {
        return;
    };
    match &logger.backend {
        LoggerBackend::Unix(socket) => {
            let _ = socket.set_write_timeout(Some(PATIENCE));
        }
        LoggerBackend::UnixStream(stream) => {
            let _ = stream.get_ref().set_write_timeout(Some(PATIENCE));
        }
        _ => {}
    }
    let _ = logger.formatter.format(&mut logger.backend, severity, text);
}

/// The bytes that [`send`] sends.
#[must_use]
pub fn line(program: &str, severity: Severity, text: &str) -> String {
    let mut line = Vec::new();
    let _ = Program(program).format(&mut line, severity, text);
    String::from_utf8_lossy(&line).into_owned()
}
