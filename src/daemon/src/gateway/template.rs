//! Any service with one HTTP request per message, as described in the configuration.

use antiphon_gateway::{Around, Credential, HttpAuth, HttpGateway};
use zeroize::Zeroizing;

use super::client::{Ask, Client, failure};
use super::message::Message;
use super::{Failure, words};

/// Sends `message` with one request.
pub(super) async fn send(
    settings: &HttpGateway,
    client: &Client,
    message: &Message,
) -> Result<(), Failure> {
    let answer = client.ask(ask(settings, message)).await?;
    let contains = |wanted: &String| {
        let (body, wanted) = (&answer.body, wanted.as_bytes());
        body.windows(wanted.len()).any(|window| window == wanted)
    };
    if answer.is_fine() && settings.answer_contains.as_ref().is_none_or(contains) {
        return Ok(());
    }
    Err(failure(&answer, message))
}

fn ask(settings: &HttpGateway, message: &Message) -> Ask {
    let filling = message.filling();
    let headers = settings.headers.iter();
    let mut headers: Vec<_> = headers
        .map(|header| (header.name.clone(), header.value.fill(&filling, None)))
        .collect();
    match settings.auth {
        HttpAuth::Basic => headers.push(words::basic_authorization(message)),
        HttpAuth::Bearer => {
            let token = message.credentials.get(Credential::Token);
            let bearer = format!("Bearer {}", token.unwrap_or_default());
            headers.push(("authorization".to_owned(), Zeroizing::new(bearer)));
        }
        HttpAuth::None => {}
    }
    Ask {
        method: settings.method,
        url: settings.url.fill(&filling, Some(Around::Url)),
        headers,
        body: settings
            .body
            .fill(&filling)
            .map(|(kind, body)| (kind.to_owned(), body)),
    }
}
