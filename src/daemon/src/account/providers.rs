//! The configured providers: where their people sign in, and the requests to them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use antiphon_core::account::AccountTerms;
use antiphon_core::config::{Config, Provider};
use antiphon_core::wire::IdToken;
use antiphon_gateway::{Around, add_field};
use antiphon_outgoing::{Answer, Client};
use data_encoding::BASE64;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Request, Uri};
use serde::Deserialize;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::authorization::{self, Asked, Fields, Nonce};
use super::discovery::{self, Discovery, SecretGoes};
use super::flows::Departure;
use super::redemption::{Refused, refusal, token_in};
use super::secret;
use crate::seldom::Seldom;
use crate::token::Token;

/// How long what a provider publishes is used without looking again.
const FRESH: Duration = Duration::from_secs(3600);
/// How long it is used while the provider cannot be asked.
const USABLE: Duration = Duration::from_secs(24 * 3600);
/// How long after a failure nobody tries again.
const REST: Duration = Duration::from_secs(5);
/// How long a sign-in waits for it; the module waits for three seconds in all.
const PATIENCE: Duration = Duration::from_secs(2);

/// The longest answer to a code, in bytes: three tokens, of which one is looked at.
const MOST_READ: usize = 64 * 1024;

/// All of the configuration, by name.
pub(crate) struct Providers(HashMap<String, Arc<Registration>>);

/// This client at a provider.
pub(crate) struct Registration {
    pub(crate) provider: Provider,
    secret: Option<Zeroizing<String>>,
    /// Or why there is none: the system's CAs cannot be read.
    client: Result<Client, String>,
    /// The page's address to which it sends browsers back.
    redirect_uri: String,
    published: Mutex<Published>,
    /// Held by whoever asks it.
    asking: tokio::sync::Mutex<()>,
    /// Its own, so that one that fails often leaves room for what the others have to say.
    seldom: Seldom,
}

#[derive(Default)]
struct Published {
    found: Option<(Arc<Discovery>, Instant)>,
    failed: Option<Instant>,
}

/// What a provider returns for parameters that were left with it.
#[derive(Deserialize)]
struct Pushed {
    request_uri: String,
}

/// For how many hours, rounded up, what a provider published is used, at this age; `None` if nothing usable is left.
fn hours_left(age: Option<Duration>) -> Option<u64> {
    let left = USABLE.saturating_sub(age?);
    (!left.is_zero()).then(|| left.as_secs().div_ceil(3600))
}

impl Providers {
    /// # Errors
    /// One sentence, with the fix.
    pub(super) fn new(config: &Config) -> Result<Self, String> {
        let mut all = HashMap::new();
        for provider in &config.providers {
            let registration = Registration::new(provider, config)?;
            all.insert(provider.name.clone(), Arc::new(registration));
        }
        Ok(Self(all))
    }

    /// The provider with this name.
    pub(crate) fn called(&self, name: &str) -> Option<&Arc<Registration>> {
        self.0.get(name)
    }

    /// The provider of these terms, if the configuration says the same of it; and the log if not.
    pub(crate) fn of(&self, terms: &AccountTerms) -> Option<&Arc<Registration>> {
        static SELDOM: Seldom = Seldom::once_a_minute();
        let found = self.called(&terms.provider).filter(|found| {
            found.provider.issuer == terms.issuer && found.provider.client_id == terms.client_id
        });
        if found.is_none() {
            SELDOM.fail(format_args!(
                "an account of {} was asked for, which is not in the configuration as it was read at the start, or there \
                 with another issuer or client id; run: systemctl restart antiphond",
                terms.provider
            ));
        }
        found
    }

    /// Asks all of them where their people sign in, in the background, before somebody waits for it.
    pub(crate) fn look_up(&self) {
        for registration in self.0.values() {
            let registration = Arc::clone(registration);
            tokio::spawn(async move { registration.fetch().await });
        }
    }
}

impl Registration {
    fn new(provider: &Provider, config: &Config) -> Result<Self, String> {
        let issuer: Uri = provider
            .issuer
            .parse()
            .map_err(|_| format!("{}: the issuer is no address", provider.name))?;
        Ok(Self {
            secret: secret::load(&provider.name)?,
            client: Client::for_provider_at(issuer.host().unwrap_or_default()),
            redirect_uri: format!("{}/account/{}", config.page.origin, provider.name),
            provider: provider.clone(),
            published: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            seldom: Seldom::new(),
        })
    }

    /// The name by which people know it: its host.
    pub(crate) fn host(&self) -> &str {
        let rest = self.provider.issuer.split_once("://");
        let rest = rest.map_or(self.provider.issuer.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }

    fn published(&self) -> MutexGuard<'_, Published> {
        self.published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What the provider publishes, if that is known or found out in time. The log says why not.
    pub(crate) async fn discovery(self: &Arc<Self>) -> Option<Arc<Discovery>> {
        let known = self.published().found.clone();
        let age = known.as_ref().map(|(_, fetched)| fetched.elapsed());
        if let (Some((found, _)), Some(age)) = (known, age)
            && age < USABLE
        {
            if age >= FRESH {
                let later = Arc::clone(self);
                tokio::spawn(async move { later.fetch().await });
            }
            return Some(found);
        }
        // It goes on also if nobody waits for it any more: the next sign-in finds it.
        let later = Arc::clone(self);
        let fetching = tokio::spawn(async move { later.fetch().await });
        timeout(PATIENCE, fetching).await.ok()?.ok()?
    }

    /// Asks the provider, unless somebody does already.
    async fn fetch(&self) -> Option<Arc<Discovery>> {
        let begun = Instant::now();
        let _asking = self.asking.lock().await;
        {
            let published = self.published();
            if let Some((found, fetched)) = &published.found
                && (*fetched >= begun || fetched.elapsed() < FRESH)
            {
                return Some(Arc::clone(found));
            }
            if published
                .failed
                .is_some_and(|failed| failed.elapsed() < REST)
            {
                return None;
            }
        }
        match self.ask_discovery().await {
            Ok(found) => {
                let found = Arc::new(found);
                let mut published = self.published();
                published.found = Some((Arc::clone(&found), Instant::now()));
                published.failed = None;
                Some(found)
            }
            Err(why) => {
                let age = {
                    let mut published = self.published();
                    published.failed = Some(Instant::now());
                    let found = published.found.as_ref();
                    found.map(|(_, fetched)| fetched.elapsed())
                };
                let address = discovery::address_of(&self.provider.issuer);
                let name = &self.provider.name;
                match hours_left(age) {
                    Some(hours) => self.seldom.warn(format_args!(
                        "the provider {name}: {why}; what it published before is used for up to {hours} more hours; look \
                         at {address}"
                    )),
                    None => self.fail(&format!(
                        "{why}; nobody can approve with it; look at {address}"
                    )),
                }
                None
            }
        }
    }

    async fn ask_discovery(&self) -> Result<Discovery, String> {
        let address = discovery::address_of(&self.provider.issuer);
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let document = client.document(&address).await;
        let document = document.map_err(|why| format!("its discovery document {why}"))?;
        let found = discovery::read(&document, &self.provider.issuer);
        let found = found.map_err(|unusable| unusable.to_string())?;
        if self.secret.is_some() && found.secret_goes == SecretGoes::Nowhere {
            return Err(
                "it takes a client's secret neither in the header nor in the body".to_owned(),
            );
        }
        Ok(found)
    }

    /// A line in the log about it.
    pub(crate) fn fail(&self, what: &str) {
        self.seldom
            .fail(format_args!("the provider {}: {what}", self.provider.name));
    }

    /// Where to send a browser.
    ///
    /// # Errors
    /// [`Refused`], if the provider takes the parameters beforehand and did not.
    pub(crate) async fn address(
        &self,
        discovery: &Discovery,
        nonce: &Nonce,
        departure: &Departure,
    ) -> Result<String, Refused> {
        let asked = Asked {
            nonce,
            state: &departure.state,
            verifier: &departure.verifier,
            redirect_uri: &self.redirect_uri,
        };
        let parameters = authorization::parameters(&self.provider, discovery, &asked);
        let endpoint = &discovery.authorization_endpoint;
        let Some(pushed) = &discovery.pushed_endpoint else {
            return Ok(authorization::address(endpoint, &parameters));
        };
        let answer = self
            .post(pushed, &parameters, discovery.secret_goes)
            .await?;
        if !answer.is_fine() {
            return Err(refusal(
                &answer,
                "the pushed authorization request was refused",
            ));
        }
        let pushed: Pushed = serde_json::from_slice(&answer.body).map_err(|_| {
            Refused::Otherwise(
                "the answer to the pushed authorization request is not understood".into(),
            )
        })?;
        let left = [
            ("client_id", self.provider.client_id.clone()),
            ("request_uri", pushed.request_uri),
        ];
        Ok(authorization::address(endpoint, &left))
    }

    /// Redeems a code.
    ///
    /// # Errors
    /// [`Refused`].
    pub(crate) async fn redeem(
        &self,
        discovery: &Discovery,
        code: &str,
        verifier: &Token,
    ) -> Result<IdToken, Refused> {
        let fields: Fields = vec![
            ("grant_type", "authorization_code".into()),
            ("code", code.into()),
            ("redirect_uri", self.redirect_uri.clone()),
            ("code_verifier", verifier.expose().into()),
        ];
        let endpoint = &discovery.token_endpoint;
        token_in(&self.post(endpoint, &fields, discovery.secret_goes).await?)
    }

    /// Posts a form, as this client.
    async fn post(
        &self,
        to: &Uri,
        fields: &[(&'static str, String)],
        secret_goes: SecretGoes,
    ) -> Result<Answer, Refused> {
        let mut form = Zeroizing::new(authorization::form(fields));
        let mut request = Request::post(to)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let id = &self.provider.client_id;
        match &self.secret {
            Some(secret) if secret_goes == SecretGoes::InHeader => {
                let value = basic(id, secret).map_err(Refused::Otherwise)?;
                request = request.header(AUTHORIZATION, value);
            }
            secret => {
                if !fields.iter().any(|(name, _)| *name == "client_id") {
                    add_field(&mut form, "client_id", id);
                }
                if let Some(secret) = secret {
                    add_field(&mut form, "client_secret", secret);
                }
            }
        }
        // Wiped when the last part has been sent.
        let body = Full::new(Bytes::from_owner(form));
        let request = request
            .body(body)
            .map_err(|_| Refused::Otherwise("the request cannot be written".to_owned()))?;
        let client = self
            .client
            .as_ref()
            .map_err(|why| Refused::Away(why.clone()))?;
        let answer = client.ask_up_to(request, MOST_READ).await;
        answer.map_err(Refused::Away)
    }
}

/// RFC 6749, section 2.3.1: both parts are encoded as in a form first.
fn basic(id: &str, secret: &str) -> Result<HeaderValue, String> {
    let [id, secret] = [id, secret].map(|part| Around::Url.write(part));
    let pair = Zeroizing::new(format!("{}:{}", *id, *secret));
    let encoded = Zeroizing::new(format!("Basic {}", BASE64.encode(pair.as_bytes())));
    let value = HeaderValue::from_str(&encoded);
    let mut value = value.map_err(|_| "the client's secret cannot be sent".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{FRESH, USABLE, hours_left};

    #[test]
    fn a_provider_that_cannot_be_asked_is_of_no_use_only_when_nothing_usable_is_left() {
        assert_eq!(hours_left(None), None);
        assert_eq!(hours_left(Some(FRESH)), Some(23));
        assert_eq!(
            hours_left(Some(Duration::from_secs(24 * 3600 - 1))),
            Some(1)
        );
        assert_eq!(hours_left(Some(USABLE)), None);
    }
}
