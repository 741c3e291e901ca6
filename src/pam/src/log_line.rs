//! Who the module's lines are from, as those of other modules: `sshd[4711]: pam_antiphon(sshd:auth): outcome=…`, the
//! format of `pam_syslog(3)`, which administrators and their tools search for.

use antiphon_log::{Facility, Line, Said, Severity, Writer};

use crate::ffi;

/// Most characters of a program's or service's name.
const LONGEST_WORD: usize = 32;

/// Sends a line under libc's name for the program, as other modules' lines have it, unless the application gave another
/// one to openlog(3), which cannot be queried. A caller of su chooses that name (`argv[0]`); the application chooses the
/// service. Failures are ignored: otherwise disabling the log would lock everybody out.
pub(crate) fn send(service: &str, severity: Severity, said: Said<'_>) {
    let [program, service] = [&ffi::program_name(), service].map(word);
    let _ = antiphon_log::send(&line(&program, &service, severity, said));
}

fn line<'a>(program: &'a str, service: &'a str, severity: Severity, said: Said<'a>) -> Line<'a> {
    Line {
        writer: Writer::Module { program, service },
        facility: Facility::LOG_AUTHPRIV,
        severity,
        said,
    }
}

/// `name` without characters that could end it or the line for a log reader. A closing bracket is harmless: gdm's
/// program is called `gdm-password]`, from the end of its `argv[0]`.
fn word(name: &str) -> String {
    let shown = |letter| match letter {
        'A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '_' | '.' | '+' | '@' | ']' => letter,
        _ => '?',
    };
    let word: String = name.chars().take(LONGEST_WORD).map(shown).collect();
    if word.is_empty() {
        return "unknown".to_owned();
    }
    word
}

#[cfg(test)]
mod tests {
    use antiphon_log::{Said, Severity, text};

    use super::{line, word};

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
            let [program, service] = [program, service].map(word);
            let said = Said::Sentence("outcome=wrong");
            let line = text(&line(&program, &service, Severity::LOG_NOTICE, said));
            let pid = std::process::id().to_string();
            let wanted = format!("{}outcome=wrong", begins.replace("PID", &pid));
            assert_eq!(line, wanted);
        }
        assert_eq!(word(&"a".repeat(1000)).len(), 32);
    }
}
