//! A line in the format of `pam_syslog(3)`, which administrators and their tools search for: `sshd[4711]:
//! pam_antiphon(sshd:auth): outcome=…`.

use antiphon_link::syslog_line::{self, Severity};

use crate::ffi;

/// Most characters of a program's or service's name.
const LONGEST_WORD: usize = 32;

/// Sends `text` under libc's name for the program, as other modules' lines have it, unless the application gave another
/// one to openlog(3), which cannot be queried. A caller of su chooses that name (`argv[0]`); the application chooses the
/// service.
pub(crate) fn send(service: &str, severity: Severity, text: &str) {
    let program = word(&ffi::program_name());
    syslog_line::send(&program, severity, &of_service(service, text));
}

fn of_service(service: &str, text: &str) -> String {
    format!("pam_antiphon({}:auth): {text}", word(service))
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
    use antiphon_link::syslog_line::{Severity, line};

    use super::{of_service, word};

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
            let text = of_service(service, "outcome=wrong");
            let line = line(&word(program), Severity::LOG_NOTICE, &text);
            let pid = std::process::id().to_string();
            let wanted = format!("{}outcome=wrong", begins.replace("PID", &pid));
            assert_eq!(line, wanted);
        }
        assert_eq!(word(&"a".repeat(1000)).len(), 32);
    }
}
