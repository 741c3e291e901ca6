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

fn exhaust(web: &Web, address: &str) {
    while guess(web, address).status != 429 {}
}

#[test]
fn clients_of_a_proxy_on_this_computer_share_no_tries() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        exhaust(&web, "203.0.113.5");
        assert_eq!(guess(&web, "203.0.113.6").status, 404);
        assert_eq!(guess(&web, "2001:db8::1").status, 404);
        let renewing = web.say("POST", "/api/renew", &forwarded("203.0.113.6"), Some("{}"));
        assert_eq!(renewing.status, 200);
    });
}

#[test]
fn tries_that_others_made_in_its_name_keep_no_phone_out() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut phone = enrol(&web, "alice", "Pixel 9");
        // Without a proxy all that is here comes from this computer.
        let asked = phone.web.post("/api/renew", None, &json!({}));
        let challenge = crate::phone::bytes(asked.json()["challenge"].as_str().unwrap());
        let ticket = json!({"ticket": base64url(&[1; 16])});
        while web.post("/api/enroll", None, &ticket).status != 429 {}
        let signed = phone.sign(&challenge);
        let given = web.post("/api/renew", None, &signed);
        assert_eq!(given.status, 200, "{given:?}");
        phone.token = given.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(phone.get("/api/me").status, 200);
        let _root = Root::ticket([2; 16], "alice", &[&phone.credential]);
        assert!(Phone::enrol(&web, &qr_code([2; 16]), "Pixel 10").is_ok());
        // And what leads nowhere is refused as before.
        assert_eq!(web.post("/api/renew", None, &signed).status, 429);
    });
}
