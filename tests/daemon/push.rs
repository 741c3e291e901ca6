//! Pushes, as a service and a browser get them: decrypted and verified here with other libraries than the daemon's.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes128Gcm, Nonce};
use antiphon_core::wire::FromDaemon;
use antiphon_tests::until;
use hkdf::Hkdf;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::phone::{base64url, bytes, random};
use crate::root::request;
use crate::server::{PUSHES, Reply, Seen, Server};
use crate::{Daemon, Phone, Root, Web};

/// A browser's half of a subscription.
struct Browser {
    secret: SecretKey,
    auth: Vec<u8>,
}

impl Browser {
    fn new() -> Self {
        Self {
            secret: SecretKey::from_slice(&random(32)).unwrap(),
            auth: random(16),
        }
    }

    fn public(&self) -> Vec<u8> {
        self.secret
            .public_key()
            .to_sec1_point(false)
            .as_bytes()
            .to_vec()
    }

    /// As `PushSubscription.toJSON()` gives it.
    fn subscription(&self, endpoint: &str) -> Value {
        json!({
            "endpoint": endpoint,
            "expirationTime": null,
            "keys": {"p256dh": base64url(&self.public()), "auth": base64url(&self.auth)},
        })
    }

    /// RFC 8291, section 3, from the receiver's side.
    fn decrypt(&self, body: &[u8]) -> Vec<u8> {
        let (salt, rest) = body.split_at(16);
        let (size, rest) = rest.split_at(4);
        assert_eq!(size, 4096_u32.to_be_bytes());
        let (length, rest) = rest.split_at(1);
        assert_eq!(length, [65]);
        let (sender, record) = rest.split_at(65);
        let theirs = PublicKey::from_sec1_bytes(sender).unwrap();
        let shared =
            p256::ecdh::diffie_hellman(self.secret.to_nonzero_scalar(), theirs.as_affine());
        let info = [b"WebPush: info\0", &self.public()[..], sender].concat();
        let keying = expand(&self.auth, shared.raw_secret_bytes(), &info, 32);
        let key = expand(salt, &keying, b"Content-Encoding: aes128gcm\0", 16);
        let nonce = expand(salt, &keying, b"Content-Encoding: nonce\0", 12);
        let cipher = Aes128Gcm::new_from_slice(&key).unwrap();
        let nonce = Nonce::try_from(&nonce[..]).unwrap();
        cipher.decrypt(&nonce, record).unwrap()
    }
}

fn expand(salt: &[u8], input: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    let derived = Hkdf::<Sha256>::new(Some(salt), input).expand(info, &mut out);
    derived.unwrap();
    out
}

/// The words of a push, without what is put behind them.
fn words(browser: &Browser, sent: &Seen) -> String {
    let said = browser.decrypt(&sent.body);
    let end = said.iter().rposition(|byte| *byte != 0).unwrap();
    assert_eq!(said[end], 2);
    String::from_utf8(said[..end].to_vec()).unwrap()
}

/// Waits until no phone with this credential is reached.
fn is_not_called(phone: &Phone) {
    until("nobody", || {
        let mut root = Root::approve(&request("alice", 60), &[&phone.credential]);
        (root.hear() == Some(FromDaemon::Waiting { phones: 0 })).then_some(())
    });
}

#[test]
fn a_browser_decrypts_that_a_sign_in_waits_and_the_service_knows_who_sent_it() {
    in_house(|world| {
        let service = Server::of_pushes(world);
        let _daemon = Daemon::start_with(world, PUSHES, &[service.trusted()]);
        let phone = enrol("alice", "Pixel 9");
        let browser = Browser::new();
        let endpoint = format!("{}/wpush/v2/secret", service.origin());
        let put = phone.put_push(&browser.subscription(&endpoint));
        assert_eq!(put.status, 200);
        // Reached though no page is open.
        let _root = Root::ask(&request("alice", 57), &[&phone.credential], 1);
        let sent = service.next();
        assert_eq!((&*sent.method, &*sent.path), ("POST", "/wpush/v2/secret"));
        let lasts: u64 = sent.header("ttl").unwrap().parse().unwrap();
        assert!((1..=57).contains(&lasts), "{lasts}");
        for (name, value) in [
            ("urgency", "high"),
            ("content-encoding", "aes128gcm"),
            ("topic", "sign-in"),
        ] {
            assert_eq!(sent.header(name), Some(value));
        }
        assert_eq!(words(&browser, &sent), "a sign-in waits");

        let key = phone.get("/api/me").json()["push_key"].clone();
        let claims = verified(sent.header("authorization").unwrap(), key.as_str().unwrap());
        assert_eq!(claims["aud"], service.origin());
        assert_eq!(claims["sub"], "mailto:root@example.org");
        let now = std::time::SystemTime::now();
        let now = now.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        let lasts = claims["exp"].as_u64().unwrap() - now;
        assert!((1..=86_400).contains(&lasts));
    });
}

/// RFC 8292, from the service's side: the claims, if the word is signed by this key.
fn verified(authorization: &str, key: &str) -> Value {
    let fields = authorization.strip_prefix("vapid ").unwrap();
    let (word, public) = fields.split_once(", ").unwrap();
    assert_eq!(public.strip_prefix("k="), Some(key));
    let word = word.strip_prefix("t=").unwrap();
    let (signed, signature) = word.rsplit_once('.').unwrap();
    let key = VerifyingKey::from_sec1_bytes(&bytes(key)).unwrap();
    let signature = Signature::from_slice(&bytes(signature)).unwrap();
    key.verify(signed.as_bytes(), &signature).unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&bytes(header)).unwrap();
    assert_eq!(header, json!({"typ": "JWT", "alg": "ES256"}));
    serde_json::from_slice(&bytes(claims)).unwrap()
}

#[test]
fn a_phone_that_was_called_in_vain_is_told_that_the_sign_in_has_gone_and_one_that_answered_is_not()
{
    in_house(|world| {
        let service = Server::of_pushes(world);
        let _daemon = Daemon::start_with(world, PUSHES, &[service.trusted()]);
        let phone = enrol("alice", "Pixel 9");
        let browser = Browser::new();
        let endpoint = format!("{}/wpush/v2/secret", service.origin());
        phone.put_push(&browser.subscription(&endpoint));
        let said = || {
            let sent = service.next();
            let urgency = sent.header("urgency").unwrap().to_owned();
            (words(&browser, &sent), urgency)
        };
        let asked = request("alice", 60);
        for end in ["cancelled", "expired", "accepted", "refused", ""] {
            let mut root = Root::ask(&asked, &[&phone.credential], 1);
            assert_eq!(said().0, "a sign-in waits");
            if end.is_empty() {
                // The caller hangs up.
                drop(root);
            } else {
                root.outcome(end);
            }
            let (told, urgency) = said();
            let told: Value = serde_json::from_str(&told).unwrap();
            let gone = json!({"at": asked.issued, "from": "203.0.113.5"});
            assert_eq!(told, json!({"gone": gone}));
            assert_eq!(urgency, "normal");
        }
        let mut trial = asked.clone();
        trial.service = "antiphon enroll".into();
        let root = Root::ask(&trial, &[&phone.credential], 1);
        assert_eq!(said().0, "a trial waits");
        drop(root);
        said();
        // Who answers has seen it, and so has who has the page open.
        let mut root = Root::ask(&asked, &[&phone.credential], 1);
        said();
        let (mut inbox, waits) = phone.inbox();
        assert_eq!(phone.approve(&waits[0], "42").status, 202);
        assert!(matches!(root.hear(), Some(FromDaemon::Answer(_))));
        root.outcome("accepted");
        inbox.gone(&waits[0]);
        let root = Root::ask(&asked, &[&phone.credential], 1);
        said();
        let shown = inbox.request();
        drop(root);
        inbox.gone(&shown);
        assert!(service.is_idle());
    });
}

#[test]
fn a_connection_to_a_push_service_is_kept_and_one_that_the_service_has_left_is_made_again() {
    in_house(|world| {
        let service = Server::of_pushes(world);
        let _daemon = Daemon::start_with(world, PUSHES, &[service.trusted()]);
        let phone = enrol("alice", "Pixel 9");
        let post = json!({"post": format!("{}/topic", service.origin())});
        assert_eq!(phone.put_push(&post).status, 200);
        let came_by = || {
            let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
            let connection = service.next().connection;
            root.outcome("cancelled");
            assert_eq!(root.hear(), None);
            connection
        };
        service.answer_with(|_| Reply::Keep("201 Created".into()));
        assert_eq!([came_by(), came_by()], [0, 0]);
        service.answer_with(|_| Reply::Leave("201 Created".into()));
        assert_eq!([came_by(), came_by(), came_by()], [0, 1, 2]);
    });
}

#[test]
fn a_plain_post_says_one_sentence() {
    in_house(|world| {
        let service = Server::of_pushes(world);
        for (language, sentence) in [
            ("en", "A sign-in is waiting: http://localhost:8470"),
            ("sv", "En inloggning väntar: http://localhost:8470"),
        ] {
            let configured = format!("language = \"{language}\"\n{PUSHES}");
            let _daemon = Daemon::start_with(world, &configured, &[service.trusted()]);
            let phone = enrol("alice", "Pixel 9");
            let post = json!({"post": format!("{}/topic?up=1", service.origin())});
            assert_eq!(phone.put_push(&post).status, 200);
            let root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
            let sent = service.next();
            assert_eq!((&*sent.method, &*sent.path), ("POST", "/topic?up=1"));
            assert_eq!(sent.text(), sentence);
            drop(root);
            assert!(service.is_idle());
        }
    });
}

#[test]
fn a_subscription_that_has_ended_is_forgotten_and_a_failing_service_is_not() {
    in_house(|world| {
        let service = Server::of_pushes(world);
        let daemon = Daemon::start_with(world, PUSHES, &[service.trusted()]);
        let phone = enrol("alice", "Pixel 9");
        let endpoint = format!("{}/a-secret-path", service.origin());
        phone.put_push(&Browser::new().subscription(&endpoint));
        let call = |answer: &'static str, log| {
            service.answer_with(move |_| Reply::Say(answer.into(), String::new()));
            let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
            service.next();
            daemon.expect_log(log);
            root.outcome("cancelled");
            assert_eq!(root.hear(), None);
            // That it has gone.
            service.next();
            assert!(service.is_idle());
        };
        call("503 Later", "localhost answered 503");
        call(
            "302 Elsewhere\r\nLocation: https://localhost/other",
            "localhost answered 302",
        );
        call("410 Gone", "a push subscription of alice has ended");
        // It is forgotten a moment after that is said.
        is_not_called(&phone);
        assert!(!daemon.log().contains("a-secret-path"));
    });
}

#[test]
fn a_phone_cannot_make_the_daemon_knock_at_doors_inside() {
    in_house(|world| {
        let service = Server::of_pushes(world);
        let daemon = Daemon::start_with(world, "", &[service.trusted()]);
        let phone = enrol("alice", "Pixel 9");
        let port = service.origin().rsplit(':').next().unwrap().to_owned();
        // All forms of these are tried where addresses are judged.
        for address in [
            format!("https://localhost:{port}/"),
            format!("https://[::ffff:127.0.0.1]:{port}/"),
            "https://169.254.169.254/latest/meta-data".to_owned(),
            "http://push.example/".to_owned(),
        ] {
            for body in [
                json!({"post": address}),
                Browser::new().subscription(&address),
            ] {
                assert_eq!(phone.put_push(&body).status, 422, "{body}");
            }
        }
        // A name that is not known now is taken, and leads home when it is called.
        let later = json!({"post": format!("https://later.example:{port}/secret")});
        assert_eq!(phone.put_push(&later).status, 200);
        std::fs::write("/etc/hosts", "127.0.0.1 localhost later.example\n").unwrap();
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        daemon.expect_log("later.example: it has a private address");
        root.outcome("cancelled");
        assert!(service.is_idle());
        assert!(!daemon.log().contains("/secret"));
    });
}

#[test]
fn where_to_call_is_of_the_form_or_refused_and_can_be_taken_back() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let right = Browser::new().subscription("https://push.example/x");
        for (pointer, value) in [
            ("/keys/p256dh", json!(base64url(&[4; 65]))),
            ("/keys/p256dh", json!("")),
            ("/keys/auth", json!(base64url(&[1; 15]))),
            ("/keys/auth", json!("no base64url!")),
            ("/keys", json!(null)),
            ("/endpoint", json!(null)),
            ("/endpoint", json!(1)),
        ] {
            let mut wrong = right.clone();
            *wrong.pointer_mut(pointer).unwrap() = value;
            assert_eq!(phone.put_push(&wrong).status, 422, "{pointer}");
        }
        let mut both = right.clone();
        both["post"] = json!("https://push.example/y");
        assert_eq!(phone.put_push(&both).status, 422);
        assert_eq!(phone.put_push(&right).status, 200);
        drop(Root::ask(&request("alice", 60), &[&phone.credential], 1));
        assert_eq!(phone.put_push(&json!({})).status, 200);
        let mut root = Root::approve(&request("bob", 60), &[&phone.credential]);
        assert!(root.hear().is_some());
        is_not_called(&phone);
        let nobody = Web::default().call("PUT", "/api/push", Some("x"), Some("{}"));
        assert_eq!(nobody.status, 401);
    });
}
