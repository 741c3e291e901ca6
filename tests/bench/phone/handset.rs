//! A phone: a passkey in software, enrolled at the daemon as every phone is, and what it says.

use std::io::{Read, Write};

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::base64url;
use antiphon_core::wire::{FromDaemon, ToDaemon, Unwilling};
use antiphon_tests::{Claim, Passkey, SOCKET, until};
use ring::agreement::{ECDH_P256, EphemeralPrivateKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use super::http::{Web, connect, connect_to};
use super::inbox::Inbox;
use super::root::{Root, approve, request, ticket};

pub(crate) const ORIGIN: &str = "http://localhost:8470";
const NAME: &str = "Pixel 9";
/// In the QR code.
const SECRET: [u8; 32] = [9; 32];

/// A phone.
pub(crate) struct Handset {
    pub(crate) passkey: Passkey,
    pub(crate) user: String,
    token: String,
}

/// Seconds that a request waits: more than all of this takes.
const LIFETIME: u64 = 600;

impl Handset {
    /// Enrols the `number`th phone, for `user`.
    pub(crate) fn enrol(web: &mut Web, user: &str, number: usize) -> Self {
        Self::enrol_at(SOCKET, web, user, number)
    }

    /// The same by the daemon at another socket.
    pub(crate) fn enrol_at(socket: &str, web: &mut Web, user: &str, number: usize) -> Self {
        let passkey = Passkey::new(NAME, ORIGIN);
        let mut name = [0; 16];
        SystemRandom::new().fill(&mut name).unwrap();
        let mut root = Root::connect_to(socket);
        root.send(&ticket(name, user, &[]));
        assert_eq!(root.hear(), Some(FromDaemon::TicketOpen {}));
        let claim = Claim {
            user,
            host: "web1",
            origin: ORIGIN,
        };
        let mut body = serde_json::to_value(claim.enrolled(&passkey, &SECRET)).unwrap();
        body["ticket"] = base64url::encode(&name).into();
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
        while heard == Some(FromDaemon::TicketSeen {}) {
            heard = root.hear();
        }
        assert!(matches!(heard, Some(FromDaemon::Enrolled(_))), "{heard:?}");
        root.send(&ToDaemon::Keep {});
        assert_eq!(root.hear(), Some(FromDaemon::Kept {}));
        Self {
            passkey,
            user: user.to_owned(),
            token: given["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Opens the page, and sees what waits already.
    pub(crate) fn look(&self) -> (Inbox, Vec<Value>) {
        Inbox::open(connect(), &self.token)
    }

    /// The same at another address.
    pub(crate) fn look_at(&self, page: &str) -> (Inbox, Vec<Value>) {
        Inbox::open(connect_to(page), &self.token)
    }

    /// A sign-in that waits for it.
    pub(crate) fn ask(&self) -> (Root, ApprovalRequest) {
        self.ask_on("web1", Root::connect)
    }

    /// A sign-in on `host` that waits for it, on a connection that `dial` makes. One that has just been dropped may still be
    /// seen as open, and a daemon may have too much to do: then it is asked again.
    pub(crate) fn ask_on<S: Read + Write>(
        &self,
        host: &str,
        mut dial: impl FnMut() -> Root<S>,
    ) -> (Root<S>, ApprovalRequest) {
        let mut asked = request(&self.user, LIFETIME);
        host.clone_into(&mut asked.host);
        SystemRandom::new().fill(&mut asked.nonce).unwrap();
        until("the last sign-in to be over", || {
            let mut root = dial();
            root.send(&approve(&asked, &[&self.passkey.credential]));
            match root.hear() {
                Some(FromDaemon::Waiting { .. }) => Some((root, asked.clone())),
                Some(FromDaemon::Unwilling {
                    reason: Unwilling::Busy | Unwilling::Overloaded,
                }) => None,
                other => panic!("{other:?}"),
            }
        })
    }

    /// The body of the answer of a person who was shown this and typed `number`.
    pub(crate) fn signed(&self, shown: &Value, number: &str) -> String {
        let mut fields = shown.clone();
        for beside in ["id", "digits", "enter", "place", "familiar"] {
            fields.as_object_mut().unwrap().remove(beside);
        }
        let request = serde_json::from_value(fields).unwrap();
        serde_json::to_string(&self.passkey.answer(&request, number)).unwrap()
    }

    /// Wants to be called at this push service.
    pub(crate) fn subscribe(&self, web: &mut Web, endpoint: &str) {
        let (auth, token) = ([1; 16], &self.token);
        let key = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new()).unwrap();
        let p256dh = key.compute_public_key().unwrap();
        let [p256dh, auth] = [p256dh.as_ref(), &auth].map(base64url::encode);
        let body = json!({"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}});
        let head = format!("PUT /api/push HTTP/1.1\r\nAuthorization: Bearer {token}\r\n");
        web.send(&head, &body.to_string());
        assert_eq!(web.receive().0, 200);
    }

    /// Sends `body` as the answer to the request.
    pub(crate) fn answer(&self, web: &mut Web, shown: &Value, body: &str) {
        self.post(web, shown, "answer", body);
    }

    /// Says "It is not me".
    pub(crate) fn decline(&self, web: &mut Web, shown: &Value) {
        self.post(web, shown, "decline", "{}");
    }

    fn post(&self, web: &mut Web, shown: &Value, deed: &str, body: &str) {
        let (id, token) = (shown["id"].as_str().unwrap(), &self.token);
        let first = format!("POST /api/requests/{id}/{deed} HTTP/1.1\r\n");
        web.send(&format!("{first}Authorization: Bearer {token}\r\n"), body);
    }
}
