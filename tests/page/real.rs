//! The page with the real daemon, and these tests as root at its other side.

use antiphon_core::approval::{ApprovalRequest, Number, verify};
use antiphon_core::invitation::{address, proves};
use antiphon_core::record::Phone;
use antiphon_core::wire::{FromDaemon, ToDaemon, Unwilling};

use crate::browser::{Browser, Taste};
use crate::daemon::{Daemon, in_house};
use crate::driver::until;
use crate::root::{Root, unwilling};
use crate::stub::{recorded, request, trial};
use crate::walk::{ENGLISH, approve, tap};

const ORIGIN: &str = "http://localhost:8470";
pub(crate) const CONFIGURED: &str = "[page]\norigin = \"http://localhost:8470\"\n";
const SECRET: [u8; 32] = [9; 32];

/// Asks `phone` for an approval. The sign-in before it may still be on its way out.
pub(crate) fn ask(request: &ApprovalRequest, phone: &Phone) -> Root {
    until("the end of the sign-in before it", || {
        let mut root = Root::approve(request, &[&phone.credential]);
        let said = root.hear();
        (said != Some(unwilling(Unwilling::Busy))).then(|| {
            assert_eq!(said, Some(FromDaemon::Waiting { phones: 1 }));
            root
        })
    })
}

/// Takes the answer as the module does.
pub(crate) fn judge(root: &mut Root, request: &ApprovalRequest, phone: &Phone) {
    let Some(FromDaemon::Answer(answer)) = root.hear() else {
        panic!("not an answer")
    };
    let right = verify(&answer, phone, &request.digest(&Number::new(42)), 0).is_ok();
    root.outcome(if right { "accepted" } else { "wrong" });
}

/// Opens a ticket and lets the browser answer it.
fn ticket(browser: &Browser, name: u8, known: &[&Phone]) -> (Root, Phone) {
    let name = [name; 16];
    let known: Vec<&[u8]> = known.iter().map(|phone| &*phone.credential).collect();
    let mut root = Root::ticket(name, "alice", &known);
    browser.go(&address(ORIGIN, &name, &SECRET));
    assert_eq!(root.hear(), Some(FromDaemon::TicketSeen {}));
    tap(browser, "Continue");
    let Some(FromDaemon::Enrolled(enrolled)) = root.hear() else {
        panic!("not an enrolment")
    };
    assert!(proves(&enrolled, &SECRET, "alice", "web1", ORIGIN));
    let phone = recorded(&enrolled, ORIGIN);
    tap(browser, "Not now");
    browser.see("Now let’s test it");
    (root, phone)
}

/// Enrols the browser, from the ticket to the start page.
pub(crate) fn enrol(browser: &Browser) -> Phone {
    let (mut root, phone) = ticket(browser, 1, &[]);
    signs_in(browser, &trial(), &phone);
    root.send(&ToDaemon::Keep {});
    assert_eq!(root.hear(), Some(FromDaemon::Kept {}));
    browser.see("Done. This phone is ready");
    tap(browser, "To the start page");
    browser.see("No sign-in is waiting");
    browser.see("No activity yet.");
    phone
}

/// The right number is typed in.
fn signs_in(browser: &Browser, asked: &ApprovalRequest, phone: &Phone) {
    let mut root = ask(asked, phone);
    approve(browser, &ENGLISH, 42);
    judge(&mut root, asked, phone);
}

#[test]
fn a_phone_is_enrolled_and_answers_through_the_real_daemon() {
    in_house(|world| {
        let daemon = Daemon::start(world, CONFIGURED);
        let browser = Browser::start(Taste::ENGLISH);
        let phone = enrol(&browser);

        for (typed, outcome) in [(42, "Signed in"), (43, "The number did not match")] {
            let asked = request(60);
            let mut root = ask(&asked, &phone);
            browser.see("A sign-in is waiting");
            approve(&browser, &ENGLISH, typed);
            judge(&mut root, &asked, &phone);
            browser.see(outcome);
        }

        let mut root = ask(&request(60), &phone);
        browser.see("A sign-in is waiting");
        tap(&browser, "It’s not me");
        tap(&browser, "I did not start this");
        assert_eq!(root.hear(), Some(FromDaemon::Declined {}));
        root.outcome("reported");
        browser.see("tell your administrator");

        // The terminal goes away, or time runs out.
        let root = ask(&request(60), &phone);
        browser.see("A sign-in is waiting");
        drop(root);
        browser.see("The sign-in is gone");
        // Far longer than it takes to get there.
        let _root = ask(&request(20), &phone);
        browser.see("A sign-in is waiting");
        browser.see("Time is up");

        // The daemon starts anew in the middle of a sign-in.
        let _lost = ask(&request(60), &phone);
        browser.see("A sign-in is waiting");
        drop(daemon);
        browser.see("No connection");
        let _daemon = Daemon::start(world, CONFIGURED);
        browser.see("The sign-in is gone");
        tap(&browser, "OK");
        browser.see("Connected");
        signs_in(&browser, &request(60), &phone);
        browser.see("Signed in");
        browser.assert_quiet(&["ERR_"]);
    });
}

#[test]
fn a_lost_token_is_renewed_by_the_passkey_and_a_phone_that_was_not_kept_is_told() {
    in_house(|world| {
        let _daemon = Daemon::start(world, CONFIGURED);
        let browser = Browser::start(Taste::ENGLISH);
        let phone = enrol(&browser);
        browser.run(
            "return import('/store.js').then(({ forget }) => forget('identity'))",
            &[],
        );
        browser.go(ORIGIN);
        tap(&browser, "Continue with the passkey");
        browser.see("No sign-in is waiting");
        browser.see("this phone");
        signs_in(&browser, &request(60), &phone);
        browser.see("Signed in");
        browser.assert_quiet(&[]);

        let other = Browser::start(Taste::ENGLISH);
        let (root, _) = ticket(&other, 2, &[&phone]);
        drop(root);
        other.see("The phone was not added");
        other.assert_quiet(&["401"]);
    });
}
