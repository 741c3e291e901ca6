//! 46elks, using its published API: `POST /a1/sms` and `POST /a1/calls`.
//!
//! A call plays sound files, which 46elks fetches and caches, because its text-to-speech has no Swedish. So the digits
//! are recorded beforehand, one per file, and a call is a sequence of files. The files are the same for everybody; only
//! the sequence, sent to 46elks over https, reveals the code. Nothing is read before a key is pressed, which an
//! answering machine does not do.

use antiphon_core::record::TelephoneUse;
use antiphon_gateway::Elks as Settings;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::client::{Answer, Ask, Client};
use super::message::Message;
use super::{Failure, Gateway, Sending, words};

/// The gateway.
pub(super) struct Elks {
    settings: Settings,
    /// The URL of the sound files; used for calls only.
    sounds: String,
    client: Client,
}

/// The parts of a successful response that are used.
#[derive(Deserialize)]
struct Created {
    id: String,
    to: String,
    /// For a text message: `created`, `sent`, `delivered` or `failed`.
    status: Option<String>,
    /// For a call: `ongoing`, `success`, `busy` or `failed`.
    state: Option<String>,
}

impl Elks {
    pub(super) fn new(settings: Settings, sounds: String, client: Client) -> Self {
        Self {
            settings,
            sounds,
            client,
        }
    }

    fn ask(&self, message: &Message) -> Ask {
        let from = self.settings.from.as_str();
        let fields = [("from", from), ("to", message.to.as_str())];
        let (path, further) = match message.by {
            // 46elks does not keep the text.
            TelephoneUse::Sms => (
                "sms",
                vec![
                    ("message", message.text.clone()),
                    ("dontlog", Zeroizing::new("message".to_owned())),
                ],
            ),
            TelephoneUse::Call => ("calls", vec![("voice_start", self.voice(message))]),
        };
        let further = further.iter().map(|(name, value)| (*name, value.as_str()));
        let body = form(fields.into_iter().chain(further));
        Ask {
            method: "POST",
            url: Zeroizing::new(format!("{}/{path}", self.settings.url.as_str())),
            headers: Vec::new(),
            authorization: Some(Zeroizing::new(format!("Basic {}", *words::basic(message)))),
            body: Some(("application/x-www-form-urlencoded".to_owned(), body)),
        }
    }

    /// The call's script: pressing 1 plays the code, twice.
    fn voice(&self, message: &Message) -> Zeroizing<String> {
        let file = |name: &str| format!("{}/{}/{name}.wav", self.sounds, message.language);
        let digits = || message.code.chars().map(String::from);
        let heard = std::iter::once("code".to_owned())
            .chain(digits())
            .chain(std::iter::once("again".to_owned()))
            .chain(digits());
        let heard: Vec<_> = heard.collect();
        let mut code = Value::Null;
        for name in heard.iter().rev() {
            // A key pressed meanwhile must not skip a digit.
            let mut play = json!({"play": file(name), "skippable": false});
            if let (Some(play), false) = (play.as_object_mut(), code.is_null()) {
                play.insert("next".to_owned(), code);
            }
            code = play;
        }
        let menu =
            json!({"ivr": file("hello"), "digits": 1, "timeout": 10, "repeat": 2, "1": code});
        Zeroizing::new(menu.to_string())
    }
}

impl Gateway for Elks {
    fn name(&self) -> &'static str {
        "46elks"
    }

    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a> {
        Box::pin(async move {
            let answer = self.client.ask(self.ask(message)).await?;
            understand(&answer, message)
        })
    }
}

/// Success is an object with an id, for our number: anything can answer 200.
fn understand(answer: &Answer, message: &Message) -> Result<(), Failure> {
    if !answer.is_fine() {
        return Err(answer.failure(message));
    }
    match serde_json::from_slice::<Created>(&answer.body) {
        Ok(created) if !created.id.is_empty() && created.to == message.to => {
            let failed = Some("failed");
            if created.status.as_deref() == failed || created.state.as_deref() == failed {
                return Err(Failure::refused("says that it failed"));
            }
            Ok(())
        }
        _ => Err(answer.failure(message)),
    }
}

fn form<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Zeroizing<String> {
    let mut written = Zeroizing::new(String::new());
    for (name, value) in fields {
        if !written.is_empty() {
            written.push('&');
        }
        written.push_str(name);
        written.push('=');
        written.push_str(&antiphon_gateway::Around::Url.write(value));
    }
    written
}
