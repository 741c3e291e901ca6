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

    /// Another terminal of the same host is the same origin.
    pub(crate) fn tag(self) -> Tag {
        let caller = if self.remote_host.is_empty() {
            self.caller
        } else {
            ""
        };
        Tag::of_words("antiphon origin v1", &[self.remote_host, caller])
    }
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
