//! The QR code on the terminal, read by a program that knows nothing of it.

use antiphon_tests::{Terminal, World, in_world, scanned};

use crate::command::antiphon;

#[test]
fn a_scanner_reads_the_address_from_a_terminal_in_colours_and_from_a_dark_one_without() {
    in_world(|world| {
        for (terminal, is_dark) in [("xterm-256color", false), ("dumb", true)] {
            let shown = enrolment_on(world, terminal, 100, 50);
            let black_on_white = "\u{1b}[38;5;16;48;5;231m";
            assert_eq!(shown.contains(black_on_white), !is_dark, "{terminal}");
            assert_eq!(shown.contains('\u{1b}'), !is_dark, "{terminal}");
            assert_eq!(
                scanned(world, &shown, is_dark),
                address_in(&shown),
                "{terminal}"
            );
        }
    });
}

#[test]
fn the_code_and_the_question_fit_a_terminal_of_80_by_24() {
    in_world(|world| {
        let shown = enrolment_on(world, "xterm-256color", 80, 24);
        let from_code = shown.lines().skip_while(|line| !line.contains('█')).count();
        assert!(from_code <= 24, "{shown}");
        assert_eq!(scanned(world, &shown, false), address_in(&shown));
    });
}

#[test]
fn a_window_that_is_too_small_gets_text_and_is_told_what_the_code_needs() {
    in_world(|world| {
        let shown = enrolment_on(world, "xterm-256color", 40, 24);
        assert!(!shown.contains('█') && shown.contains("For a QR code the window needs"));
    });
}

#[test]
fn a_file_gets_no_picture() {
    in_world(|world| {
        antiphon(world, "enroll alice --no-confirm")
            .done()
            .says("otpauth://totp/")
            .says_no("█")
            .says_no("\u{1b}");
    });
}

/// What an enrolment shows until it asks.
fn enrolment_on(world: &World, terminal: &str, columns: usize, rows: usize) -> String {
    let antiphon = world.product().command.display();
    let script = format!("stty columns {columns} rows {rows} && exec {antiphon} enroll alice");
    let mut sized = world.command("sh");
    sized.env("TERM", terminal).args(["-c", &script]);
    let mut terminal = Terminal::start(&sized);
    let shown = terminal.expect("Code that the app shows: ").shown();
    terminal.send_interrupt();
    assert_eq!(terminal.end().signal(), Some(2), "Ctrl-C ends it");
    shown
}

fn address_in(shown: &str) -> String {
    let (_, rest) = shown.split_once("address  ").unwrap();
    rest.lines().next().unwrap().trim().to_owned()
}
