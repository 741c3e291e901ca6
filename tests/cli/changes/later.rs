//! A change that is confirmed by another command than the one that made it.

use std::fs;

use super::{Desk, OPEN, QUESTION, SUDO, has_line, in_time, is_over, seen};
use antiphon_tests::in_world;

#[test]
fn a_change_for_later_stays_if_it_is_confirmed_in_time() {
    in_world(|world| {
        let desk = Desk::new(world);
        let waiting = desk.runs("--json enable sudo --later --revert 1h");
        let object = waiting.done().object();
        assert_eq!(object["result"], "waiting");
        assert!(object["until"].as_str().unwrap().ends_with('Z'));
        assert!(has_line(SUDO) && fs::exists(OPEN).unwrap());
        // Another change has to wait.
        desk.runs("disable sudo --yes")
            .failed(75, "antiphon confirm");
        let confirmed = desk.runs("confirm").done();
        assert_eq!(confirmed.out, "The change by antiphon enable sudo stays.\n");
        is_over();
        assert!(desk.asks());
        assert!(world.log().says("outcome=kept"));
        // Once is enough.
        desk.runs("confirm").failed(75, "no change waits");
        assert!(has_line(SUDO));
    });
}

#[test]
fn a_change_for_later_that_nobody_confirms_is_taken_back_though_no_command_waits() {
    in_world(|world| {
        let desk = Desk::new(world);
        let before = seen(SUDO);
        desk.runs("enable sudo --later --revert 1s").done();
        in_time("the end of the change", || !fs::exists(OPEN).unwrap());
        assert_eq!(seen(SUDO), before);
        is_over();
        desk.runs("confirm").failed(75, "taken back already");
        assert!(desk.needs_no_code());
    });
}

#[test]
fn a_change_that_is_asked_about_can_be_confirmed_from_elsewhere_and_whoever_is_asked_hears_that() {
    in_world(|world| {
        let desk = Desk::new(world);
        let mut terminal = desk.types("enable sudo");
        terminal.expect(QUESTION);
        desk.runs("confirm").done();
        terminal.send_line("no");
        let ended = terminal.end();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        assert!(ended.text.contains("sudo now asks"), "{ended:?}");
        assert!(has_line(SUDO));
        is_over();
    });
}
