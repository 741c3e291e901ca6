//! State shared by both sides of the daemon: root's connections and the phones.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use antiphon_core::config::Config;
use antiphon_core::wire::Unwilling;
use antiphon_gateway::Gateways;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::account::Accounts;
use crate::challenges::Challenges;
use crate::fleet::Relay;
use crate::gateway::Desk;
use crate::log;
use crate::metrics::Metrics;
use crate::network::home_of;
use crate::pauses::Pauses;
use crate::post::{Alone, Heard, News, Post};
use crate::push::{self, Courier, Gone};
use crate::store::{Device, Store, StoreError};
use crate::switchboard::Switchboard;
use crate::tickets::Tickets;
use crate::token::TokenHash;
use crate::tries::Tries;

/// How long a sign-in waits for the store before it goes on with only the connected phones.
const STORE_PATIENCE: Duration = Duration::from_secs(1);

/// How many of strangers' look-ups are in the store's queue at once: few compared with its length.
const AT_STORE: usize = 64;

pub(crate) struct Exchange {
    pub(crate) config: Config,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) switchboard: Arc<Switchboard>,
    pub(crate) tickets: Arc<Tickets>,
    pub(crate) courier: Arc<Courier>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) accounts: Accounts,
    pub(crate) challenges: Challenges,
    pub(crate) pauses: Pauses,
    /// The way to other relays.
    pub(crate) post: Arc<dyn Post>,
    pub(crate) metrics: Arc<Metrics>,
    /// What is answered about the fleet, if this is one of its relays.
    pub(crate) relay: Option<Relay>,
    tries: Tries<IpAddr>,
    /// Of strangers who ask to join a fleet, each with a look into the store.
    joining: Tries<IpAddr>,
    /// By token: updates of a push address, each of which is written to disk.
    addresses: Tries<[u8; 32]>,
    /// For token look-ups: strangers wait here rather than in the store's queue, which sign-ins use too.
    at_store: Semaphore,
    closing: watch::Sender<bool>,
}

/// The phones that a request reaches.
#[derive(Default)]
pub(crate) struct Reach {
    /// Credentials of phones with the page open.
    listening: Vec<Vec<u8>>,
    /// Phones to send a push to.
    pub(crate) called: Vec<Device>,
}

impl Exchange {
    /// # Errors
    /// One sentence.
    pub(crate) async fn new(
        config: Config,
        gateways: &Gateways,
        store: Arc<dyn Store>,
    ) -> Result<Self, String> {
        let metrics = Arc::<Metrics>::default();
        let courier = Courier::new(&config, Arc::clone(&store), Arc::clone(&metrics)).await?;
        let desk = Desk::new(&config, gateways, Arc::clone(&store))?;
        let accounts = Accounts::new(&config)?;
        let post: Arc<dyn Post> = Arc::new(Alone::default());
        let challenges = Challenges::new().map_err(|_| "the kernel gives no random bytes")?;
        Ok(Self {
            config,
            store,
            switchboard: Arc::new(Switchboard::by(Arc::clone(&post))),
            tickets: Arc::new(Tickets::by(Arc::clone(&post))),
            courier: Arc::new(courier),
            desk: Arc::new(desk),
            accounts,
            challenges,
            pauses: Pauses::by(Arc::clone(&post)),
            post,
            metrics,
            relay: None,
            tries: Tries::default(),
            joining: Tries::default(),
            addresses: Tries::default(),
            at_store: Semaphore::new(AT_STORE),
            closing: watch::Sender::new(false),
        })
    }

    /// Reaches other relays by `post`, with which this one shares its store.
    pub(crate) fn join(&mut self, post: &Arc<dyn Post>) {
        self.challenges = Challenges::of(self.courier.derive("challenges").as_ref());
        self.switchboard = Arc::new(Switchboard::by(Arc::clone(post)));
        self.tickets = Arc::new(Tickets::by(Arc::clone(post)));
        self.pauses = Pauses::by(Arc::clone(post));
        self.post = Arc::clone(post);
    }

    /// Hears what happens at other relays, for ever.
    pub(crate) async fn hear_all(&self, post: &dyn Post) {
        loop {
            let heard = post.heard().await;
            match &heard {
                Heard::News(News::Ticket { name }) => self.tickets.hear(name.clone()).await,
                Heard::Back => self.tickets.read_again().await,
                Heard::News(_) => {}
            }
            self.switchboard.hear(heard);
        }
    }

    /// The phones of `user` that a request for `credentials` reaches. If the store fails, there are no pushes, but open
    /// pages still work.
    pub(crate) async fn reach(
        &self,
        user: &str,
        credentials: &[Vec<u8>],
    ) -> Result<Reach, Unwilling> {
        let listening = self.switchboard.listening(user, credentials);
        let mut known = self.tickets.of_user(user, credentials);
        match self.stored_phones(user).await {
            Ok(phones) => known.extend(
                phones
                    .into_iter()
                    .filter(|phone| credentials.contains(&phone.credential)),
            ),
            Err(error) => {
                log::fail(format_args!("a sign-in goes without pushes: {error}"));
                if known.is_empty() && listening.is_empty() {
                    return Err(Unwilling::Overloaded);
                }
            }
        }
        if known.is_empty() && listening.is_empty() {
            // A phone that is being enrolled, by a command that waits at another relay.
            known = self.tickets.of_user_elsewhere(user, credentials).await;
        }
        if known.is_empty() && listening.is_empty() {
            return Err(Unwilling::NoPhone);
        }
        known.retain(|phone| phone.push.is_some());
        // They are kept for as long as the sign-in waits.
        known.shrink_to_fit();
        Ok(Reach {
            listening,
            called: known,
        })
    }

    /// Whether the store knows a phone of `user`; not if it does not answer.
    pub(crate) async fn has_phone(&self, user: &str) -> bool {
        let stored = self.stored_phones(user).await;
        stored.is_ok_and(|phones| !phones.is_empty())
    }

    async fn stored_phones(&self, user: &str) -> Result<Vec<Device>, StoreError> {
        let stored = timeout(STORE_PATIENCE, self.store.of_user(user)).await;
        stored.unwrap_or_else(|_| Err(StoreError::Unavailable("it does not answer".into())))
    }

    /// Sends a push to each of `phones` in the background: a sign-in does not wait for it.
    pub(crate) fn call(&self, phones: &[Device], news: &push::News) {
        for phone in phones {
            self.courier.call(phone.clone(), news.clone());
        }
    }

    /// Tells those of the called `phones` that have neither answered nor the page open that the sign-in is over.
    pub(crate) fn call_off(
        &self,
        user: &str,
        mut phones: Vec<Device>,
        answered_by: Option<Vec<u8>>,
        gone: Gone,
    ) {
        let credentials: Vec<_> = phones
            .iter()
            .map(|phone| phone.credential.clone())
            .collect();
        let mut seen = self.switchboard.listening(user, &credentials);
        seen.extend(answered_by);
        phones.retain(|phone| !seen.contains(&phone.credential));
        self.call(&phones, &push::News::Gone(gone));
    }

    /// Counts an update of a phone's push address.
    ///
    /// # Errors
    /// Seconds to wait, if there were too many.
    pub(crate) fn count_address(&self, token: TokenHash) -> Result<(), u64> {
        self.addresses.count(*token.bytes(), Instant::now())
    }

    /// The phone with this token, from the store.
    pub(crate) async fn stored(&self, token: TokenHash) -> Result<Option<Device>, StoreError> {
        // Never closed.
        let _place = self.at_store.acquire().await;
        self.store.of_token(token).await
    }

    /// The provisional phone with this token, whose ticket is at another relay.
    pub(crate) async fn provisional(&self, token: TokenHash) -> Option<Device> {
        let _place = self.at_store.acquire().await;
        self.tickets.of_token_elsewhere(token).await
    }

    /// The phone with this passkey, from the store.
    pub(crate) async fn stored_passkey(
        &self,
        credential: &[u8],
    ) -> Result<Option<Device>, StoreError> {
        let _place = self.at_store.acquire().await;
        self.store.of_credential(credential).await
    }

    /// Counts an attempt to enrol or to renew a token.
    ///
    /// # Errors
    /// Seconds to wait, if there were too many from this address.
    pub(crate) fn count_try(&self, address: IpAddr) -> Result<(), u64> {
        self.tries.count(home_of(address), Instant::now())
    }

    /// Whether more attempts to join are taken from this address: those with a token that serves are not counted.
    pub(crate) fn may_join(&self, address: IpAddr) -> bool {
        self.joining.look(home_of(address), Instant::now()).is_ok()
    }

    /// Counts an attempt to join with a token that does not serve.
    pub(crate) fn count_join(&self, address: IpAddr) {
        let _ = self.joining.count(home_of(address), Instant::now());
    }

    /// Ends all connections.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
        self.switchboard.close();
    }

    /// Waits until the daemon shuts down.
    pub(crate) async fn closing(&self) {
        // An error would mean that the sender has been dropped, and all of this with it.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }
}

impl Reach {
    /// The number of phones.
    pub(crate) fn count(&self) -> u32 {
        let called = self.called.iter().map(|phone| &phone.credential);
        let only_called = called.filter(|credential| !self.listening.contains(credential));
        // One phone, even if several devices have its passkey.
        let only_called: HashSet<_> = only_called.collect();
        u32::try_from(self.listening.len() + only_called.len()).unwrap_or(u32::MAX)
    }
}
