//! The page and the real command: a phone is enrolled from the address that `antiphon enroll` shows to the record that it
//! writes, and then signs in.

use std::fs;

use antiphon_tests::{NUMBER, PASSWORD, Terminal, World};

use crate::browser::{Browser, Engine, Taste};
use crate::daemon::{Daemon, in_house};
use crate::driver::until;
use crate::real::CONFIGURED;
use crate::walk::{SWEDISH, approve, tap};

/// The number that the terminal shows behind `words`.
fn number(terminal: &mut Terminal, words: &str) -> u32 {
    terminal.number(words).parse().unwrap()
}

/// `antiphon enroll alice --phone`, and the address that it shows.
fn enroll(world: &World) -> (Terminal, String) {
    let mut command = world.command(&world.product().command);
    command.args(["enroll", "alice", "--phone"]);
    let mut terminal = Terminal::start(&command);
    terminal
        .expect("in a browser on this computer")
        .expect("/enroll#");
    let address = terminal.expect("\r\n\r\n").word_with("/enroll#");
    (terminal, address)
}

in_each_browser!(in_house: a_phone_is_enrolled_by_the_real_command_and_then_signs_in);
fn a_phone_is_enrolled_by_the_real_command_and_then_signs_in(world: &World, engine: Engine) {
    let _daemon = Daemon::start(world, CONFIGURED);
    let browser = Browser::start(Taste::SWEDISH.of(engine));
    let (mut terminal, address) = enroll(world);
    browser.go(&address);
    browser.find("#name");
    tap(&browser, SWEDISH.proceed);
    terminal.expect("has made its passkey");
    tap(&browser, SWEDISH.not_now);
    // A slip first: it can be made good, and nothing is written before the trial was right.
    let words = "number on the phone:";
    let shown = number(&mut terminal, words);
    let other = if shown == 42 { 43 } else { 42 };
    browser.see(SWEDISH.trial_waits);
    approve(&browser, &SWEDISH, other);
    let shown = number(&mut terminal, words);
    assert!(!world.record_path("alice").exists());
    until("another question", || {
        // The page may take it away at any moment.
        let empty = "return document.querySelector('#number')?.value === ''";
        (browser.run(empty, &[]) == true).then_some(())
    });
    approve(&browser, &SWEDISH, shown);
    terminal.expect("is enrolled for alice");
    assert!(terminal.end().succeeded());
    browser.see(SWEDISH.ready);
    tap(&browser, SWEDISH.home);
    browser.see(SWEDISH.nothing);

    let record = fs::read_to_string(world.record_path("alice")).unwrap();
    assert_eq!(record.matches("[[phone]]").count(), 1, "{record}");
    for part in ["origin = \"http://localhost:8470\"", "[recovery]"] {
        assert!(record.contains(part), "{record}");
    }

    let sudo = || {
        let mut sudo = world.command_of("alice", "sudo");
        let mut terminal = Terminal::start(sudo.args(["-k", "echo", "here it is"]));
        terminal.expect("assword").answer(": ", PASSWORD);
        terminal
    };
    let sign_in = || {
        let mut terminal = sudo();
        let shown = number(&mut terminal, NUMBER);
        browser.see(SWEDISH.waits);
        approve(&browser, &SWEDISH, shown);
        terminal.expect("here it is");
        assert!(terminal.end().succeeded());
        browser.see(SWEDISH.signed_in);
        tap(&browser, "OK");
    };
    sign_in();

    // What was no stranger after all: the person's passkey ends the pause, as the module judges it.
    let mut terminal = sudo();
    number(&mut terminal, NUMBER);
    browser.see(SWEDISH.waits);
    tap(&browser, SWEDISH.its_not_me);
    tap(&browser, "Jag försöker inte logga in");
    terminal.expect("Refused on the phone.");
    let _ = terminal.interrupt();
    browser.see("Telefonen får inga nya frågor");
    let mut terminal = sudo();
    terminal.expect("You said on your phone that a sign-in was not you");
    let _ = terminal.interrupt();
    tap(&browser, "OK");
    tap(&browser, SWEDISH.end_pause);
    browser.see("Pausen är slut.");
    sign_in();
    browser.assert_quiet(&[]);
}

#[test]
fn a_command_that_is_stopped_in_the_middle_leaves_no_phone_and_the_page_says_so() {
    in_house(|world| {
        let _daemon = Daemon::start(world, CONFIGURED);
        let browser = Browser::start(Taste::ENGLISH);
        let (mut terminal, address) = enroll(world);
        browser.go(&address);
        tap(&browser, "Continue");
        terminal.expect("has made its passkey");
        tap(&browser, "Not now");
        assert!(!terminal.interrupt().succeeded());
        browser.see("The phone was not added");
        assert!(!world.record_path("alice").exists());
        browser.assert_quiet(&["401"]);
        // The link has served.
        browser.go("about:blank");
        browser.go(&address);
        browser.see("This link does not work");
    });
}
