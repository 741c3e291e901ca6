//! All of it without a pointer.

use crate::browser::{Browser, Engine, Taste};
use crate::stub::{Said, Stub, request, trial};
use crate::walk::furnish;
use serde_json::json;

/// Keys as the driver takes them (`WebDriver`, section 17.4.2).
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const SHIFT: &str = "\u{e008}";

/// What has the focus: its text or, of a field, its id.
fn focus(browser: &Browser) -> String {
    let focus = browser.run(
        "const it = document.activeElement; return it.textContent || it.id",
        &[],
    );
    focus.as_str().unwrap().replace('\u{ad}', "")
}

/// Tab goes to these, one after the other, and back; each shows that it has the focus. What the focus is on, begins so.
fn assert_reached(browser: &Browser, names: &[&str]) {
    for name in names {
        browser.press(TAB);
        assert_on(browser, name);
    }
    let down = |key| json!({"type": "keyDown", "value": key});
    let up = |key| json!({"type": "keyUp", "value": key});
    let back = [down(SHIFT), down(TAB), up(TAB), up(SHIFT)];
    for name in names.iter().rev().skip(1) {
        let keys = json!({"type": "key", "id": "keyboard", "actions": back});
        browser.call("/actions", &json!({"actions": [keys]}));
        assert_on(browser, name);
    }
}

fn assert_on(browser: &Browser, name: &str) {
    let focus = focus(browser);
    assert!(focus.starts_with(name), "{focus}, and not {name}");
    let outline = "return getComputedStyle(document.activeElement).outlineStyle";
    assert_eq!(browser.run(outline, &[]), json!("solid"), "{name}");
}

in_each_browser!(a_phone_is_enrolled_and_a_sign_in_answered_by_keyboard_alone);
fn a_phone_is_enrolled_and_a_sign_in_answered_by_keyboard_alone(engine: Engine) {
    let desktop = Taste {
        phone: false,
        ..Taste::ENGLISH.of(engine)
    };
    let (stub, browser) = (Stub::start(), Browser::start(desktop));
    furnish(&stub);
    browser.go(&stub.link(None));
    browser.find("#name");
    assert_eq!(focus(&browser), "Add this phone");
    browser.press(&[TAB, TAB, ENTER].concat());
    stub.enrolled();
    browser.see("Get notified?");
    assert_eq!(focus(&browser), "Get notified?");
    browser.press(&[TAB, TAB].concat());
    assert_eq!(focus(&browser), "Not now");
    browser.press(ENTER);
    browser.see("Now let’s test it");

    let trial = trial();
    let id = stub.ask(&trial, 2);
    browser.see("This is only a test");
    assert_eq!(focus(&browser), "number");
    browser.press(&["42", ENTER].concat());
    stub.judge(&id, &trial, 42);
    browser.see("Done. This phone is ready");
    assert_eq!(focus(&browser), "Done. This phone is ready");
    browser.press(&[TAB, ENTER].concat());
    browser.see("No sign-in is waiting");
    browser.find("text=Turn on notifications");
    browser.find(".events");
    assert_eq!(focus(&browser), "No sign-in is waiting");
    let home = [
        "Signed in",
        "Wrong answer",
        "Refused",
        "Show more",
        "Turn on notifications",
        "Use another app",
    ];
    assert_reached(&browser, &home);
    browser.press(ENTER);
    browser.see("That was not me");
    assert_eq!(focus(&browser), "Signed in");
    assert_reached(&browser, &["Back", "That was not me"]);
    browser.press(ENTER);
    browser.see("No sign-in is waiting");
    browser.find(".events");
    browser.press(&[TAB, TAB, TAB, TAB, ENTER].concat());
    assert_on(&browser, "Signed in");
    assert_reached(
        &browser,
        &["something-new", "Turn on notifications", "Use another app"],
    );
    browser.press(&[TAB, TAB, ENTER].concat());
    assert_reached(&browser, &["address", "Save"]);

    stub.ask(&request(60), 2);
    browser.see("A sign-in is waiting");
    assert_eq!(focus(&browser), "number");
    // Approve cannot be pressed yet.
    browser.press("4");
    assert_reached(&browser, &["It’s not me"]);
    browser.press(ENTER);
    browser.see("What is wrong?");
    assert_eq!(focus(&browser), "What is wrong?");
    let choices = ["I did not start this", "I started it by mistake", "Back"];
    assert_reached(&browser, &choices);
    browser.press(&[TAB, TAB, ENTER].concat());
    browser.find("#number");
    assert_eq!(focus(&browser), "number");
    browser.press("2");
    assert_reached(&browser, &["It’s not me", "Approve"]);
    browser.press(&[ENTER, TAB, ENTER].concat());
    assert!(matches!(stub.said(), Said::Declined { mistake: false }));
    browser.assert_quiet(&[]);
}
