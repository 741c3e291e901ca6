//! Requests to push services, gateways and providers of accounts: limited in time and size, without redirects and proxies, to services that the
//! system's CAs certify.
//!
//! A redirect would give a code and a password to whatever host it names, and a proxy would resolve names itself.

mod connect;
mod document;
mod lane;
mod look_up;
mod public;
mod roots;
mod wait;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderValue, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::{Instant, timeout_at};

use connect::Connector;
pub use connect::Judge;
pub use document::{Field, LONGEST_DOCUMENT};
pub use lane::Lane;
pub use public::is_public;
use public::public_or_at;
pub use roots::trusted;
pub use wait::wait_for;

/// From the DNS look-up to the last byte of the response; a sign-in waits for a gateway for 15 s.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an unused connection is kept.
const KEPT_FOR: Duration = Duration::from_secs(30);
/// The longest head of a response, in bytes: most services answer with a few lines.
const LONGEST_HEAD: usize = 8 * 1024;
/// The same of a provider of accounts: cookies and policies make some of theirs longer than that.
const LONGEST_HEAD_OF_PROVIDER: usize = 64 * 1024;
/// How much of a response's body is read, in bytes.
const MOST_READ: usize = 16 * 1024;

/// An HTTP client. Its clones share their connections.
#[derive(Clone)]
pub struct Client(legacy::Client<Connector, Full<Bytes>>);

/// A response.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The first part of the body; 16 KiB where it is not said otherwise.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether the status means success.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        (200..=299).contains(&self.status)
    }
}

impl Client {
    /// Connects only to addresses that `judge` allows, and keeps up to `kept` unused connections to each host.
    ///
    /// # Errors
    /// One sentence.
    pub fn new(judge: Arc<Judge>, kept: usize) -> Result<Self, String> {
        Self::with_heads(judge, kept, LONGEST_HEAD)
    }

    /// For the provider of accounts whose issuer is at `host`. Root has chosen that, and it may be inside; what it names
    /// may not.
    ///
    /// # Errors
    /// One sentence.
    pub fn for_provider_at(host: &str) -> Result<Self, String> {
        Self::with_heads(public_or_at(host), 1, LONGEST_HEAD_OF_PROVIDER)
    }

    fn with_heads(judge: Arc<Judge>, kept: usize, longest_head: usize) -> Result<Self, String> {
        let connector = Connector::new(trusted()?, judge)?;
        Ok(Self(
            legacy::Client::builder(TokioExecutor::new())
                .pool_timer(TokioTimer::new())
                .pool_idle_timeout(KEPT_FOR)
                .pool_max_idle_per_host(kept)
                .http1_max_buf_size(longest_head)
                .build(connector),
        ))
    }

    /// Sends `request` to where a phone of `person` is called: see [`Self::ask`].
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn ask_for(
        &self,
        person: &str,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, String> {
        look_up::on_account_of(person, self.ask(request)).await
    }

    /// Sends `request`.
    ///
    /// # Errors
    /// Why there was no response, without the URL, which may be as sensitive as a key.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        self.ask_up_to(request, MOST_READ).await
    }

    /// The same, with up to `most` bytes of the body.
    ///
    /// # Errors
    /// As [`Self::ask`].
    pub async fn ask_up_to(
        &self,
        mut request: Request<Full<Bytes>>,
        most: usize,
    ) -> Result<Answer, String> {
        let agent = HeaderValue::from_static("antiphond");
        request.headers_mut().insert(USER_AGENT, agent);
        let until = Instant::now() + PATIENCE;
        let response = match timeout_at(until, self.0.request(request)).await {
            Ok(answered) => answered.map_err(|error| innermost(&error))?,
            Err(_) => return Err(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        Ok(Answer {
            status: response.status().as_u16(),
            body: beginning(response.into_body(), most, until).await,
        })
    }
}

/// Parses an address. The error of the parser would quote it.
///
/// # Errors
/// One sentence.
pub fn address(text: &str) -> Result<Uri, String> {
    text.parse().map_err(|_| "its address is none".to_owned())
}

/// What of the first `most` bytes of `body` arrives until then. That is enough, even if the rest does not; a body that was read to its end leaves
/// its connection to the next request.
async fn beginning(mut body: Incoming, most: usize, until: Instant) -> Vec<u8> {
    let mut read = Vec::new();
    while let Ok(Some(Ok(frame))) = timeout_at(until, body.frame()).await {
        if let Ok(data) = frame.into_data() {
            read.extend(data.iter().take(most.saturating_sub(read.len())));
        }
        if read.len() >= most {
            break;
        }
    }
    read
}

/// The cause that a person can do something about: what is around it only says which layer failed.
#[must_use]
pub fn innermost(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
