//! A line for the local syslog socket, in the form of `pam_syslog(3)`, which administrators and their tools search for:
//! `sshd[4711]: pam_antiphon(sshd:auth): outcome=…`.
//!
//! Not by libc's syslog(3), which belongs to the application: it would open a connection that stays open in the
//! application's name, write to the console or the terminal if the application once asked for that (`LOG_CONS`,
//! `LOG_PERROR`), and wait for ever for a log that nobody reads.

use std::io::Write;

use syslog::{Facility, LogFormat, LoggerBackend, Severity};

use crate::ffi;

/// How long a syslog daemon that does not read is waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);
/// The most characters of the names of a program and of a service.
const LONGEST_WORD: usize = 32;

/// Where a line comes from.
#[derive(Clone)]
struct Origin {
    /// The program, as libc calls it in the lines of other modules, unless the application gave another name to
    /// openlog(3), which cannot be asked for. Whoever calls su chooses it (argv[0]); the service is the application's.
    program: String,
    service: String,
}

/// `<priority>program[pid]: pam_antiphon(service:auth): text`, the local form of RFC 3164.
///
/// Without a time, which the daemon adds itself: ours would be in the time zone that the caller's TZ names.
impl LogFormat<&str> for Origin {
    fn format<W: Write>(&self, to: &mut W, severity: Severity, text: &str) -> syslog::Result<()> {
        let priority = Facility::LOG_AUTHPRIV as u32 | severity as u32;
        let (program, service, pid) = (&self.program, &self.service, std::process::id());
        write!(
            to,
            "<{priority}>{program}[{pid}]: pam_antiphon({service}:auth): {text}"
        )
        .map_err(syslog::Error::Write)
    }
}

/// Sends `text`. Without a log the sign-in goes on: its absence would be a way to lock everybody out. And never to the
/// console instead, which costs milliseconds and is not private.
pub(crate) fn send(service: &str, severity: Severity, text: &str) {
    let Ok(mut logger) = syslog::unix(Origin {
        program: word(&ffi::program_name()),
        service: word(service),
    }) else {
        return;
    };
    if let LoggerBackend::Unix(socket) = &logger.backend {
        let _ = socket.set_write_timeout(Some(PATIENCE));
    }
    let _ = logger.formatter.format(&mut logger.backend, severity, text);
}

/// `name` without what could end it, or the line, for who reads the log. A bracket that closes opens nothing: gdm's
/// program is called `gdm-password]`, from the end of its argv[0].
fn word(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.+@]".contains(letter);
    let shown = |letter| if plain(letter) { letter } else { '?' };
    let word: String = name.chars().take(LONGEST_WORD).map(shown).collect();
    if word.is_empty() {
        return "unknown".to_owned();
    }
    word
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use syslog::{LogFormat, Severity};

    use super::{Origin, word};

    #[test]
    fn a_line_has_the_form_of_pam_syslog_whatever_program_and_service_are_called() {
        for (program, service, begins) in [
            (
                "sshd-session",
                "sshd",
                "<85>sshd-session[PID]: pam_antiphon(sshd:auth): ",
            ),
            (
                "gdm-password]",
                "gdm-password",
                "<85>gdm-password][PID]: pam_antiphon(gdm-password:auth): ",
            ),
            (
                "sshd[1]: Accepted",
                "su:auth): outcome=accepted (x",
                "<85>sshd?1]??Accepted[PID]: pam_antiphon(su?auth???outcome?accepted??x:auth): ",
            ),
            (
                "a\nb\u{202e}",
                "å b",
                "<85>a?b?[PID]: pam_antiphon(??b:auth): ",
            ),
            ("", "", "<85>unknown[PID]: pam_antiphon(unknown:auth): "),
        ] {
            let origin = Origin {
                program: word(program),
                service: word(service),
            };
            let mut line = Vec::new();
            origin
                .format(&mut line, Severity::LOG_NOTICE, "outcome=wrong")
                .unwrap();
            let pid = std::process::id().to_string();
            let wanted = format!("{}outcome=wrong", begins.replace("PID", &pid));
            assert_eq!(String::from_utf8(line).unwrap(), wanted);
        }
        assert_eq!(word(&"a".repeat(1000)).len(), 32);
    }
}
