//! A sign-in waits: what the person can do, and what they are told.

use antiphon_core::approval::ApprovalRequest;
use serde_json::json;

use crate::browser::{Browser, Engine, Taste};
use crate::stub::{Said, Stub, request};
use crate::walk::{ENGLISH, SWEDISH, approve, enrol, tap};

fn enrolled() -> (Stub, Browser) {
    enrolled_in(Engine::Chromium)
}

fn enrolled_in(engine: Engine) -> (Stub, Browser) {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH.of(engine)));
    enrol(&browser, &stub, &ENGLISH, None);
    (stub, browser)
}

#[test]
fn the_right_number_signs_in_and_another_does_not() {
    let (stub, browser) = enrolled();
    for (typed, outcome) in [(42, "Signed in"), (43, "The number did not match")] {
        let asked = request(60);
        let id = stub.ask(&asked, 2);
        browser.see("203.0.113.5");
        approve(&browser, &ENGLISH, typed);
        stub.judge(&id, &asked, 42);
        browser.see(outcome);
        tap(&browser, "OK");
        browser.see("Nothing is waiting");
    }
    browser.assert_quiet(&[]);
}

#[test]
fn the_person_sees_all_that_is_signed_in_either_language() {
    for (taste, words, how) in [
        (Taste::ENGLISH, ENGLISH, "Administrator rights (sudo)"),
        (Taste::SWEDISH, SWEDISH, "Administratörsrättigheter (sudo)"),
    ] {
        let (stub, browser) = (Stub::start(), Browser::start(taste));
        enrol(&browser, &stub, &words, None);
        stub.ask(
            &ApprovalRequest {
                service: "sudo".into(),
                caller: "bo\u{202e}b\u{1b}<b>".into(),
                remote_host: String::new(),
                terminal: "/dev/pts/3".into(),
                ..request(60)
            },
            2,
        );
        browser.see(words.waits);
        let text = browser.text();
        for part in ["alice", "web1", how, "bo[U+202E]b[U+001B]<b>", "/dev/pts/3"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(
            browser
                .run("return document.title", &[])
                .as_str()
                .unwrap()
                .contains(words.waits)
        );
        browser.assert_quiet(&[]);
    }
}

#[test]
fn approve_can_be_pressed_only_when_all_digits_are_there() {
    let (stub, browser) = enrolled();
    stub.ask(&request(60), 3);
    let (field, button) = (browser.find("#number"), browser.find("text=Approve"));
    assert_eq!(
        field.is("[it.inputMode, it.maxLength, document.activeElement === it]"),
        json!(["numeric", 3, true])
    );
    for (typed, value, disabled) in [
        ("4", "4", true),
        ("x ", "4", true),
        ("2", "42", true),
        ("7", "427", false),
        ("8", "427", false),
    ] {
        field.type_in(typed);
        assert_eq!(field.is("it.value"), json!(value));
        assert_eq!(button.is("it.disabled"), json!(disabled), "{value}");
    }
    browser.assert_quiet(&[]);
}

in_each_browser!(the_number_goes_nowhere_but_into_the_signature);
fn the_number_goes_nowhere_but_into_the_signature(engine: Engine) {
    let (stub, browser) = enrolled_in(engine);
    let asked = request(60);
    let id = stub.ask(&asked, 6);
    approve(&browser, &ENGLISH, 918_273);
    stub.judge(&id, &asked, 918_273);
    browser.see("Signed in");
    assert!(!stub.has_heard("918273"));
    let kept = browser.run(
        "return (async () => {
           const { load } = await import('/store.js');
           const cached = await Promise.all((await caches.keys()).map(async (name) =>
             Promise.all((await (await caches.open(name)).matchAll()).map((answer) => answer.text()))));
           return JSON.stringify([await load('identity'), cached, { ...localStorage }, { ...sessionStorage },
             location.href, document.cookie, document.documentElement.outerHTML]);
         })()",
        &[],
    );
    assert!(!kept.as_str().unwrap().contains("918273"));
    browser.assert_quiet(&[]);
}

#[test]
fn it_is_not_me_refuses_and_says_what_to_do() {
    let (stub, browser) = enrolled();
    let id = stub.ask(&request(60), 2);
    tap(&browser, "It is not me");
    assert!(matches!(stub.said(), Said::Declined));
    stub.gone(&id, "reported");
    browser.see("change it, and tell your administrator");
    browser.assert_quiet(&[]);
}

#[test]
fn a_sign_in_that_ends_elsewhere_leaves_the_screen_and_says_how() {
    let (stub, browser) = enrolled();
    for (outcome, title) in [
        ("cancelled", "The sign-in has gone"),
        ("answered", "Already answered"),
        ("expired", "Time is up"),
        ("refused", "Not approved"),
        ("a new word", "Not approved"),
    ] {
        let id = stub.ask(&request(60), 2);
        browser.see("A sign-in waits");
        stub.gone(&id, outcome);
        browser.see(title);
        assert!(!browser.text().contains("Number on the computer"));
    }
    browser.assert_quiet(&[]);
}

#[test]
fn time_runs_out_on_the_phone_also_when_nobody_says_so() {
    let (stub, browser) = enrolled();
    stub.ask(&request(600), 2);
    browser.see("A sign-in waits");
    let now = browser.run("return Date.now()", &[]).as_u64().unwrap();
    let set_clock = |ahead: u64| {
        let moment = json!(now + ahead * 1000);
        browser.run(
            "const [moment] = arguments; Date.now = () => moment",
            &[moment],
        );
    };
    set_clock(590);
    browser.see("seconds left");
    set_clock(601);
    browser.see("Time is up");
    stub.assert_silent();
    browser.assert_quiet(&[]);
}

#[test]
fn a_restart_of_the_daemon_leaves_no_dead_prompt() {
    let (stub, browser) = enrolled();
    stub.ask(&request(60), 2);
    browser.see("A sign-in waits");
    stub.restart();
    browser.see("The sign-in has gone");
    tap(&browser, "OK");
    browser.see("Connected");
    browser.assert_quiet(&["ERR_"]);
}

in_each_browser!(a_lost_connection_keeps_a_sign_in_that_still_waits);
fn a_lost_connection_keeps_a_sign_in_that_still_waits(engine: Engine) {
    let (stub, browser) = enrolled_in(engine);
    let asked = request(60);
    let id = stub.ask(&asked, 2);
    browser.see("A sign-in waits");
    browser.find("#number").type_in("4");
    stub.cut();
    browser.see("No connection. Trying again");
    browser.find("#number").type_in("2");
    crate::driver::until("the connection", || {
        (!browser.text().contains("No connection")).then_some(())
    });
    tap(&browser, "Approve");
    stub.judge(&id, &asked, 42);
    browser.see("Signed in");
    browser.assert_quiet(&["ERR_"]);
}

in_each_browser!(what_goes_wrong_is_said_and_can_be_tried_again);
fn what_goes_wrong_is_said_and_can_be_tried_again(engine: Engine) {
    let (stub, browser) = enrolled_in(engine);
    let asked = request(60);
    let id = stub.ask(&asked, 2);
    browser.verify_user(false);
    approve(&browser, &ENGLISH, 42);
    browser.see("Not confirmed. Try again");
    stub.assert_silent();
    browser.verify_user(true);
    for (status, sentence) in [
        (500, "The service has a problem"),
        (429, "Too many tries"),
        (422, "was not understood"),
    ] {
        stub.refuse("/api/requests", status);
        tap(&browser, "Approve");
        browser.see(sentence);
    }
    stub.refuse("/api/requests", 200);
    tap(&browser, "Approve");
    stub.judge(&id, &asked, 42);
    browser.see("Signed in");
    for (status, title) in [(404, "The sign-in has gone"), (409, "Already answered")] {
        stub.ask(&asked, 2);
        stub.refuse("/api/requests", status);
        approve(&browser, &ENGLISH, 42);
        browser.see(title);
        stub.restart();
    }
    browser.assert_quiet(&["Failed to load resource", "ERR_"]);
}

#[test]
fn two_sign_ins_wait_in_turn() {
    let (stub, browser) = enrolled();
    let first = stub.ask(&request(60), 2);
    browser.see("A sign-in waits");
    let second = stub.ask(
        &ApprovalRequest {
            remote_host: "198.51.100.7".into(),
            ..request(60)
        },
        2,
    );
    browser.see("One more sign-in waits");
    assert!(browser.text().contains("203.0.113.5"));
    stub.gone(&first, "cancelled");
    browser.see("The sign-in has gone");
    tap(&browser, "OK");
    browser.see("198.51.100.7");
    stub.gone(&second, "cancelled");
    browser.see("The sign-in has gone");
    browser.assert_quiet(&[]);
}
