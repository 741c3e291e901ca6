//! Log lines for the journal, one per event: sentences on standard error, fields by journald's own protocol. Never a token,
//! a secret, a ticket, or more of a push address than its host.

use std::env;
use std::fmt;
use std::io::{ErrorKind, Write};
use std::sync::OnceLock;

use antiphon_core::logline::LogLine;
use antiphon_core::visible::visible;
use antiphon_log::{Facility, Line, Said, Severity, Writer};
use tokio::task::spawn_blocking;

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

/// Priority `notice`: fields, of which journald gets each by itself. Where the others go: standard error leads to it.
pub(crate) fn note_fields(fields: &LogLine) {
    let sent = if is_in_journal() {
        antiphon_log::to_journald(&line(Facility::LOG_DAEMON, Severity::LOG_NOTICE, fields))
    } else {
        Err(ErrorKind::NotFound.into())
    };
    match sent {
        Ok(()) => {}
        // Nobody reads there, and standard error would make us wait for ever.
        Err(why) if why.kind() == ErrorKind::WouldBlock => {}
        Err(_) => note(format_args!("{}", fields.as_str())),
    }
}

/// Priority `warning`, facility AUTHPRIV, where administrators look for lines of sign-ins; without a log, where the others
/// go. Not to both: the journal is behind both, and would have it twice.
pub(crate) async fn tell_administrator(fields: LogLine) {
    let text = fields.as_str().to_owned();
    let send = move || {
        antiphon_log::send(&line(
            Facility::LOG_AUTHPRIV,
            Severity::LOG_WARNING,
            &fields,
        ))
    };
    if !matches!(spawn_blocking(send).await, Ok(Ok(()))) {
        warn(format_args!("{text}"));
    }
}

fn line(facility: Facility, severity: Severity, fields: &LogLine) -> Line<'_> {
    Line {
        writer: Writer::Daemon,
        facility,
        severity,
        said: Said::Fields(fields),
    }
}

/// Whether standard error leads to journald. According to systemd.exec(5), a number in angle brackets is then the line's
/// priority (sd-daemon(3)).
fn is_in_journal() -> bool {
    static IS_IN_JOURNAL: OnceLock<bool> = OnceLock::new();
    *IS_IN_JOURNAL.get_or_init(|| env::var_os("JOURNAL_STREAM").is_some())
}

fn write(priority: u8, what: fmt::Arguments<'_>) {
    let line = visible(&what.to_string(), LONGEST);
    let line = if is_in_journal() {
        format!("<{priority}>{line}\n")
    } else {
        format!("antiphond: {line}\n")
    };
    // If nobody reads it, nothing can be done.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
