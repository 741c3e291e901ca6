//! A phone, which is a browser without a screen: it enrols, and approves.

use std::process::Command;

use antiphon_tests::{NUMBER, Terminal};

use crate::NAME;
use crate::browser::{Browser, Taste};

pub(crate) struct Phone {
    browser: Browser,
}

impl Phone {
    /// One that `enroll` enrols.
    pub(crate) fn enrol(enroll: &Command) -> Self {
        let phone = Self {
            browser: Browser::start(Taste::ENGLISH),
        };
        let mut terminal = Terminal::start(enroll);
        let shown = terminal
            .expect("in a browser on this computer")
            .expect("/enroll#")
            .shown();
        assert!(shown.contains("http://localhost:"), "{shown}");
        let address = terminal.expect("\r\n\r\n").word_with("/enroll#");
        phone.browser.go(&address);
        phone.tap("Continue");
        terminal.expect("has made its passkey");
        phone.tap("Not now");
        let number = terminal.number("number on the phone:");
        phone.browser.find("#number").type_in(&number);
        phone.tap("Approve");
        terminal.expect(&format!("is enrolled for {NAME}"));
        assert!(terminal.end().succeeded());
        phone.browser.see("Done. This phone is ready");
        phone.tap("To the start page");
        phone
    }

    /// Approves the sign-in that waits on `terminal`, after the password, until it shows `arrived`.
    pub(crate) fn approve(&self, mut terminal: Terminal, arrived: &str) {
        let number = terminal.number(NUMBER);
        self.browser.see("A sign-in is waiting");
        self.browser.find("#number").type_in(&number);
        self.tap("Approve");
        terminal.send_line("").expect(arrived);
        assert!(terminal.end().succeeded());
        self.browser.see("Signed in");
    }

    fn tap(&self, text: &str) {
        self.browser.find(&format!("text={text}")).click();
    }
}
