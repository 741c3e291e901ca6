//! The account's page takes a token back while its check digits are awaited at the terminal.

use antiphon_core::wire::FromDaemon;

use super::request::Answered;
use super::{Place, State, Switchboard, Waiting};

impl Switchboard {
    /// Passes on what the page of an account, which has given a token to request `id` of `user`, says while the check digits
    /// are awaited: that the sign-in is not the person's after all.
    pub(crate) fn withdraw_on_page(&self, user: &str, id: &str, said: FromDaemon) -> Answered {
        self.state().withdraw(user, id, said)
    }
}

impl Waiting {
    /// Whether a token was handed on, and its check digits are still to be typed.
    pub(super) fn awaits_digits(&self) -> bool {
        self.check_digits && self.is_approved()
    }
}

impl State {
    /// Hands on that a token's page takes it back, while its check digits are awaited.
    fn withdraw(&mut self, user: &str, id: &str, said: FromDaemon) -> Answered {
        let open = self.open.get_mut(user).filter(|waiting| waiting.id == id);
        let waiting = match open {
            Some(waiting) => waiting,
            None => match self.overtaken.get_mut(id) {
                Some(waiting) => waiting,
                None => return Answered::Gone,
            },
        };
        let Place::Here(asker) = &waiting.place else {
            return Answered::Gone;
        };
        if !waiting.awaits_digits() {
            return Answered::Before;
        }
        if asker.try_send(Box::new(said.clone())).is_err() {
            // The connection is just closing.
            return Answered::Gone;
        }
        waiting.said = Some(Box::new(said));
        Answered::HandedOn
    }
}
