//! Marionette, Firefox's own protocol of remote control: `WebDriver`'s commands by other names, in JSON with its length
//! before it, over a socket.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use antiphon_tests::PATIENCE;
use serde_json::{Value, json};

use crate::driver::Wire;

/// Tells a command from an answer.
const COMMAND: u8 = 0;

/// A session.
pub(super) struct Marionette {
    connection: RefCell<Connection>,
}

impl Marionette {
    /// A session of the browser at the other end.
    pub(super) fn begin(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut connection = Connection {
            stream: BufReader::new(stream),
            said: 0,
        };
        let greeting = connection.hear();
        assert_eq!(greeting["marionetteProtocol"], 3, "{greeting}");
        let made = connection.say(
            "WebDriver:NewSession",
            // Those of the tests' own services.
            &json!({"acceptInsecureCerts": true}),
        );
        made.expect("a session");
        let connection = RefCell::new(connection);
        Self { connection }
    }
}

impl Wire for Marionette {
    fn say(&self, path: &str, body: &Value) -> Result<Value, Value> {
        let steps: Vec<&str> = path.split('/').skip(1).collect();
        let mut parameters = body.clone();
        let name = match steps[..] {
            ["url"] => "WebDriver:Navigate",
            ["window"] => "WebDriver:SwitchToWindow",
            ["window", "handles"] => "WebDriver:GetWindowHandles",
            ["execute", "sync"] => "WebDriver:ExecuteScript",
            ["element"] => "WebDriver:FindElement",
            ["element", id, "click"] => {
                parameters["id"] = json!(id);
                "WebDriver:ElementClick"
            }
            ["element", id, "value"] => {
                parameters["id"] = json!(id);
                "WebDriver:ElementSendKeys"
            }
            ["actions"] => "WebDriver:PerformActions",
            ["screenshot"] => "WebDriver:TakeScreenshot",
            ["permissions"] => "WebDriver:SetPermission",
            ["webauthn", "authenticator"] => "WebAuthn:AddVirtualAuthenticator",
            ["webauthn", "authenticator", id, "uv"] => {
                parameters["authenticatorId"] = json!(id);
                "WebAuthn:SetUserVerified"
            }
            ["moz", "context"] => {
                parameters["value"] = parameters["context"].take();
                "Marionette:SetContext"
            }
            _ => panic!("{path}: no command of Marionette's is known for it"),
        };
        let mut answer = self.connection.borrow_mut().say(name, &parameters)?;
        // A list stands for itself.
        Ok(answer.get_mut("value").map(Value::take).unwrap_or(answer))
    }
}

struct Connection {
    stream: BufReader<TcpStream>,
    said: u64,
}

impl Connection {
    /// Says a command, and waits for its answer.
    fn say(&mut self, name: &str, parameters: &Value) -> Result<Value, Value> {
        self.said += 1;
        let command = json!([COMMAND, self.said, name, parameters]).to_string();
        // In one piece: what comes in several would wait for each other.
        let message = format!("{}:{command}", command.len());
        self.stream.get_mut().write_all(message.as_bytes()).unwrap();
        let mut answer = self.hear();
        assert_eq!(answer[1], self.said, "{answer}");
        match answer[2].take() {
            Value::Null => Ok(answer[3].take()),
            error => Err(error),
        }
    }

    fn hear(&mut self) -> Value {
        let mut length = Vec::new();
        self.stream.read_until(b':', &mut length).unwrap();
        assert_eq!(length.pop(), Some(b':'), "Firefox has gone");
        let length = String::from_utf8(length).unwrap().parse().unwrap();
        let mut message = vec![0; length];
        self.stream.read_exact(&mut message).unwrap();
        serde_json::from_slice(&message).unwrap()
    }
}
