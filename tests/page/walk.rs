//! A way through every view of the page, in any language and look.

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::wire::Hints;
use serde_json::json;

use crate::account::views::{self, AccountWords};
use crate::browser::{Browser, Taste};
use crate::stub::{ENTER, Presence, Stub, request, trial};

/// The secret of RFC 6238's test vectors.
pub(crate) const CODES: &[u8; 20] = b"12345678901234567890";

/// The sentences that the tests look for, as the person sees them.
pub(crate) struct Words {
    pub(crate) proceed: &'static str,
    pub(crate) not_now: &'static str,
    pub(crate) trial: &'static str,
    pub(crate) trial_waits: &'static str,
    pub(crate) waits: &'static str,
    pub(crate) approve: &'static str,
    pub(crate) signed_in: &'static str,
    pub(crate) no_match: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) time_up: &'static str,
    pub(crate) ready: &'static str,
    pub(crate) home: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) code: &'static str,
    pub(crate) passkey: &'static str,
    pub(crate) bad_link: &'static str,
    pub(crate) its_not_me: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) was_me: &'static str,
    pub(crate) end_pause: &'static str,
    pub(crate) press_enter: &'static str,
    pub(crate) not_me: &'static str,
    pub(crate) reported: &'static str,
    pub(crate) back: &'static str,
    pub(crate) few: &'static str,
    pub(crate) try_now: &'static str,
    pub(crate) account: AccountWords,
}

pub(crate) const ENGLISH: Words = Words {
    proceed: "Continue",
    not_now: "Not now",
    trial: "Now let’s test it",
    trial_waits: "This is only a test",
    waits: "A sign-in is waiting",
    approve: "Approve",
    signed_in: "Signed in",
    no_match: "The number did not match",
    refused: "Refused",
    time_up: "Time is up",
    ready: "Done. This phone is ready",
    home: "To the start page",
    nothing: "No sign-in is waiting",
    code: "Show a code",
    passkey: "Continue with the passkey",
    bad_link: "This link does not work",
    its_not_me: "It’s not me",
    unknown: "I did not start this",
    was_me: "That was me",
    end_pause: "It was me, end the pause",
    press_enter: "Now press Enter at the computer",
    not_me: "That was not me",
    reported: "Change your password",
    back: "Back",
    few: "few recovery codes",
    try_now: "Try now",
    account: views::ENGLISH,
};

pub(crate) const SWEDISH: Words = Words {
    proceed: "Fortsätt",
    not_now: "Inte nu",
    trial: "Nu provar vi",
    trial_waits: "bara ett prov",
    waits: "En inloggning väntar",
    approve: "Godkänn",
    signed_in: "Inloggad",
    no_match: "Numret stämde inte",
    refused: "Stoppad",
    time_up: "Tiden är ute",
    ready: "Klart. Telefonen är redo",
    home: "Till startsidan",
    nothing: "Ingen inloggning väntar",
    code: "Visa en kod",
    passkey: "Fortsätt med nyckeln",
    bad_link: "Länken fungerar inte",
    its_not_me: "Det är inte jag",
    unknown: "Jag försöker inte logga in",
    was_me: "Det var jag",
    end_pause: "Det var jag, avsluta pausen",
    press_enter: "Tryck nu på Enter vid datorn",
    not_me: "Det var inte jag",
    reported: "Byt lösenord",
    back: "Tillbaka",
    few: "få återställningskoder",
    try_now: "Försök nu",
    account: views::SWEDISH,
};

impl Words {
    pub(crate) fn of(taste: Taste) -> &'static Self {
        if taste.tag() == "sv" {
            &SWEDISH
        } else {
            &ENGLISH
        }
    }
}

/// Presses the button that says `text`.
pub(crate) fn tap(browser: &Browser, text: &str) {
    browser.find(&format!("text={text}")).click();
}

/// A browser that is enrolled as alice's phone, on its start page.
pub(crate) fn enrolled(taste: Taste) -> (Stub, Browser) {
    enrolled_with(taste, |_| {})
}

/// The same, with what the daemon is to know before.
pub(crate) fn enrolled_with(taste: Taste, prepare: impl FnOnce(&Stub)) -> (Stub, Browser) {
    let (stub, browser) = (Stub::start(), Browser::start(taste));
    prepare(&stub);
    enrol(&browser, &stub, Words::of(taste), None);
    (stub, browser)
}

/// Enrols the browser as alice's phone, up to the start page.
pub(crate) fn enrol(browser: &Browser, stub: &Stub, words: &Words, codes: Option<&[u8]>) {
    enrol_showing(browser, stub, words, codes, &mut |_| {});
}

/// Answers the sign-in that is shown.
pub(crate) fn approve(browser: &Browser, words: &Words, number: u32) {
    browser.find("#number").type_in(&number.to_string());
    tap(browser, words.approve);
}

/// The same, and calls `show` in each view on the way.
pub(crate) fn enrol_showing(
    browser: &Browser,
    stub: &Stub,
    words: &Words,
    codes: Option<&[u8]>,
    show: &mut dyn FnMut(&str),
) {
    browser.go(&stub.link(codes));
    browser.find("#name");
    show("enrol");
    tap(browser, words.proceed);
    stub.enrolled();
    browser.find(&format!("text={}", words.not_now));
    show("notifications");
    tap(browser, words.not_now);
    browser.see(words.trial);
    show("trial");
    let trial = trial();
    let id = stub.ask(&trial, 2);
    browser.see(words.trial_waits);
    show("trial-request");
    approve(browser, words, 42);
    stub.judge(&id, &trial, 42);
    browser.see(words.ready);
    show("done");
    tap(browser, words.home);
    browser.see(words.nothing);
}

/// Has the start page show all that it can: methods of each kind, and events of many.
pub(crate) fn furnish(stub: &Stub) {
    stub.methods(json!({
        "code": true, "recovery_left": 2,
        "phones": [{"name": "Åsas telefon", "enrolled": 1_795_377_600, "this": true},
                   {"name": "Åsas gamla \u{202e}telefon", "enrolled": 1_763_841_600, "this": false}],
        "accounts": [{"name": "Åsa \u{202e}Ek", "provider": "kmh", "enrolled": 1_795_377_600}],
        "numbers": [{"ending": "21", "uses": ["sms", "call"]}, {"ending": "07", "uses": ["call"]}],
    }));
    stub.events(vec![
        json!({"id": "event0", "reported": false, "time": 1_795_377_600, "outcome": "accepted", "reason": "", "method": "approval", "host": "web1",
               "service": "sshd", "remote_host": "203.0.113.5", "terminal": "ssh", "caller": ""}),
        json!({"id": "event1", "reported": true, "time": 1_795_374_000, "outcome": "wrong", "reason": "", "method": "", "host": "web1",
               "service": "sudo", "remote_host": "", "terminal": "/dev/pts/3", "caller": "bo\u{202e}b"}),
        json!({"id": "event2", "reported": false, "time": 1_795_300_000, "outcome": "reported", "reason": "", "method": "", "host": "web1",
               "service": "sshd", "remote_host": "2001:db8::dead:beef", "terminal": "ssh", "caller": ""}),
        json!({"id": "event3", "reported": false, "time": 1_795_200_000, "outcome": "accepted", "reason": "", "method": "code", "host": "web1",
               "service": "login", "remote_host": "", "terminal": "tty1", "caller": ""}),
        json!({"id": "event4", "reported": false, "time": 1_795_100_000, "outcome": "enrolled", "reason": "", "method": "", "host": "web1",
               "service": "antiphon enroll", "remote_host": "", "terminal": "", "caller": "root"}),
        json!({"id": "event5", "reported": false, "time": 1_795_000_000, "outcome": "something-new", "reason": "", "method": "", "host": "web1",
               "service": "vsftpd", "remote_host": "", "terminal": "", "caller": ""}),
    ]);
}

/// Goes through all views and calls `show` in each.
pub(crate) fn through_all(
    browser: &Browser,
    stub: &Stub,
    words: &Words,
    show: &mut dyn FnMut(&str),
) {
    furnish(stub);
    browser.go(&stub.origin);
    browser.see(words.passkey);
    show("welcome");
    stub.refuse("/api/enroll", 404);
    browser.go(&stub.link(None));
    browser.see(words.bad_link);
    show("bad-link");
    stub.refuse("/api/enroll", 200);
    views::through(browser, stub, words, show);

    enrol_showing(browser, stub, words, Some(CODES), show);
    browser.see("202E");
    browser.see(words.few);
    show("home");
    browser.find(".event time").click();
    browser.find(&format!("text={}", words.not_me));
    show("event");
    tap(browser, words.not_me);
    browser.see(words.reported);
    show("event-reported");
    tap(browser, "OK");
    browser.see(words.few);
    browser.find(".event time").click();
    browser.see(words.reported);
    show("event-known");
    tap(browser, words.back);
    browser.see(words.few);
    tap(browser, words.code);
    browser.find("#code");
    show("code");

    let now = request(0).issued;
    stub.pause(Some(
        json!({"host": "web1", "since": now, "until": now.plus(900), "ended": false}),
    ));
    stub.events(vec![
        json!({"id": "event6", "reported": false, "time": now, "outcome": "called", "reason": "", "method": "approval", "host": "web1",
               "service": "sshd", "remote_host": "203.0.113.5", "terminal": "ssh", "caller": ""}),
    ]);
    browser.go(&stub.origin);
    browser.see(words.was_me);
    browser.see(words.end_pause);
    show("home-missed");
    tap(browser, words.was_me);
    browser.see(words.nothing);
    stub.pause(None);
    stub.be(Presence::Away);
    browser.see(words.try_now);
    show("home-offline");
    tap(browser, words.try_now);
    stub.be(Presence::Here);

    through_requests(browser, stub, words, show);
    stub.forget_token();
    browser.see(words.passkey);
    show("renew");
}

/// The views of a sign-in, from the home view and back to it.
fn through_requests(browser: &Browser, stub: &Stub, words: &Words, show: &mut dyn FnMut(&str)) {
    let id = stub.ask_with(&request(60), 2, &ENTER);
    browser.see(words.waits);
    approve(browser, words, 42);
    browser.see(words.press_enter);
    show("enter");
    stub.gone(&id, "wrong");
    browser.see(words.no_match);

    let network = ApprovalRequest {
        remote_host: "2001:db8::dead:beef".into(),
        ..request(600)
    };
    let local = ApprovalRequest {
        caller: "bob".into(),
        service: "sudo".into(),
        remote_host: String::new(),
        terminal: "/dev/pts/3".into(),
        ..request(600)
    };
    let hints = Hints {
        place: "Campus Norra".into(),
        familiar: Some(false),
        ..Hints::default()
    };
    for (outcome, title, asked, hints) in [
        ("accepted", words.signed_in, &network, &hints),
        ("wrong", words.no_match, &local, &Hints::default()),
        ("reported", words.refused, &network, &hints),
        ("expired", words.time_up, &network, &hints),
    ] {
        let id = stub.ask_with(asked, 2, hints);
        browser.see(words.waits);
        match outcome {
            "accepted" => {
                browser.find("#number").type_in("42");
                show("request");
            }
            "wrong" => show("request-local"),
            "reported" => {
                tap(browser, words.its_not_me);
                show("refuse");
            }
            _ => {}
        }
        stub.gone(&id, outcome);
        browser.see(title);
        show(outcome);
    }
}
