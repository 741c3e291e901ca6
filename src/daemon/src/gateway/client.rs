//! One HTTP request to a gateway: limited in time and response size, without redirects.

use std::io::Read;

use tokio::task::spawn_blocking;
use ureq::Agent;
use ureq::http::header::{CONTENT_TYPE, HeaderName};
use ureq::http::{HeaderValue, Request};
use zeroize::Zeroizing;

use super::Failure;
use super::message::Message;
use super::words;
use crate::outgoing;

/// The longest response read; gateways answer with a few lines.
const MOST_READ: u64 = 16 * 1024;

/// The HTTP client shared by all gateways.
#[derive(Clone)]
pub(super) struct Client(Agent);

pub(super) struct Ask {
    pub(super) method: &'static str,
    pub(super) url: Zeroizing<String>,
    /// Their values may be secrets.
    pub(super) headers: Vec<(String, Zeroizing<String>)>,
    /// Content type and body.
    pub(super) body: Option<(String, Zeroizing<String>)>,
}

/// A response: the status and the start of the body.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Client {
    /// # Errors
    /// One sentence.
    pub(super) fn new() -> Result<Self, String> {
        // The configuration has ensured that plain http goes only to this host.
        let config = outgoing::config(&outgoing::roots()?)
            .max_redirects_will_error(false)
            // Codes are rare, so a kept connection would usually be dead.
            .max_idle_connections(0)
            .build();
        Ok(Self(config.new_agent()))
    }

    /// Sends the request on a blocking thread.
    ///
    /// # Errors
    /// Why there was no response, without the URL, which may contain a credential.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let agent = self.0.clone();
        let asked = spawn_blocking(move || exchange(&agent, &ask));
        match asked.await {
            Ok(answered) => answered.map_err(Failure::no_answer),
            Err(_) => Err(Failure::no_answer("the request was given up")),
        }
    }
}

fn exchange(agent: &Agent, ask: &Ask) -> Result<Answer, String> {
    let mut request = Request::builder().method(ask.method).uri(ask.url.as_str());
    for (name, value) in &ask.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let name = name.map_err(|_| "a header's name is none")?;
        request = request.header(name, sensitive(value)?);
    }
    let sent = match &ask.body {
        None => {
            let request = request.body(()).map_err(not_sendable)?;
            agent.run(request)
        }
        Some((kind, body)) => {
            let kind = HeaderValue::from_str(kind).map_err(|_| "its content type is none")?;
            let request = request.header(CONTENT_TYPE, kind);
            let request = request.body(body.as_bytes()).map_err(not_sendable)?;
            agent.run(request)
        }
    };
    let mut response = sent.map_err(|error| match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => "its address is none".to_owned(),
        other => other.to_string(),
    })?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    // What has been read is enough, even if the rest does not arrive.
    let _ = response
        .body_mut()
        .as_reader()
        .take(MOST_READ)
        .read_to_end(&mut body);
    Ok(Answer { status, body })
}

fn sensitive(value: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| "a header's value holds what no header can".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// Without the error's own text, which quotes what was invalid.
fn not_sendable(_: ureq::http::Error) -> String {
    "the request cannot be written: look at url and headers".to_owned()
}

impl Answer {
    /// Whether the status means success.
    pub(super) fn is_fine(&self) -> bool {
        (200..=299).contains(&self.status)
    }

    /// The failure that this response means, whatever its status.
    pub(super) fn failure(&self, message: &Message) -> Failure {
        let said = words::of_gateway(&self.body, message);
        let words = match self.status {
            200..=299 => format!(
                "answered {} in a form that is not known: {said}",
                self.status
            ),
            300..=399 => format!(
                "answered {}, which leads elsewhere and is not followed",
                self.status
            ),
            status => format!("answered {status}: {said}"),
        };
        match self.status {
            400..=499 => Failure::refused(words),
            _ => Failure::no_answer(words),
        }
    }
}
