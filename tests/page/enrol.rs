//! From the QR code to a phone that is ready.

use serde_json::json;

use crate::browser::{Browser, Engine, Taste};
use crate::stub::{Said, Stub, request, trial};
use crate::walk::{CODES, ENGLISH, approve, enrol, enrolled, tap};

fn start() -> (Stub, Browser) {
    start_in(Engine::Chromium)
}

fn start_in(engine: Engine) -> (Stub, Browser) {
    (Stub::start(), Browser::start(Taste::ENGLISH.of(engine)))
}

in_each_browser!(a_phone_that_is_enrolled_stays_so_and_its_link_leaves_no_trace);
fn a_phone_that_is_enrolled_stays_so_and_its_link_leaves_no_trace(engine: Engine) {
    let (stub, browser) = start_in(engine);
    browser.go(&stub.link(Some(CODES)));
    // The stub has asserted that no address it was asked for had a `#`.
    assert_eq!(
        browser.run("return location.href", &[]),
        json!(format!("{}/", stub.origin))
    );
    enrol(&browser, &stub, &ENGLISH, Some(CODES));
    browser.go(&stub.origin);
    browser.see("No sign-in is waiting");
    browser.see("alice@web1");
    // The key of codes can be used and not read.
    let exported = browser.run(
        "return import('/store.js').then(({ load }) => load('code'))
           .then((key) => crypto.subtle.exportKey('raw', key)).then(() => 'read', (error) => error.name)",
        &[],
    );
    assert_eq!(exported, json!("InvalidAccessError"));
    browser.assert_quiet(&[]);
}

#[test]
fn a_phone_that_root_does_not_keep_is_told_and_keeps_nothing() {
    let (stub, browser) = start();
    browser.go(&stub.link(Some(CODES)));
    tap(&browser, "Continue");
    stub.enrolled();
    tap(&browser, "Not now");
    browser.see("Now let’s test it");
    stub.forget_token();
    browser.see("The phone was not added");
    browser.go(&stub.origin);
    browser.see("If this phone has been added before");
    assert!(!browser.text().contains("Show a code"));
    browser.assert_quiet(&["401"]);
}

#[test]
fn a_link_that_is_used_spoilt_or_answered_says_to_ask_for_a_new_one() {
    let (stub, browser) = start();
    for (status, sentence) in [
        (404, "Ask for a new QR code"),
        (409, "Another phone has used"),
        (429, "Too many tries"),
    ] {
        stub.refuse("/api/enroll", status);
        browser.go(&stub.link(None));
        browser.see(sentence);
    }
    for spoilt in ["", "#", "#abc", "#abc.d!", "#.abc"] {
        browser.go(&format!("{}/enroll{spoilt}", stub.origin));
        browser.see("Ask for a new QR code");
    }
    browser.assert_quiet(&["Failed to load resource"]);
}

in_each_browser!(a_passkey_that_is_here_already_serves_instead_of_a_second_one);
fn a_passkey_that_is_here_already_serves_instead_of_a_second_one(engine: Engine) {
    let (stub, browser) = enrolled(Taste::ENGLISH.of(engine));
    let credential = browser.run(
        "return import('/store.js').then(({ load }) => load('identity'))",
        &[],
    );
    stub.credentials(vec![credential["credential"].as_str().unwrap().to_owned()]);
    browser.go(&stub.link(None));
    tap(&browser, "Continue");
    browser.see("This phone has already been added");
    tap(&browser, "Use that passkey");
    assert!(matches!(stub.said(), Said::Renewed));
    browser.see("No sign-in is waiting");
    browser.assert_quiet(&[]);
}

in_each_browser!(a_person_who_does_not_confirm_can_try_again);
fn a_person_who_does_not_confirm_can_try_again(engine: Engine) {
    let (stub, browser) = start_in(engine);
    browser.verify_user(false);
    browser.go(&stub.link(None));
    let name = browser.find("#name");
    name.is("it.value = ''");
    tap(&browser, "Continue");
    browser.see("Give the phone a name");
    // What cannot be seen has no place in a name.
    name.type_in("Åsas\u{202e} telefon");
    tap(&browser, "Continue");
    browser.see("Not confirmed. Try again");
    browser.verify_user(true);
    tap(&browser, "Continue");
    assert_eq!(stub.enrolled().name, "Åsas telefon");
    browser.assert_quiet(&[]);
}

in_each_browser!(without_a_token_the_passkey_brings_a_new_one);
fn without_a_token_the_passkey_brings_a_new_one(engine: Engine) {
    let (stub, browser) = enrolled(Taste::ENGLISH.of(engine));
    stub.forget_token();
    browser.see("Is it you?");
    tap(&browser, "Continue with the passkey");
    assert!(matches!(stub.said(), Said::Renewed));
    browser.see("No sign-in is waiting");
    // The browser has lost everything but the passkey.
    browser.run(
        "return import('/store.js').then(({ forget }) => forget('identity'))",
        &[],
    );
    browser.go(&stub.origin);
    browser.see("If this phone has been added before");
    tap(&browser, "Continue with the passkey");
    assert!(matches!(stub.said(), Said::Renewed));
    browser.see("No sign-in is waiting");
    let asked = request(60);
    let id = stub.ask(&asked, 2);
    approve(&browser, &ENGLISH, 42);
    stub.judge(&id, &asked, 42);
    browser.see("Signed in");
    browser.assert_quiet(&["401"]);
}

#[test]
fn a_passkey_that_was_removed_says_how_to_enrol_again() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    stub.forget_token();
    browser.see("Is it you?");
    stub.refuse("/api/renew", 403);
    tap(&browser, "Continue with the passkey");
    browser.see("ask your administrator for a QR code");
    stub.refuse("/api/renew", 500);
    tap(&browser, "Continue with the passkey");
    browser.see("The service has a problem");
    browser.assert_quiet(&["Failed to load resource"]);
}

#[test]
fn a_browser_that_cannot_be_used_says_so_before_the_ticket_is_and_leaves_the_link_in_the_address() {
    let nothing_saved = "It saves nothing for this page";
    for (lack, words) in [
        (
            "indexedDB.open = () => { throw new DOMException('', 'SecurityError'); }",
            nothing_saved,
        ),
        (
            "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError'); }",
            nothing_saved,
        ),
        (
            "delete globalThis.PublicKeyCredential",
            "open the link in Safari, Chrome or Firefox",
        ),
    ] {
        let (stub, browser) = start();
        let script = format!("(() => {{ {lack}; }})()");
        let source = json!({"source": script});
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", &source);
        let link = stub.link(Some(CODES));
        browser.go(&link);
        browser.see(words);
        browser.see("The link has not been used.");
        assert_eq!(browser.run("return location.href", &[]), json!(link));
        assert!(!stub.has_heard("/api/enroll"), "{lack}");
        browser.assert_quiet(&[]);
    }
}

#[test]
fn an_attempt_that_broke_off_goes_on_with_the_same_passkey_in_the_page_and_in_the_same_browser() {
    for is_loaded_again in [false, true] {
        let (stub, browser) = start();
        browser.go(&stub.link(None));
        browser.find("#name");
        stub.refuse("/api/enroll", 503);
        tap(&browser, "Continue");
        browser.see("The service has a problem");
        let begun = browser.run(
            "return import('/store.js').then(({ load }) => load('begun')).then(({ made }) => made.credential)",
            &[],
        );
        stub.refuse("/api/enroll", 200);
        if is_loaded_again {
            browser.go("about:blank");
            browser.go(&stub.link(None));
        } else {
            tap(&browser, "Continue");
        }
        let enrolled = stub.enrolled();
        browser.see("Get notified?");
        assert_eq!(
            begun,
            json!(data_encoding::BASE64URL_NOPAD.encode(&enrolled.credential))
        );
        browser.assert_quiet(&["503"]);
    }
}

#[test]
fn a_name_that_is_too_long_for_the_daemon_is_said_before_a_passkey_is_made() {
    let (stub, browser) = start();
    browser.go(&stub.link(None));
    let name = browser.find("#name");
    name.is("it.value = ''");
    // 32 characters are 96 bytes here.
    name.type_in(&"電".repeat(32));
    tap(&browser, "Continue");
    browser.see("Give the phone a shorter name");
    stub.assert_silent();
    name.is("it.value = ''");
    name.type_in("電話");
    tap(&browser, "Continue");
    assert_eq!(stub.enrolled().name, "電話");
    browser.assert_quiet(&[]);
}

#[test]
fn a_test_that_waits_behind_a_question_is_said_to_wait() {
    let (stub, browser) = start();
    browser.go(&stub.link(None));
    tap(&browser, "Continue");
    stub.enrolled();
    browser.see("Get notified?");
    let trial = trial();
    let id = stub.ask(&trial, 2);
    browser.see("The computer is waiting.");
    tap(&browser, "Not now");
    browser.see("This is only a test");
    approve(&browser, &ENGLISH, 42);
    stub.judge(&id, &trial, 42);
    browser.see("Done. This phone is ready");
    browser.assert_quiet(&[]);
}
