//! A line for the local syslog socket.
//!
//! Not by libc's syslog(3), which belongs to the application: it would open a connection that stays open in the
//! application's name, write to the console or the terminal if the application once asked for that (`LOG_CONS`,
//! `LOG_PERROR`), and wait for ever for a log that nobody reads.

use std::io::Write;
use std::time::Duration;

use syslog::{Facility, LoggerBackend};

pub use syslog::Severity;

/// How long a syslog daemon that does not read is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sends what [`line`] makes. Without a log all goes on: its absence would be a way to lock everybody out. And never to the
/// console instead, which costs milliseconds and is not private.
pub fn send(program: &str, severity: Severity, text: &str) {
    let Ok(mut logger) = syslog::unix(()) else {
        return;
    };
    if let LoggerBackend::Unix(socket) = &logger.backend {
        let _ = socket.set_write_timeout(Some(PATIENCE));
    }
    let _ = write!(logger.backend, "{}", line(program, severity, text));
}

/// `<priority>program[pid]: text`, the local form of RFC 3164, facility AUTHPRIV.
///
/// Without a time, which the daemon adds itself: ours would be in UTC, or in the time zone that the caller's TZ names.
#[must_use]
pub fn line(program: &str, severity: Severity, text: &str) -> String {
    let priority = Facility::LOG_AUTHPRIV as u32 | severity as u32;
    format!("<{priority}>{program}[{}]: {text}", std::process::id())
}
