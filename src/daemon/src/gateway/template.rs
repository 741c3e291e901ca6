//! Any service with one HTTP request per message, as described in the configuration.

use antiphon_gateway::{Around, Credential, HttpAuth, HttpGateway, Method};
use zeroize::Zeroizing;

use super::client::{Answer, Ask, Client};
use super::message::Message;
use super::{Failure, Gateway, Sending, words};

/// The gateway.
pub(super) struct Template {
    settings: HttpGateway,
    host: String,
    client: Client,
}

impl Template {
    pub(super) fn new(settings: HttpGateway, client: Client) -> Self {
        let host = settings.host();
        Self {
            settings,
            host,
            client,
        }
    }

    fn ask(&self, message: &Message) -> Ask {
        let filling = message.filling();
        let settings = &self.settings;
        let token = message
            .credentials
            .get(Credential::Token)
            .unwrap_or_default();
        Ask {
            method: match settings.method {
                Method::Post => "POST",
                Method::Put => "PUT",
                Method::Get => "GET",
            },
            url: settings.url.fill(&filling, Some(Around::Url)),
            headers: settings
                .headers
                .iter()
                .map(|header| (header.name.clone(), header.value.fill(&filling, None)))
                .collect(),
            authorization: match settings.auth {
                HttpAuth::Basic => {
                    Some(Zeroizing::new(format!("Basic {}", *words::basic(message))))
                }
                HttpAuth::Bearer => Some(Zeroizing::new(format!("Bearer {token}"))),
                HttpAuth::None => None,
            },
            body: settings
                .body
                .fill(&filling)
                .map(|(kind, body)| (kind.to_owned(), body)),
        }
    }

    fn understand(&self, answer: &Answer, message: &Message) -> Result<(), Failure> {
        let contains = |wanted: &String| {
            let (body, wanted) = (&answer.body, wanted.as_bytes());
            body.windows(wanted.len()).any(|window| window == wanted)
        };
        if answer.is_fine() && self.settings.answer_contains.as_ref().is_none_or(contains) {
            return Ok(());
        }
        Err(answer.failure(message))
    }
}

impl Gateway for Template {
    fn name(&self) -> &str {
        &self.host
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let answer = self.client.ask(self.ask(message)).await?;
            self.understand(&answer, message)
        })
    }
}
