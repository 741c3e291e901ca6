//! A sign-in that an account approves, and every way in which it ends.

use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::{fs, thread};

use antiphon_core::account::{CheckDigits, page_code};
use antiphon_core::approval::Number;
use antiphon_core::wire::{FromDaemon, IdToken, NoToken, ToDaemon, Unwilling};
use antiphon_tests::until;
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use super::browser::{Browser, ask, asked};
use super::idp::{ACCESS, Idp, REFRESH, TOKEN, challenge, ok, parameters, tokens};
use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::root::{approve, request, unwilling};
use crate::{Root, Web};

fn token() -> FromDaemon {
    FromDaemon::Token(IdToken {
        token: TOKEN.into(),
    })
}

#[test]
fn root_gets_the_token_for_the_typed_number_and_the_page_its_check_digits_and_how_it_ended() {
    in_house(|world| {
        let idp = Idp::start(world);
        let daemon = idp.daemon(world);
        let asked = asked(&idp);
        let mut root = ask(&asked);
        let code = page_code(&asked.request);
        let mut browser = Browser::default();
        let seen = browser.post("look", &json!({"code": code})).json();
        for (key, value) in [
            ("user", json!("alice")),
            ("host", json!("web1")),
            ("service", json!("sshd")),
            ("remote_host", json!("203.0.113.5")),
            ("digits", json!(2)),
            ("label", json!({"sv": "KMH-konto", "en": "KMH account"})),
            ("elsewhere", json!(false)),
        ] {
            assert_eq!(seen[key], value, "{key}");
        }
        let at = idp.server.origin().replace("https://", "");
        assert_eq!(seen["at"], json!(at));

        let address = browser.begin(&asked, "42");
        let begun = parameters(&address);
        let nonce = asked.terms.digest(&asked.request, &Number::new(42));
        for (key, value) in [
            ("client_id", "antiphon"),
            ("response_type", "code"),
            ("response_mode", "fragment"),
            ("scope", "openid"),
            ("prompt", "login"),
            ("redirect_uri", "http://localhost:8470/account/kmh"),
            ("nonce", &BASE64URL_NOPAD.encode(&nonce)),
        ] {
            assert_eq!(begun[key], value, "{key}");
        }
        let answer = browser.come_back(&address);
        assert_eq!(answer.status, 200, "{answer:?}");
        let digits = CheckDigits::of(TOKEN);
        let expected = json!({
            "user": "alice", "host": "web1", "is_enrolment": false, "enter": false, "failed": null,
            "expires": asked.request.expires, "check_digits": digits.digits(),
        });
        assert_eq!(answer.json(), expected);
        assert_eq!(root.hear(), Some(token()));
        // The page was loaded again.
        assert_eq!(browser.post("resume", &json!({})).json(), expected);

        let redeemed = idp.asked("/token");
        let form = redeemed.form();
        assert_eq!(challenge(&form["code_verifier"]), begun["code_challenge"]);
        for (key, value) in [
            ("grant_type", "authorization_code"),
            ("code", "code-1"),
            ("client_id", "antiphon"),
            ("redirect_uri", "http://localhost:8470/account/kmh"),
        ] {
            assert_eq!(form[key], value, "{key}");
        }
        assert!(redeemed.basic().is_none() && !form.contains_key("client_secret"));

        root.outcome("accepted");
        let ended = browser.post("ended", &json!({})).json();
        assert_eq!(ended, json!({"outcome": "accepted"}));
        assert_eq!(browser.post("look", &json!({"code": code})).status, 404);
        let log = daemon.log();
        assert!(log.contains("provider=kmh"), "{log}");
        for secret in [
            TOKEN,
            ACCESS,
            REFRESH,
            "code-1",
            &form["code_verifier"],
            &begun["state"],
            &begun["nonce"],
            browser.cookie.as_deref().unwrap(),
        ] {
            assert!(!log.contains(secret), "{secret} in {log}");
        }
    });
}

#[test]
fn until_the_provider_has_answered_a_page_that_is_loaded_again_is_told_to_wait() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let (answer, answers) = channel();
        let answers = Mutex::new(answers);
        idp.redeem_with(move |_| answers.lock().unwrap().recv().unwrap());
        let asked = asked(&idp);
        let mut root = ask(&asked);
        let mut browser = Browser::default();
        let address = browser.begin(&asked, "42");
        let again = || browser.post("resume", &json!({}));
        assert_eq!(again().status, 404);
        thread::scope(|scope| {
            let back = scope.spawn(|| browser.come_back(&address));
            until("the code to be redeemed", || {
                (again().status == 200).then_some(())
            });
            assert_eq!(again().json(), json!({"pending": true}));
            answer.send(ok(&tokens())).unwrap();
            let signed = back.join().unwrap().json();
            assert_eq!(root.hear(), Some(token()));
            assert_eq!(again().json(), signed);
        });
    });
}

#[test]
fn another_number_gives_another_nonce_and_what_is_no_number_none() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let asked = asked(&idp);
        let _root = ask(&asked);
        let nonces = [42, 43].map(|number: u32| {
            let address = Browser::default().begin(&asked, &number.to_string());
            let nonce = asked.terms.digest(&asked.request, &Number::new(number));
            assert_eq!(
                parameters(&address)["nonce"],
                BASE64URL_NOPAD.encode(&nonce)
            );
            nonce
        });
        assert_ne!(nonces[0], nonces[1]);
        let code = page_code(&asked.request);
        for number in ["", "4", "04", "427", "4x", "+4", "-4", " 4", "٤٢"] {
            let body = json!({"code": code, "number": number});
            assert_eq!(
                Browser::default().post("begin", &body).status,
                422,
                "{number}"
            );
        }
    });
}

#[test]
fn the_page_is_told_how_it_ended_whatever_it_was_and_no_digits_where_none_are_wanted() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        for (outcome, told) in [
            (Some("accepted"), "accepted"),
            (Some("wrong"), "wrong"),
            (Some("refused"), "refused"),
            (None, "cancelled"),
        ] {
            let mut asked = asked(&idp);
            asked.check_digits = false;
            asked.hints.enter = true;
            let mut root = ask(&asked);
            let mut browser = Browser::default();
            let address = browser.begin(&asked, "42");
            let answer = browser.come_back(&address).json();
            assert_eq!(
                (&answer["check_digits"], &answer["enter"]),
                (&json!(null), &json!(true))
            );
            assert_eq!(root.hear(), Some(token()));
            match outcome {
                Some(outcome) => root.outcome(outcome),
                None => drop(root),
            }
            let ended = browser.post("ended", &json!({})).json();
            assert_eq!(ended["outcome"], told);
        }
    });
}

#[test]
fn a_person_has_one_open_request_whether_phones_or_an_account_approve_it() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let phone = enrol("alice", "Pixel 9");
        let by_account = asked(&idp);
        let busy = Some(unwilling(Unwilling::Busy));
        let root = ask(&by_account);
        let mut second = Root::say(&ToDaemon::ApproveByAccount(by_account.clone()));
        assert_eq!(second.hear(), busy);
        let by_phone = approve(&request("alice", 60), &[&phone.credential]);
        assert_eq!(Root::say(&by_phone).hear(), busy);
        drop(root);
        until("the end of the first", || {
            let mut root = Root::say(&by_phone);
            (root.hear() == Some(FromDaemon::Waiting { phones: 0 })).then_some(())
        });
    });
}

#[test]
fn the_persons_phone_is_told_and_can_say_that_it_is_not_them_but_its_passkey_approves_nothing() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let phone = enrol("alice", "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        let mut asked = asked(&idp);
        asked.credentials = vec![phone.credential.clone()];
        let mut root = Root::say(&ToDaemon::ApproveByAccount(asked.clone()));
        assert_eq!(root.hear(), Some(FromDaemon::Waiting { phones: 1 }));
        let (name, shown) = inbox.next().unwrap();
        assert_eq!(name, "account");
        assert_eq!(shown["code"], json!(page_code(&asked.request)));
        assert_eq!(shown["label"]["en"], "KMH account");
        assert_eq!(phone.approve(&shown, "42").status, 404);
        assert_eq!(phone.decline(&shown).status, 202);
        assert_eq!(root.hear(), Some(FromDaemon::Declined {}));
        // Now the page comes too late.
        let code = page_code(&asked.request);
        let late = Browser::default().post("decline", &json!({"code": code}));
        assert_eq!(late.status, 409);
        root.outcome("reported");
        assert_eq!(inbox.gone(&shown), "reported");
    });
}

#[test]
fn a_key_that_is_not_known_has_root_fetch_the_keys_and_says_nothing_else() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let file = Path::new("/run/antiphon/refresh-keys");
        let asked = asked(&idp);
        let mut root = ask(&asked);
        let mut browser = Browser::default();
        let address = browser.begin(&asked, "42");
        assert_eq!(browser.come_back(&address).status, 200);
        assert_eq!(root.hear(), Some(token()));
        assert!(!file.exists());
        root.send(&ToDaemon::KeyUnknown {});
        until("the file", || file.exists().then_some(()));
        assert_eq!(fs::read(file).unwrap(), b"");
        // The same sign-in goes on.
        root.outcome("accepted");
        assert_eq!(
            browser.post("ended", &json!({})).json()["outcome"],
            "accepted"
        );
    });
}

#[test]
fn what_the_provider_refuses_is_told_in_our_words_alone() {
    in_house(|world| {
        let idp = Idp::start(world);
        let daemon = idp.daemon(world);
        for (error, reason, word) in [
            ("access_denied", NoToken::Denied, "denied"),
            (
                "login_required",
                NoToken::ProviderRefused,
                "provider_refused",
            ),
            ("call 555 now", NoToken::ProviderRefused, "provider_refused"),
        ] {
            let asked = asked(&idp);
            let mut root = ask(&asked);
            let mut browser = Browser::default();
            let state = parameters(&browser.begin(&asked, "42"))["state"].clone();
            let body = json!({"provider": "kmh", "state": state, "error": error});
            let answer = browser.post("callback", &body).json();
            assert_eq!(answer["failed"], word);
            assert_eq!(root.hear(), Some(FromDaemon::NoToken { reason }));
            // A description is not even a field.
            let mut described = body;
            described["error_description"] = json!("call 555 now");
            assert_eq!(browser.post("callback", &described).status, 422);
        }
        daemon.expect_log("the sign-in there ended with login_required");
        daemon.expect_log("the sign-in there ended with an unknown error");
        assert!(!daemon.log().contains("555") && !daemon.log().contains("access_denied"));
    });
}

#[test]
fn a_browser_that_comes_back_gets_the_page_and_nothing_on_the_way_keeps_the_address() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let web = Web::default();
        for path in ["/account/kmh", "/account/kmh?code=1&state=2"] {
            let more =
                "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nIf-None-Match: *\r\n";
            let page = web.say("GET", path, more, None);
            assert_eq!(page.status, 200, "{path}");
            assert_eq!(page.header("cache-control"), Some("no-store"));
            assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
            assert_eq!(page.header("etag"), None);
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.contains("form-action 'none'"), "{policy}");
        }
        assert_eq!(web.say("GET", "/account/other", "", None).status, 404);
        assert_eq!(web.say("GET", "/a/abcde-fghij", "", None).status, 200);
        assert_eq!(web.say("GET", "/a", "", None).status, 200);
    });
}
