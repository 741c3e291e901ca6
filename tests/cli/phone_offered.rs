//! The phone, offered to a person at a terminal after the code.

use antiphon_tests::{Terminal, World};

use crate::Daemon;
use crate::command::{antiphon, code_of, command, secret_in, secret_of};
use crate::daemon::in_house;

/// A page that phones can open.
const OPEN: &str = "[page]\norigin = \"https://mfa.example.org\"\n";

/// Enrols alice with codes, up to what is said then.
fn with_code(world: &World, options: &[&str]) -> Terminal {
    let mut enroll = command(world, &["enroll", "alice"]);
    let mut terminal = Terminal::start(enroll.args(options));
    let shown = terminal.expect("Code that the app shows: ").shown();
    let code = code_of(&secret_of(secret_in(&shown)), 0);
    terminal.send_line(&code);
    terminal.expect("alice is enrolled.");
    terminal
}

#[test]
fn with_a_daemon_and_an_origin_a_phone_is_offered_after_the_code() {
    in_house(|world| {
        let _daemon = Daemon::start(world, OPEN);
        let mut terminal = with_code(world, &[]);
        terminal.answer("Add a phone now? [Y/n] ", "n");
        terminal.expect("Later: antiphon enroll alice --phone");
        assert!(terminal.end().succeeded());

        let mut terminal = with_code(world, &["--replace"]);
        terminal.answer("Add a phone now? [Y/n] ", "");
        terminal.expect("A phone for alice on harbour");
        terminal.expect("https://mfa.example.org/enroll#");
        let ended = terminal.interrupt();
        assert_eq!(ended.status.code(), Some(75), "{ended:?}");
        let words = "stopped. No phone was added";
        assert!(ended.text.contains(words), "{ended:?}");
        // With codes alice is enrolled all the same.
        antiphon(world, "status alice")
            .done()
            .says("second factor   code\n");
    });
}

#[test]
fn without_a_daemon_or_an_origin_it_is_said_in_a_line_how_to_add_one_later() {
    in_house(|world| {
        let mut terminal = with_code(world, &[]);
        terminal.expect("start antiphond, then: antiphon enroll alice --phone");
        assert!(terminal.end().succeeded());
        let _daemon = Daemon::start(world, "");
        let mut terminal = with_code(world, &["--replace"]);
        terminal.expect("set origin in [page], then: antiphon enroll alice --phone");
        assert!(terminal.end().succeeded());
        let mut terminal = with_code(world, &["--replace", "--code"]);
        terminal.expect("Recovery codes");
        let ended = terminal.end();
        let is_offered = ended.text.contains("--phone");
        assert!(ended.succeeded() && !is_offered, "{ended:?}");
    });
}
