//! "It is not me" while the check digits are awaited, and the way back from the provider while the daemon is away.

use antiphon_tests::Sshd;
use serde_json::json;

use super::idp::{ES256, Idp, installed};
use super::views::{go, signed};
use super::{alice, digits, shown, sign_in, to_the_provider};
use crate::browser::{Browser, Taste};
use crate::daemon::in_house;
use crate::driver::until;
use crate::stub::{Presence, Said, Stub};
use crate::walk::tap;

const BACK: &str = "/account/kmh#state=x&code=y";

fn with_digits() -> serde_json::Value {
    signed(|signed| signed["check_digits"] = json!("07"))
}

#[test]
fn who_has_signed_in_can_say_at_the_digits_that_it_is_not_them_and_nobody_gets_in() {
    installed();
    in_house(|world| {
        let idp = Idp::start(world, ES256);
        let _daemon = idp.daemon(world, "");
        idp.store_keys("");
        let _alice = alice(world);
        let sshd = Sshd::start(world, "");
        let browser = Browser::start(Taste::ENGLISH);
        let mut terminal = sshd.after_password(world, "alice", "echo here is $USER");
        let (number, address) = shown(&mut terminal);
        to_the_provider(&browser, &address, &number);
        sign_in(&browser, "alice@kmh");
        let digits = digits(&browser);
        tap(&browser, "It’s not me");
        tap(&browser, "Back");
        browser.see(&digits);
        tap(&browser, "It’s not me");
        tap(&browser, "I did not start this");
        browser.see("can no longer be approved");
        // They were read to somebody before.
        terminal.send_line(&digits);
        until("the end", || {
            world.log().has("outcome=reported").then_some(())
        });
        assert!(!terminal.interrupt().text.contains("here is"));
        browser.assert_quiet(&[]);
    });
}

#[test]
fn what_the_daemon_does_not_take_back_is_told_and_can_be_tried_again() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    stub.account("callback", Some(with_digits()));
    go(&browser, &stub, BACK);
    browser.see("Type these two digits at the computer");
    stub.refuse("/api/account/decline", 503);
    tap(&browser, "It’s not me");
    tap(&browser, "I started it by mistake");
    browser.see("The service has a problem");
    browser.see("Type these two digits at the computer");
    stub.refuse("/api/account/decline", 200);
    tap(&browser, "It’s not me");
    tap(&browser, "I started it by mistake");
    assert!(matches!(stub.said(), Said::Declined { mistake: true }));
    browser.see("Only this sign-in was refused");
    browser.assert_quiet(&["503", "502"]);
}

#[test]
fn a_refusal_that_came_too_late_does_not_stand_as_one() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    stub.account("callback", Some(with_digits()));
    for (outcome, told) in [
        ("accepted", "Signed in"),
        ("reported", "can no longer be approved"),
    ] {
        stub.account("ended", None);
        go(&browser, &stub, BACK);
        browser.see("Type these two digits at the computer");
        tap(&browser, "It’s not me");
        tap(&browser, "I did not start this");
        assert!(matches!(stub.said(), Said::Declined { mistake: false }));
        stub.account("ended", Some(json!({"outcome": outcome})));
        browser.see(told);
        tap(&browser, "OK");
        browser.see("You can close this page");
    }
    browser.assert_quiet(&["502"]);
}

#[test]
fn a_daemon_that_does_not_wait_before_it_says_that_nothing_has_ended_is_not_hammered() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    go(&browser, &stub, "/");
    let log = browser.run(
        "const log = [];
         const real = setTimeout;
         window.setTimeout = (then, pause) => {
           if (pause >= 1_000) log.push('paused');
           return real(then, 0);
         };
         const outcomes = [null, null, null, null, 'expired'];
         window.fetch = async () => {
           log.push('asked');
           return new Response(JSON.stringify({ outcome: outcomes.shift() }));
         };
         const signed = { user: 'alice', host: 'web1', enter: true, expires: Date.now() / 1000 + 600 };
         return import('/account_end.js').then(({ goOn }) => {
           goOn(signed, () => {});
           return new Promise((resolve) => {
             setInterval(() => document.body.textContent.includes('Time is up') && resolve(log), 10);
           });
         });",
        &[],
    );
    let each = ["paused", "asked"].repeat(5);
    assert_eq!(log, json!(each));
}

#[test]
fn the_digits_stay_where_they_are_when_the_daemon_has_forgotten_the_sign_in() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    stub.account("callback", Some(with_digits()));
    stub.refuse("/api/account/ended", 404);
    go(&browser, &stub, BACK);
    until("the page to ask how it ended", || {
        stub.has_heard("/api/account/ended").then_some(())
    });
    // It goes on asking, since they count also without the daemon.
    stub.account("ended", Some(json!({"outcome": "accepted"})));
    stub.refuse("/api/account/ended", 200);
    browser.see("Signed in");
    // Where nothing is to be typed there is nothing to wait for.
    stub.account("callback", Some(signed(|_| {})));
    stub.refuse("/api/account/ended", 404);
    go(&browser, &stub, BACK);
    browser.see("No word from the computer");
}

#[test]
fn a_browser_that_comes_back_while_the_daemon_is_away_tries_again() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    stub.account("callback", Some(with_digits()));
    stub.refuse("/api/account/callback", 503);
    go(&browser, &stub, BACK);
    browser.see("Trying again");
    stub.be(Presence::Away);
    stub.refuse("/api/account/callback", 200);
    browser.see("Trying again");
    stub.be(Presence::Here);
    browser.see("Type these two digits at the computer");
}

#[test]
fn a_browser_whose_first_answer_was_lost_is_known_by_its_cookie_and_waits_for_the_provider() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    stub.refuse("/api/account/callback", 504);
    go(&browser, &stub, BACK);
    browser.see("Trying again");
    stub.account("resume", Some(json!({"pending": true})));
    stub.refuse("/api/account/callback", 403);
    browser.see("is being fetched");
    stub.account("resume", Some(with_digits()));
    browser.see("Type these two digits at the computer");
    // Loaded again meanwhile, it waits too.
    stub.account("resume", Some(json!({"pending": true})));
    go(&browser, &stub, "/a");
    browser.see("is being fetched");
    stub.account("resume", Some(with_digits()));
    browser.see("Type these two digits at the computer");
    // And one that the daemon does not know is told so at once.
    stub.account("resume", None);
    go(&browser, &stub, "/a");
    browser.see("No sign-in waits at this address");
}
