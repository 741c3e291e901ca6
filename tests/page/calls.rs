//! Being called when the page is closed: what the person is told of it.

use serde_json::json;

use crate::browser::{Browser, Taste};
use crate::stub::Said;
use crate::walk::{enrolled, tap};

fn permit(browser: &Browser, state: &str) {
    let body = json!({"descriptor": {"name": "notifications"}, "state": state});
    browser.call("/permissions", &body);
}

#[test]
fn notifications_that_cannot_be_had_say_what_to_do_instead() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    permit(&browser, "denied");
    tap(&browser, "Turn on notifications");
    browser.see("Allow them in the browser");
    // This browser finds no push service to subscribe with, and would look for one for hours. The page waits less, here
    // less still.
    permit(&browser, "granted");
    let hurry = "const wait = setTimeout; globalThis.setTimeout = (then, time, ...rest) => wait(then, time / 5, ...rest)";
    browser.run(hurry, &[]);
    tap(&browser, "Turn on notifications");
    browser.see("Turning on…");
    browser.see("Keep this page open when you sign in");
    stub.assert_silent();
    browser.assert_quiet(&[]);
}

#[test]
fn another_app_can_be_called_and_a_bad_address_is_explained() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    tap(&browser, "Use another app");
    browser
        .find("#address")
        .type_in("https://ntfy.example.org/alice");
    stub.refuse("/api/push", 422);
    tap(&browser, "Save");
    browser.see("The address must begin with https://");
    stub.refuse("/api/push", 200);
    tap(&browser, "Save");
    browser.see("Saved.");
    assert!(matches!(stub.said(), Said::Push));
    browser.assert_quiet(&["422"]);
}
