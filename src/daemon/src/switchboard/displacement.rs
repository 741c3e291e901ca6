//! Which of a person's requests is the one that is open.
//!
//! There is one at a time, and whoever has the person's password could keep it theirs. So one from where the person has
//! signed in lately takes the place of one that is not, for as long as that is not answered. It is counted among those from
//! such places, so it can do so only as often as it may ask at all; and it never gives way itself, so that no two displace
//! each other in turn.
//!
//! The host says where the person is known, as far as it knows. A host of the fleet that lies could occupy the person with
//! its own requests anyway, and now does so with those alone that it may have counted as familiar.

use antiphon_core::wire::{FromDaemon, Unwilling};

use super::{Ending, Place, State, Waiting};

impl Waiting {
    /// Whether it is answered for good. A token whose check digits are awaited decides nothing yet.
    pub(super) fn is_decided(&self) -> bool {
        self.answered_by.is_some() && !self.awaits_digits()
    }

    /// Whether another one, which itself `gives_way` or not, may take its place.
    pub(super) fn makes_room_for(&self, gives_way: bool) -> bool {
        self.is_decided() || (self.may_be_displaced() && !gives_way)
    }

    /// Whether one from where the person is known takes its place.
    pub(super) fn may_be_displaced(&self) -> bool {
        self.gives_way && !self.is_answered()
    }

    /// Whether it is answered, by more than a token of another account: with that anybody could keep the place.
    fn is_answered(&self) -> bool {
        let said = self.said.as_deref();
        let is_vain = said.and_then(|said| self.is_of_account(said)) == Some(false);
        self.answered_by.is_some() && !is_vain
    }
}

impl State {
    /// The person's request of this id, if it can be answered: also while the one that is to displace it is not open yet.
    pub(super) fn asked(&self, user: &str, id: &str) -> Option<&Waiting> {
        let open = self.open.get(user).filter(|waiting| waiting.id == id);
        open.or_else(|| {
            let overtaken = self.overtaken.get(id);
            overtaken.filter(|waiting| waiting.user == user && waiting.still_stands())
        })
    }

    /// The same, to be changed.
    pub(super) fn asked_mut(&mut self, user: &str, id: &str) -> Option<&mut Waiting> {
        if self.open.get(user).is_some_and(|waiting| waiting.id == id) {
            return self.open.get_mut(user);
        }
        let overtaken = self.overtaken.get_mut(id);
        overtaken.filter(|waiting| waiting.user == user && waiting.still_stands())
    }

    /// The request `id`, which has been overtaken by one that itself `gives_way` or not, is displaced if it is not answered: its
    /// phones are told, and its module, which goes on to another way. One at another relay may be over, or its relay dead, and
    /// is so if it could not have been displaced by that one.
    pub(super) fn displace(&mut self, id: &str, gives_way: bool) {
        let Some(mut waiting) = self.overtaken.remove(id) else {
            return;
        };
        if waiting.is_shown && !waiting.is_answered() {
            let user = waiting.user.clone();
            let ending = if waiting.makes_room_for(gives_way) {
                Ending::Displaced
            } else {
                Ending::Cancelled
            };
            self.tell_end(&user, &waiting, ending);
            waiting.is_shown = false;
        }
        if let Some(former) = waiting.displaced.take() {
            self.displace(&former, waiting.gives_way);
        }
        if !waiting.is_answered() {
            let Place::Here(asker) = &waiting.place else {
                return;
            };
            // A connection that does not take it is just closing.
            let _ = asker.try_send(Box::new(FromDaemon::Unwilling {
                reason: Unwilling::Busy,
            }));
        }
        // Until its end is told.
        self.overtaken.insert(id.to_owned(), waiting);
    }
}

impl Waiting {
    /// Whether one that was overtaken is still with the phones, because the next one is not open yet.
    fn still_stands(&self) -> bool {
        self.is_shown && self.answered_by.is_none()
    }
}
