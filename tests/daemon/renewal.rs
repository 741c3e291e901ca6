//! A token that a browser has lost.

use antiphon_core::wire::FromDaemon;
use serde_json::{Value, json};

use crate::daemon::in_house;
use crate::enrolment::{enrol, qr_code};
use crate::phone::{base64url, bytes};
use crate::{Daemon, Inbox, Phone, Root, Web};

#[test]
fn a_passkey_renews_the_token_and_the_old_one_ends() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut phone = enrol(&web, "alice", "Pixel 9");
        let old = phone.token.clone();
        let (mut inbox, _) = Inbox::open(&web, &old);
        assert_eq!(phone.renew(|_| {}).status, 200);
        assert_ne!(phone.token, old);
        assert_eq!(web.get("/api/me", &old).status, 401);
        assert_eq!(inbox.next(), None);
        assert_eq!(phone.get("/api/me").json()["phones"][0]["this"], true);
    });
}

#[test]
fn only_a_passkey_of_this_place_renews_and_each_challenge_once() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut phone = enrol(&web, "alice", "Pixel 9");
        let mut other = enrol(&web, "bob", "Other");
        let foreign = base64url(&other.credential);
        let spoil: [&dyn Fn(&mut Value); 4] = [
            &|signed| signed["credential"] = json!(foreign),
            &|signed| signed["credential"] = json!(base64url(&[1; 32])),
            &|signed| {
                let mut bytes = bytes(signed["authenticator_data"].as_str().unwrap());
                // Without the user's verification.
                bytes[32] = 0x01;
                signed["authenticator_data"] = json!(base64url(&bytes));
            },
            &|signed| signed["client_data"] = json!(base64url(b"{}")),
        ];
        for spoil in spoil {
            assert_eq!(phone.renew(spoil).status, 403);
        }
        let mut malformed = phone.sign(&[0; 32]);
        assert_eq!(web.post("/api/renew", None, &malformed).status, 403);
        malformed["signature"] = json!(1);
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

#[test]
fn a_phone_that_is_not_kept_yet_has_nothing_to_renew() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut root = Root::ticket([1; 16], "alice", &[]);
        let mut phone = Phone::enrol(&web, &qr_code([1; 16]), "Pixel 9").unwrap();
        assert_eq!(root.hear(), Some(FromDaemon::TicketSeen {}));
        assert_eq!(phone.renew(|_| {}).status, 403);
    });
}
