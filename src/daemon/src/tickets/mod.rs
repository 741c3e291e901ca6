//! Tickets: each lets one phone enrol once, while root's command waits, for at most ten minutes.
//!
//! A phone that has answered is *provisional*: it exists only here and not in the store, can do what a test approval
//! needs, and is forgotten when the command's connection closes, unless root confirms the enrolment.
//!
//! Where several relays share an engine, the phone may come to another one than the command. Then the ticket's row in the
//! engine is what counts ([`crate::post`]), and what is here follows it.

mod slip;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use antiphon_core::invitation::TICKET_LIFETIME;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{Enrolled, FromDaemon, Ticket};
use tokio::sync::mpsc;

pub(crate) use slip::Slip;

use crate::post::{Alone, Changed, OpenTickets, Post};
use crate::push::Target;
use crate::store::Device;
use crate::token::TokenHash;

/// Length of a ticket's name, in bytes.
const LENGTH: usize = 16;
/// Most enrolments at once.
const MOST: usize = 1000;
/// How often a change is tried that another relay's comes before.
const TRIES: usize = 4;

/// The open tickets.
pub(crate) struct Tickets {
    open: Mutex<HashMap<Vec<u8>, Open>>,
    /// The way to other relays.
    post: Arc<dyn Post>,
}

/// Those of one daemon that knows of no other.
impl Default for Tickets {
    fn default() -> Self {
        Self::by(Arc::new(Alone::default()))
    }
}

struct Open {
    slip: Slip,
    until: Instant,
    /// Root's command.
    asker: mpsc::Sender<FromDaemon>,
}

/// Root's hold on a ticket. Dropping it removes the ticket and the provisional phone.
pub(crate) struct OpenTicket {
    tickets: Arc<Tickets>,
    name: Vec<u8>,
    is_closed: bool,
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
    /// The engine cannot be asked.
    Away,
}

impl Tickets {
    /// Those of a relay that reaches others by `post`.
    pub(crate) fn by(post: Arc<dyn Post>) -> Self {
        Self {
            open: Mutex::default(),
            post,
        }
    }

    fn open_ones(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a ticket; `None` if its name is invalid or in use, there are too many, or other relays cannot be told.
    pub(crate) async fn open(
        self: &Arc<Self>,
        ticket: Ticket,
        asker: mpsc::Sender<FromDaemon>,
    ) -> Option<OpenTicket> {
        let (name, slip) = (ticket.ticket.clone(), Slip::new(ticket));
        let lifetime = Duration::from_secs(TICKET_LIFETIME);
        {
            let mut open = self.open_ones();
            if name.len() != LENGTH || open.contains_key(&name) || open.len() >= MOST {
                return None;
            }
            let until = Instant::now() + lifetime;
            let slip = slip.clone();
            open.insert(name.clone(), Open { slip, until, asker });
        }
        let is_open = !self.post.is_shared() || self.post.put_ticket(slip, lifetime).await;
        if !is_open {
            // Ours alone: the row is another's, or none.
            self.open_ones().remove(&name);
            return None;
        }
        Some(OpenTicket {
            tickets: Arc::clone(self),
            name,
            is_closed: false,
        })
    }

    /// What a ticket is for. Tells root's command that somebody has looked.
    pub(crate) async fn look(&self, name: &[u8]) -> Result<Ticket, TicketTrouble> {
        let named = OpenTickets::Named(name.to_vec());
        self.change(named, Slip::look).await
    }

    /// Whether there is such a ticket, used or not.
    pub(crate) async fn is_open(&self, name: &[u8]) -> Result<(), TicketTrouble> {
        self.change(OpenTickets::Named(name.to_vec()), |_, _| Ok(()))
            .await
    }

    /// Uses up a ticket: the phone becomes provisional, with this token. A repeat of the same answer, by a phone that
    /// missed the reply, replaces the token and returns the old one.
    pub(crate) async fn answer(
        &self,
        name: &[u8],
        enrolled: Enrolled,
        token: TokenHash,
        now: UnixTime,
    ) -> Result<Option<TokenHash>, TicketTrouble> {
        let named = OpenTickets::Named(name.to_vec());
        self.change(named, |slip, is_timely| {
            slip.answer(&enrolled, token, now, is_timely)
        })
        .await
    }

    /// Changes one ticket by `act`, which is told whether a phone may still answer it.
    async fn change<T>(
        &self,
        which: OpenTickets,
        act: impl Fn(&mut Slip, bool) -> Result<T, TicketTrouble>,
    ) -> Result<T, TicketTrouble> {
        if !self.post.is_shared() {
            return self.change_here(&which, act);
        }
        for _ in 0..TRIES {
            let found = self.post.tickets(which.clone()).await;
            let found = found.ok_or(TicketTrouble::Away)?.into_iter().next();
            let mut row = found.ok_or(TicketTrouble::Unknown)?;
            let before = row.slip.clone();
            let done = act(&mut row.slip, row.is_timely)?;
            if row.slip == before {
                return Ok(done);
            }
            let slip = row.slip.clone();
            match self.post.change_ticket(row).await {
                Changed::Fine => {
                    // Ours may have ended at the same time; its row goes then.
                    let _ = self.follow(slip);
                    return Ok(done);
                }
                Changed::Before => {}
                Changed::Known => return Err(TicketTrouble::Known),
                Changed::Away => return Err(TicketTrouble::Away),
            }
        }
        Err(TicketTrouble::Away)
    }

    /// The same where there is no other relay.
    fn change_here<T>(
        &self,
        which: &OpenTickets,
        act: impl Fn(&mut Slip, bool) -> Result<T, TicketTrouble>,
    ) -> Result<T, TicketTrouble> {
        let (slip, done) = {
            let all = self.open_ones();
            let open = match which {
                OpenTickets::Named(name) => all.get(name),
                other => all.values().find(|open| other.names(&open.slip)),
            };
            let open = open.ok_or(TicketTrouble::Unknown)?;
            let mut slip = open.slip.clone();
            let done = act(&mut slip, Instant::now() < open.until)?;
            let is_anothers = |other: &Open| {
                other.slip.ticket.ticket != slip.ticket.ticket
                    && other.slip.credential() == slip.credential()
            };
            if slip.credential().is_some() && all.values().any(is_anothers) {
                return Err(TicketTrouble::Known);
            }
            (slip, done)
        };
        self.follow(slip)?;
        Ok(done)
    }

    /// What has become of a ticket: root's command is told what is new, if it waits here.
    fn follow(&self, slip: Slip) -> Result<(), TicketTrouble> {
        let mut all = self.open_ones();
        let open = all.get_mut(&slip.ticket.ticket);
        let open = open.ok_or(TicketTrouble::Unknown)?;
        for news in slip.news_since(&open.slip) {
            let told = open.asker.try_send(news);
            told.map_err(|_| TicketTrouble::Unknown)?;
        }
        open.slip = slip;
        Ok(())
    }

    /// Another relay has changed a ticket.
    pub(crate) async fn hear(&self, name: Vec<u8>) {
        if !self.open_ones().contains_key(&name) {
            return;
        }
        let found = self.post.tickets(OpenTickets::Named(name)).await;
        for row in found.unwrap_or_default() {
            let _ = self.follow(row.slip);
        }
    }

    /// After a time without news: puts own tickets back that the engine has lost, and reads what has become of them.
    pub(crate) async fn read_again(&self) {
        let own: Vec<(Slip, Instant)> = {
            let all = self.open_ones();
            let own = all.values().map(|open| (open.slip.clone(), open.until));
            own.collect()
        };
        for (slip, until) in own {
            let name = slip.ticket.ticket.clone();
            let lasts = until.saturating_duration_since(Instant::now());
            self.post.put_ticket(slip, lasts).await;
            self.hear(name).await;
        }
    }

    /// The provisional phone with this token, if its ticket is here.
    pub(crate) fn of_token(&self, token: TokenHash) -> Option<Device> {
        let all = self.open_ones();
        let mut phones = all.values().filter_map(|open| open.slip.phone());
        phones.find(|phone| phone.token == token)
    }

    /// The same, if its ticket is at another relay.
    pub(crate) async fn of_token_elsewhere(&self, token: TokenHash) -> Option<Device> {
        let found = self.post.tickets(OpenTickets::OfToken(token)).await?;
        let mut phones = found.iter().filter_map(|row| row.slip.phone());
        // The engine may use an index; this comparison is in constant time.
        phones.find(|phone| phone.token == token)
    }

    /// The provisional phones of `user` among `credentials`, if their tickets are here.
    pub(crate) fn of_user(&self, user: &str, credentials: &[Vec<u8>]) -> Vec<Device> {
        let all = self.open_ones();
        let phones = all.values().filter_map(|open| open.slip.phone());
        let named = |phone: &Device| phone.user == user && credentials.contains(&phone.credential);
        phones.filter(named).collect()
    }

    /// The same, if their tickets are at other relays.
    pub(crate) async fn of_user_elsewhere(
        &self,
        user: &str,
        credentials: &[Vec<u8>],
    ) -> Vec<Device> {
        let theirs = OpenTickets::Of(user.to_owned());
        let found = self.post.tickets(theirs).await.unwrap_or_default();
        let phones = found.iter().filter_map(|row| row.slip.phone());
        let named = |phone: &Device| phone.user == user && credentials.contains(&phone.credential);
        phones.filter(named).collect()
    }

    /// Sets where to call a provisional phone; returns whether there is one with this token.
    pub(crate) async fn call_at(&self, token: TokenHash, target: Option<Target>) -> bool {
        let set = self.change(OpenTickets::OfToken(token), |slip, _| {
            slip.call_at(target.clone());
            Ok(())
        });
        set.await.is_ok()
    }
}

impl OpenTicket {
    /// The phone that has answered.
    pub(crate) fn phone(&self) -> Option<Device> {
        self.tickets.open_ones().get(&self.name)?.slip.phone()
    }

    /// Removes the ticket and the provisional phone, at all relays.
    pub(crate) async fn close(mut self) {
        self.is_closed = true;
        self.tickets.open_ones().remove(&self.name);
        if self.tickets.post.is_shared() {
            self.tickets.post.drop_ticket(self.name.clone()).await;
        }
    }
}

impl Drop for OpenTicket {
    fn drop(&mut self) {
        if self.is_closed {
            return;
        }
        self.tickets.open_ones().remove(&self.name);
        if self.tickets.post.is_shared() {
            let (post, name) = (Arc::clone(&self.tickets.post), self.name.clone());
            // In the background: nobody waits for it.
            tokio::spawn(async move { post.drop_ticket(name).await });
        }
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

    #[tokio::test]
    async fn a_ticket_serves_one_phone_and_is_gone_with_who_opened_it() {
        let tickets = Arc::new(Tickets::default());
        let (sender, mut command) = mpsc::channel(4);
        let open = tickets.open(ticket(), sender.clone()).await.unwrap();
        assert!(tickets.open(ticket(), sender).await.is_none());
        assert_eq!(tickets.look(&[2; 16]).await, Err(TicketTrouble::Unknown));
        assert_eq!(tickets.look(&NAME).await, Ok(ticket()));
        assert_eq!(tickets.look(&NAME).await, Ok(ticket()));
        assert_eq!(command.try_recv(), Ok(FromDaemon::TicketSeen {}));

        let answer = async |credential, byte| {
            let enrolled = enrolled(credential);
            tickets.answer(&NAME, enrolled, token(byte), NOW).await
        };
        assert_eq!(answer(9, 1).await, Err(TicketTrouble::Known));
        assert_eq!(answer(1, 1).await, Ok(None));
        assert_eq!(answer(2, 2).await, Err(TicketTrouble::Answered));
        assert_eq!(tickets.look(&NAME).await, Err(TicketTrouble::Answered));
        assert_eq!(command.try_recv(), Ok(FromDaemon::Enrolled(enrolled(1))));
        assert!(command.try_recv().is_err());

        assert_eq!(tickets.of_token(token(1)), open.phone());
        assert_eq!(tickets.of_token(token(2)), None);
        // A phone that missed the reply repeats its answer exactly; root's command is told once.
        let with_other = async |change: fn(&mut Enrolled)| {
            let mut other = enrolled(1);
            change(&mut other);
            tickets.answer(&NAME, other, token(3), NOW).await
        };
        for change in [
            |other: &mut Enrolled| other.proof = vec![1; 32],
            |other: &mut Enrolled| other.public_key = vec![5; 91],
            |other: &mut Enrolled| other.name = "Other".into(),
        ] {
            assert!(with_other(change).await.is_err());
        }
        assert_eq!(answer(1, 4).await, Ok(Some(token(1))));
        assert!(command.try_recv().is_err());
        assert_eq!(tickets.of_token(token(1)), None);
        assert_eq!(tickets.of_token(token(4)), open.phone());
        assert_eq!(answer(1, 1).await, Ok(Some(token(4))));
        assert_eq!(tickets.of_user("alice", &[vec![1]]).len(), 1);
        assert_eq!(tickets.of_user("bob", &[vec![1]]), []);
        drop(open);
        assert_eq!(tickets.of_token(token(1)), None);
        assert_eq!(tickets.look(&NAME).await, Err(TicketTrouble::Unknown));
    }

    #[tokio::test]
    async fn a_passkey_that_is_being_enrolled_elsewhere_is_no_other_phones() {
        let tickets = Arc::new(Tickets::default());
        let (sender, _command) = mpsc::channel(4);
        let _hers = tickets.open(ticket(), sender.clone()).await.unwrap();
        let his = Ticket {
            ticket: vec![2; 16],
            user: "bob".into(),
            ..ticket()
        };
        let _his = tickets.open(his, sender).await.unwrap();
        let answer = async |name: u8, credential, byte| {
            let enrolled = enrolled(credential);
            tickets
                .answer(&[name; 16], enrolled, token(byte), NOW)
                .await
        };
        assert_eq!(answer(1, 7, 1).await, Ok(None));
        assert_eq!(answer(2, 7, 2).await, Err(TicketTrouble::Known));
        assert_eq!(answer(2, 8, 2).await, Ok(None));
    }

    #[tokio::test]
    async fn a_ticket_whose_command_has_gone_is_unknown() {
        let tickets = Arc::new(Tickets::default());
        let (sender, command) = mpsc::channel(4);
        let open = tickets.open(ticket(), sender).await.unwrap();
        drop(command);
        let answered = tickets.answer(&NAME, enrolled(1), token(1), NOW);
        assert_eq!(answered.await, Err(TicketTrouble::Unknown));
        assert_eq!(open.phone(), None);
    }
}
