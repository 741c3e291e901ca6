//! A proxy on the same computer, in front of a page that is plain HTTP.

use serde_json::json;

use crate::daemon::in_house;
use crate::enrolment::{enrol, qr_code};
use crate::http::Answer;
use crate::phone::base64url;
use crate::{Daemon, Phone, Root, Web};

/// What the proxy writes for a phone at this address. What stands before it the phone has written itself.
fn forwarded(address: &str) -> String {
    format!("X-Forwarded-For: 198.51.100.1, {address}\r\n")
}

/// A guess, by the proxy.
fn guess(web: &Web, address: &str) -> Answer {
    let body = json!({"ticket": base64url(&[1; 16])}).to_string();
    web.say("POST", "/api/enroll", &forwarded(address), Some(&body))
}

#[test]
fn a_client_of_a_proxy_that_tries_too_often_waits_and_the_others_do_not() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut tries = std::iter::repeat_with(|| guess(&web, "203.0.113.5"));
        let refused = tries.find(|answer| answer.status != 404).unwrap();
        assert_eq!(refused.status, 429);
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=61).contains(&wait));
        assert_eq!(guess(&web, "203.0.113.6").status, 404);
        assert_eq!(guess(&web, "2001:db8::1").status, 404);
        for (address, status) in [("203.0.113.5", 429), ("203.0.113.6", 200)] {
            let renewing = web.say("POST", "/api/renew", &forwarded(address), Some("{}"));
            assert_eq!(renewing.status, status, "{address}");
        }
    });
}

#[test]
fn tries_that_others_made_in_its_name_keep_no_phone_out() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut phone = enrol("alice", "Pixel 9");
        // Without a proxy all that is here comes from this computer.
        let asked = phone.web.post("/api/renew", None, &json!({}));
        let challenge = crate::phone::bytes(asked.json()["challenge"].as_str().unwrap());
        let ticket = json!({"ticket": base64url(&[1; 16])});
        while web.post("/api/enroll", None, &ticket).status != 429 {}
        let signed = phone.proof(&challenge);
        let given = web.post("/api/renew", None, &signed);
        assert_eq!(given.status, 200, "{given:?}");
        phone.token = given.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(phone.get("/api/me").status, 200);
        let _root = Root::ticket([2; 16], "alice", &[&phone.credential]);
        assert!(Phone::enrol(&qr_code([2; 16]), "Pixel 10").is_ok());
        // And what leads nowhere is refused as before.
        assert_eq!(web.post("/api/renew", None, &signed).status, 429);
    });
}
