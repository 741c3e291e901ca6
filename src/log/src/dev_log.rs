//! Writes text to the local syslog socket.

use std::io::{self, Write};

use syslog::{LogFormat, LoggerBackend, Severity};

use crate::{Line, as_root};

/// `<priority>program[pid]: text`, the local form of RFC 3164.
///
/// Without a timestamp, which the daemon adds: ours would be in the time zone of the caller's TZ.
#[derive(Clone)]
struct Local;

impl LogFormat<&Line<'_>> for Local {
    fn format<W: Write>(
        &self,
        to: &mut W,
        severity: Severity,
        line: &Line<'_>,
    ) -> syslog::Result<()> {
        let priority = line.facility as u32 | severity as u32;
        let (program, pid) = (line.program(), std::process::id());
        let message = line.message();
        write!(to, "<{priority}>{program}[{pid}]: {message}").map_err(syslog::Error::Write)
    }
}

/// Sends a line.
pub(crate) fn send(line: &Line<'_>) -> io::Result<()> {
    let mut logger = syslog::unix(Local).map_err(io::Error::other)?;
    let patience = Some(line.patience());
    match &logger.backend {
        LoggerBackend::Unix(socket) => {
            socket.set_write_timeout(patience)?;
            return as_root::send(socket, text(line).as_bytes());
        }
        LoggerBackend::UnixStream(stream) => stream.get_ref().set_write_timeout(patience)?,
        _ => {}
    }
    let sent = logger
        .formatter
        .format(&mut logger.backend, line.severity, line);
    sent.map_err(io::Error::other)
}

/// The text that a syslog daemon is sent.
#[must_use]
pub fn text(line: &Line<'_>) -> String {
    let mut text = Vec::new();
    let _ = Local.format(&mut text, line.severity, line);
    String::from_utf8_lossy(&text).into_owned()
}
