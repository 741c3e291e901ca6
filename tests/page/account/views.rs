//! The views of an account, one after the other, by a daemon for the page alone.

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::wire::Hints;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::stub::{Said, Stub, request};
use crate::walk::{Words, tap};

/// The sentences of these views.
pub(crate) struct AccountWords {
    sign_in_with: &'static str,
    digits: &'static str,
    press_enter: &'static str,
    close: &'static str,
    cancelled: &'static str,
    add: &'static str,
    added: &'static str,
    nothing: &'static str,
    other_browser: &'static str,
}

pub(crate) const ENGLISH: AccountWords = AccountWords {
    sign_in_with: "sign in with your KMH account",
    digits: "Type these two digits at the computer",
    press_enter: "Now press Enter at the computer",
    close: "You can close this page",
    cancelled: "was cancelled",
    add: "Add your account",
    added: "Done here",
    nothing: "No sign-in waits at this address",
    other_browser: "did not begin in this browser",
};

pub(crate) const SWEDISH: AccountWords = AccountWords {
    sign_in_with: "logga in med ditt KMH-konto",
    digits: "Skriv de här två siffrorna vid datorn",
    press_enter: "Tryck nu på Enter vid datorn",
    close: "Du kan stänga sidan",
    cancelled: "avbröts",
    add: "Lägg till ditt konto",
    added: "Klart här",
    nothing: "Ingen inloggning väntar på den här adressen",
    other_browser: "började inte i den här webbläsaren",
};

/// What the page is told of a sign-in or an enrolment.
pub(crate) fn seen(asked: &ApprovalRequest) -> Value {
    let hints = Hints {
        place: "Campus Norra".into(),
        familiar: Some(false),
        ..Hints::default()
    };
    let mut seen = serde_json::to_value(asked).unwrap();
    let more = [
        ("digits", json!(2)),
        ("at", json!("login.microsoftonline.com")),
        ("label", json!({"sv": "KMH-konto", "en": "KMH account"})),
        ("elsewhere", json!(true)),
    ];
    let hints = serde_json::to_value(hints).unwrap();
    let hints = hints.as_object().unwrap().clone();
    for (name, value) in more
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .chain(hints)
    {
        seen[name] = value;
    }
    seen
}

pub(super) fn signed(change: impl FnOnce(&mut Value)) -> Value {
    let mut signed = json!({
        "user": "alice", "host": "web1", "is_enrolment": false, "enter": true, "expires": request(600).expires,
        "check_digits": null, "failed": null,
    });
    change(&mut signed);
    signed
}

/// Goes to an address of the page, also if only what stands behind its `#` is new.
pub(super) fn go(browser: &Browser, stub: &Stub, path: &str) {
    browser.go("about:blank");
    browser.go(&format!("{}{path}", stub.origin));
}

/// Goes through all of them and calls `show` in each, in a browser that is no phone.
pub(crate) fn through(browser: &Browser, stub: &Stub, words: &Words, show: &mut dyn FnMut(&str)) {
    let own = &words.account;
    stub.account("look", Some(seen(&request(600))));
    go(browser, stub, "/a/abcde-fghij");
    browser.see(own.sign_in_with);
    browser.find("#number").type_in("42");
    show("request-account");
    tap(browser, words.its_not_me);
    tap(browser, words.unknown);
    browser.see(words.refused);
    assert!(matches!(stub.said(), Said::Declined { mistake: false }));

    let back = "/account/kmh#state=x&code=y";
    stub.account("ended", None);
    stub.account(
        "callback",
        Some(signed(|signed| signed["check_digits"] = json!("07"))),
    );
    go(browser, stub, back);
    browser.see(own.digits);
    show("account-digits");
    tap(browser, words.its_not_me);
    browser.see(words.unknown);
    show("account-digits-refuse");
    stub.account("ended", Some(json!({"outcome": "accepted"})));
    browser.see(words.signed_in);
    tap(browser, "OK");
    browser.see(own.close);
    show("account-close");
    stub.account("ended", None);
    stub.account("callback", Some(signed(|_| {})));
    go(browser, stub, back);
    browser.see(own.press_enter);
    show("account-enter");
    stub.account(
        "callback",
        Some(signed(|signed| signed["failed"] = json!("denied"))),
    );
    go(browser, stub, back);
    browser.see(own.cancelled);
    show("account-failed");
    stub.account("callback", None);
    stub.refuse("/api/account/callback", 403);
    go(browser, stub, back);
    browser.see(own.other_browser);
    show("account-elsewhere");
    stub.refuse("/api/account/callback", 200);

    let asked = request(600);
    let invited = json!({
        "user": "alice", "host": "web1", "issued": asked.issued, "expires": asked.expires,
        "at": "login.microsoftonline.com", "label": {"sv": "KMH-konto", "en": "KMH account"},
    });
    stub.account("look", Some(invited));
    go(browser, stub, "/a#AAAA");
    browser.see(own.add);
    show("account-add");
    stub.account(
        "callback",
        Some(signed(|signed| signed["is_enrolment"] = json!(true))),
    );
    go(browser, stub, back);
    browser.see(own.added);
    show("account-added");
    stub.account("look", None);
    go(browser, stub, "/a/abcde-fghij");
    browser.see(own.nothing);
    show("account-nothing");
}
