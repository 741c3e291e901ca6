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
use tokio::time::Instant;

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
    /// Whether one that itself `gives_way` or not may be the person's next one, as far as it is known here: of what waits
    /// elsewhere, the engine knows whether it is still open.
    pub(super) fn has_room(&self, user: &str, gives_way: bool) -> bool {
        let stands = self.open.get(user);
        stands.is_none_or(|stands| !stands.is_here() || stands.makes_room_for(gives_way))
    }

    /// The person's request of this id, if it can be answered. One that is being opened can be: phones at other relays may know
    /// of it first.
    pub(super) fn asked(&self, user: &str, id: &str) -> Option<&Waiting> {
        let all = [&self.open, &self.opening];
        let mut asked = all.into_iter().filter_map(|all| all.get(user));
        asked.find(|waiting| waiting.id == id)
    }

    /// The same, to be changed.
    pub(super) fn asked_mut(&mut self, user: &str, id: &str) -> Option<&mut Waiting> {
        let all = [&mut self.open, &mut self.opening];
        let mut asked = all.into_iter().filter_map(|all| all.get_mut(user));
        asked.find(|waiting| waiting.id == id)
    }

    /// The id of the person's request that waits here, if one from where the person is known takes its place.
    pub(super) fn displaceable(&self, user: &str) -> Option<&str> {
        let open = self.open.get(user)?;
        (open.is_here() && open.may_be_displaced()).then_some(&open.id)
    }

    /// Displaces the person's request of this id, if it still may be.
    pub(super) fn displace(&mut self, user: &str, id: &str) {
        if self.displaceable(user) == Some(id) {
            self.overtake(user, false);
        }
    }

    /// Makes it the person's open request, in the place of what stands, and shows it to its phones.
    pub(super) fn place(&mut self, waiting: Waiting) {
        self.overtake(&waiting.user, waiting.gives_way);
        if !waiting.is_decided() {
            for credential in &waiting.credentials {
                self.send(&waiting.user, credential, &waiting.event);
            }
        }
        self.open.insert(waiting.user.clone(), waiting);
    }

    /// Takes the place of the person's request for one that itself `gives_way` or not. If nobody has answered it, it is
    /// displaced: its phones are told, and its module, which goes on to another way. One at another relay may be over, or its
    /// relay dead, and is so if it could not have been displaced. Answered, its module goes on, and what it says of the end is on
    /// its way, on another connection than the next request.
    fn overtake(&mut self, user: &str, gives_way: bool) {
        let Some(mut waiting) = self.open.remove(user) else {
            return;
        };
        if !waiting.is_decided() {
            let ending = if waiting.makes_room_for(gives_way) {
                Ending::Displaced
            } else {
                Ending::Cancelled
            };
            self.tell_end(user, &waiting, ending);
            let Place::Here(asker) = &mut waiting.place else {
                return;
            };
            // A connection that does not take it is just closing.
            let _ = asker.try_send(Box::new(FromDaemon::Unwilling {
                reason: Unwilling::Busy,
            }));
            waiting.is_displaced = true;
        }
        let now = Instant::now();
        self.overtaken
            .retain(|_, waiting| waiting.is_here() || now < waiting.until);
        // Until its end is told.
        self.overtaken.insert(waiting.id.clone(), waiting);
    }
}
