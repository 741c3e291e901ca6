//! Sends pushes in the background.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use antiphon_core::config::Config;
use antiphon_core::text::Language;
use antiphon_outgoing::Client;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use ring::hmac::Tag;
use tokio::time::{Instant, timeout_at};

use super::addresses::Guard;
use super::endpoint::{BadAddress, Endpoint};
use super::lanes::{self, Lanes, NoWay};
use super::message;
use super::news::News;
use super::target::{Keys, Target};
use super::vapid::Key;
use crate::clock;
use crate::log;
use crate::metrics::{Metrics, Pushed};
use crate::seldom::Seldom;
use crate::store::{Device, Store};

/// How long a push may wait for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A later message replaces one that has not been delivered (RFC 8030, section 5.4).
const TOPIC: &str = "sign-in";

pub(crate) struct Courier {
    /// Or why there is none: the system's CAs cannot be read.
    client: Result<Client, String>,
    key: Key,
    guard: Guard,
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
        let kept = kept.map_err(|error| error.to_string())?;
        let origin = config.page.origin.clone();
        let contact = config.push.contact.clone();
        let contact = contact.or_else(|| origin.starts_with("https://").then(|| origin.clone()));
        let key = Key::read(&kept, contact).map_err(no_key)?;
        let guard = Guard::new(&config.push.private_hosts);
        Ok(Self {
            client: client(guard.clone()),
            key,
            guard,
            waits: match config.language {
                Language::Swedish => "En inloggning väntar",
                Language::English => "A sign-in is waiting",
            },
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

    /// A secret for `purpose` that all relays of this store have.
    pub(crate) fn derive(&self, purpose: &str) -> Tag {
        self.key.derive(purpose)
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
        let Some(target) = phone.push.clone() else {
            return;
        };
        let Ok(endpoint) = Endpoint::read(target.address()) else {
            SELDOM.warn(format_args!(
                "a push to a phone of {user} failed: its address is none"
            ));
            return;
        };
        let device = *phone.token.bytes();
        let patience = Duration::from_secs(news.lasts()).min(LONGEST_WAIT);
        self.latest().insert(device, news);
        let turn = match self.lanes.queue(&phone, endpoint.origin()) {
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
                let user = &phone.user;
                courier.metrics.pushed(Pushed::Dropped);
                SELDOM.warn(format_args!(
                    "a push to a phone of {user} was not sent: too many are on their way"
                ));
                return;
            };
            if let Some(news) = news {
                courier.deliver(&phone, target, &endpoint, &news).await;
            }
            drop(way);
        });
    }

    fn latest(&self) -> MutexGuard<'_, HashMap<[u8; 32], News>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn deliver(&self, phone: &Device, target: Target, endpoint: &Endpoint, news: &News) {
        static FAILED: Seldom = Seldom::new();
        static ENDED: Seldom = Seldom::new();
        // A posted notification cannot be replaced, and another one would disturb.
        if matches!((&target, news), (Target::Post { .. }, News::Gone(_))) {
            return;
        }
        let user = &phone.user;
        match self.send(phone, &target, endpoint, news).await {
            Sent::Fine => self.metrics.pushed(Pushed::Sent),
            Sent::Gone => {
                self.metrics.pushed(Pushed::Gone);
                ENDED.note(format_args!("a push subscription of {user} has ended"));
                if let Err(error) = self.store.lost(&phone.credential, target).await {
                    FAILED.warn(format_args!("it could not be forgotten: {error}"));
                }
            }
            Sent::Failed(why) => {
                self.metrics.pushed(Pushed::Failed);
                FAILED.warn(format_args!("a push to a phone of {user} failed: {why}"));
            }
        }
    }

    async fn send(
        &self,
        phone: &Device,
        target: &Target,
        endpoint: &Endpoint,
        news: &News,
    ) -> Sent {
        let request = match target {
            Target::WebPush { keys, .. } => self.web_push(endpoint, keys, news),
            Target::Post { .. } => self.post(endpoint),
        };
        let host = endpoint.host();
        match self.ask(&phone.user, request).await {
            Ok(200..=299) => Sent::Fine,
            // RFC 8030, section 7.3; some services use 410.
            Ok(404 | 410) if matches!(target, Target::WebPush { .. }) => Sent::Gone,
            Ok(status) => Sent::Failed(format!("{host} answered {status}")),
            Err(why) => Sent::Failed(format!("{host}: {why}")),
        }
    }

    /// The status of the response to `request`, on the account of `person`.
    async fn ask(
        &self,
        person: &str,
        request: Option<Request<Full<Bytes>>>,
    ) -> Result<u16, String> {
        let request = request.ok_or("it could not be encrypted or signed")?;
        let client = self.client.as_ref().map_err(Clone::clone)?;
        Ok(client.ask_for(person, request).await?.status)
    }

    /// `None` if it cannot be encrypted or signed.
    fn web_push(
        &self,
        endpoint: &Endpoint,
        keys: &Keys,
        news: &News,
    ) -> Option<Request<Full<Bytes>>> {
        let body = message::to(keys, &news.words()).ok()?;
        let who = self
            .key
            .authorization(&endpoint.origin(), clock::now())
            .ok()?;
        Request::post(endpoint.uri())
            .header(AUTHORIZATION, who)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("TTL", news.lasts().to_string())
            .header("Topic", TOPIC)
            .header("Urgency", news.urgency())
            .body(body.into())
            .ok()
    }

    fn post(&self, endpoint: &Endpoint) -> Option<Request<Full<Bytes>>> {
        let origin = &self.origin;
        Request::post(endpoint.uri())
            .header(CONTENT_TYPE, "text/plain; charset=utf-8")
            // The target of a tap on ntfy's notification.
            .header("Click", origin)
            .body(format!("{}: {origin}", self.waits).into())
            .ok()
    }
}

fn client(guard: Guard) -> Result<Client, String> {
    let judge = Arc::new(move |host: &str, address| guard.judge(host, address));
    // A connection that is kept saves three round trips of the next push, and most phones share two or three services.
    let client = Client::new(judge, lanes::OF_HOST);
    client.inspect_err(|why| log::warn(format_args!("pushes will fail: {why}")))
}
