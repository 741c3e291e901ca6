//! A token that a browser has lost.

use antiphon_core::wire::FromDaemon;
use serde_json::{Value, json};

use crate::daemon::in_house;
use crate::enrolment::{enrol, qr_code};
use crate::phone::{base64url, bytes};
use crate::root::request;
use crate::{Daemon, Phone, Root, Web};

#[test]
fn five_devices_share_a_synced_passkey_and_with_one_more_the_oldest_ends() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut phone = enrol("alice", "Pixel 9");
        let mut tokens = vec![phone.token.clone()];
        let (mut oldest, _) = phone.inbox();
        for _ in 1..5 {
            assert_eq!(phone.renew(|_| {}).status, 200);
            assert!(!tokens.contains(&phone.token));
            tokens.push(phone.token.clone());
        }
        let (mut latest, _) = phone.inbox();
        for token in &tokens {
            let me = web.get("/api/me", token);
            assert_eq!(me.status, 200);
            // One phone, however many devices have its passkey.
            assert_eq!(me.json()["phones"].as_array().unwrap().len(), 1);
        }
        // The old device and the new one get the sign-in, and either answers it.
        let asked = request("alice", 60);
        let mut root = Root::ask(&asked, &[&phone.credential], 1);
        let (on_old, on_new) = (oldest.request(), latest.request());
        assert_eq!(on_old["id"], on_new["id"]);
        let mut old_device = phone;
        let newest = std::mem::replace(&mut old_device.token, tokens[0].clone());
        assert_eq!(old_device.approve(&on_old, "42").status, 202);
        assert!(matches!(root.hear(), Some(FromDaemon::Answer(_))));
        root.outcome("accepted");
        assert_eq!(oldest.gone(&on_old), "accepted");
        assert_eq!(latest.gone(&on_new), "accepted");

        old_device.token = newest;
        assert_eq!(old_device.renew(|_| {}).status, 200);
        assert_eq!(web.get("/api/me", &tokens[0]).status, 401);
        assert_eq!(oldest.next(), None);
        assert_eq!(web.get("/api/me", &tokens[1]).status, 200);
        // A phone that root removes is gone from all of them.
        let forgotten = Root::forget(&[&old_device.credential]);
        assert_eq!(forgotten, Some(FromDaemon::Forgotten {}));
        tokens.push(old_device.token.clone());
        for token in &tokens {
            assert_eq!(web.get("/api/me", token).status, 401);
        }
        assert_eq!(latest.next(), None);
    });
}

#[test]
fn only_a_passkey_of_this_place_renews_and_each_challenge_once() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut phone = enrol("alice", "Pixel 9");
        let mut other = enrol("bob", "Other");
        let foreign = base64url(&other.credential);
        let spoil: [&dyn Fn(&mut Value); 5] = [
            &|signed| signed["assertion"]["credential"] = json!(foreign),
            &|signed| signed["assertion"]["credential"] = json!(base64url(&[1; 32])),
            &|signed| {
                let mut bytes = bytes(signed["assertion"]["authenticator_data"].as_str().unwrap());
                // Without the user's verification.
                bytes[32] = 0x01;
                signed["assertion"]["authenticator_data"] = json!(base64url(&bytes));
            },
            &|signed| signed["assertion"]["client_data"] = json!(base64url(b"{}")),
            &|signed| signed["challenge"] = json!(base64url(&[0; 32])),
        ];
        for spoil in spoil {
            assert_eq!(phone.renew(spoil).status, 403);
        }
        let mut malformed = phone.proof(&[0; 32]);
        assert_eq!(web.post("/api/renew", None, &malformed).status, 403);
        malformed["assertion"]["signature"] = json!(1);
        assert_eq!(web.post("/api/renew", None, &malformed).status, 422);
        // A right one, sent twice.
        let sent = std::cell::RefCell::new(Value::Null);
        let right = phone.renew(|signed| *sent.borrow_mut() = signed.clone());
        assert_eq!(right.status, 200);
        let again = web.post("/api/renew", None, &sent.into_inner());
        assert_eq!(again.status, 403);
        assert_eq!(phone.get("/api/me").status, 200);
        assert_eq!(other.renew(|_| {}).status, 200);
    });
}

/// It could be an approval's: a daemon that lies would have it signed by a person who only comes back.
#[test]
fn a_challenge_that_is_signed_as_it_came_renews_nothing() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut phone = enrol("alice", "Pixel 9");
        let asked = phone.web.post("/api/renew", None, &json!({})).json();
        let challenge = bytes(asked["challenge"].as_str().unwrap());
        let bare = json!({"challenge": asked["challenge"], "assertion": phone.sign(&challenge)});
        assert_eq!(phone.web.post("/api/renew", None, &bare).status, 403);
        assert_eq!(phone.renew(|_| {}).status, 200);
    });
}

#[test]
fn a_phone_that_is_not_kept_yet_has_nothing_to_renew() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut root = Root::ticket([1; 16], "alice", &[]);
        let mut phone = Phone::enrol(&qr_code([1; 16]), "Pixel 9").unwrap();
        assert_eq!(root.hear(), Some(FromDaemon::TicketSeen {}));
        assert_eq!(phone.renew(|_| {}).status, 403);
    });
}
