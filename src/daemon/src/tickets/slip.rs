//! A ticket with what has become of it. Relays hand it to each other in this form.

use antiphon_core::time::UnixTime;
use antiphon_core::wire::{Enrolled, FromDaemon, Ticket};
use serde::{Deserialize, Serialize};

use super::TicketTrouble;
use crate::push::{Target, base64url};
use crate::store::Device;
use crate::token::TokenHash;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Slip {
    pub(crate) ticket: Ticket,
    /// Whether somebody has looked at it.
    seen: bool,
    answer: Option<Answer>,
}

/// A phone's.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    enrolled: Enrolled,
    at: UnixTime,
    /// The hash of the phone's token.
    #[serde(with = "base64url")]
    token: Vec<u8>,
    push: Option<Target>,
}

impl Slip {
    pub(super) fn new(ticket: Ticket) -> Self {
        Self {
            ticket,
            seen: false,
            answer: None,
        }
    }

    /// What it is for. `is_timely` if a phone may still answer it.
    pub(super) fn look(&mut self, is_timely: bool) -> Result<Ticket, TicketTrouble> {
        self.check_usable(is_timely)?;
        self.seen = true;
        Ok(self.ticket.clone())
    }

    /// Uses it up. A repeat of the same answer replaces the token and returns the old one.
    pub(super) fn answer(
        &mut self,
        enrolled: &Enrolled,
        token: TokenHash,
        now: UnixTime,
        is_timely: bool,
    ) -> Result<Option<TokenHash>, TicketTrouble> {
        let new = token.bytes().to_vec();
        let before = self.token();
        if let Some(answer) = &mut self.answer
            && answer.enrolled == *enrolled
        {
            answer.token = new;
            return Ok(before);
        }
        self.check_usable(is_timely)?;
        if self.ticket.credentials.contains(&enrolled.credential) {
            return Err(TicketTrouble::Known);
        }
        self.answer = Some(Answer {
            enrolled: enrolled.clone(),
            at: now,
            token: new,
            push: None,
        });
        Ok(None)
    }

    fn check_usable(&self, is_timely: bool) -> Result<(), TicketTrouble> {
        if self.answer.is_some() {
            return Err(TicketTrouble::Answered);
        }
        if !is_timely {
            return Err(TicketTrouble::Unknown);
        }
        Ok(())
    }

    /// Sets where to call the phone.
    pub(super) fn call_at(&mut self, target: Option<Target>) {
        if let Some(answer) = &mut self.answer {
            answer.push = target;
        }
    }

    /// The phone that has answered.
    pub(crate) fn phone(&self) -> Option<Device> {
        let answer = self.answer.as_ref()?;
        let enrolled = &answer.enrolled;
        Some(Device {
            credential: enrolled.credential.clone(),
            user: self.ticket.user.clone(),
            host: self.ticket.host.clone(),
            name: enrolled.name.clone(),
            public_key: enrolled.public_key.clone(),
            backup_eligible: enrolled.backup_eligible,
            enrolled: answer.at,
            token: self.token()?,
            push: answer.push.clone(),
        })
    }

    /// The hash of the phone's token.
    pub(crate) fn token(&self) -> Option<TokenHash> {
        let answer = self.answer.as_ref()?;
        answer
            .token
            .as_slice()
            .try_into()
            .ok()
            .map(TokenHash::stored)
    }

    /// The phone's passkey.
    pub(crate) fn credential(&self) -> Option<&[u8]> {
        let answer = self.answer.as_ref()?;
        Some(&answer.enrolled.credential)
    }

    /// What root's command has not been told, if it knows of `before`.
    pub(super) fn news_since(&self, before: &Self) -> Vec<FromDaemon> {
        let seen = (self.seen && !before.seen).then_some(FromDaemon::TicketSeen {});
        let answer = self.answer.as_ref().filter(|_| before.answer.is_none());
        let enrolled = answer.map(|answer| FromDaemon::Enrolled(answer.enrolled.clone()));
        seen.into_iter().chain(enrolled).collect()
    }
}
