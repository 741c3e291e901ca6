//! The device grant (RFC 8628), by which somebody could have a person approve without our page.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::account::{Expected, Fault, verify};
use antiphon_core::config::Config;
use antiphon_core::disk::{Folder, key_file};
use antiphon_core::time::UnixTime;
use antiphon_tests::Provider;
use serde_json::json;

use super::idp::{ES256, Idp, account, installed};
use super::sign_in;
use crate::browser::{Browser, Taste};
use crate::daemon::in_house;
use crate::walk::tap;

#[test]
fn a_real_token_of_the_device_grant_lacks_the_nonce_and_is_refused() {
    installed();
    in_house(|world| {
        let idp = Idp::start(world, ES256);
        idp.store_keys("");
        let browser = Browser::start(Taste::ENGLISH);
        let digest = [7; 32];
        let nonce = data_encoding::BASE64URL_NOPAD.encode(&digest);
        // A page of the provider's own.
        browser.go(&format!("{}/jwks", Idp::issuer()));
        let post = "const [path, fields] = arguments;
            return fetch(path, { method: 'POST', body: new URLSearchParams(fields) }).then((answer) => answer.json())";
        let asked = json!({"client_id": "antiphon", "scope": "openid", "nonce": nonce});
        let begun = browser.run(post, &[json!("/device/auth"), asked]);
        browser.go(begun["verification_uri_complete"].as_str().unwrap());
        tap(&browser, "Continue");
        sign_in(&browser, "alice@kmh");
        browser.find("#done");
        let fields = json!({
            "client_id": "antiphon", "device_code": begun["device_code"],
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        });
        let tokens = browser.run(post, &[json!("/token"), fields]);
        let token = tokens["id_token"].as_str().unwrap();

        let config = Config::parse(&Idp::configured("")).unwrap();
        let folder = Folder::open(Path::new(Provider::FOLDER)).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = UnixTime(now.as_secs());
        let expected = Expected {
            provider: config.provider("kmh").unwrap(),
            keys: &key_file::load(&folder, "kmh").unwrap().unwrap(),
            digest: &digest,
            issued: now,
            subject: Some(&account("alice@kmh").subject),
        };
        assert_eq!(verify(token, expected, now), Err(Fault::Nonce));
    });
}
