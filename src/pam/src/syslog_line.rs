//! A line for the local syslog socket.

use std::io::Write;

use syslog::{Facility, LogFormat, LoggerBackend, Severity};

/// How long a syslog daemon that does not read is waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);

/// `<priority>tag[pid]: text`, the local form of RFC 3164.
///
/// Without a time, which the daemon adds itself: ours would be in the time zone that the caller's TZ names.
#[derive(Clone)]
struct Tagged {
    tag: String,
}

impl LogFormat<&str> for Tagged {
    fn format<W: Write>(&self, to: &mut W, severity: Severity, text: &str) -> syslog::Result<()> {
        let priority = Facility::LOG_AUTHPRIV as u32 | severity as u32;
        let (tag, pid) = (&self.tag, std::process::id());
        write!(to, "<{priority}>{tag}[{pid}]: {text}").map_err(syslog::Error::Write)
    }
}

/// Sends `text`. Without a log the sign-in goes on: its absence would be a way to lock everybody out. And never to the
/// console instead, which costs milliseconds and is not private.
pub(crate) fn send(tag: &str, severity: Severity, text: &str) {
    let Ok(mut logger) = syslog::unix(Tagged {
        tag: tag.to_owned(),
    }) else {
        return;
    };
    if let LoggerBackend::Unix(socket) = &logger.backend {
        let _ = socket.set_write_timeout(Some(PATIENCE));
    }
    let _ = logger.formatter.format(&mut logger.backend, severity, text);
}
