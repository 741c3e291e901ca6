//! What phones and pages say to a sign-in that waits.

use antiphon_core::wire::FromDaemon;

use super::event;
use super::{Ending, Place, State, Switchboard, Waiting};
use crate::post::{Noted, Reply};
use crate::store::Device;

/// The result of a phone's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answered {
    /// Passed on.
    HandedOn,
    /// This phone has said the same before: the answer to that was lost on its way.
    Again,
    /// It was answered before.
    Before,
    /// No such request for this phone.
    Gone,
    /// It waits at another relay, which cannot be told now.
    Away,
}

/// Stands for the page of an account among the credentials of a request that an account approves: no passkey has an empty
/// one.
pub(crate) const PAGE: &[u8] = &[];

impl Switchboard {
    /// Passes on the answer of `phone` to request `id`, if it is the first. Where an account approves, a passkey cannot, but can
    /// decline until the check digits have been typed.
    pub(crate) async fn answer(&self, id: &str, phone: &Device, said: FromDaemon) -> Answered {
        let reply = Reply {
            user: phone.user.clone(),
            id: id.to_owned(),
            credential: phone.credential.clone(),
            said,
        };
        let is_refusal = matches!(reply.said, FromDaemon::Declined {} | FromDaemon::Mistake {});
        self.pass_on(reply, is_refusal).await
    }

    /// Passes on what the page of an account says to request `id` of `user`, if it is the first answer.
    pub(crate) async fn answer_on_page(&self, user: &str, id: &str, said: FromDaemon) -> Answered {
        let reply = Reply {
            user: user.to_owned(),
            id: id.to_owned(),
            credential: PAGE.to_vec(),
            said,
        };
        self.pass_on(reply, false).await
    }

    /// Passes on an answer, if it is the first, or takes back a token whose check digits are awaited and may.
    pub(super) async fn pass_on(&self, reply: Reply, may_take_back: bool) -> Answered {
        let Reply {
            user,
            id,
            credential,
            said,
        } = &reply;
        let (mut is_here, mut is_of_account) = (None, None);
        if self.state().is_past(user, id) {
            return Answered::Gone;
        }
        if let Some(waiting) = self.state().asked_mut(user, id) {
            if !waiting.takes(credential, said) {
                return Answered::Gone;
            }
            match &waiting.answered_by {
                Some(_) if may_take_back && waiting.awaits_digits() => {}
                Some(by) if by != credential || credential == PAGE => return Answered::Before,
                Some(_) if waiting.is_here() => return waiting.said_again(said),
                _ => {}
            }
            if !waiting.is_here() && !waiting.answering.contains(credential) {
                waiting.answering.push(credential.clone());
            }
            is_here = Some(waiting.is_here());
            is_of_account = waiting.is_of_account(said);
        }
        let noted = match is_of_account {
            _ if !self.post.is_shared() => Noted::Unknown,
            None => self.post.answer(reply.clone()).await,
            Some(true) => self.post.hold(user.clone(), id.clone()).await,
            // The other relays need not know of it.
            Some(false) => Noted::Unknown,
        };
        if !matches!(noted, Noted::First)
            && let Some(waiting) = self.state().asked_mut(user, id)
        {
            waiting.answering.retain(|other| other != credential);
        }
        if matches!(noted, Noted::Unknown) && is_here == Some(true) {
            // The engine has lost it, or has given its place to another one, which is then told here first.
            self.read_waiting(vec![user.clone()]).await;
        }
        match (noted, is_here) {
            (Noted::Again, _) if credential != PAGE => Answered::Again,
            (Noted::Before | Noted::Again, _) => Answered::Before,
            // Ours, whatever the engine has lost.
            (_, Some(true)) => self.state().hand_on(reply),
            (Noted::First, _) => {
                self.state().note_answer(user, id, credential);
                Answered::HandedOn
            }
            (Noted::Away, _) => Answered::Away,
            (Noted::Unknown, _) => Answered::Gone,
        }
    }
}

impl Waiting {
    /// Whether an approval was handed on here, and is not taken back.
    pub(super) fn is_approved(&self) -> bool {
        let said = self.said.as_deref();
        matches!(said, Some(FromDaemon::Answer(_) | FromDaemon::Token(_)))
    }

    /// What the phone that has answered is told when it says this.
    fn said_again(&self, said: &FromDaemon) -> Answered {
        if self.said.as_deref() == Some(said) {
            Answered::Again
        } else {
            Answered::Before
        }
    }

    /// Whether this may answer it: one of its passkeys, which approves nothing where an account does, or the account's page.
    fn takes(&self, credential: &[u8], said: &FromDaemon) -> bool {
        let has = |wanted: &[u8]| self.credentials.iter().any(|known| known == wanted);
        let is_approval = matches!(said, FromDaemon::Answer(_));
        has(credential) && !(is_approval && has(PAGE))
    }
}

impl State {
    /// Whether the person's next request has the place of this one of this daemon: whatever the engine still has of it, nobody
    /// waits for its answer.
    fn is_past(&self, user: &str, id: &str) -> bool {
        let overtaken = self.overtaken.get(id);
        overtaken.is_some_and(|waiting| waiting.is_here() && waiting.user == user)
    }

    /// Hands an answer to the connection that asks, if it is the first, or takes back a token whose check digits are awaited.
    pub(super) fn hand_on(&mut self, reply: Reply) -> Answered {
        let Reply {
            user,
            id,
            credential,
            said,
        } = reply;
        let open = self.asked_mut(&user, &id);
        let Some(waiting) = open.filter(|waiting| waiting.is_here()) else {
            return Answered::Gone;
        };
        let is_approval = matches!(said, FromDaemon::Answer(_) | FromDaemon::Token(_));
        if waiting.is_decided() || (waiting.awaits_digits() && is_approval) {
            return Answered::Before;
        }
        if !waiting.takes(&credential, &said) {
            return Answered::Gone;
        }
        let Place::Here(asker) = &mut waiting.place else {
            return Answered::Gone;
        };
        if asker.try_send(Box::new(said.clone())).is_err() {
            // The connection is just closing.
            return Answered::Gone;
        }
        waiting.said = Some(Box::new(said));
        self.mark_answered(&user, &id, &credential);
        Answered::HandedOn
    }

    /// Notes that this passkey has answered what waits at another relay. That is heard here, read, and said by the engine to
    /// the phone that has, in any order.
    pub(super) fn note_answer(&mut self, user: &str, id: &str, credential: &[u8]) {
        let is_open = |waiting: &Waiting| !waiting.is_here() && !waiting.is_decided();
        if self.asked(user, id).is_some_and(is_open) {
            self.mark_answered(user, id, credential);
        }
    }

    /// Notes that this passkey has answered, and tells the other phones, which may still decline while check digits are
    /// awaited.
    fn mark_answered(&mut self, user: &str, id: &str, credential: &[u8]) {
        let Some(waiting) = self.asked_mut(user, id) else {
            return;
        };
        waiting.answered_by = Some(credential.to_vec());
        if waiting.awaits_digits() {
            return;
        }
        let others: Vec<_> = waiting
            .credentials
            .iter()
            .filter(|other| *other != credential)
            .cloned()
            .collect();
        let event = event::gone(id, Ending::Answered.word());
        for other in others {
            self.send(user, &other, &event);
        }
    }
}
