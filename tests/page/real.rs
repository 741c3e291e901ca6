//! The page with the real daemon, and these tests as root at its other side.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use antiphon_core::approval::{ApprovalRequest, Assertion, Number, verify};
use antiphon_core::invitation::{address, proves};
use antiphon_core::record::Phone;
use antiphon_core::wire::{
    FromDaemon, Hints, Ticket, ToDaemon, Unwilling, decode, encode, length_of,
};
use antiphon_tests::PATIENCE;

use crate::browser::{Browser, Taste};
use crate::daemon::{Daemon, SOCKET, in_house};
use crate::driver::until;
use crate::stub::request;
use crate::walk::{ENGLISH, approve, tap};

const ORIGIN: &str = "http://localhost:8470";
pub(crate) const CONFIGURED: &str = "[page]\norigin = \"http://localhost:8470\"\n";
const SECRET: [u8; 32] = [9; 32];

/// A connection as the module and root's command make it.
pub(crate) struct Root(UnixStream);

impl Root {
    pub(crate) fn say(message: &ToDaemon) -> Self {
        let stream = UnixStream::connect(SOCKET).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut root = Self(stream);
        root.send(message);
        root
    }

    pub(crate) fn send(&mut self, message: &ToDaemon) {
        self.0.write_all(&encode(message).unwrap()).unwrap();
    }

    pub(crate) fn hear(&mut self) -> FromDaemon {
        let mut prefix = [0; 4];
        self.0.read_exact(&mut prefix).unwrap();
        let mut json = vec![0; length_of(prefix).unwrap()];
        self.0.read_exact(&mut json).unwrap();
        decode(&json).unwrap()
    }

    /// Asks `phone` for an approval. The sign-in before it may still be on its way out.
    pub(crate) fn ask(request: &ApprovalRequest, phone: &Phone) -> Self {
        until("the end of the sign-in before it", || {
            let mut root = Self::say(&ToDaemon::Approve {
                request: request.clone(),
                credentials: vec![phone.credential.clone()],
                digits: 2,
                hints: Hints::default(),
            });
            match root.hear() {
                FromDaemon::Unwilling {
                    reason: Unwilling::Busy,
                } => None,
                other => {
                    assert_eq!(other, FromDaemon::Waiting { phones: 1 });
                    Some(root)
                }
            }
        })
    }

    /// Takes the answer as the module does.
    pub(crate) fn judge(&mut self, request: &ApprovalRequest, phone: &Phone) {
        let FromDaemon::Answer(answer) = self.hear() else {
            panic!("not an answer")
        };
        let outcome = if is_right(&answer, request, phone) {
            "accepted"
        } else {
            "wrong"
        };
        self.send(&ToDaemon::Outcome {
            pause: None,
            outcome: outcome.into(),
        });
    }
}

fn is_right(answer: &Assertion, request: &ApprovalRequest, phone: &Phone) -> bool {
    verify(answer, phone, &request.digest(&Number::new(42)), 0).is_ok()
}

/// Opens a ticket and lets the browser answer it.
fn ticket(browser: &Browser, name: u8, known: &[&Phone]) -> (Root, Phone) {
    let name = [name; 16];
    let mut root = Root::say(&ToDaemon::Ticket(Ticket {
        ticket: name.to_vec(),
        user: "alice".into(),
        host: "web1".into(),
        credentials: known.iter().map(|phone| phone.credential.clone()).collect(),
    }));
    assert_eq!(root.hear(), FromDaemon::TicketOpen {});
    browser.go(&address(ORIGIN, &name, &SECRET));
    assert_eq!(root.hear(), FromDaemon::TicketSeen {});
    tap(browser, "Continue");
    let FromDaemon::Enrolled(enrolled) = root.hear() else {
        panic!("not an enrolment")
    };
    assert!(proves(&enrolled, &SECRET, "alice", "web1", ORIGIN));
    let phone = Phone {
        name: enrolled.name,
        credential: enrolled.credential,
        public_key: enrolled.public_key,
        origin: ORIGIN.into(),
        backup_eligible: enrolled.backup_eligible,
        enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
    };
    tap(browser, "Not now");
    browser.see("Now let’s test it");
    (root, phone)
}

/// Enrols the browser, from the ticket to the start page.
pub(crate) fn enrol(browser: &Browser) -> Phone {
    let (mut root, phone) = ticket(browser, 1, &[]);
    let trial = ApprovalRequest {
        service: "antiphon enroll".into(),
        ..request(60)
    };
    let mut asked = Root::ask(&trial, &phone);
    approve(browser, &ENGLISH, 42);
    asked.judge(&trial, &phone);
    root.send(&ToDaemon::Keep {});
    assert_eq!(root.hear(), FromDaemon::Kept {});
    browser.see("Done. This phone is ready");
    tap(browser, "To the start page");
    browser.see("No sign-in is waiting");
    browser.see("No activity yet.");
    phone
}

#[test]
fn a_phone_is_enrolled_and_answers_through_the_real_daemon() {
    in_house(|world| {
        let daemon = Daemon::start(world, CONFIGURED);
        let browser = Browser::start(Taste::ENGLISH);
        let phone = enrol(&browser);

        for (typed, outcome) in [(42, "Signed in"), (43, "The number did not match")] {
            let asked = request(60);
            let mut root = Root::ask(&asked, &phone);
            browser.see("A sign-in is waiting");
            approve(&browser, &ENGLISH, typed);
            root.judge(&asked, &phone);
            browser.see(outcome);
        }

        let mut root = Root::ask(&request(60), &phone);
        browser.see("A sign-in is waiting");
        tap(&browser, "It’s not me");
        tap(&browser, "I did not start this");
        assert_eq!(root.hear(), FromDaemon::Declined {});
        root.send(&ToDaemon::Outcome {
            pause: None,
            outcome: "reported".into(),
        });
        browser.see("tell your administrator");

        // The terminal goes away, or time runs out.
        let root = Root::ask(&request(60), &phone);
        browser.see("A sign-in is waiting");
        drop(root);
        browser.see("The sign-in is gone");
        // Far longer than it takes to get there.
        let _root = Root::ask(&request(20), &phone);
        browser.see("A sign-in is waiting");
        browser.see("Time is up");

        // The daemon starts anew in the middle of a sign-in.
        let _lost = Root::ask(&request(60), &phone);
        browser.see("A sign-in is waiting");
        drop(daemon);
        browser.see("No connection");
        let _daemon = Daemon::start(world, CONFIGURED);
        browser.see("The sign-in is gone");
        tap(&browser, "OK");
        browser.see("Connected");
        let asked = request(60);
        let mut root = Root::ask(&asked, &phone);
        approve(&browser, &ENGLISH, 42);
        root.judge(&asked, &phone);
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
        let asked = request(60);
        let mut root = Root::ask(&asked, &phone);
        approve(&browser, &ENGLISH, 42);
        root.judge(&asked, &phone);
        browser.see("Signed in");
        browser.assert_quiet(&[]);

        let other = Browser::start(Taste::ENGLISH);
        let (root, _) = ticket(&other, 2, &[&phone]);
        drop(root);
        other.see("The phone was not added");
        other.assert_quiet(&["401"]);
    });
}
