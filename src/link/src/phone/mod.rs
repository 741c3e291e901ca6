//! One more phone: a ticket that is shown as a QR code; a passkey with the proof that it was made with it; a trial; and only
//! then state, record and the daemon's own note of it. If any of these fails, all is as before.
//!
//! The daemon carries all of it and is believed none of it. The steps are the same for `antiphon enroll --phone` and inside a
//! sign-in: a [`Sitting`] is what differs.

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
use antiphon_core::person::{Edit, NewPhone, Refused};
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

/// A phone that is to be added.
pub struct Addition<'a> {
    /// Whose, and who adds it, as the phone shows it in the trial. The service is ours to say.
    pub asker: Asker<'a>,
    /// The rules.
    pub config: &'a Config,
    /// What the person has.
    pub record: Option<&'a Record>,
    /// What the phone is called; else as the person calls it there.
    pub name: Option<&'a str>,
    /// The language of the prompts, if it was said.
    pub language: Option<Language>,
    /// The trial's answer is looked at when somebody presses Enter, and not before.
    pub by_enter: bool,
    /// How long another sign-in that waits on the phone is waited for.
    pub busy_patience: Duration,
    /// What ends a wait.
    pub interrupt: &'a dyn Interrupt,
    /// A new connection to the daemon.
    pub connect: &'a dyn Fn() -> Result<Link, Away>,
}

/// A phone that was added.
pub struct Added {
    /// As it stands in the record.
    pub phone: Phone,
    /// The recovery codes that came with it, if the record had none.
    pub recovery: Option<RecoverySet>,
    /// Why what people see of it was not written.
    pub unseen: Option<Distrust>,
}

impl Addition<'_> {
    /// Adds it, by a connection that is open.
    ///
    /// # Errors
    /// [`NotAdded`].
    pub fn run(&self, link: Link, sitting: &mut dyn Sitting) -> Result<Added, NotAdded> {
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
        // Before the ticket goes, and with it all that the phone has not been told yet.
        pending.conclude_heard(outcome, self.interrupt);
        added
    }

    /// What the QR code says. Where the page may show codes, their secret goes with it.
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
            written => written?,
        };
        // Nobody waits for this under a lock: the daemon may be slow, or lie.
        if let Err(unheard) = ticket.keep(self.interrupt) {
            let taken = sitting.take_back(&phone.credential, &changed);
            taken.map_err(NotAdded::NotTakenBack)?;
            return Err(unheard.into());
        }
        Ok(Added {
            // The latest stands last.
            phone: changed.after.record.phones.last().unwrap_or(phone).clone(),
            recovery: (changed.before.record.recovery.is_none()).then_some(recovery),
            unseen: changed.unseen,
        })
    }
}

#[cfg(test)]
mod tests;
