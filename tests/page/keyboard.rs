//! All of it without a pointer.

use crate::browser::{Browser, Engine, Taste};
use crate::stub::{Said, Stub, request};
use antiphon_core::approval::ApprovalRequest;
use serde_json::json;

/// Keys as the driver takes them (`WebDriver`, section 17.4.2).
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// What has the focus: its text or, of a field, its id.
fn focus(browser: &Browser) -> String {
    let focus = browser.run(
        "const it = document.activeElement; return it.textContent || it.id",
        &[],
    );
    focus.as_str().unwrap().to_owned()
}

in_each_browser!(a_phone_is_enrolled_and_a_sign_in_answered_by_keyboard_alone);
fn a_phone_is_enrolled_and_a_sign_in_answered_by_keyboard_alone(engine: Engine) {
    let (stub, browser) = (
        Stub::start(),
        Browser::start(Taste {
            phone: false,
            ..Taste::ENGLISH.of(engine)
        }),
    );
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

    let trial = ApprovalRequest {
        service: "antiphon enroll".into(),
        ..request(60)
    };
    let id = stub.ask(&trial, 2);
    browser.see("This is only a test");
    assert_eq!(focus(&browser), "number");
    browser.press(&["42", ENTER].concat());
    stub.judge(&id, &trial, 42);
    browser.see("Done. This phone is ready");
    assert_eq!(focus(&browser), "Done. This phone is ready");
    browser.press(&[TAB, ENTER].concat());
    browser.see("No sign-in is waiting");

    stub.ask(&request(60), 2);
    browser.see("A sign-in is waiting");
    // Approve cannot be pressed yet, so It’s not me comes next.
    browser.press(TAB);
    assert_eq!(focus(&browser), "It’s not me");
    let outline = browser.run(
        "return getComputedStyle(document.activeElement).outlineStyle",
        &[],
    );
    assert_eq!(outline, json!("solid"));
    browser.press(ENTER);
    browser.see("What is wrong?");
    assert_eq!(focus(&browser), "What is wrong?");
    browser.press(TAB);
    assert!(focus(&browser).starts_with("I did not start this"));
    browser.press(ENTER);
    assert!(matches!(stub.said(), Said::Declined { mistake: false }));
    browser.assert_quiet(&[]);
}

#[test]
fn a_sign_in_that_arrives_is_read_out() {
    let (stub, browser) = (Stub::start(), Browser::start(Taste::ENGLISH));
    crate::walk::enrol(&browser, &stub, &crate::walk::ENGLISH, None);
    let id = stub.ask(&request(60), 2);
    let said = browser.find("#said");
    crate::driver::until("words", || {
        said.is("it.textContent")
            .as_str()?
            .contains("A sign-in is waiting. web1")
            .then_some(())
    });
    assert_eq!(
        said.is("[it.role, it.getAttribute('role')]")[1],
        json!("status")
    );
    stub.gone(&id, "expired");
    browser.see("Time is up");
    assert_eq!(focus(&browser), "Time is up");
}
