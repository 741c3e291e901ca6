//! A ticket for one account. Its secret leaves this process only on the screen: the daemon is told its name, and the nonce
//! that the provider signs needs the secret.

use std::time::{Duration, Instant};

use antiphon_core::account::{
    AccountInvitation, AccountTerms, Expected, Fault, VerifiedToken, ticket_name, verify,
};
use antiphon_core::base64url;
use antiphon_core::invitation::TICKET_LIFETIME;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{AccountTicket, FromDaemon, ToDaemon};
use zeroize::Zeroizing;

use super::{Addition, NotAdded, Sitting, Step};
use crate::connection::{Away, Link, Unheard};
use crate::interrupt::rest;
use crate::{clock, random};

/// How long a token waits for its key, which root fetches meanwhile.
const KEY_PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for.
const KEY_PAUSE: Duration = Duration::from_millis(500);

/// A ticket, open as long as this value lives.
pub(super) struct OpenTicket {
    link: Link,
    secret: Zeroizing<[u8; 16]>,
    terms: AccountTerms,
    issued: UnixTime,
    until: Instant,
}

impl OpenTicket {
    /// A new ticket, issued `now`, not open yet.
    pub(super) fn draw(
        link: Link,
        addition: &Addition<'_>,
        now: UnixTime,
    ) -> Result<Self, NotAdded> {
        Ok(Self {
            link,
            secret: random::bytes()?,
            terms: AccountTerms::for_subject(addition.provider, None),
            issued: now,
            until: Instant::now() + Duration::from_secs(TICKET_LIFETIME),
        })
    }

    fn expires(&self) -> UnixTime {
        self.issued.plus(TICKET_LIFETIME)
    }

    /// Opens it.
    pub(super) fn open(&mut self, addition: &Addition<'_>) -> Result<(), Unheard> {
        let message = ToDaemon::AccountTicket(AccountTicket {
            name: ticket_name(&*self.secret),
            user: addition.asker.user.to_owned(),
            host: addition.asker.host.to_owned(),
            issued: self.issued,
            expires: self.expires(),
            terms: self.terms.clone(),
        });
        self.link
            .have_done(&message, &FromDaemon::TicketOpen {}, addition.interrupt)
    }

    /// Shows the ticket, waits until somebody has signed in, and verifies who.
    pub(super) fn wait(
        &mut self,
        addition: &Addition<'_>,
        sitting: &mut dyn Sitting,
    ) -> Result<VerifiedToken, NotAdded> {
        sitting.show(&Step::Ticket {
            address: &self.address(&addition.config.page.origin),
            seconds: TICKET_LIFETIME,
        })?;
        let mut is_seen = false;
        let mut until = self.after(sitting.patience()?);
        loop {
            match self.link.wait(until, addition.interrupt) {
                Ok(FromDaemon::TicketSeen {}) => {
                    if !is_seen {
                        is_seen = true;
                        sitting.show(&Step::Opened)?;
                    }
                }
                Ok(FromDaemon::Token(id_token)) => return self.judge(&id_token.token, addition),
                Ok(FromDaemon::NoToken { reason }) => return Err(NotAdded::NoToken(reason)),
                Ok(other) => return Err(Away::odd(&other).into()),
                Err(Unheard::Late) if Instant::now() < self.until => {
                    until = self.after(sitting.patience()?);
                }
                Err(unheard) => return Err(unheard.into()),
            }
        }
    }

    fn judge(&mut self, token: &str, addition: &Addition<'_>) -> Result<VerifiedToken, NotAdded> {
        let until = Instant::now() + KEY_PATIENCE;
        if !addition.has_key(token) {
            // If it does not care, nothing is lost: the token is here.
            let _ = self.link.send(&ToDaemon::KeyUnknown {});
        }
        while !addition.has_key(token) {
            if Instant::now() >= until {
                return Err(addition.refused(Fault::UnknownKey, clock::now()?));
            }
            rest(None, KEY_PAUSE, addition.interrupt)?;
            if addition.interrupt.came() {
                return Err(NotAdded::Left);
            }
        }
        let now = clock::now()?;
        if now >= self.expires() {
            return Err(NotAdded::Late);
        }
        let invitation = AccountInvitation {
            ticket: &*self.secret,
            user: addition.asker.user,
            host: addition.asker.host,
            issued: self.issued,
            expires: self.expires(),
            terms: &self.terms,
        };
        let expected = Expected {
            provider: addition.provider,
            keys: &addition.keys()?,
            digest: &invitation.digest(),
            issued: self.issued,
            subject: None,
        };
        verify(token, expected, now).map_err(|fault| addition.refused(fault, now))
    }

    /// `patience` from now, but not beyond the ticket's end.
    fn after(&self, patience: Duration) -> Instant {
        self.until.min(Instant::now() + patience)
    }

    /// `ORIGIN/a#TICKET`.
    fn address(&self, origin: &str) -> Zeroizing<String> {
        let secret = Zeroizing::new(base64url::encode(&*self.secret));
        Zeroizing::new(format!("{origin}/a#{}", *secret))
    }
}
