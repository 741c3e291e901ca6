//! Where the page sends a browser, and what a phone that is known shows, by a daemon for the page alone.

use serde_json::json;

use super::views;
use crate::browser::{Browser, Taste};
use crate::driver::until;
use crate::stub::{Said, Stub, request};
use crate::walk::{enrolled, tap};

#[test]
fn a_page_from_elsewhere_sends_nobody_to_an_address_that_it_does_not_name() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    stub.account("look", Some(views::seen(&request(600))));
    stub.serve_elsewhere(&["https://id.example.org", "https://login.example.org:8443"]);
    for address in [
        "https://id.example.org.attacker.example/authorize",
        "https://id.example.org@attacker.example/authorize",
        "https://id.example.org:8443/authorize",
        "http://id.example.org/authorize",
    ] {
        stub.account("begin", Some(json!({"location": address})));
        views::go(&browser, &stub, "/a/abcde-fghij");
        browser.find("#number").type_in("42");
        tap(&browser, "Continue");
        browser.see("leads to an address that this page does not know");
    }
    browser.assert_quiet(&[]);
    // There is nobody there, so the browser shows a page of its own.
    stub.account(
        "begin",
        Some(json!({"location": "https://login.example.org:8443/a?b"})),
    );
    browser.find("#number").type_in("42");
    tap(&browser, "Continue");
    until("the browser to leave the page", || {
        (!browser.text().contains("Continue")).then_some(())
    });

    stub.serve_elsewhere(&[]);
    for path in ["/a/abcde-fghij", "/a#AAAA", "/account/kmh#state=x&code=y"] {
        views::go(&browser, &stub, path);
        browser.see("This page is not set up for accounts.");
    }
}

#[test]
fn a_phone_that_is_known_shows_the_sign_in_too_and_can_say_that_it_is_not_the_person() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let id = stub.ask_account(&views::seen(&request(600)));
    browser.see("sign in with your KMH account");
    browser.see("login.microsoftonline.com");
    tap(&browser, "It’s not me");
    tap(&browser, "I did not start this");
    assert!(matches!(stub.said(), Said::Declined { mistake: false }));
    browser.see("can no longer be approved");
    stub.gone(&id, "reported");
    browser.see("will not be asked again for a while");
    tap(&browser, "OK");
    let id = stub.ask_account(&views::seen(&request(600)));
    browser.see("sign in with your KMH account");
    stub.gone(&id, "answered");
    browser.see("Already answered");
    browser.assert_quiet(&[]);
}

#[test]
fn the_browser_is_sent_to_nothing_but_https() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    stub.account("look", Some(views::seen(&request(600))));
    let unknown = "leads to an address that this page does not know";
    for (address, said) in [
        ("http://localhost:1/", unknown),
        ("javascript:alert(1)", unknown),
        ("data:text/html,x", unknown),
        ("/a", "That did not work."),
    ] {
        stub.account("begin", Some(json!({"location": address})));
        browser.go(&format!("{}/a/abcde-fghij", stub.origin));
        browser.find("#number").type_in("42");
        tap(&browser, "Continue");
        browser.see(said);
    }
    browser.assert_quiet(&[]);
}
