//! Looking back at a sign-in, and saying that it was not me.

use serde_json::json;

use crate::browser::{Browser, Taste};
use crate::driver::until;
use crate::stub::{Presence, Said, Stub, request};
use crate::walk::{Words, enrolled, enrolled_with, tap};

fn home(taste: Taste) -> (Stub, Browser) {
    let events = vec![
        json!({"id": "k7w2mq3a", "reported": false, "time": 1_795_377_600, "outcome": "accepted", "reason": "",
               "method": "code", "host": "web1", "service": "sshd", "remote_host": "<b>x</b>\u{202e}", "terminal": "ssh",
               "caller": "root"}),
        json!({"id": "b5xqt6xa", "reported": false, "time": 1_795_377_500, "count": 12, "since": 1_795_377_000,
               "outcome": "called", "reason": "", "method": "", "host": "web1", "service": "sshd",
               "remote_host": "192.0.2.7", "terminal": "ssh", "caller": "root"}),
        json!({"id": "aaaaaaaa", "reported": false, "time": 1_795_300_000, "outcome": "unlocked", "reason": "",
               "method": "", "host": "web1", "service": "antiphon unlock", "remote_host": "", "terminal": "",
               "caller": "root"}),
    ];
    enrolled_with(taste, |stub| stub.events(events))
}

#[test]
fn a_sign_in_that_was_not_me_is_reported_once_and_the_page_says_what_to_do() {
    let (stub, browser) = home(Taste::ENGLISH);
    // What root did with the command cannot be opened.
    until("the events, of which two", || {
        let openable = "return document.querySelectorAll('button.event').length";
        (browser.run(openable, &[]) == json!(2)).then_some(())
    });
    // For sshd and the command it is always root who asks: that says nothing.
    assert!(!browser.text().contains("root"), "{}", browser.text());
    browser.find("button.event time").click();
    browser.see("with a code");
    browser.see("<b>x</b>");
    assert!(!browser.text().contains("root"), "{}", browser.text());
    tap(&browser, "That was not me");
    browser.see("Change your password");
    browser.see("Talk to your administrator");
    assert!(matches!(stub.said(), Said::Reported(id) if id == "k7w2mq3a"));
    tap(&browser, "OK");
    browser.see("Reported: not you");
    browser.find("button.event time").click();
    browser.see("You have reported this sign-in.");
    let again = browser.run(
        "return [...document.querySelectorAll('button')].some((it) => it.textContent === 'That was not me')",
        &[],
    );
    assert_eq!(again, json!(false));
    stub.assert_silent();
}

#[test]
fn a_sign_in_that_was_not_finished_is_shown_with_its_count_and_can_be_reported() {
    for (taste, words, times) in [
        (
            Taste::ENGLISH,
            "Started, not finished; the phone was asked",
            "12 times since",
        ),
        (
            Taste::SWEDISH,
            "Påbörjad, inte slutförd; telefonen fick frågan",
            "12 gånger sedan",
        ),
    ] {
        let (stub, browser) = home(taste);
        browser.see(words);
        browser.see(times);
        browser.find("li:nth-child(2) button.event").click();
        browser.see("192.0.2.7");
        browser.see(times);
        tap(&browser, Words::of(taste).not_me);
        assert!(matches!(stub.said(), Said::Reported(id) if id == "b5xqt6xa"));
    }
}

#[test]
fn a_report_that_does_not_go_through_says_so_and_can_be_tried_again() {
    let (stub, browser) = home(Taste::ENGLISH);
    for (status, words) in [
        (503, "The service has a problem"),
        (404, "too old to be reported"),
    ] {
        stub.refuse("/api/activity/report", status);
        browser.find("button.event time").click();
        tap(&browser, "That was not me");
        browser.see(words);
        tap(&browser, "Back");
        browser.see("No sign-in is waiting");
    }
    stub.refuse("/api/activity/report", 200);
    browser.find("button.event time").click();
    tap(&browser, "That was not me");
    browser.see("Talk to your administrator");
    assert!(matches!(stub.said(), Said::Reported(_)));
}

#[test]
fn without_a_word_from_root_the_page_shows_the_phones_alone() {
    let (_stub, browser) = enrolled(Taste::ENGLISH);
    browser.see("Your ways to sign in");
    browser.see("gamla");
    let shown = browser.run("return document.body.textContent", &[]);
    assert!(!shown.as_str().unwrap().contains("Recovery codes"));
}

/// A sign-in that began `seconds` ago.
fn begun(id: &str, outcome: &str, seconds: u64, from: &str) -> serde_json::Value {
    json!({"id": id, "reported": false, "time": request(0).issued.0 - seconds, "outcome": outcome, "reason": "", "method": "",
           "host": "web1", "service": "sshd", "remote_host": from, "terminal": "ssh", "caller": ""})
}

#[test]
fn a_missed_sign_in_stands_on_the_start_page_until_the_person_says_whose_it_was() {
    for (taste, title) in [
        (Taste::ENGLISH, "Missed sign-in"),
        (Taste::SWEDISH, "Missad inloggning"),
    ] {
        let words = Words::of(taste);
        let events = vec![
            begun("a", "called", 5, "203.0.113.5"),
            begun("b", "expired", 600, "192.0.2.7"),
        ];
        let (stub, browser) = enrolled_with(taste, |stub| stub.events(events));
        browser.see(title);
        let card = browser.find(".missed");
        let text = card.is("it.innerText.replaceAll('\u{200b}', '')");
        assert!(text.as_str().unwrap().contains("203.0.113.5"), "{text}");
        tap(&browser, words.was_me);
        // The one before it is asked of next; what was said stays said.
        let text = "return document.querySelector('.missed')?.innerText.replaceAll('\u{200b}', '')";
        until("the sign-in before it", || {
            let text = browser.run(text, &[]);
            text.as_str()?.contains("192.0.2.7").then_some(())
        });
        browser.find(".missed .answers button").click();
        assert!(matches!(stub.said(), Said::Reported(id) if id == "b"));
        browser.see(words.reported);
        browser.go(&stub.origin);
        browser.find("li:nth-child(2) .event");
        assert!(!browser.text().contains(title), "{}", browser.text());
        browser.assert_quiet(&[]);
    }
}

#[test]
fn what_is_going_on_is_long_ago_or_was_finished_from_there_is_not_missed() {
    let events = vec![
        begun("a", "asked", 10, "203.0.113.5"),
        begun("b", "accepted", 100, "192.0.2.7"),
        begun("c", "called", 200, "192.0.2.7"),
        begun("d", "called", 100_000, "198.51.100.1"),
        begun("e", "wrong", 300, "198.51.100.2"),
    ];
    let (stub, browser) = enrolled_with(Taste::ENGLISH, |stub| stub.events(events));
    browser.see("Show more");
    assert!(!browser.text().contains("Missed"), "{}", browser.text());
    // A later look: what was going on has been given up.
    stub.events(vec![begun("a", "asked", 130, "203.0.113.5")]);
    browser.run("document.dispatchEvent(new Event('visibilitychange'))", &[]);
    browser.see("Missed sign-in");
}

#[test]
fn what_another_began_at_the_computer_is_missed_though_its_person_has_signed_in_there_since() {
    let by = |caller: &str, id, outcome, seconds| {
        let mut event = begun(id, outcome, seconds, "");
        event["caller"] = json!(caller);
        event["service"] = json!("su");
        event
    };
    let hers = vec![
        by("alice", "a", "accepted", 100),
        by("alice", "b", "expired", 150),
    ];
    let (stub, browser) = enrolled_with(Taste::ENGLISH, |stub| stub.events(hers));
    browser.see("Time ran out");
    assert!(!browser.text().contains("Missed"), "{}", browser.text());
    stub.events(vec![
        by("alice", "a", "accepted", 100),
        by("bob", "c", "expired", 200),
    ]);
    browser.run("document.dispatchEvent(new Event('visibilitychange'))", &[]);
    browser.see("Missed sign-in");
    let card = browser.find(".missed").is("it.innerText");
    assert!(card.as_str().unwrap().contains("asked by bob"), "{card}");
}

#[test]
fn a_page_that_comes_back_fills_its_sections_by_itself_or_at_once_when_told() {
    let (stub, browser) = enrolled_with(Taste::ENGLISH, |stub| stub.refuse("/api/activity", 503));
    browser.see("The service has a problem");
    stub.refuse("/api/activity", 200);
    stub.events(vec![begun("a", "accepted", 5, "203.0.113.5")]);
    stub.cut();
    browser.see("203.0.113.5");
    // While nobody answers the page tries again, and at once when the person says so.
    // After the next try in vain it would wait for minutes.
    browser.run(
        "let first = true; Math.random = () => (first ? (first = false, 0) : 1000)",
        &[],
    );
    stub.be(Presence::Away);
    browser.see("Meanwhile you can sign in with a code");
    stub.events(vec![begun("b", "accepted", 5, "198.51.100.7")]);
    stub.be(Presence::Here);
    tap(&browser, "Try now");
    browser.see("198.51.100.7");
    browser.see("Connected");
}
