//! Where a sign-in comes from, and where its prompt is shown, as far as the state stores it.

use crate::tag::Tag;

/// Where a sign-in comes from. All texts are safe to show.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The remote host; empty if there is none.
    pub remote_host: &'a str,
    /// The terminal.
    pub terminal: &'a str,
    /// The caller of su, sudo and the like.
    pub caller: &'a str,
}

impl<'a> Origin<'a> {
    /// The origin as shown to people.
    #[must_use]
    pub fn shown(self) -> &'a str {
        if self.remote_host.is_empty() {
            self.terminal
        } else {
            self.remote_host
        }
    }

    /// The origin as shown to the person called `user`, with whoever else ran su, sudo or the like for them.
    #[must_use]
    pub fn told_to(self, user: &str) -> String {
        with_caller(self.shown(), self.caller, user)
    }

    /// Whether it is certain that the person called `user` sits at this computer: it is a program that they have started
    /// themselves, or one that nobody else has, at the console or a display. Not su by somebody else, nor a program on a
    /// pseudo-terminal, or on none, of which it is not known who started it.
    #[must_use]
    pub fn is_at_this_computer(self, user: &str) -> bool {
        let is_own = !user.is_empty() && self.caller == user;
        let is_nobodys = self.caller.is_empty() && is_console(self.terminal);
        self.remote_host.is_empty() && (is_own || is_nobodys)
    }

    /// Another terminal of the same host is the same origin. `None` if it is not known where that is: a service on the network
    /// that names no remote host is not the console, nor is another one the same.
    pub(crate) fn tag(self) -> Option<Tag> {
        let caller = if self.remote_host.is_empty() {
            self.caller
        } else {
            ""
        };
        let is_known =
            !self.remote_host.is_empty() || !caller.is_empty() || is_console(self.terminal);
        is_known.then(|| Tag::of_words("antiphon origin v1", &[self.remote_host, caller]))
    }
}

/// Whether a terminal is part of this computer: a virtual console (`tty1`), the system's console or a local display (`:0`).
/// Not a serial line, which may lead anywhere.
fn is_console(terminal: &str) -> bool {
    let name = terminal.strip_prefix("/dev/").unwrap_or(terminal);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = name.strip_prefix("tty").or_else(|| name.strip_prefix(':'));
    name == "console" || number.is_some_and(is_number)
}

/// A place and, if that is news to `user`, who called the program there. Not for sshd, login and the like, where it is
/// always root.
pub(crate) fn with_caller(place: &str, caller: &str, user: &str) -> String {
    match caller {
        "" | "root" => place.to_owned(),
        caller if caller == user => place.to_owned(),
        caller if place.is_empty() => caller.to_owned(),
        caller => format!("{caller} ({place})"),
    }
}

/// Where a prompt is shown: a service and, where each client displays prompts in its own way, the client.
#[derive(Debug, Clone, Copy)]
pub struct Screen<'a> {
    /// The PAM service.
    pub service: &'a str,
    /// The remote host, for sshd; otherwise empty.
    pub client: &'a str,
}

impl Screen<'_> {
    pub(crate) fn tag(self) -> Tag {
        Tag::of_words("antiphon screen v1", &[self.service, self.client])
    }
}
