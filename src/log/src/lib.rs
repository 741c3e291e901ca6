//! A line for the administrator, from the module, the command or the daemon.
//!
//! Where `/dev/log` leads to journald, the line goes to journald by its own protocol, so that each field of the line is
//! a field of the entry as well. The message is the same text that `/dev/log` would have been given, and journald
//! passes it on to a syslog daemon in the same way. Everywhere else, and where journald does not take the entry, the
//! text goes to `/dev/log`.
//!
//! Not with libc's syslog(3), which belongs to the application: it would leave a connection open under the
//! application's name, write to the console or the terminal if the application has asked for that (`LOG_CONS`,
//! `LOG_PERROR`), and block forever if the log is not being read.
#![forbid(unsafe_code)]

mod as_root;
mod dev_log;
mod journald;

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use antiphon_core::logline::LogLine;

pub use dev_log::text;
pub use journald::send as to_journald;
pub use syslog::{Facility, Severity};

/// How long to wait for a log that is not being read: somebody waits to sign in, or the daemon for its next line.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long root's command waits, whose line is the only one about what root did.
const PATIENCE_OF_COMMAND: Duration = Duration::from_secs(5);

/// A line for the administrator.
#[derive(Clone, Copy)]
pub struct Line<'a> {
    /// Who writes it.
    pub writer: Writer<'a>,
    /// `LOG_AUTHPRIV`, but for what the daemon says in passing.
    pub facility: Facility,
    /// How much it matters.
    pub severity: Severity,
    /// What it says.
    pub said: Said<'a>,
}

/// Who writes a line.
#[derive(Debug, Clone, Copy)]
pub enum Writer<'a> {
    /// The PAM module.
    Module {
        /// The program that it is loaded into.
        program: &'a str,
        /// The PAM service.
        service: &'a str,
    },
    /// The command.
    Command,
    /// The daemon.
    Daemon,
}

/// What a line says.
#[derive(Debug, Clone, Copy)]
pub enum Said<'a> {
    /// Fields, which journald gets one by one.
    Fields(&'a LogLine),
    /// A sentence.
    Sentence(&'a str),
}

impl Line<'_> {
    /// The name that the line appears under.
    fn program(&self) -> &str {
        match self.writer {
            Writer::Module { program, .. } => program,
            Writer::Command => "antiphon",
            Writer::Daemon => "antiphond",
        }
    }

    /// How long to wait for the log.
    fn patience(&self) -> Duration {
        match self.writer {
            Writer::Command => PATIENCE_OF_COMMAND,
            Writer::Module { .. } | Writer::Daemon => PATIENCE,
        }
    }

    /// What follows that name; for the module in the form of `pam_syslog(3)`.
    fn message(&self) -> Cow<'_, str> {
        let said = match self.said {
            Said::Fields(line) => line.as_str(),
            Said::Sentence(sentence) => sentence,
        };
        match self.writer {
            Writer::Module { service, .. } => {
                Cow::Owned(format!("pam_antiphon({service}:auth): {said}"))
            }
            Writer::Command | Writer::Daemon => Cow::Borrowed(said),
        }
    }
}

/// Sends a line. Never written to the console instead, which costs milliseconds and is not private.
///
/// # Errors
/// Nobody has taken it, or nobody has read it for a second; for five, if it is the command's. A sign-in ignores that: otherwise disabling the log would
/// lock everybody out.
pub fn send(line: &Line<'_>) -> io::Result<()> {
    if journald::reads_dev_log() {
        match journald::send(line) {
            // Its other socket would make us wait once more.
            Err(why) if why.kind() != io::ErrorKind::WouldBlock => {}
            sent => return sent,
        }
    }
    dev_log::send(line)
}
