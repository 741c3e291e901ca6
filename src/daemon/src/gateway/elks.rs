//! 46elks, using its published API: `POST /a1/sms` and `POST /a1/calls`.
//!
//! A call plays sound files, which 46elks fetches and caches, because its text-to-speech has no Swedish. So the digits
//! are recorded beforehand, one per file, and a call is a sequence of files. The files are the same for everybody; only
//! the sequence, sent to 46elks over https, reveals the code. Nothing is read before a key is pressed, which an
//! answering machine does not do.

use antiphon_core::record::TelephoneUse;
use antiphon_gateway::{Elks, add_field};
use antiphon_outgoing::Answer;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::client::{Ask, Client, failure};
use super::message::Message;
use super::{Failure, words};

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

/// Sends `message`; a call plays the files at `sounds`.
pub(super) async fn send(
    settings: &Elks,
    sounds: &str,
    client: &Client,
    message: &Message,
) -> Result<(), Failure> {
    let mut form = Zeroizing::new(String::new());
    add_field(&mut form, "from", &settings.from);
    add_field(&mut form, "to", &message.to);
    let path = match message.by {
        TelephoneUse::Sms => {
            add_field(&mut form, "message", &message.text);
            // 46elks does not keep the text.
            add_field(&mut form, "dontlog", "message");
            "sms"
        }
        TelephoneUse::Call => {
            add_field(&mut form, "voice_start", &voice(sounds, message));
            "calls"
        }
    };
    let ask = Ask {
        method: "POST",
        url: Zeroizing::new(format!("{}/{path}", settings.url)),
        headers: vec![words::basic_authorization(message)],
        body: Some(("application/x-www-form-urlencoded".to_owned(), form)),
    };
    understand(&client.ask(ask).await?, message)
}

/// The call's script: pressing 1 plays the code, twice.
fn voice(sounds: &str, message: &Message) -> Zeroizing<String> {
    let file = |name: &str| format!("{sounds}/{}/{name}.wav", message.language);
    let digits: Vec<String> = message.code.chars().map(String::from).collect();
    let [code, again] = ["code", "again"].map(|name| vec![name.to_owned()]);
    let heard = [code, digits.clone(), again, digits].concat();
    let mut code = Value::Null;
    for name in heard.iter().rev() {
        // A key pressed meanwhile must not skip a digit.
        let mut play = json!({"play": file(name), "skippable": false});
        if let (Some(play), false) = (play.as_object_mut(), code.is_null()) {
            play.insert("next".to_owned(), code);
        }
        code = play;
    }
    let menu = json!({"ivr": file("hello"), "digits": 1, "timeout": 10, "repeat": 2, "1": code});
    Zeroizing::new(menu.to_string())
}

/// Success is an object with an id, for our number: anything can answer 200.
fn understand(answer: &Answer, message: &Message) -> Result<(), Failure> {
    if !answer.is_fine() {
        return Err(failure(answer, message));
    }
    match serde_json::from_slice::<Created>(&answer.body) {
        Ok(created) if !created.id.is_empty() && created.to == message.to => {
            let failed = Some("failed");
            if created.status.as_deref() == failed || created.state.as_deref() == failed {
                return Err(Failure::refused("says that it failed"));
            }
            Ok(())
        }
        _ => Err(failure(answer, message)),
    }
}
