//! The code counts in the browser where the number was typed, and once.

use antiphon_core::wire::FromDaemon;
use serde_json::json;

use super::browser::{Browser, ask, asked};
use super::idp::{Idp, parameters};
use crate::daemon::in_house;

#[test]
fn a_link_that_somebody_passes_on_gives_nobody_a_token() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let asked = asked(&idp);
        let mut root = ask(&asked);
        // He has the password, sees the number, and sends her the provider's own address.
        let mut his = Browser::default();
        let address = his.begin(&asked, "42");
        let hers = Browser::default();
        assert_eq!(hers.come_back(&address).status, 403);
        // Even if she gives him the code, the state has been used.
        assert_eq!(his.come_back(&address).status, 403);
        // She may have come from a sign-in of her own.
        let mut hers = Browser::default();
        hers.begin(&asked, "42");
        let address = his.begin(&asked, "42");
        assert_eq!(hers.come_back(&address).status, 403);
        assert_eq!(his.come_back(&address).status, 403);
        idp.assert_none_redeemed();
        // None of it has ended the sign-in.
        let address = his.begin(&asked, "42");
        assert_eq!(his.come_back(&address).status, 200);
        assert!(matches!(root.hear(), Some(FromDaemon::Token(_))));
    });
}

#[test]
fn a_state_is_used_once_and_an_invented_one_never() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let asked = asked(&idp);
        let _root = ask(&asked);
        let mut browser = Browser::default();
        let address = browser.begin(&asked, "42");
        let invented = json!({"provider": "kmh", "state": "x".repeat(43), "code": "code-1"});
        assert_eq!(browser.post("callback", &invented).status, 403);
        for path in ["resume", "ended"] {
            assert_eq!(
                browser.post(path, &json!({})).status,
                404,
                "{path}, before it is back"
            );
            assert_eq!(
                Browser::default().post(path, &json!({})).status,
                403,
                "{path}"
            );
        }
        assert_eq!(browser.come_back(&address).status, 200);
        assert_eq!(browser.come_back(&address).status, 403);
        idp.asked("/token");
        idp.assert_none_redeemed();
    });
}

#[test]
fn no_token_is_taken_from_a_browser() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let asked = asked(&idp);
        let _root = ask(&asked);
        let mut browser = Browser::default();
        let state = parameters(&browser.begin(&asked, "42"))["state"].clone();
        for key in ["token", "id_token", "access_token"] {
            let mut body = json!({"provider": "kmh", "state": state, "code": "code-1"});
            body[key] = json!("a.b.c");
            assert_eq!(browser.post("callback", &body).status, 422, "{key}");
        }
        idp.assert_none_redeemed();
    });
}

#[test]
fn an_answer_for_another_issuer_or_another_providers_address_is_not_redeemed() {
    in_house(|world| {
        let idp = Idp::start(world);
        idp.publish(
            "authorization_response_iss_parameter_supported",
            json!(true),
        );
        let _daemon = idp.daemon(world);
        let issuer = idp.server.origin();
        for (provider, iss, taken) in [
            ("kmh", json!(null), false),
            ("kmh", json!(format!("{issuer}/")), false),
            ("kmh", json!("https://evil.example"), false),
            ("other", json!(issuer), false),
            // Last: its sign-in still waits for the check digits.
            ("kmh", json!(issuer), true),
        ] {
            let asked = asked(&idp);
            let mut root = ask(&asked);
            let mut browser = Browser::default();
            let state = parameters(&browser.begin(&asked, "42"))["state"].clone();
            let body = json!({"provider": provider, "state": state, "code": "code-1", "iss": iss});
            let answer = browser.post("callback", &body).json();
            assert_eq!(answer["failed"].is_null(), taken, "{body}");
            let said = root.hear();
            assert_eq!(
                matches!(said, Some(FromDaemon::Token(_))),
                taken,
                "{said:?}"
            );
            if taken {
                idp.asked("/token");
            }
            idp.assert_none_redeemed();
        }
    });
}

#[test]
fn the_cookie_is_for_this_host_https_and_no_script() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let asked = asked(&idp);
        let _root = ask(&asked);
        let code = antiphon_core::account::page_code(&asked.request);
        let begun = Browser::default().post("begin", &json!({"code": code, "number": "42"}));
        let cookie = begun.header("set-cookie").unwrap();
        assert!(cookie.starts_with("__Host-antiphon-account="), "{cookie}");
        for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
        assert_eq!(begun.header("cache-control"), Some("no-store"));
    });
}
