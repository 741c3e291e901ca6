//! What the daemon writes to standard error: a line an event, for the journal. Never a token, a secret, a ticket, an
//! address that a push goes to beyond its host.

use std::env;
use std::fmt;
use std::io::Write;
use std::sync::OnceLock;
use std::time::Duration;

use antiphon_core::visible::visible;
use syslog::{Facility, LogFormat, LoggerBackend, Severity};

/// How long a syslog daemon that does not read is waited for.
const LOG_PATIENCE: Duration = Duration::from_secs(1);
/// The longest line, in bytes.
const LONGEST: usize = 1024;

/// Worth knowing: `notice`.
pub(crate) fn note(what: fmt::Arguments<'_>) {
    write(5, what);
}

/// Something did not work, and we go on: `warning`.
pub(crate) fn warn(what: fmt::Arguments<'_>) {
    write(4, what);
}

/// Something must be fixed: `err`.
pub(crate) fn fail(what: fmt::Arguments<'_>) {
    write(3, what);
}

/// What an administrator looks for beside the lines of sign-ins: in syslog, facility AUTHPRIV. It may wait.
pub(crate) fn tell_administrator(line: &str) {
    // Without a log the journal of the unit has it.
    let Ok(mut logger) = syslog::unix(ForAdministrator) else {
        return;
    };
    if let LoggerBackend::Unix(socket) = &logger.backend {
        let _ = socket.set_write_timeout(Some(LOG_PATIENCE));
    }
    let _ = logger.warning(line);
}

/// `<priority>antiphond[pid]: text`. Without a time: the crate's own form has UTC where everybody reads local time. The
/// syslog daemon adds it.
#[derive(Clone)]
struct ForAdministrator;

impl LogFormat<&str> for ForAdministrator {
    fn format<W: Write>(&self, to: &mut W, severity: Severity, text: &str) -> syslog::Result<()> {
        let priority = Facility::LOG_AUTHPRIV as u32 | severity as u32;
        let pid = std::process::id();
        write!(to, "<{priority}>antiphond[{pid}]: {text}").map_err(syslog::Error::Write)
    }
}

fn write(priority: u8, what: fmt::Arguments<'_>) {
    static TO_JOURNAL: OnceLock<bool> = OnceLock::new();
    // systemd.exec(5): then a number in angle brackets is the line's priority (sd-daemon(3)).
    let to_journal = *TO_JOURNAL.get_or_init(|| env::var_os("JOURNAL_STREAM").is_some());
    let line = visible(&what.to_string(), LONGEST);
    let line = if to_journal {
        format!("<{priority}>{line}\n")
    } else {
        format!("antiphond: {line}\n")
    };
    // Where nobody listens nothing can be said.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
