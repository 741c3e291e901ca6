//! Sends pushes in the background.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use antiphon_core::config::Config;
use antiphon_core::text::Language;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};
use ureq::Agent;
use ureq::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;

use super::addresses::{CheckingResolver, Guard};
use super::endpoint::{BadAddress, Endpoint};
use super::lanes::{Lanes, NoWay};
use super::message;
use super::news::News;
use super::target::{Keys, Target};
use super::vapid::Key;
use crate::clock;
use crate::log;
use crate::metrics::{Metrics, Pushed};
use crate::outgoing;
use crate::seldom::Seldom;
use crate::store::{Device, Store};

/// The time limit for the DNS look-up.
const LOOK_UP_PATIENCE: Duration = Duration::from_secs(5);
/// How long a push may wait for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A later message replaces one that has not been delivered (RFC 8030, section 5.4).
const TOPIC: &str = "sign-in";

pub(crate) struct Courier {
    agent: Agent,
    key: Key,
    guard: Guard,
    /// The contact for complaints.
    contact: Option<String>,
    /// The text of a plain POST, followed by the URL.
    waits: &'static str,
    origin: String,
    lanes: Lanes,
    /// The next news for each device until its turn comes: only the latest matters.
    latest: Mutex<HashMap<[u8; 32], News>>,
    store: Arc<dyn Store>,
    metrics: Arc<Metrics>,
}

enum Sent {
    Fine,
    /// The subscription has ended.
    Gone,
    Failed(String),
}

impl Courier {
    /// Uses the key in the store.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) async fn new(
        config: &Config,
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, String> {
        let no_key = |_| "no key for pushes could be made or read".to_owned();
        let new = Key::generate().map_err(no_key)?;
        let kept = store.push_key(new).await;
        let key = Key::read(&kept.map_err(|error| error.to_string())?).map_err(no_key)?;
        let guard = Guard::new(&config.push.private_hosts);
        let origin = config.page.origin.clone();
        let contact = config.push.contact.clone();
        Ok(Self {
            agent: agent(guard.clone()),
            key,
            guard,
            waits: match config.language {
                Language::Swedish => "En inloggning väntar",
                Language::English => "A sign-in is waiting",
            },
            contact: contact.or_else(|| origin.starts_with("https://").then(|| origin.clone())),
            origin,
            lanes: Lanes::default(),
            latest: Mutex::default(),
            store,
            metrics,
        })
    }

    /// The public key that browsers subscribe with, base64url.
    pub(crate) fn public_key(&self) -> &str {
        self.key.public()
    }

    /// Whether a phone may be called at `target`, judged by its form only. No name is looked up: the result would tell
    /// the phone which internal names exist, and may be different by the time of the call.
    pub(crate) fn check(&self, target: &Target) -> Result<(), BadAddress> {
        let endpoint = match target {
            Target::WebPush { endpoint, keys } => {
                if !message::fits(keys) {
                    return Err(BadAddress::Keys);
                }
                Endpoint::read(endpoint)?
            }
            Target::Post { post } => Endpoint::read(post)?,
        };
        if self.guard.refuses(endpoint.host()) {
            return Err(BadAddress::Private);
        }
        Ok(())
    }

    /// Tells `phone` about a sign-in. Returns at once.
    pub(crate) fn call(self: &Arc<Self>, phone: Device, news: News) {
        static SELDOM: Seldom = Seldom::new();
        let user = &phone.user;
        let device = *phone.token.bytes();
        let patience = Duration::from_secs(news.lasts()).min(LONGEST_WAIT);
        self.latest().insert(device, news);
        let turn = match self.lanes.queue(&phone) {
            Ok(turn) => turn,
            // The waiting one will say it.
            Err(NoWay::Queued) => return,
            Err(NoWay::TooMany) => {
                self.latest().remove(&device);
                self.metrics.pushed(Pushed::Dropped);
                SELDOM.warn(format_args!(
                    "a push to a phone of {user} was not sent: it has had too many in the last minute"
                ));
                return;
            }
        };
        let courier = Arc::clone(self);
        tokio::spawn(async move {
            let until = Instant::now() + patience;
            let gone = timeout_at(until, turn.go()).await;
            let news = courier.latest().remove(&device);
            let Ok(way) = gone else {
                courier.metrics.pushed(Pushed::Dropped);
                let user = &phone.user;
                SELDOM.warn(format_args!(
                    "a push to a phone of {user} was not sent: too many are on their way"
                ));
                return;
            };
            if let Some(news) = news {
                courier.deliver(phone, news).await;
            }
            drop(way);
        });
    }

    fn latest(&self) -> MutexGuard<'_, HashMap<[u8; 32], News>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn deliver(self: &Arc<Self>, phone: Device, news: News) {
        static FAILED: Seldom = Seldom::new();
        static ENDED: Seldom = Seldom::new();
        let Some(target) = phone.push else { return };
        // A posted notification cannot be replaced, and another one would disturb.
        if matches!((&target, &news), (Target::Post { .. }, News::Gone(_))) {
            return;
        }
        let courier = Arc::clone(self);
        let sending = spawn_blocking(move || {
            let sent = courier.send(&target, &news);
            (target, sent)
        });
        let user = &phone.user;
        match sending.await {
            Ok((_, Sent::Fine)) => self.metrics.pushed(Pushed::Sent),
            Err(_) => self.metrics.pushed(Pushed::Failed),
            Ok((target, Sent::Gone)) => {
                self.metrics.pushed(Pushed::Gone);
                ENDED.note(format_args!("a push subscription of {user} has ended"));
                if let Err(error) = self.store.lost(&phone.credential, target).await {
                    FAILED.warn(format_args!("it could not be forgotten: {error}"));
                }
            }
            Ok((_, Sent::Failed(why))) => {
                self.metrics.pushed(Pushed::Failed);
                FAILED.warn(format_args!("a push to a phone of {user} failed: {why}"));
            }
        }
    }

    fn send(&self, target: &Target, news: &News) -> Sent {
        let address = match target {
            Target::WebPush { endpoint, .. } => endpoint,
            Target::Post { post } => post,
        };
        let Ok(endpoint) = Endpoint::read(address) else {
            return Sent::Failed("its address is none".to_owned());
        };
        let host = endpoint.host();
        let sent = match target {
            Target::WebPush { keys, .. } => self.web_push(&endpoint, keys, news),
            Target::Post { .. } => self.post(&endpoint),
        };
        match sent {
            Ok(200..=299) => Sent::Fine,
            // RFC 8030, section 7.3; some services use 410.
            Ok(404 | 410) if matches!(target, Target::WebPush { .. }) => Sent::Gone,
            Ok(status) => Sent::Failed(format!("{host} answered {status}")),
            // Without the URL, which is as sensitive as a key.
            Err(ureq::Error::BadUri(_) | ureq::Error::Http(_)) => {
                Sent::Failed(format!("{host}: not an address"))
            }
            Err(error) => Sent::Failed(format!("{host}: {error}")),
        }
    }

    fn web_push(&self, endpoint: &Endpoint, keys: &Keys, news: &News) -> Result<u16, ureq::Error> {
        let failed = |_| ureq::Error::Other("it could not be encrypted or signed".into());
        let body = message::to(keys, &news.words()).map_err(failed)?;
        let contact = self.contact.as_deref();
        let who = self
            .key
            .authorization(&endpoint.origin(), contact, clock::now())
            .map_err(failed)?;
        let response = self
            .agent
            .post(endpoint.uri())
            .header(AUTHORIZATION, who)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("TTL", news.lasts().to_string())
            .header("Topic", TOPIC)
            .header("Urgency", news.urgency())
            .send(&body[..])?;
        Ok(response.status().as_u16())
    }

    fn post(&self, endpoint: &Endpoint) -> Result<u16, ureq::Error> {
        let origin = &self.origin;
        let response = self
            .agent
            .post(endpoint.uri())
            .header(CONTENT_TYPE, "text/plain; charset=utf-8")
            // The target of a tap on ntfy's notification.
            .header("Click", origin)
            .send(format!("{}: {origin}", self.waits))?;
        Ok(response.status().as_u16())
    }
}

fn agent(guard: Guard) -> Agent {
    let roots = outgoing::roots().unwrap_or_else(|why| {
        log::warn(format_args!("pushes will fail: {why}"));
        Vec::new()
    });
    let config = outgoing::config(&roots)
        .https_only(true)
        .timeout_resolve(Some(LOOK_UP_PATIENCE))
        .build();
    let resolver = CheckingResolver {
        guard,
        system: DefaultResolver::default(),
    };
    Agent::with_parts(config, DefaultConnector::new(), resolver)
}
