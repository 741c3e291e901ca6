//! A provider, by https on the loopback: it publishes where to sign in, and redeems codes as a test says. People sign in there
//! in the test itself, by the address that the page is given.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use antiphon_core::account::AccountTerms;
use antiphon_tests::World;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::Daemon;
use crate::server::{Reply, Seen, Server, decoded};

/// The token that it gives. The daemon looks into none.
pub(super) const TOKEN: &str = "head.payload.signature";
/// What it gives beside it, which goes nowhere.
pub(super) const ACCESS: &str = "access-token-0815";
pub(super) const REFRESH: &str = "refresh-token-4711";

type Redeem = dyn Fn(&Seen) -> Reply + Send + Sync;

pub(super) struct Idp {
    pub(super) server: Server,
    published: Arc<Mutex<Value>>,
    redeem: Arc<Mutex<Arc<Redeem>>>,
}

impl Idp {
    pub(super) fn start(world: &World) -> Self {
        let server = Server::secure(world, |_| Reply::Silence);
        let origin = server.origin();
        let published = Arc::new(Mutex::new(json!({
            "issuer": origin,
            "authorization_endpoint": format!("{origin}/authorize"),
            "token_endpoint": format!("{origin}/token"),
        })));
        let redeem: Arc<Mutex<Arc<Redeem>>> =
            Arc::new(Mutex::new(Arc::new(|_: &Seen| ok(&tokens()))));
        let idp = Self {
            server,
            published: Arc::clone(&published),
            redeem: Arc::clone(&redeem),
        };
        idp.server
            .answer_with(move |seen| match seen.path.as_str() {
                "/.well-known/openid-configuration" => ok(&published.lock().unwrap()),
                "/par" => Reply::Say(
                    "201 Created".into(),
                    json!({"request_uri": "urn:left:1", "expires_in": 60}).to_string(),
                ),
                "/token" => {
                    let redeem = Arc::clone(&redeem.lock().unwrap());
                    redeem(seen)
                }
                path => panic!("{path}"),
            });
        idp
    }

    /// Publishes this too.
    pub(super) fn publish(&self, key: &str, value: Value) {
        self.published.lock().unwrap()[key] = value;
    }

    /// What it publishes under this key.
    pub(super) fn published_as(&self, key: &str) -> Value {
        self.published.lock().unwrap()[key].clone()
    }

    /// Answers codes like this.
    pub(super) fn redeem_with(&self, redeem: impl Fn(&Seen) -> Reply + Send + Sync + 'static) {
        *self.redeem.lock().unwrap() = Arc::new(redeem);
    }

    /// The configuration that names it.
    pub(super) fn configured(&self) -> String {
        format!(
            "[[provider]]\nname = \"kmh\"\nissuer = \"{}\"\nclient_id = \"antiphon\"\n\
             label = {{ sv = \"KMH-konto\", en = \"KMH account\" }}\n",
            self.server.origin()
        )
    }

    /// The daemon that knows it.
    pub(super) fn daemon(&self, world: &World) -> Daemon {
        self.daemon_with(world, &[])
    }

    pub(super) fn daemon_with(&self, world: &World, environment: &[(&str, String)]) -> Daemon {
        let environment = [&[self.server.trusted()], environment].concat();
        Daemon::start_with(world, &self.configured(), &environment)
    }

    /// An account there.
    pub(super) fn terms(&self) -> AccountTerms {
        AccountTerms {
            provider: "kmh".into(),
            issuer: self.server.origin(),
            client_id: "antiphon".into(),
            subject: "3f07-a".into(),
            tenant: String::new(),
        }
    }

    /// The next request to this path.
    pub(super) fn asked(&self, path: &str) -> Seen {
        loop {
            let seen = self.server.next();
            if seen.path == path {
                return seen;
            }
        }
    }

    /// That no code has come.
    pub(super) fn assert_none_redeemed(&self) {
        while let Some(seen) = self.server.next_already() {
            assert_ne!(seen.path, "/token");
        }
    }
}

/// What a code is answered with.
pub(super) fn tokens() -> Value {
    json!({"id_token": TOKEN, "access_token": ACCESS, "refresh_token": REFRESH, "token_type": "Bearer"})
}

pub(super) fn ok(body: &Value) -> Reply {
    let head = "200 OK\r\nContent-Type: application/json";
    Reply::Say(head.into(), body.to_string())
}

/// The parameters of an address.
pub(super) fn parameters(address: &str) -> BTreeMap<String, String> {
    let (_, query) = address.split_once('?').unwrap();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// What the provider was told of a verifier (RFC 7636, section 4.2).
pub(super) fn challenge(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()))
}
