//! A provider of accounts in software: it signs what it is given, also what no provider would.

use std::path::Path;

use antiphon_core::account::{AccountInvitation, CheckDigits, Key, KeySet, PublicKey, ticket_name};
use antiphon_core::approval::{ApprovalRequest, Number};
use antiphon_core::disk::{Folder, key_file};
use antiphon_core::record::{Account, AccountSubject};
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{AccountTicket, ByAccount, FromDaemon, IdToken, ToDaemon};
use data_encoding::BASE64URL_NOPAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Map, Value, json};

use crate::enrolled::now;
use crate::lying_daemon::{Line, LyingDaemon};

/// A key pair of the provider that [`Provider::CONFIGURATION`] names.
pub struct Provider {
    kid: String,
    keys: EcdsaKeyPair,
    random: SystemRandom,
}

impl Provider {
    /// Where the keys are.
    pub const FOLDER: &str = "/var/lib/antiphon/providers";
    /// Its table, with the page that people open.
    pub const CONFIGURATION: &str = "[page]\norigin = \"https://mfa.example.org\"\n\
        [[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"antiphon\"\n\
        label = { sv = \"KMH-konto\", en = \"KMH account\" }\n";

    /// One with a new key of this id, which root's file does not have yet.
    #[must_use]
    pub fn new(kid: &str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self {
            kid: kid.to_owned(),
            keys: EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap(),
            random,
        }
    }

    /// The account of a person there.
    #[must_use]
    pub fn account(id: &str) -> Account {
        Account {
            provider: "kmh".into(),
            subject: AccountSubject {
                id: id.into(),
                tenant: None,
            },
            name: id.into(),
            enrolled: "2026-11-29T20:00:00Z".parse().unwrap(),
        }
    }

    /// Writes this key, and no other, to root's file, as of `age` seconds ago.
    pub fn store_key(&self, age: u64) {
        let folder = Folder::open_or_make(Path::new(Self::FOLDER)).unwrap();
        key_file::store(&folder, &self.key_set(age)).unwrap();
    }

    /// This key, as root's file would have it.
    #[must_use]
    pub fn key_set(&self, age: u64) -> KeySet {
        let (x, y) = self.keys.public_key().as_ref()[1..].split_at(32);
        let seen = UnixTime(now().0 - age);
        KeySet {
            provider: "kmh".into(),
            issuer: "https://id.example.org".into(),
            fetched: seen,
            keys: vec![Key {
                kid: self.kid.clone(),
                key: PublicKey::p256(x, y).unwrap(),
                issuer: None,
                first_seen: seen,
                last_seen: seen,
            }],
        }
    }

    /// The token of somebody who has typed `number` on the page and signed in.
    #[must_use]
    pub fn token(&self, asked: &ByAccount, number: &str) -> String {
        self.token_with(asked, number, |_| {})
    }

    /// The same with other claims.
    pub fn token_with(
        &self,
        asked: &ByAccount,
        number: &str,
        change: impl FnOnce(&mut Map<String, Value>),
    ) -> String {
        let number = Number::new(number.parse().unwrap());
        let nonce = asked.terms.digest(&asked.request, &number);
        let issued = asked.request.issued.0;
        let claims = json!({
            "iss": asked.terms.issuer, "aud": asked.terms.client_id, "sub": asked.terms.subject,
            "nonce": BASE64URL_NOPAD.encode(&nonce), "iat": issued, "exp": issued + 300, "auth_time": issued,
        });
        let mut claims = claims.as_object().unwrap().clone();
        change(&mut claims);
        let header = json!({"typ": "JWT", "alg": "ES256", "kid": self.kid});
        self.signs(&header, &Value::Object(claims))
    }

    /// The token of whoever has opened `address` and signed in as the account with the id `subject`.
    #[must_use]
    pub fn enrolment_token(&self, ticket: &AccountTicket, address: &str, subject: &str) -> String {
        let (_, secret) = address.rsplit_once("/a#").unwrap();
        let secret = BASE64URL_NOPAD.decode(secret.as_bytes()).unwrap();
        assert_eq!(ticket_name(&secret), ticket.name);
        let invitation = AccountInvitation {
            ticket: &secret,
            user: &ticket.user,
            host: &ticket.host,
            issued: ticket.issued,
            expires: ticket.expires,
            terms: &ticket.terms,
        };
        let issued = ticket.issued.0;
        let claims = json!({
            "iss": ticket.terms.issuer, "aud": ticket.terms.client_id, "sub": subject, "name": "Anna Ek",
            "nonce": BASE64URL_NOPAD.encode(&invitation.digest()), "iat": issued, "exp": issued + 300,
            "auth_time": issued,
        });
        let header = json!({"typ": "JWT", "alg": "ES256", "kid": self.kid});
        self.signs(&header, &claims)
    }

    /// The key as the provider publishes it.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let (x, y) = self.keys.public_key().as_ref()[1..].split_at(32);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "kid": self.kid,
            "x": BASE64URL_NOPAD.encode(x), "y": BASE64URL_NOPAD.encode(y),
        })
    }

    /// Header and payload, signed.
    #[must_use]
    pub fn signs(&self, header: &Value, payload: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(payload));
        let signature = self.keys.sign(&self.random, signed.as_bytes()).unwrap();
        format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

/// The digits that the page shows for `token`.
#[must_use]
pub fn check_digits(token: &str) -> String {
    CheckDigits::of(token).digits().to_owned()
}

/// Two digits that it does not show.
#[must_use]
pub fn other_digits(token: &str) -> String {
    let right: u32 = check_digits(token).parse().unwrap();
    format!("{:02}", (right + 1) % 100)
}

/// An open ticket for an account. Dropped, the connection closes.
pub struct OpenedAccountTicket {
    /// What was asked for.
    pub ticket: AccountTicket,
    line: Line,
}

impl OpenedAccountTicket {
    /// Sends a message.
    pub fn say(&mut self, message: &FromDaemon) -> &mut Self {
        self.line.say(message);
        self
    }

    /// Sends a token.
    pub fn token(&mut self, token: String) -> &mut Self {
        self.say(&FromDaemon::Token(IdToken { token }))
    }
}

/// A sign-in that has asked for an account. Dropped, the connection closes.
pub struct AccountCall {
    /// What the page would be told.
    pub asked: ByAccount,
    line: Line,
}

impl LyingDaemon {
    /// The next ticket for an account, which is opened.
    #[must_use]
    pub fn account_ticket(&self) -> OpenedAccountTicket {
        let (message, line) = self.first_message();
        let ToDaemon::AccountTicket(ticket) = message else {
            panic!("no ticket for an account: {message:?}")
        };
        let mut opened = OpenedAccountTicket { ticket, line };
        opened.say(&FromDaemon::TicketOpen {});
        opened
    }

    /// The next sign-in, which is told that its account is asked.
    #[must_use]
    pub fn asked_by_account(&self) -> AccountCall {
        let (message, line) = self.first_message();
        let ToDaemon::ApproveByAccount(asked) = message else {
            panic!("not a sign-in with an account: {message:?}")
        };
        let mut call = AccountCall { asked, line };
        call.say(&FromDaemon::Waiting { phones: 0 });
        call
    }
}

impl AccountCall {
    /// What is shown and signed.
    #[must_use]
    pub fn request(&self) -> &ApprovalRequest {
        &self.asked.request
    }

    /// Sends a message.
    pub fn say(&mut self, message: &FromDaemon) -> &mut Self {
        self.line.say(message);
        self
    }

    /// Sends a token.
    pub fn token(&mut self, token: String) -> &mut Self {
        self.say(&FromDaemon::Token(IdToken { token }))
    }

    /// Sends these bytes. It may have gone.
    pub fn send(&mut self, bytes: &[u8]) -> &mut Self {
        self.line.send(bytes);
        self
    }

    /// Says no more, and hears no more.
    pub fn hang_up(&mut self) {
        self.line.hang_up();
    }

    /// The next message; `None` if the sign-in has gone.
    #[must_use]
    pub fn hear(&mut self) -> Option<ToDaemon> {
        self.line.hear()
    }

    /// What the page is told at the end; nothing if the sign-in has gone without a word.
    #[must_use]
    pub fn outcome(&mut self) -> Option<String> {
        match self.hear() {
            Some(ToDaemon::Outcome { outcome, .. }) => Some(outcome),
            None => None,
            other => panic!("{other:?}"),
        }
    }
}
