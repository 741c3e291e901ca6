//! Adds a phone: a ticket, shown as a QR code; a passkey, with the proof that its page had the QR code; a trial; only
//! then state, record and the daemon's own registration. If any step fails, everything is as before.
//!
//! The daemon carries all of it and is not trusted. The steps are the same for `antiphon enroll --phone` and at a
//! sign-in; a [`Sitting`] covers the differences.

mod not_added;
mod sitting;
mod ticket;
mod trial;

use std::time::Duration;

use antiphon_core::approval::VerifiedPasskey;
use antiphon_core::config::Config;
use antiphon_core::disk::{Distrust, Unwritten};
use antiphon_core::draft::RecoverySet;
use antiphon_core::invitation::{Fault, Invitation, TICKET_LIFETIME, codes_for_page};
use antiphon_core::person::{Edit, MOST_PHONES, NewPhone, Refused};
use antiphon_core::record::{Phone, Record};
use antiphon_core::text::Language;
use zeroize::Zeroizing;

use crate::approval::{Asker, LIFETIME};
use crate::connection::{Away, Link};
use crate::interrupt::Interrupt;
use crate::{clock, random};
pub use not_added::NotAdded;
pub use sitting::{Reason, Sitting, Step};
use ticket::OpenTicket;
use trial::{Passed, Trial};

/// A phone to be added.
pub struct Addition<'a> {
    /// Whose phone, and who adds it, as shown on the phone in the trial. The service is set here.
    pub asker: Asker<'a>,
    /// The rules.
    pub config: &'a Config,
    /// The person's record.
    pub record: Option<&'a Record>,
    /// The phone's name; by default the one that the person chooses on it.
    pub name: Option<&'a str>,
    /// The language of the prompts, if given.
    pub language: Option<Language>,
    /// Whether the trial's answer is looked at only when somebody presses Enter.
    pub by_enter: bool,
    /// How long to wait for another sign-in that is using the phone.
    pub busy_patience: Duration,
    /// Ends waits early.
    pub interrupt: &'a dyn Interrupt,
    /// Opens a new connection to the daemon.
    pub connect: &'a dyn Fn() -> Result<Link, Away>,
}

/// A phone that was added.
pub struct Added {
    /// The phone as recorded.
    pub phone: Phone,
    /// New recovery codes, if the record had none.
    pub recovery: Option<RecoverySet>,
    /// Why the person's summary could not be written.
    pub unseen: Option<Distrust>,
}

impl Addition<'_> {
    /// Adds the phone, starting on an open connection.
    ///
    /// # Errors
    /// [`NotAdded`].
    pub fn run(&self, link: Link, sitting: &mut dyn Sitting) -> Result<Added, NotAdded> {
        let phones = self.record.map_or(0, |record| record.phones.len());
        if phones >= MOST_PHONES {
            return Err(NotAdded::TooMany);
        }
        let Asker { user, host, .. } = self.asker;
        let origin = &self.config.page.origin;
        let mut ticket = OpenTicket::draw(link)?;
        ticket.open(self.asker, self.record, self.interrupt)?;
        sitting.show(&Step::Ticket {
            address: &self.address(&ticket),
            seconds: TICKET_LIFETIME,
        })?;
        let enrolled = ticket.wait(sitting, self.interrupt)?;
        let invitation = Invitation {
            secret: ticket.secret(),
            user,
            host,
            origin,
        };
        let admitted = invitation.admit(&enrolled, self.record, clock::now()?);
        let mut phone = admitted.map_err(NotAdded::Passkey)?;
        if let Some(name) = self.name {
            name.clone_into(&mut phone.name);
        }
        sitting.show(&Step::Passkey { phone: &phone.name })?;
        let trial = Trial {
            addition: self,
            phone: &phone,
            lifetime: LIFETIME,
        };
        let Passed { verified, pending } = trial.run(sitting)?;
        let added = self.write(&phone, &verified, &mut ticket, sitting);
        let outcome = if added.is_ok() { "accepted" } else { "refused" };
        // Before the ticket closes, which discards whatever the phone has not been told yet.
        pending.conclude_heard(outcome, self.interrupt);
        added
    }

    /// The URL in the QR code. If the page may show codes, it includes their secret.
    fn address(&self, ticket: &OpenTicket) -> Zeroizing<String> {
        let page = &self.config.page;
        let address = ticket.address(&page.origin);
        let code = self.record.and_then(|record| record.code.as_ref());
        match code.filter(|_| page.code).and_then(codes_for_page) {
            Some(codes) => Zeroizing::new(format!("{}.{}", *address, *codes)),
            None => address,
        }
    }

    fn write(
        &self,
        phone: &Phone,
        trial: &VerifiedPasskey,
        ticket: &mut OpenTicket,
        sitting: &mut dyn Sitting,
    ) -> Result<Added, NotAdded> {
        let recovery = random::recovery_set()?;
        let new = NewPhone {
            phone,
            trial,
            recovery: Some(&recovery.hashes),
            language: self.language,
        };
        let changed = match sitting.write(Edit::AddPhone(&new)) {
            Err(NotAdded::Unwritten(Unwritten::Refused(Refused::KnownPhone))) => {
                return Err(NotAdded::Passkey(Fault::Known));
            }
            Err(NotAdded::Unwritten(Unwritten::Refused(Refused::TooManyPhones))) => {
                return Err(NotAdded::TooMany);
            }
            written => written?,
        };
        // Not under a lock, since the daemon may be slow or lie.
        if let Err(unheard) = ticket.keep(self.interrupt) {
            let taken = sitting.take_back(&phone.credential, &changed);
            taken.map_err(NotAdded::NotTakenBack)?;
            return Err(unheard.into());
        }
        Ok(Added {
            // The newest is last.
            phone: changed.after.record.phones.last().unwrap_or(phone).clone(),
            recovery: (changed.before.record.recovery.is_none()).then_some(recovery),
            unseen: changed.unseen,
        })
    }
}

#[cfg(test)]
mod tests;
