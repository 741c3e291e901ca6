//! Another client, with a passkey in software: written from `src/daemon/API.md` alone. What it computes it computes
//! itself, with nothing of the daemon's or the core's.

use std::fs::File;
use std::io::Read;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::http::Answer;
use crate::{Inbox, Web};

/// A phone with its passkey and its token.
pub(crate) struct Phone {
    pub(crate) web: Web,
    pub(crate) token: String,
    pub(crate) credential: Vec<u8>,
    origin: String,
    key: SigningKey,
}

impl Phone {
    /// Enrols by what the QR code holds, as a phone of this name.
    pub(crate) fn enrol(qr_code: &str, name: &str) -> Result<Self, Answer> {
        Self::enrol_at(Web::default(), qr_code, name)
    }

    /// The same by the page of another daemon.
    pub(crate) fn enrol_at(web: Web, qr_code: &str, name: &str) -> Result<Self, Answer> {
        let (_, fragment) = qr_code.split_once('#').unwrap();
        let (ticket, secret) = fragment.split_once('.').unwrap();
        let seen = web.post("/api/enroll", None, &json!({"ticket": ticket}));
        if seen.status != 200 {
            return Err(seen);
        }
        let seen = seen.json();
        let text = |key: &str| seen[key].as_str().unwrap().to_owned();
        let origin = text("origin");
        let key = SigningKey::from_slice(&random(32)).unwrap();
        let credential = random(32);
        let public_key = public_key(&key);
        let mut proof = <Hmac<Sha256> as KeyInit>::new_from_slice(&bytes(secret)).unwrap();
        proof.update(&framed(
            "antiphon enrolment v1",
            &[
                text("user").as_bytes(),
                text("host").as_bytes(),
                origin.as_bytes(),
                &credential,
                &public_key,
                b"false",
                name.as_bytes(),
            ],
        ));
        let made = json!({
            "ticket": ticket,
            "name": name,
            "credential": base64url(&credential),
            "public_key": base64url(&public_key),
            "backup_eligible": false,
            "proof": base64url(&proof.finalize().into_bytes()),
        });
        let given = web.post("/api/enroll", None, &made);
        if given.status != 200 {
            return Err(given);
        }
        Ok(Self {
            web,
            token: given.json()["token"].as_str().unwrap().to_owned(),
            credential,
            origin,
            key,
        })
    }

    /// SubjectPublicKeyInfo of the passkey.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        public_key(&self.key)
    }

    /// Opens its inbox, and gives what waits already.
    pub(crate) fn inbox(&self) -> (Inbox, Vec<Value>) {
        Inbox::open(self.web.connect(), &self.token)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.web.get(path, &self.token)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.web.post(path, Some(&self.token), body)
    }

    /// Says where to call it.
    pub(crate) fn put_push(&self, body: &Value) -> Answer {
        let body = body.to_string();
        self.web
            .call("PUT", "/api/push", Some(&self.token), Some(&body))
    }

    /// Answers a request of the inbox with the number that the person typed.
    pub(crate) fn approve(&self, request: &Value, number: &str) -> Answer {
        let body = self.answer_to(request, number);
        self.post_answer(request["id"].as_str().unwrap(), &body)
    }

    pub(crate) fn post_answer(&self, id: &str, body: &Value) -> Answer {
        self.post(&format!("/api/requests/{id}/answer"), body)
    }

    /// Says "It's not me" to a request of the inbox.
    pub(crate) fn decline(&self, request: &Value) -> Answer {
        self.decline_with(request, &json!({}))
    }

    pub(crate) fn decline_with(&self, request: &Value, body: &Value) -> Answer {
        let id = request["id"].as_str().unwrap();
        self.post(&format!("/api/requests/{id}/decline"), body)
    }

    /// The body of an answer.
    pub(crate) fn answer_to(&self, request: &Value, number: &str) -> Value {
        let text = |key: &str| request[key].as_str().unwrap().as_bytes().to_vec();
        let seconds = |key: &str| request[key].as_u64().unwrap().to_string().into_bytes();
        let nonce = bytes(request["nonce"].as_str().unwrap());
        let fields = [
            nonce,
            text("user"),
            text("host"),
            text("service"),
            text("caller"),
            text("remote_host"),
            text("terminal"),
            seconds("issued"),
            seconds("expires"),
            number.as_bytes().to_vec(),
        ];
        let fields: Vec<&[u8]> = fields.iter().map(Vec::as_slice).collect();
        let digest = Sha256::digest(framed("antiphon approval v1", &fields));
        self.sign(&digest)
    }

    /// What shows that the phone has its passkey.
    pub(crate) fn proof(&self, challenge: &[u8]) -> Value {
        let digest = Sha256::digest(framed("antiphon renewal v1", &[challenge]));
        json!({"challenge": base64url(challenge), "assertion": self.sign(&digest)})
    }

    /// Asks for another token. `spoil` may change what is sent.
    pub(crate) fn renew(&mut self, spoil: impl Fn(&mut Value)) -> Answer {
        let asked = self.web.post("/api/renew", None, &json!({}));
        assert_eq!(asked.status, 200);
        let challenge = bytes(asked.json()["challenge"].as_str().unwrap());
        let mut proof = self.proof(&challenge);
        spoil(&mut proof);
        let given = self.web.post("/api/renew", None, &proof);
        if given.status == 200 {
            self.token = given.json()["token"].as_str().unwrap().into();
        }
        given
    }

    /// What an authenticator makes of a challenge, with its user verified.
    pub(crate) fn sign(&self, challenge: &[u8]) -> Value {
        let client_data = json!({
            "type": "webauthn.get",
            "challenge": base64url(challenge),
            "origin": self.origin,
            "crossOrigin": false,
        })
        .to_string();
        let site = self.origin.split("://").nth(1).unwrap();
        let site = site.split(':').next().unwrap();
        let mut data = Sha256::digest(site).to_vec();
        data.push(0x05);
        data.extend([0; 4]);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature: DerSignature = self.key.sign(&signed);
        json!({
            "credential": base64url(&self.credential),
            "client_data": base64url(client_data.as_bytes()),
            "authenticator_data": base64url(&data),
            "signature": base64url(signature.as_bytes()),
        })
    }
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

pub(crate) fn bytes(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()
}

pub(crate) fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let mut source = File::open("/dev/urandom").unwrap();
    source.read_exact(&mut bytes).unwrap();
    bytes
}

/// SubjectPublicKeyInfo of a key on P-256.
fn public_key(key: &SigningKey) -> Vec<u8> {
    let prefix = bytes("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgA");
    let point = key.verifying_key().to_sec1_point(false);
    [&prefix, point.as_bytes()].concat()
}

fn framed(purpose: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut all = purpose.as_bytes().to_vec();
    for field in fields {
        all.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
        all.extend(*field);
    }
    all
}
