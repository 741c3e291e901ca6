//! A ticket for one phone: opened at the daemon, answered by a page that had the QR code. The secret never leaves this
//! process but on the screen.

use std::time::{Duration, Instant};

use antiphon_core::enrolment;
use antiphon_core::wire::{Enrolled, FromDaemon, Ticket, ToDaemon};
use zeroize::Zeroizing;

use super::progress::{Progress, Tell};
use super::unfinished::{Unfinished, unexpected};
use crate::daemon::{Link, Silence};
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::random;

/// How long the daemon may take for what it does by itself.
const PATIENCE: Duration = Duration::from_secs(4);

/// A ticket that is open as long as this is.
pub(crate) struct OpenTicket {
    link: Link,
    name: [u8; 16],
    secret: Zeroizing<[u8; 32]>,
    until: Instant,
}

/// What a ticket is made of.
pub(crate) struct Draw {
    name: [u8; 16],
    secret: Zeroizing<[u8; 32]>,
}

impl Draw {
    /// From the kernel.
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self {
            name: random::bytes()?,
            secret: Zeroizing::new(random::bytes()?),
        })
    }
}

impl OpenTicket {
    /// Opens it for `user`, who has `credentials` already.
    pub(crate) fn open(
        mut link: Link,
        draw: Draw,
        user: &str,
        host: &str,
        credentials: Vec<Vec<u8>>,
        interrupts: &Interrupts,
    ) -> Result<Self, Unfinished> {
        link.send(&ToDaemon::Ticket(Ticket {
            ticket: draw.name.to_vec(),
            user: user.to_owned(),
            host: host.to_owned(),
            credentials,
        }))?;
        let until = Instant::now() + Duration::from_secs(enrolment::TICKET_LIFETIME);
        let mut ticket = Self {
            link,
            name: draw.name,
            secret: draw.secret,
            until,
        };
        match ticket.soon(interrupts)? {
            FromDaemon::TicketOpen {} => Ok(ticket),
            other => Err(unexpected(&other)),
        }
    }

    /// Waits until a phone has made a passkey. Nothing is proved yet.
    pub(crate) fn wait(
        &mut self,
        interrupts: &Interrupts,
        tell: &mut Tell<'_>,
    ) -> Result<Enrolled, Unfinished> {
        let mut seen = false;
        loop {
            match self.link.wait(self.until, interrupts)? {
                FromDaemon::TicketSeen {} if !seen => {
                    seen = true;
                    tell(&Progress::Opened)?;
                }
                FromDaemon::TicketSeen {} => {}
                FromDaemon::Enrolled(enrolled) => return Ok(enrolled),
                other => return Err(unexpected(&other)),
            }
        }
    }

    /// Has the daemon keep the phone that has answered.
    pub(crate) fn keep(&mut self, interrupts: &Interrupts) -> Result<(), Unfinished> {
        self.link.send(&ToDaemon::Keep {})?;
        match self.soon(interrupts)? {
            FromDaemon::Kept {} => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// What the QR code says.
    pub(crate) fn address(&self, origin: &str) -> Zeroizing<String> {
        enrolment::address(origin, &self.name, &self.secret)
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    fn soon(&mut self, interrupts: &Interrupts) -> Result<FromDaemon, Unfinished> {
        match self.link.wait(Instant::now() + PATIENCE, interrupts) {
            Err(Silence::Late) => Err(Unfinished::Gone("it does not answer".to_owned())),
            answer => Ok(answer?),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Instant;

    use antiphon_core::wire::{FromDaemon, encode};

    use super::{Draw, OpenTicket};
    use crate::daemon::Link;
    use crate::enroll::phone::unfinished::Unfinished;
    use crate::interrupt::Interrupts;

    #[test]
    fn a_ticket_that_no_phone_answers_in_time_ends() {
        let interrupts = Interrupts::hold().unwrap();
        let (link, mut daemon) = Link::pair();
        for word in [FromDaemon::TicketOpen {}, FromDaemon::TicketSeen {}] {
            daemon.write_all(&encode(&word).unwrap()).unwrap();
        }
        let draw = Draw::new().unwrap();
        let opened = OpenTicket::open(link, draw, "alice", "web1", Vec::new(), &interrupts);
        let mut ticket = opened.ok().unwrap();
        ticket.until = Instant::now();
        let mut told = 0;
        let ended = ticket.wait(&interrupts, &mut |_| {
            told += 1;
            Ok(())
        });
        assert!(matches!(ended, Err(Unfinished::Late)));
        assert_eq!(told, 1, "what came at the last moment is told");
    }
}
