//! A ticket for one phone: opened at the daemon, answered by a page that had the QR code. The secret leaves this
//! process only on the screen.

use std::time::{Duration, Instant};

use antiphon_core::invitation::{self, TICKET_LIFETIME};
use antiphon_core::outcome::Trouble;
use antiphon_core::record::Record;
use antiphon_core::wire::{Enrolled, FromDaemon, Ticket, ToDaemon};
use zeroize::Zeroizing;

use super::{NotAdded, Sitting, Step};
use crate::approval::Asker;
use crate::connection::{Away, Link, Unheard};
use crate::interrupt::Interrupt;
use crate::random;

/// A ticket, open as long as this value lives.
pub(super) struct OpenTicket {
    link: Link,
    name: Zeroizing<[u8; 16]>,
    secret: Zeroizing<[u8; 32]>,
    until: Instant,
}

impl OpenTicket {
    /// A new ticket, not open yet.
    pub(super) fn draw(link: Link) -> Result<Self, Trouble> {
        Ok(Self {
            link,
            name: random::bytes()?,
            secret: random::bytes()?,
            until: Instant::now() + Duration::from_secs(TICKET_LIFETIME),
        })
    }

    /// Opens it for the person in `asker`, who has the phones in `record`.
    pub(super) fn open(
        &mut self,
        asker: Asker<'_>,
        record: Option<&Record>,
        interrupt: &dyn Interrupt,
    ) -> Result<(), Unheard> {
        let phones = record.into_iter().flat_map(|record| &record.phones);
        let message = ToDaemon::Ticket(Ticket {
            ticket: self.name.to_vec(),
            user: asker.user.to_owned(),
            host: asker.host.to_owned(),
            credentials: phones.map(|phone| phone.credential.clone()).collect(),
        });
        self.link
            .have_done(&message, &FromDaemon::TicketOpen {}, interrupt)
    }

    /// Waits until a phone has created a passkey. Nothing is proved yet.
    pub(super) fn wait(
        &mut self,
        sitting: &mut dyn Sitting,
        interrupt: &dyn Interrupt,
    ) -> Result<Enrolled, NotAdded> {
        let mut is_seen = false;
        let mut until = self.after(sitting.patience()?);
        loop {
            match self.link.wait(until, interrupt) {
                Ok(FromDaemon::TicketSeen {}) => {
                    if !is_seen {
                        is_seen = true;
                        sitting.show(&Step::Opened)?;
                    }
                }
                Ok(FromDaemon::Enrolled(enrolled)) => return Ok(enrolled),
                Ok(other) => return Err(Away::odd(&other).into()),
                Err(Unheard::Late) if Instant::now() < self.until => {
                    until = self.after(sitting.patience()?);
                }
                Err(unheard) => return Err(unheard.into()),
            }
        }
    }

    /// `patience` from now, but not beyond the ticket's end.
    fn after(&self, patience: Duration) -> Instant {
        self.until.min(Instant::now() + patience)
    }

    /// Has the daemon keep the phone that answered.
    pub(super) fn keep(&mut self, interrupt: &dyn Interrupt) -> Result<(), Unheard> {
        self.link
            .have_done(&ToDaemon::Keep {}, &FromDaemon::Kept {}, interrupt)
    }

    /// `ORIGIN/enroll#TICKET.SECRET`.
    pub(super) fn address(&self, origin: &str) -> Zeroizing<String> {
        invitation::address(origin, &self.name, &self.secret)
    }

    #[cfg(test)]
    pub(super) fn end_now(&mut self) {
        self.until = Instant::now();
    }

    pub(super) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}
