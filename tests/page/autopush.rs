//! Mozilla's push service as Firefox sees it: a WebSocket over which it subscribes, is told of pushes, and says what became
//! of them. Where pushes come in, somebody else listens.

use std::cell::Cell;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use antiphon_tests::PATIENCE;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::websocket::{Heard, Saying, accept};

/// The service.
pub(crate) struct Autopush {
    /// Where browsers connect.
    pub(crate) address: String,
    heard: Receiver<Value>,
    browser: Arc<Mutex<Option<Saying>>>,
    delivered: Cell<u32>,
}

/// What became of a push, by what Firefox acknowledges it with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The page's worker has it.
    Delivered,
    /// It was not encrypted for this subscription.
    NotDecrypted,
    /// Something else.
    Other(u64),
}

impl Autopush {
    /// Gives subscriptions endpoints at `origin`.
    pub(crate) fn start(origin: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("ws://{}/", listener.local_addr().unwrap());
        let (sender, heard) = channel();
        let browser = Arc::new(Mutex::new(None));
        let (present, origin) = (Arc::clone(&browser), origin.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let Some((heard, saying)) = accept(stream) else {
                    continue;
                };
                *present.lock().unwrap() = Some(saying);
                let (present, origin) = (Arc::clone(&present), origin.clone());
                let sender = sender.clone();
                thread::spawn(move || serve(heard, &present, &origin, &sender));
            }
        });
        Self {
            address,
            heard,
            browser,
            delivered: Cell::new(0),
        }
    }

    /// The next message of this kind.
    pub(crate) fn hear(&self, kind: &str) -> Value {
        loop {
            let message = self.heard.recv_timeout(PATIENCE);
            let message = message.unwrap_or_else(|_| panic!("no {kind} from Firefox"));
            if message["messageType"] == kind {
                return message;
            }
        }
    }

    /// Hands on a push that came in for the subscription `channel`.
    pub(crate) fn deliver(&self, channel: &str, body: &[u8]) -> Fate {
        self.delivered.set(self.delivered.get() + 1);
        let version = self.delivered.get().to_string();
        let notification = json!({
            "messageType": "notification", "channelID": channel, "version": version,
            "headers": {"encoding": "aes128gcm"}, "data": BASE64URL_NOPAD.encode(body),
        });
        if let Some(browser) = &mut *self.browser.lock().unwrap() {
            browser.text(&notification.to_string());
        }
        let ack = self.hear("ack")["updates"][0].take();
        assert_eq!(ack["version"], version);
        match ack["code"].as_u64().unwrap() {
            100 => Fate::Delivered,
            101 => Fate::NotDecrypted,
            other => Fate::Other(other),
        }
    }
}

fn serve(
    mut heard: Heard,
    browser: &Mutex<Option<Saying>>,
    origin: &str,
    sender: &Sender<Value>,
) -> Option<()> {
    loop {
        let message: Value = serde_json::from_str(&heard.text()?).unwrap();
        let channel = &message["channelID"];
        let kind = message["messageType"].as_str();
        let answer = match kind {
            Some("hello") => json!({"status": 200, "uaid": "antiphon", "use_webpush": true}),
            Some("register") => json!({
                "status": 200, "channelID": channel,
                "pushEndpoint": format!("{origin}/wpush/v2/{}", channel.as_str()?),
            }),
            Some("unregister") => json!({"status": 200, "channelID": channel}),
            // It only looks whether we are there.
            None => json!({}),
            _ => Value::Null,
        };
        if let Value::Object(mut answer) = answer {
            if let Some(kind) = kind {
                answer.insert("messageType".into(), json!(kind));
            }
            let answer = Value::Object(answer).to_string();
            browser.lock().unwrap().as_mut()?.text(&answer);
        }
        sender.send(message).ok()?;
    }
}
