//! What the calling programs can display, and how they differ.

use std::io::IsTerminal as _;

use antiphon_core::outcome::{Outcome, Refusal};
use antiphon_core::program::has_one_thread;
use antiphon_core::text::{Text, ascii_form};

use crate::conversation::Conversation;
use crate::ending::Ending;
use crate::ffi;
use crate::request::Request;

/// The kind of program that called PAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// sshd with keyboard-interactive.
    Sshd {
        /// Whether a method that proves an identity was completed before.
        first_method: bool,
    },
    /// sshd with its password method: it answers prompts with the password, and shows messages only after success.
    SshdBlind,
    /// sudo, su, doas and login: they show messages at once, and are single-threaded, so that a child can hold the
    /// conversation while the parent waits for the phone.
    Terminal,
    /// All others. They may have threads, and what they display is unknown: a greeter truncates lines and has no fixed
    /// width. One whose standard input is a terminal asks there.
    Other {
        /// Whether standard input is a terminal.
        on_terminal: bool,
    },
}

impl Host {
    /// Determines the kind. `ssh_methods` is `SSH_AUTH_INFO_0`, the methods completed so far, one per line: always set
    /// for keyboard-interactive, even if empty, and never for the password method.
    pub(crate) fn recognise(
        service: &str,
        has_connection: bool,
        ssh_methods: Option<&str>,
        on_terminal: bool,
    ) -> Self {
        // sshd_config may give the service another name; the connection identifies it all the same.
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

    /// Whether it is sshd with no method completed before this one.
    pub(crate) fn is_sshd_without_first_method(self) -> bool {
        match self {
            Self::Sshd { first_method } => !first_method,
            Self::SshdBlind => true,
            Self::Terminal | Self::Other { .. } => false,
        }
    }

    /// Whether a QR code of block characters can be scanned there.
    pub(crate) fn may_show_pictures(self) -> bool {
        match self {
            Self::Sshd { .. } | Self::Terminal => true,
            Self::SshdBlind => false,
            Self::Other { on_terminal } => on_terminal,
        }
    }
}

pub(crate) use antiphon_link::host_name as name;

/// Whether a completed method proves the person's identity; `hostbased` proves only the host's.
fn proves_something(line: &str) -> bool {
    matches!(
        line.split_whitespace().next(),
        Some("publickey" | "password" | "gssapi-with-mic" | "gssapi-keyex")
    )
}

/// Tells the person how the sign-in ended, if that helps them. Never says that a file is broken.
pub(crate) fn say_goodbye(request: &Request, ending: &Ending, conversation: &dyn Conversation) {
    let last_word = last_word_of(&ending.outcome).map(|text| text.in_language(ending.language));
    let last_words = ending.last_words.iter().chain(&last_word);
    let is_let_in = matches!(ending.outcome, Outcome::Accepted(_) | Outcome::Exempt(_));
    let said: Vec<&String> = match ending.outcome {
        Outcome::Accepted(_) => ending.notices.iter().collect(),
        // A person who was not asked is not spoken to either.
        Outcome::Exempt(_) if ending.is_rehearsal => last_words.chain(&ending.notices).collect(),
        _ => last_words.collect(),
    };
    for (index, sentence) in said.into_iter().enumerate() {
        // After a prompt that the phone ended, on a line of its own.
        let begin = if index == 0 && ending.mid_line {
            "\n"
        } else {
            ""
        };
        let sentence = format!("{begin}{sentence}");
        if is_let_in {
            tell(request, conversation, &sentence);
        } else {
            refuse(request, conversation, &sentence);
        }
    }
}

fn last_word_of(outcome: &Outcome) -> Option<Text<'static>> {
    Some(match outcome {
        Outcome::Unusable(_) => Text::Unavailable,
        Outcome::Refused(
            Refusal::NotEnrolled | Refusal::NothingToAsk | Refusal::EnrolmentClosed(_),
        ) => Text::NotEnrolled,
        Outcome::Refused(Refusal::NoMethodAllowed) => Text::NoMethodAllowed,
        Outcome::Refused(
            Refusal::BlindPasswordMethod
            | Refusal::PasswordAnswered
            | Refusal::NameAnswered
            | Refusal::CannotAsk,
        ) => Text::CannotAsk,
        Outcome::Refused(Refusal::Reported | Refusal::Mistake | Refusal::NotTheirs) => {
            Text::Reported
        }
        // What was wrong was said at once, and strangers are told nothing.
        _ => return None,
    })
}

/// su and login write messages to standard output; if that is not a terminal, they are sent as errors.
pub(crate) fn tell(request: &Request, conversation: &dyn Conversation, text: &str) {
    if request.host.forks() && !ffi::descriptor_of_application(libc::STDOUT_FILENO).is_terminal() {
        conversation.refuse(text);
    } else {
        conversation.tell(text);
    }
}

fn refuse(request: &Request, conversation: &dyn Conversation, sentence: &str) {
    conversation.refuse(&match request.host {
        // Before 10.3, ssh shows non-ASCII text before a failure as octal.
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
