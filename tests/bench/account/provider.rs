//! The provider: it redeems one code after the other, and remembers when it had its answer ready.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use antiphon_core::account::{Algorithm, Expected, KeySet, VerifiedToken, published_keys, verify};
use antiphon_core::base64url;
use antiphon_core::config::Config;
use antiphon_core::disk::{Folder, key_file};
use antiphon_core::record::Account;
use antiphon_core::time::UnixTime;
use antiphon_tests::{PATIENCE, World};
use serde_json::{Value, json};

use super::signer::Signer;
use crate::clock;
use crate::phone::server::{Reply, Server};

const CLIENT: &str = "antiphon";
const SUBJECT: &str = "3f07-a";

/// The token that the next code is worth.
#[derive(Clone)]
pub(super) struct Due {
    pub(super) algorithm: Algorithm,
    /// As the page has asked for it.
    pub(super) nonce: String,
}

/// What a code was answered with.
pub(super) struct Redeemed {
    pub(super) token: String,
    /// When the answer was made and its first byte was still to be written, in nanoseconds.
    pub(super) at: u64,
}

pub(super) struct Provider {
    server: Server,
    due: Arc<Mutex<Option<Due>>>,
    redeemed: Receiver<Redeemed>,
    /// In its configuration and root's file.
    configured: antiphon_core::config::Provider,
    keys: KeySet,
}

impl Provider {
    pub(super) fn start(world: &World) -> Self {
        let (server, signer) = (Server::secure(world, |_| Reply::Silence), Signer::new());
        let origin = server.origin();
        let config = Config::parse(&configuration(&origin)).unwrap();
        let configured = config.providers.into_iter().next().unwrap();
        let published = published_keys(&signer.published(), &configured).unwrap();
        let keys = KeySet::refreshed(None, &configured, published, UnixTime(clock::now()));
        let (sender, redeemed) = channel();
        let due = Arc::new(Mutex::new(None));
        let desk = Desk {
            origin,
            signer,
            due: Arc::clone(&due),
            redeemed: sender,
        };
        server.answer_with(move |seen| desk.answer(&seen.path));
        Self {
            server,
            due,
            redeemed,
            configured,
            keys,
        }
    }

    pub(super) fn server(&self) -> &Server {
        &self.server
    }

    /// The lines that name it.
    pub(super) fn configuration(&self) -> String {
        configuration(&self.server.origin())
    }

    /// Writes its keys to root's file.
    pub(super) fn store_keys(&self) {
        let folder = Folder::open_or_make(Path::new(antiphon_tests::Provider::FOLDER)).unwrap();
        key_file::store(&folder, &self.keys).unwrap();
    }

    /// The account that signs in.
    pub(super) fn account() -> Account {
        antiphon_tests::Provider::account(SUBJECT)
    }

    /// Gives this token for the next code.
    pub(super) fn will_give(&self, due: Due) {
        *self.due.lock().unwrap() = Some(due);
    }

    /// What it gave.
    pub(super) fn gave(&self) -> Redeemed {
        self.redeemed.recv_timeout(PATIENCE).expect("a code")
    }

    /// Checks a token as the module does.
    pub(super) fn verify(&self, token: &str, nonce: &str) -> VerifiedToken {
        let digest = base64url::decode(nonce).unwrap().try_into().unwrap();
        let now = UnixTime(clock::now());
        let account = Self::account();
        let expected = Expected {
            provider: &self.configured,
            keys: &self.keys,
            digest: &digest,
            issued: now,
            subject: Some(&account.subject),
        };
        verify(token, expected, now).unwrap()
    }
}

fn configuration(origin: &str) -> String {
    format!(
        "[[provider]]\nname = \"kmh\"\nissuer = \"{origin}\"\nclient_id = \"{CLIENT}\"\n\
         label = {{ sv = \"KMH-konto\", en = \"KMH account\" }}\ncheck_digits = \"never\"\n"
    )
}

/// What the server does.
struct Desk {
    origin: String,
    signer: Signer,
    due: Arc<Mutex<Option<Due>>>,
    redeemed: Sender<Redeemed>,
}

impl Desk {
    fn answer(&self, path: &str) -> Reply {
        let Self { origin, .. } = self;
        match path {
            "/.well-known/openid-configuration" => say(&json!({
                "issuer": origin,
                "authorization_endpoint": format!("{origin}/authorize"),
                "token_endpoint": format!("{origin}/token"),
            })),
            "/token" => {
                let due = self.due.lock().unwrap().take().expect("one code at a time");
                let token = self.token(&due);
                let reply = say(&json!({"id_token": token, "token_type": "Bearer"}));
                let at = clock::monotonic();
                self.redeemed.send(Redeemed { token, at }).unwrap();
                reply
            }
            _ => panic!("{path}"),
        }
    }

    fn token(&self, due: &Due) -> String {
        let now = clock::now();
        let claims = json!({
            "iss": self.origin, "aud": CLIENT, "sub": SUBJECT, "nonce": due.nonce, "name": "Anna Ek",
            "iat": now, "exp": now + 300, "auth_time": now,
        });
        self.signer.token(due.algorithm, &claims)
    }
}

fn say(body: &Value) -> Reply {
    let head = "200 OK\r\nContent-Type: application/json";
    Reply::Say(head.into(), body.to_string())
}
