//! Tickets: each lets one phone enrol once, while root's command waits, for at most ten minutes.
//!
//! A phone that has answered is *provisional*: it exists only here and not in the store, can do what a test approval
//! needs, and is forgotten when the command's connection closes, unless root confirms the enrolment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use antiphon_core::invitation::TICKET_LIFETIME;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{Enrolled, FromDaemon, Ticket};
use tokio::sync::mpsc;

use crate::push::Target;
use crate::store::Device;
use crate::token::TokenHash;

/// Length of a ticket's name, in bytes.
const LENGTH: usize = 16;
/// Most enrolments at once.
const MOST: usize = 1000;

/// The open tickets.
#[derive(Default)]
pub(crate) struct Tickets(Mutex<HashMap<Vec<u8>, Open>>);

struct Open {
    ticket: Ticket,
    until: Instant,
    seen: bool,
    phone: Option<Device>,
    /// The phone's answer.
    answer: Option<Enrolled>,
    /// Root's command.
    asker: mpsc::Sender<FromDaemon>,
}

/// Root's hold on a ticket. Dropping it removes the ticket and the provisional phone.
pub(crate) struct OpenTicket {
    tickets: Arc<Tickets>,
    name: Vec<u8>,
}

/// Why a ticket cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TicketTrouble {
    /// Unknown, expired, or gone.
    Unknown,
    /// Another phone has answered it.
    Answered,
    /// This person or somebody else already has the passkey.
    Known,
}

impl Tickets {
    fn open_ones(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a ticket; `None` if its name is invalid or in use, or there are too many.
    pub(crate) fn open(
        self: &Arc<Self>,
        ticket: Ticket,
        asker: mpsc::Sender<FromDaemon>,
    ) -> Option<OpenTicket> {
        let name = ticket.ticket.clone();
        let mut open = self.open_ones();
        if name.len() != LENGTH || open.contains_key(&name) || open.len() >= MOST {
            return None;
        }
        let until = Instant::now() + Duration::from_secs(TICKET_LIFETIME);
        open.insert(
            name.clone(),
            Open {
                ticket,
                until,
                seen: false,
                phone: None,
                answer: None,
                asker,
            },
        );
        Some(OpenTicket {
            tickets: Arc::clone(self),
            name,
        })
    }

    /// What a ticket is for. Tells root's command that somebody has looked.
    pub(crate) fn look(&self, name: &[u8]) -> Result<Ticket, TicketTrouble> {
        let mut all = self.open_ones();
        let open = usable(&mut all, name)?;
        if !open.seen {
            open.seen = true;
            let _ = open.asker.try_send(FromDaemon::TicketSeen {});
        }
        Ok(open.ticket.clone())
    }

    /// Whether there is such a ticket, used or not.
    pub(crate) fn is_open(&self, name: &[u8]) -> Result<(), TicketTrouble> {
        open(&mut self.open_ones(), name).map(|_| ())
    }

    /// Uses up a ticket: the phone becomes provisional, with this token. A repeat of the same answer, by a phone that
    /// missed the reply, replaces the token and returns the old one.
    pub(crate) fn answer(
        &self,
        name: &[u8],
        enrolled: Enrolled,
        token: TokenHash,
        now: UnixTime,
    ) -> Result<Option<TokenHash>, TicketTrouble> {
        let mut all = self.open_ones();
        let used = open(&mut all, name)?;
        if let Some(phone) = &mut used.phone
            && used.answer.as_ref() == Some(&enrolled)
        {
            return Ok(Some(std::mem::replace(&mut phone.token, token)));
        }
        let is_anothers = all
            .values()
            .filter_map(|open| open.phone.as_ref())
            .any(|phone| phone.credential == enrolled.credential);
        let open = usable(&mut all, name)?;
        if is_anothers || open.ticket.credentials.contains(&enrolled.credential) {
            return Err(TicketTrouble::Known);
        }
        let phone = Device {
            credential: enrolled.credential.clone(),
            user: open.ticket.user.clone(),
            host: open.ticket.host.clone(),
            name: enrolled.name.clone(),
            public_key: enrolled.public_key.clone(),
            backup_eligible: enrolled.backup_eligible,
            enrolled: now,
            token,
            push: None,
        };
        let told = open.asker.try_send(FromDaemon::Enrolled(enrolled.clone()));
        if told.is_err() {
            return Err(TicketTrouble::Unknown);
        }
        open.phone = Some(phone);
        open.answer = Some(enrolled);
        Ok(None)
    }

    /// The provisional phone with this token.
    pub(crate) fn of_token(&self, token: TokenHash) -> Option<Device> {
        let all = self.open_ones();
        let mut phones = all.values().filter_map(|open| open.phone.as_ref());
        phones.find(|phone| phone.token == token).cloned()
    }

    /// The provisional phones of `user` among `credentials`.
    pub(crate) fn of_user(&self, user: &str, credentials: &[Vec<u8>]) -> Vec<Device> {
        let all = self.open_ones();
        let phones = all.values().filter_map(|open| open.phone.as_ref());
        let named = |phone: &&Device| phone.user == user && credentials.contains(&phone.credential);
        phones.filter(named).cloned().collect()
    }

    /// Sets where to call a provisional phone; returns whether there is one with this token.
    pub(crate) fn call_at(&self, token: TokenHash, target: Option<Target>) -> bool {
        let mut all = self.open_ones();
        let mut phones = all.values_mut().filter_map(|open| open.phone.as_mut());
        let found = phones.find(|phone| phone.token == token);
        found.map(|phone| phone.push = target).is_some()
    }
}

fn usable<'a>(
    all: &'a mut HashMap<Vec<u8>, Open>,
    name: &[u8],
) -> Result<&'a mut Open, TicketTrouble> {
    let open = open(all, name)?;
    if open.phone.is_some() {
        return Err(TicketTrouble::Answered);
    }
    if open.until <= Instant::now() {
        return Err(TicketTrouble::Unknown);
    }
    Ok(open)
}

fn open<'a>(
    all: &'a mut HashMap<Vec<u8>, Open>,
    name: &[u8],
) -> Result<&'a mut Open, TicketTrouble> {
    all.get_mut(name).ok_or(TicketTrouble::Unknown)
}

impl OpenTicket {
    /// The phone that has answered.
    pub(crate) fn phone(&self) -> Option<Device> {
        self.tickets.open_ones().get(&self.name)?.phone.clone()
    }
}

impl Drop for OpenTicket {
    fn drop(&mut self) {
        self.tickets.open_ones().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use antiphon_core::time::UnixTime;
    use antiphon_core::wire::{Enrolled, FromDaemon, Ticket};
    use tokio::sync::mpsc;

    use super::{TicketTrouble, Tickets};
    use crate::token::TokenHash;

    const NAME: [u8; 16] = [1; 16];
    const NOW: UnixTime = UnixTime(1_795_377_600);

    fn ticket() -> Ticket {
        Ticket {
            ticket: NAME.to_vec(),
            user: "alice".into(),
            host: "web1".into(),
            credentials: vec![vec![9]],
        }
    }

    fn enrolled(credential: u8) -> Enrolled {
        Enrolled {
            name: "Pixel 9".into(),
            credential: vec![credential],
            public_key: vec![4; 91],
            backup_eligible: true,
            proof: vec![0; 32],
        }
    }

    fn token(byte: u8) -> TokenHash {
        TokenHash::stored([byte; 32])
    }

    #[test]
    fn a_ticket_serves_one_phone_and_is_gone_with_who_opened_it() {
        let tickets = Arc::new(Tickets::default());
        let (sender, mut command) = mpsc::channel(4);
        let open = tickets.open(ticket(), sender.clone()).unwrap();
        assert!(tickets.open(ticket(), sender).is_none());
        assert_eq!(tickets.look(&[2; 16]), Err(TicketTrouble::Unknown));
        assert_eq!(tickets.look(&NAME), Ok(ticket()));
        assert_eq!(tickets.look(&NAME), Ok(ticket()));
        assert_eq!(command.try_recv(), Ok(FromDaemon::TicketSeen {}));

        let answer =
            |credential, byte| tickets.answer(&NAME, enrolled(credential), token(byte), NOW);
        assert_eq!(answer(9, 1), Err(TicketTrouble::Known));
        assert_eq!(answer(1, 1), Ok(None));
        assert_eq!(answer(2, 2), Err(TicketTrouble::Answered));
        assert_eq!(tickets.look(&NAME), Err(TicketTrouble::Answered));
        assert_eq!(command.try_recv(), Ok(FromDaemon::Enrolled(enrolled(1))));
        assert!(command.try_recv().is_err());

        assert_eq!(tickets.of_token(token(1)), open.phone());
        assert_eq!(tickets.of_token(token(2)), None);
        // A phone that missed the reply repeats its answer exactly; root's command is told once.
        let with_other = |change: fn(&mut Enrolled)| {
            let mut other = enrolled(1);
            change(&mut other);
            tickets.answer(&NAME, other, token(3), NOW)
        };
        for change in [
            |other: &mut Enrolled| other.proof = vec![1; 32],
            |other: &mut Enrolled| other.public_key = vec![5; 91],
            |other: &mut Enrolled| other.name = "Other".into(),
        ] {
            assert!(with_other(change).is_err());
        }
        assert_eq!(answer(1, 4), Ok(Some(token(1))));
        assert!(command.try_recv().is_err());
        assert_eq!(tickets.of_token(token(1)), None);
        assert_eq!(tickets.of_token(token(4)), open.phone());
        assert_eq!(answer(1, 1), Ok(Some(token(4))));
        assert_eq!(tickets.of_user("alice", &[vec![1]]).len(), 1);
        assert_eq!(tickets.of_user("bob", &[vec![1]]), []);
        drop(open);
        assert_eq!(tickets.of_token(token(1)), None);
        assert_eq!(tickets.look(&NAME), Err(TicketTrouble::Unknown));
    }

    #[test]
    fn a_passkey_that_is_being_enrolled_elsewhere_is_no_other_phones() {
        let tickets = Arc::new(Tickets::default());
        let (sender, _command) = mpsc::channel(4);
        let _hers = tickets.open(ticket(), sender.clone()).unwrap();
        let his = Ticket {
            ticket: vec![2; 16],
            user: "bob".into(),
            ..ticket()
        };
        let _his = tickets.open(his, sender).unwrap();
        let answer = |name: u8, credential, byte| {
            tickets.answer(&[name; 16], enrolled(credential), token(byte), NOW)
        };
        assert_eq!(answer(1, 7, 1), Ok(None));
        assert_eq!(answer(2, 7, 2), Err(TicketTrouble::Known));
        assert_eq!(answer(2, 8, 2), Ok(None));
    }

    #[test]
    fn a_ticket_whose_command_has_gone_is_unknown() {
        let tickets = Arc::new(Tickets::default());
        let (sender, command) = mpsc::channel(4);
        let open = tickets.open(ticket(), sender).unwrap();
        drop(command);
        let answered = tickets.answer(&NAME, enrolled(1), token(1), NOW);
        assert_eq!(answered, Err(TicketTrouble::Unknown));
        assert_eq!(open.phone(), None);
    }
}
