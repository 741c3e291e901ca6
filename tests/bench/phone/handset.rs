//! A phone: a passkey in software, enrolled at the daemon as every phone is, and what it says.

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::wire::{FromDaemon, Ticket, ToDaemon};
use antiphon_tests::{HOST, Passkey};
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use super::http::{Inbox, Web};
use super::root::Root;

const ORIGIN: &str = "http://localhost:8470";
const NAME: &str = "Pixel 9";
/// In the QR code.
const SECRET: [u8; 32] = [9; 32];

/// A phone.
pub(super) struct Handset {
    pub(super) passkey: Passkey,
    pub(super) user: String,
    token: String,
}

/// A request as the phone is shown it.
pub(super) struct Shown {
    pub(super) id: String,
    pub(super) request: ApprovalRequest,
}

impl Handset {
    /// Enrols the `number`th phone, for `user`.
    pub(super) fn enrol(web: &mut Web, user: &str, number: usize) -> Self {
        let passkey = Passkey::new(NAME, ORIGIN);
        let mut ticket = [0; 16];
        SystemRandom::new().fill(&mut ticket).unwrap();
        let mut root = Root::say(&ToDaemon::Ticket(Ticket {
            ticket: ticket.to_vec(),
            user: user.to_owned(),
            host: HOST.to_owned(),
            credentials: Vec::new(),
        }));
        assert_eq!(root.hear(), FromDaemon::TicketOpen {});
        let public_key = passkey.public_key();
        let fields: [&[u8]; 7] = [
            user.as_bytes(),
            HOST.as_bytes(),
            ORIGIN.as_bytes(),
            &passkey.credential,
            &public_key,
            b"false",
            NAME.as_bytes(),
        ];
        let mut proven = b"antiphon enrolment v1".to_vec();
        for field in fields {
            proven.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
            proven.extend(field);
        }
        let proof = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &SECRET), &proven);
        let body = json!({
            "ticket": base64url(&ticket),
            "name": NAME,
            "credential": base64url(&passkey.credential),
            "public_key": base64url(&public_key),
            "backup_eligible": false,
            "proof": base64url(proof.as_ref()),
        });
        // From many addresses: one may only try so often.
        let [high, low] = u16::try_from(number / 16).unwrap().to_be_bytes();
        let from = format!("X-Forwarded-For: 198.18.{high}.{low}\r\n");
        web.send(
            &format!("POST /api/enroll HTTP/1.1\r\n{from}"),
            &body.to_string(),
        );
        let (status, given) = web.receive();
        assert_eq!(status, 200, "{given}");
        let mut heard = root.hear();
        while heard == (FromDaemon::TicketSeen {}) {
            heard = root.hear();
        }
        assert!(matches!(heard, FromDaemon::Enrolled(_)), "{heard:?}");
        root.send(&ToDaemon::Keep {});
        assert_eq!(root.hear(), FromDaemon::Kept {});
        Self {
            passkey,
            user: user.to_owned(),
            token: given["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Opens the page.
    pub(super) fn look(&self) -> Inbox {
        Inbox::open(&self.token)
    }

    /// The body of the answer of a person who typed `number`.
    pub(super) fn signed(&self, shown: &Shown, number: &str) -> String {
        serde_json::to_string(&self.passkey.answer(&shown.request, number)).unwrap()
    }

    /// Sends `body` as the answer to the request.
    pub(super) fn answer(&self, web: &mut Web, shown: &Shown, body: &str) {
        self.post(web, &format!("/api/requests/{}/answer", shown.id), body);
    }

    /// Says "It is not me".
    pub(super) fn decline(&self, web: &mut Web, shown: &Shown) {
        self.post(web, &format!("/api/requests/{}/decline", shown.id), "{}");
    }

    fn post(&self, web: &mut Web, path: &str, body: &str) {
        let token = &self.token;
        let head = format!("POST {path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\n");
        web.send(&head, body);
    }
}

impl Inbox {
    /// The next event, which must be a request.
    pub(super) fn request(&mut self) -> Shown {
        let (event, mut data) = self.next();
        assert_eq!(event, "request", "{data}");
        let fields = data.as_object_mut().unwrap();
        fields.remove("digits");
        let Some(Value::String(id)) = fields.remove("id") else {
            panic!("{data}")
        };
        Shown {
            id,
            request: serde_json::from_value(data).unwrap(),
        }
    }

    /// The next event, which must say that the sign-in was accepted, or whatever else.
    pub(super) fn ended(&mut self, outcome: &str) {
        let (event, data) = self.next();
        assert_eq!(
            (event.as_str(), &data["outcome"]),
            ("gone", &outcome.into())
        );
    }
}

fn base64url(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
