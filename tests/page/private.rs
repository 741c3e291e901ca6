//! Private windows: what is lost with one is said before a phone is made of it.

use crate::browser::{Browser, Engine, Taste};
use crate::stub::Stub;
use crate::walk::{Words, enrol};

in_each_browser!(a_private_window_says_what_it_forgets_and_works_until_then);
fn a_private_window_says_what_it_forgets_and_works_until_then(engine: Engine) {
    for (taste, seems, ordinary) in [
        (
            Taste::ENGLISH,
            "This seems to be a private window. When you close it, the page forgets this phone",
            "Use an ordinary window",
        ),
        (
            Taste::SWEDISH,
            "Det här verkar vara ett privat fönster. När du stänger det glömmer sidan telefonen",
            "Använd ett vanligt fönster",
        ),
    ] {
        let private = Taste {
            private: true,
            ..taste.of(engine)
        };
        let (stub, browser) = (Stub::start(), Browser::start(private));
        browser.go(&stub.link(None));
        browser.see(match engine {
            // It does not let a page know, so everybody is told.
            Engine::Chromium => ordinary,
            Engine::Firefox => seems,
        });
        enrol(&browser, &stub, Words::of(taste), None);
        browser.assert_quiet(&[]);
    }
}
