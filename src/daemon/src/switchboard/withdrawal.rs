//! The person takes a token back while its check digits are awaited at the terminal.

use antiphon_core::account::names_account;
use antiphon_core::wire::FromDaemon;

use super::answering::{Answered, PAGE};
use super::{Switchboard, Waiting};
use crate::post::Reply;

impl Switchboard {
    /// Passes on what the page of an account, which has given a token to request `id` of `user`, says while the check digits
    /// are awaited: that the sign-in is not the person's after all.
    pub(crate) async fn withdraw_on_page(
        &self,
        user: &str,
        id: &str,
        said: FromDaemon,
    ) -> Answered {
        let has_been = {
            let state = self.state();
            match state.asked(user, id) {
                Some(waiting) if waiting.awaits_digits() => None,
                None if !state.overtaken.contains_key(id) => Some(Answered::Gone),
                _ => Some(Answered::Before),
            }
        };
        if let Some(answered) = has_been {
            return answered;
        }
        let reply = Reply {
            user: user.to_owned(),
            id: id.to_owned(),
            credential: PAGE.to_vec(),
            said,
        };
        self.pass_on(reply, true).await
    }
}

impl Waiting {
    /// Whether a token was handed on, and its check digits are still to be typed.
    pub(super) fn awaits_digits(&self) -> bool {
        self.check_digits.is_some() && self.is_approved()
    }

    /// Whether this is a token whose check digits are to be typed, and then whether it is of the account that was asked for.
    /// One that is not will be refused, but the module may hear of it only when somebody presses Enter.
    pub(super) fn is_of_account(&self, said: &FromDaemon) -> Option<bool> {
        match (said, &self.check_digits) {
            (FromDaemon::Token(said), Some(terms)) => Some(names_account(&said.token, terms)),
            _ => None,
        }
    }
}
