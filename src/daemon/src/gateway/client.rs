//! One HTTP request to a gateway.

use std::sync::Arc;

use antiphon_outgoing as outgoing;
use antiphon_outgoing::Answer;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::Failure;
use super::message::Message;
use super::words;

/// The HTTP client shared by all gateways.
#[derive(Clone)]
pub(super) struct Client(outgoing::Client);

pub(super) struct Ask {
    pub(super) method: &'static str,
    pub(super) url: Zeroizing<String>,
    /// Their values may be secrets.
    pub(super) headers: Vec<(String, Zeroizing<String>)>,
    /// Content type and body.
    pub(super) body: Option<(String, Zeroizing<String>)>,
}

impl Client {
    /// # Errors
    /// One sentence.
    pub(super) fn new() -> Result<Self, String> {
        // The configuration has ensured that plain http goes only to this host.
        let anywhere: Arc<outgoing::Judge> = Arc::new(|_, _| Ok(()));
        // Codes are rare, so a kept connection would usually be dead.
        Ok(Self(outgoing::Client::new(anywhere, 0)?))
    }

    /// Sends the request.
    ///
    /// # Errors
    /// Why there was no response, without the URL, which may contain a credential.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let request = ask.request().map_err(Failure::no_answer)?;
        self.0.ask(request).await.map_err(Failure::no_answer)
    }
}

impl Ask {
    /// The errors quote nothing of what was invalid.
    fn request(self) -> Result<Request<Full<Bytes>>, String> {
        let mut request = Request::builder()
            .method(self.method)
            .uri(outgoing::address(&self.url)?);
        for (name, value) in &self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let name = name.map_err(|_| "a header's name is none")?;
            request = request.header(name, sensitive(value)?);
        }
        let body = match self.body {
            None => Full::default(),
            Some((kind, body)) => {
                let kind = HeaderValue::from_str(&kind).map_err(|_| "its content type is none")?;
                request = request.header(CONTENT_TYPE, kind);
                // Wiped when the last part has been sent.
                Full::new(Bytes::from_owner(body))
            }
        };
        let written = request.body(body);
        written.map_err(|_| "the request cannot be written: look at url and headers".to_owned())
    }
}

fn sensitive(value: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| "a header's value holds what no header can".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}

/// The failure that `answer` means, whatever its status.
pub(super) fn failure(answer: &Answer, message: &Message) -> Failure {
    let said = words::of_gateway(&answer.body, message);
    let words = match answer.status {
        status @ 200..=299 => format!("answered {status} in a form that is not known: {said}"),
        status @ 300..=399 => {
            format!("answered {status}, which leads elsewhere and is not followed")
        }
        status => format!("answered {status}: {said}"),
    };
    match answer.status {
        400..=499 => Failure::refused(words),
        _ => Failure::no_answer(words),
    }
}
