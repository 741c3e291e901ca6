//! What the programs around us can show, and how they differ.

use antiphon_core::outcome::{Outcome, Refusal};
use antiphon_core::program::has_one_thread;
use antiphon_core::state::Gate;
use antiphon_core::text::{Text, ascii_form};

use crate::conversation::Conversation;
use crate::ending::Ending;
use crate::ffi;
use crate::request::Request;

/// The kind of program that called PAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// sshd, by keyboard-interactive.
    Sshd {
        /// Whether a method that proves something was completed before.
        first_method: bool,
    },
    /// sshd, by its password method: prompts are answered with the password, and texts shown after success only.
    SshdBlind,
    /// sudo, su, doas and login: texts are shown at once, and there is one thread, so that a child can hold the conversation
    /// while the parent waits for the phone.
    Terminal,
    /// All the others. They may have threads, and nobody knows what they show: a greeter has lines that end early and no
    /// fixed width. One whose input is a terminal asks there.
    Other {
        /// Whether it is.
        on_terminal: bool,
    },
}

impl Host {
    /// Tells the kinds apart. `ssh_methods` is `SSH_AUTH_INFO_0`, the methods completed so far, one a line: for
    /// keyboard-interactive it is always there, if empty, and for the password method it is not.
    pub(crate) fn recognise(
        service: &str,
        has_connection: bool,
        ssh_methods: Option<&str>,
        on_terminal: bool,
    ) -> Self {
        // The service has another name where sshd_config says so; the connection tells it all the same.
        if service != "sshd" && !has_connection {
            return if has_one_thread(service) {
                Self::Terminal
            } else {
                Self::Other { on_terminal }
            };
        }
        match ssh_methods {
            None => Self::SshdBlind,
            Some(methods) => Self::Sshd {
                first_method: methods.lines().any(proves_something),
            },
        }
    }

    /// Whether a forked child may hold the conversation.
    pub(crate) fn forks(self) -> bool {
        self == Self::Terminal
    }

    /// Whether it is sshd, and no method was completed before this one.
    pub(crate) fn is_sshd_without_first_method(self) -> bool {
        match self {
            Self::Sshd { first_method } => !first_method,
            Self::SshdBlind => true,
            Self::Terminal | Self::Other { .. } => false,
        }
    }

    /// Whether a QR code drawn in characters can be scanned there.
    pub(crate) fn may_show_pictures(self) -> bool {
        match self {
            Self::Sshd { .. } | Self::Terminal => true,
            Self::SshdBlind => false,
            Self::Other { on_terminal } => on_terminal,
        }
    }
}

pub(crate) use antiphon_link::host_name as name;

/// A completed method that is a factor of the person; `hostbased` is one of the computer.
fn proves_something(line: &str) -> bool {
    matches!(
        line.split_whitespace().next(),
        Some("publickey" | "password" | "gssapi-with-mic" | "gssapi-keyex")
    )
}

/// Tells the person how it ended, where there is something that they can use. Never that a file is broken.
pub(crate) fn say_goodbye(request: &Request, ending: &Ending, conversation: &dyn Conversation) {
    match &ending.outcome {
        Outcome::Accepted(_) => {
            for (index, notice) in ending.notices.iter().enumerate() {
                let begin = if index == 0 { line_end(ending) } else { "" };
                tell(request, conversation, &format!("{begin}{notice}"));
            }
        }
        Outcome::Exempt(_) | Outcome::Cancelled => {}
        Outcome::Refused(refusal) => {
            let last_word = last_word_of(*refusal).map(|text| text.in_language(ending.language));
            let sentences = ending.last_words.iter().chain(&last_word);
            for (index, sentence) in sentences.enumerate() {
                let begin = if index == 0 { line_end(ending) } else { "" };
                refuse(request, conversation, &format!("{begin}{sentence}"));
            }
        }
        Outcome::Locked(gate) => {
            let text = match gate {
                Gate::LockedUntil(_) => Text::Locked(ending.locked_for),
                Gate::Closed | Gate::Open => Text::Closed,
            };
            let sentence = text.in_language(ending.language);
            refuse(
                request,
                conversation,
                &format!("{}{sentence}", line_end(ending)),
            );
        }
        Outcome::Unusable(_) => {
            let sentence = Text::Unavailable.in_language(ending.language);
            refuse(
                request,
                conversation,
                &format!("{}{sentence}", line_end(ending)),
            );
        }
    }
}

fn last_word_of(refusal: Refusal) -> Option<Text<'static>> {
    match refusal {
        Refusal::NotEnrolled | Refusal::NothingToAsk | Refusal::EnrolmentClosed(_) => {
            Some(Text::NotEnrolled)
        }
        Refusal::NoMethodAllowed => Some(Text::NoMethodAllowed),
        Refusal::BlindPasswordMethod
        | Refusal::PasswordAnswered
        | Refusal::NameAnswered
        | Refusal::CannotAsk => Some(Text::CannotAsk),
        Refusal::NoFirstFactor
        | Refusal::WrongPassword
        | Refusal::UnknownUser
        | Refusal::Wrong
        | Refusal::Used
        | Refusal::ClockWasAhead
        | Refusal::UseUnknown
        | Refusal::RecoveryClosed
        | Refusal::ReadOnlyDisk
        | Refusal::PhoneAway
        | Refusal::PhoneNotAsked
        | Refusal::MethodNotAllowed
        | Refusal::ExpiredCode
        | Refusal::NotSent
        | Refusal::TooManySent
        | Refusal::NoAnswer
        | Refusal::Unconfirmed
        | Refusal::EnrolledMeanwhile
        | Refusal::EnrolmentVoid
        | Refusal::EnrolmentTooOften => None,
        Refusal::Reported | Refusal::Mistake => Some(Text::Reported),
    }
}

/// What begins a sentence after a prompt that the phone ended.
fn line_end(ending: &Ending) -> &'static str {
    if ending.mid_line { "\n" } else { "" }
}

/// su and login write what is said to standard output: where that is a file, it is said as an error.
pub(crate) fn tell(request: &Request, conversation: &dyn Conversation, text: &str) {
    if request.host.forks() && !ffi::is_terminal(libc::STDOUT_FILENO) {
        conversation.refuse(text);
    } else {
        conversation.tell(text);
    }
}

fn refuse(request: &Request, conversation: &dyn Conversation, sentence: &str) {
    conversation.refuse(&match request.host {
        // ssh before 10.3 shows what comes before a failure in octal where it is not ASCII.
        Host::Sshd { .. } | Host::SshdBlind => ascii_form(sentence),
        Host::Terminal | Host::Other { .. } => sentence.to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::Host;

    #[test]
    fn the_blind_password_method_of_sshd_is_recognised_by_what_is_missing() {
        let first = |first_method| Host::Sshd { first_method };
        for (service, connection, methods, host) in [
            ("sshd", true, None, Host::SshdBlind),
            ("sshd", false, None, Host::SshdBlind),
            ("ssh-custom", true, None, Host::SshdBlind),
            ("sshd", true, Some(""), first(false)),
            (
                "sshd",
                true,
                Some("publickey ssh-ed25519 AAAA\n"),
                first(true),
            ),
            ("sshd", true, Some("hostbased\npassword\n"), first(true)),
            ("sshd", true, Some("hostbased example.org\n"), first(false)),
            (
                "sshd",
                true,
                Some("keyboard-interactive publickey\n"),
                first(false),
            ),
            ("sudo", false, None, Host::Terminal),
            (
                "gdm-password",
                false,
                None,
                Host::Other { on_terminal: false },
            ),
        ] {
            assert_eq!(
                Host::recognise(service, connection, methods, false),
                host,
                "{service} {methods:?}"
            );
        }
    }

    #[test]
    fn a_picture_is_shown_by_sshd_and_on_a_terminal_and_nowhere_else() {
        for (service, methods, on_terminal, shows) in [
            ("sshd", Some(""), false, true),
            ("sshd", None, true, false),
            ("login", None, true, true),
            // It asks on its terminal, wherever its input comes from.
            ("su", None, false, true),
            ("chfn", None, true, true),
            ("polkit-1", None, false, false),
            ("lightdm", None, false, false),
        ] {
            let host = Host::recognise(service, false, methods, on_terminal);
            assert_eq!(host.may_show_pictures(), shows, "{service}");
        }
    }
}
