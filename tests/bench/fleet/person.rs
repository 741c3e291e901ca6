//! A person who signs in again and again, and the phone in their hand with the page open.

use std::io::{Read, Write};

use antiphon_core::approval::{Number, verify};
use antiphon_core::wire::FromDaemon;

use crate::clock;
use crate::phone::handset::Handset;
use crate::phone::http::Web;
use crate::phone::inbox::Inbox;
use crate::phone::root::Root;

/// The person. A sign-in begins on a connection that `dial` makes.
pub(super) struct Person<'a, Dial> {
    phone: &'a Handset,
    /// Where they sign in.
    host: String,
    dial: Dial,
    web: Web,
    inbox: Inbox,
}

impl<'a, S: Read + Write, Dial: FnMut() -> Root<S>> Person<'a, Dial> {
    /// Opens the page that is served at `page`.
    pub(super) fn new(phone: &'a Handset, page: &str, host: &str, dial: Dial) -> Self {
        Self {
            phone,
            host: host.to_owned(),
            dial,
            web: Web::connect_to(page),
            inbox: phone.look_at(page).0,
        }
    }

    /// A whole sign-in, whose signature is checked as the module does it; the nanoseconds from the moment at which the answer
    /// leaves the phone until who asked has it.
    pub(super) fn approve(&mut self) -> u64 {
        let (mut root, request) = self.phone.ask_on(&self.host, &mut self.dial);
        let shown = self.inbox.request();
        let body = self.phone.signed(&shown, "42");
        let begun = clock::monotonic();
        self.phone.answer(&mut self.web, &shown, &body);
        let heard = root.hear();
        let spent = clock::monotonic() - begun;
        let Some(FromDaemon::Answer(assertion)) = heard else {
            panic!("{heard:?}")
        };
        let record = self.phone.passkey.phone();
        verify(&assertion, &record, &request.digest(&Number::new(42)), 0).unwrap();
        root.outcome("accepted");
        let (status, said) = self.web.receive();
        assert_eq!(status, 202, "{said}");
        // The end may come before the page's relay knows that it was its phone that had answered.
        let outcome = self.inbox.gone(&shown);
        assert!(["accepted", "answered"].contains(&&*outcome), "{outcome}");
        spent
    }
}
