//! A sign-in is waiting: what the person can do, and what they are told.

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::Hints;
use serde_json::json;

use crate::browser::{Browser, Engine, Taste};
use crate::driver::until;
use crate::stub::{ENTER, Presence, Said, request};
use crate::walk::{ENGLISH, Words, approve, enrolled, enrolled_with, tap};

#[test]
fn the_person_sees_all_that_is_signed_in_either_language() {
    for (taste, how) in [
        (Taste::ENGLISH, "Switching to this user (su)"),
        (Taste::SWEDISH, "Byte till den här användaren (su)"),
    ] {
        let (stub, browser) = enrolled(taste);
        let words = Words::of(taste);
        let asked = ApprovalRequest {
            service: "su".into(),
            caller: "bo\u{202e}b\u{1b}<b>".into(),
            remote_host: String::new(),
            terminal: "/dev/pts/3".into(),
            ..request(60)
        };
        stub.ask(&asked, 2);
        browser.see(words.waits);
        let text = browser.text();
        for part in ["alice", "web1", how, "bo[U+202E]b[U+001B]<b>", "/dev/pts/3"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let title = browser.run("return document.title", &[]);
        assert!(title.as_str().unwrap().contains(words.waits), "{title}");
        browser.assert_quiet(&[]);
    }
}

#[test]
fn approve_can_be_pressed_only_when_all_digits_are_there() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
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
    let (stub, browser) = enrolled(Taste::ENGLISH.of(engine));
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
fn it_is_not_me_asks_whether_it_was_suspicious_and_says_at_once_what_to_do() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let id = stub.ask_with(&request(60), 2, &ENTER);
    tap(&browser, "It’s not me");
    browser.see("What is wrong?");
    // Nothing is said before the answer, and there is a way back.
    tap(&browser, "Back");
    browser.find("#number").type_in("4");
    tap(&browser, "It’s not me");
    stub.assert_silent();
    tap(&browser, "I did not start this");
    assert!(matches!(stub.said(), Said::Declined { mistake: false }));
    browser.see("can no longer be approved");
    browser.see("change it, and tell your administrator");
    stub.gone(&id, "reported");
    browser.see("will not be asked again for a while");
    browser.assert_quiet(&[]);
}

#[test]
fn a_mistake_refuses_this_sign_in_and_nothing_more() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let id = stub.ask_with(&request(60), 2, &ENTER);
    tap(&browser, "It’s not me");
    tap(&browser, "I started it by mistake");
    assert!(matches!(stub.said(), Said::Declined { mistake: true }));
    browser.see("You can sign in again at any time.");
    stub.gone(&id, "mistake");
    tap(&browser, "OK");
    browser.see("No sign-in is waiting");
    assert!(!browser.text().contains("password"), "{}", browser.text());
    browser.assert_quiet(&[]);
}

#[test]
fn how_a_refused_sign_in_went_away_is_no_news() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let id = stub.ask_with(&request(60), 2, &ENTER);
    tap(&browser, "It’s not me");
    tap(&browser, "I did not start this");
    browser.see("can no longer be approved");
    stub.gone(&id, "cancelled");
    let next = stub.ask(&request(60), 2);
    browser.see("A sign-in is waiting");
    stub.gone(&next, "expired");
    browser.see("Time is up");
    tap(&browser, "OK");
    browser.see("No sign-in is waiting");
    browser.assert_quiet(&[]);
}

#[test]
fn a_refusal_is_told_if_somebody_had_got_in_just_before() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let id = stub.ask_with(&request(60), 2, &ENTER);
    tap(&browser, "It’s not me");
    tap(&browser, "I did not start this");
    browser.see("can no longer be approved");
    stub.gone(&id, "accepted");
    browser.see("Signed in");
    browser.assert_quiet(&[]);
}

#[test]
fn the_persons_passkey_ends_the_pause_and_the_core_takes_what_it_signs() {
    for (taste, ended) in [
        (Taste::ENGLISH, "The pause has ended."),
        (Taste::SWEDISH, "Pausen är slut."),
    ] {
        let since = UnixTime(1_795_377_600);
        // At another host of the fleet than the phone was enrolled on.
        let pause =
            json!({"host": "db7", "since": since, "until": since.plus(900), "ended": false});
        let (stub, browser) = enrolled_with(taste, |stub| stub.pause(Some(pause)));
        let end = Words::of(taste).end_pause;
        browser.verify_user(false);
        tap(&browser, end);
        stub.assert_silent();
        browser.verify_user(true);
        tap(&browser, end);
        assert!(stub.takes_back("db7", since), "signed over this pause");
        browser.see(ended);
        browser.assert_quiet(&[]);
    }
}

#[test]
fn a_sign_in_that_ends_elsewhere_leaves_the_screen_and_says_how() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    for (outcome, title) in [
        ("cancelled", "The sign-in is gone"),
        ("displaced", "Another sign-in took its place"),
        ("answered", "Already answered"),
        ("expired", "Time is up"),
        ("refused", "Not approved"),
        ("a new word", "Not approved"),
    ] {
        let id = stub.ask(&request(60), 2);
        browser.see("A sign-in is waiting");
        stub.gone(&id, outcome);
        browser.see(title);
        assert!(!browser.text().contains("Number on the computer ("));
    }
    browser.assert_quiet(&[]);
}

#[test]
fn time_runs_out_on_the_phone_also_when_nobody_says_so() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let asked = request(600);
    stub.ask(&asked, 2);
    browser.see("A sign-in is waiting");
    let set_clock = |moment: u64| {
        browser.run(
            "const [moment] = arguments; Date.now = () => moment",
            &[json!(moment * 1000)],
        );
    };
    // The page may have heard the time of a busy daemon late.
    set_clock(asked.expires.0 - 8);
    browser.see("seconds left");
    set_clock(asked.expires.0 + 30);
    browser.see("Time is up");
    stub.assert_silent();
    browser.assert_quiet(&[]);
}

in_each_browser!(a_lost_connection_keeps_a_sign_in_that_still_waits);
fn a_lost_connection_keeps_a_sign_in_that_still_waits(engine: Engine) {
    let (stub, browser) = enrolled(Taste::ENGLISH.of(engine));
    let asked = request(60);
    let id = stub.ask(&asked, 2);
    browser.see("A sign-in is waiting");
    browser.find("#number").type_in("4");
    stub.be(Presence::Away);
    browser.see("No connection. Trying again");
    browser.find("#number").type_in("2");
    stub.be(Presence::Here);
    until("the connection", || {
        (!browser.text().contains("No connection")).then_some(())
    });
    tap(&browser, "Approve");
    stub.judge(&id, &asked, 42);
    browser.see("Signed in");
    browser.assert_quiet(&["ERR_"]);
}

in_each_browser!(what_goes_wrong_is_said_and_can_be_tried_again);
fn what_goes_wrong_is_said_and_can_be_tried_again(engine: Engine) {
    let (stub, browser) = enrolled(Taste::ENGLISH.of(engine));
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
    for (status, title) in [(404, "The sign-in is gone"), (409, "Already answered")] {
        stub.ask(&asked, 2);
        stub.refuse("/api/requests", status);
        approve(&browser, &ENGLISH, 42);
        browser.see(title);
        stub.restart();
    }
    browser.assert_quiet(&["Failed to load resource", "ERR_"]);
}

/// Sets the page's clock ahead of the real one.
fn set_clock_ahead(browser: &Browser, seconds: u64) {
    browser.run(
        "const [ahead] = arguments; const real = Date.now; Date.now = () => real() + ahead",
        &[json!(seconds * 1000)],
    );
}

#[test]
fn where_enter_is_needed_the_page_says_so_and_gives_no_verdict_of_its_own() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let asked = request(60);
    let id = stub.ask_with(&asked, 2, &ENTER);
    approve(&browser, &ENGLISH, 42);
    browser.see("Now press Enter at the computer");
    // Long after the time of the request: only the computer knows.
    set_clock_ahead(&browser, 300);
    assert!(matches!(stub.said(), Said::Answer(_)));
    stub.assert_silent();
    browser.see("Now press Enter at the computer");
    stub.gone(&id, "accepted");
    browser.see("Signed in");
    browser.assert_quiet(&[]);
}

#[test]
fn the_outcome_is_shown_whenever_it_comes_also_after_ok_and_behind_another_sign_in() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let asked = request(60);
    let first = stub.ask_with(&asked, 2, &ENTER);
    approve(&browser, &ENGLISH, 42);
    browser.see("Now press Enter at the computer");
    tap(&browser, "OK");
    browser.see("No sign-in is waiting");
    let second = stub.ask_with(&request(60), 2, &ENTER);
    browser.see("A sign-in is waiting");
    stub.judge(&first, &asked, 43);
    browser.see("A sign-in is waiting");
    stub.gone(&second, "cancelled");
    browser.see("The sign-in is gone");
    tap(&browser, "OK");
    browser.see("The number did not match");
    tap(&browser, "OK");
    browser.see("No sign-in is waiting");
    browser.assert_quiet(&[]);
}

#[test]
fn without_a_word_from_the_computer_the_page_says_that_it_does_not_know_until_the_word_comes() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let asked = request(60);
    let id = stub.ask(&asked, 2);
    approve(&browser, &ENGLISH, 42);
    browser.see("The computer is checking");
    set_clock_ahead(&browser, 11);
    browser.see("No word from the computer");
    tap(&browser, "OK");
    browser.see("No sign-in is waiting");
    stub.judge(&id, &asked, 42);
    browser.see("Signed in");
    browser.assert_quiet(&[]);
}

#[test]
fn the_administrators_name_of_the_place_and_whether_it_is_new_stand_beside_the_address() {
    const BEFORE: [&str; 2] = [
        "You have signed in from here before",
        "Härifrån har du loggat in förut",
    ];
    for (taste, before, new) in [
        (Taste::ENGLISH, BEFORE[0], "A new place"),
        (Taste::SWEDISH, BEFORE[1], "En ny plats"),
    ] {
        let (stub, browser) = enrolled(taste);
        for (familiar, said, unsaid) in [
            (Some(true), Some(before), new),
            (Some(false), Some(new), before),
            (None, None, new),
        ] {
            let hints = Hints {
                place: "Campus <b>Norra\u{202e}".into(),
                familiar,
                ..Hints::default()
            };
            let id = stub.ask_with(&request(60), 2, &hints);
            browser.see("Campus <b>Norra[U+202E]");
            let text = browser.text();
            assert!(said.is_none_or(|said| text.contains(said)), "{text}");
            assert!(!text.contains(unsaid), "{text}");
            stub.gone(&id, "cancelled");
            tap(&browser, "OK");
        }
        browser.assert_quiet(&[]);
    }
}

#[test]
fn two_sign_ins_wait_in_turn() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let first = stub.ask(&request(60), 2);
    browser.see("A sign-in is waiting");
    let elsewhere = ApprovalRequest {
        remote_host: "198.51.100.7".into(),
        ..request(60)
    };
    let second = stub.ask(&elsewhere, 2);
    browser.see("One more sign-in is waiting");
    assert!(browser.text().contains("203.0.113.5"));
    stub.gone(&first, "cancelled");
    browser.see("The sign-in is gone");
    tap(&browser, "OK");
    browser.see("198.51.100.7");
    stub.gone(&second, "cancelled");
    browser.see("The sign-in is gone");
    browser.assert_quiet(&[]);
}

#[test]
fn that_another_sign_in_took_its_place_is_read_also_though_that_one_comes_at_once() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let first = stub.ask(&request(60), 2);
    browser.see("A sign-in is waiting");
    stub.gone(&first, "displaced");
    let from_home = ApprovalRequest {
        remote_host: "198.51.100.7".into(),
        ..request(60)
    };
    let next = stub.ask(&from_home, 2);
    browser.see("198.51.100.7");
    stub.gone(&next, "cancelled");
    browser.see("The sign-in is gone");
    tap(&browser, "OK");
    browser.see("If you did not start the first one, someone has your password");
    tap(&browser, "OK");
    browser.see("No sign-in is waiting");
    browser.assert_quiet(&[]);
}

#[test]
fn an_answer_whose_word_is_lost_is_sent_again_and_counts_once() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let asked = request(60);
    stub.lose_word();
    let id = stub.ask(&asked, 2);
    approve(&browser, &ENGLISH, 42);
    browser.see("The computer is checking");
    stub.judge(&id, &asked, 42);
    browser.see("Signed in");
    stub.assert_silent();
    browser.assert_quiet(&["ERR_EMPTY_RESPONSE"]);
}

#[test]
fn an_answer_gets_through_to_a_daemon_that_comes_back_meanwhile() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let asked = request(60);
    let id = stub.ask(&asked, 2);
    stub.refuse("/api/requests", 0);
    approve(&browser, &ENGLISH, 42);
    until("the first try", || stub.has_heard("/answer").then_some(()));
    stub.refuse("/api/requests", 200);
    stub.judge(&id, &asked, 42);
    browser.see("Signed in");
    browser.assert_quiet(&["ERR_"]);
}
