//! Log lines on standard error for the journal, one per event. Never a token, a secret, a ticket, or more of a push
//! address than its host.

use std::env;
use std::fmt;
use std::io::Write;
use std::sync::OnceLock;
use std::time::Duration;

use antiphon_core::logline::LogLine;
use antiphon_core::visible::visible;
use syslog::{Facility, LogFormat, LoggerBackend, Severity};
use tokio::task::spawn_blocking;

/// How long to wait for a syslog daemon that does not read.
const LOG_PATIENCE: Duration = Duration::from_secs(1);
/// The longest line, in bytes.
const LONGEST: usize = 1024;

/// Priority `notice`: worth knowing.
pub(crate) fn note(what: fmt::Arguments<'_>) {
    write(5, what);
}

/// Priority `warning`: something failed, and we go on.
pub(crate) fn warn(what: fmt::Arguments<'_>) {
    write(4, what);
}

/// Priority `err`: something must be fixed.
pub(crate) fn fail(what: fmt::Arguments<'_>) {
    write(3, what);
}

/// To syslog, facility AUTHPRIV, where administrators look for lines of sign-ins; without syslog, where the others go.
/// Not to both: the journal is behind both, and would have it twice.
pub(crate) async fn tell_administrator(line: LogLine) {
    let text = line.as_str().to_owned();
    if !matches!(spawn_blocking(move || to_syslog(&text)).await, Ok(Ok(()))) {
        warn(format_args!("{}", line.as_str()));
    }
}

fn to_syslog(line: &str) -> syslog::Result<()> {
    let mut logger = syslog::unix(ForAdministrator)?;
    if let LoggerBackend::Unix(socket) = &logger.backend {
        socket
            .set_write_timeout(Some(LOG_PATIENCE))
            .map_err(syslog::Error::Io)?;
    }
    logger.warning(line)
}

/// `<priority>antiphond[pid]: text`. Without a timestamp, which the syslog daemon adds: the crate's default format uses
/// UTC where everything else is in local time.
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
    // According to systemd.exec(5), a number in angle brackets is then the line's priority (sd-daemon(3)).
    let to_journal = *TO_JOURNAL.get_or_init(|| env::var_os("JOURNAL_STREAM").is_some());
    let line = visible(&what.to_string(), LONGEST);
    let line = if to_journal {
        format!("<{priority}>{line}\n")
    } else {
        format!("antiphond: {line}\n")
    };
    // If nobody reads it, nothing can be done.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
