//! The QR code on the terminal, read by a program that knows nothing of it.

use std::fs;
use std::process::Command;

use antiphon_tests::{Terminal, World, in_world};

use crate::command::command;

/// Pixels of a square in the picture.
const SCALE: usize = 4;

#[test]
fn a_scanner_reads_the_address_from_a_terminal_in_colours() {
    in_world(|world| {
        let shown = enrolment_on(world, "xterm-256color", 100, 50);
        assert!(shown.contains("\u{1b}[38;5;16;48;5;231m"), "black on white");
        assert_eq!(scanned(world, &shown, false), address_in(&shown));
    });
}

#[test]
fn a_scanner_reads_the_address_from_a_dark_terminal_without_colours() {
    in_world(|world| {
        let shown = enrolment_on(world, "dumb", 100, 50);
        assert!(!shown.contains('\u{1b}'));
        assert_eq!(scanned(world, &shown, true), address_in(&shown));
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
        let said = crate::command::antiphon(world, "enroll alice --no-confirm").done();
        assert!(!said.out.contains('█') && said.out.contains("otpauth://totp/"));
        assert!(!said.out.contains('\u{1b}'));
    });
}

/// What an enrolment shows until it asks.
fn enrolment_on(world: &World, terminal: &str, columns: usize, rows: usize) -> String {
    let antiphon = command(world, &["enroll", "alice"]);
    let mut sized = world.command("sh");
    sized.env("TERM", terminal).arg("-c").arg(format!(
        "stty columns {columns} rows {rows} && exec {} enroll alice",
        antiphon.get_program().display()
    ));
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

/// What zbarimg reads in the half blocks of `shown`; drawn are the black squares, or, `inverted`, the white ones.
fn scanned(world: &World, shown: &str, inverted: bool) -> String {
    let lines: Vec<Vec<char>> = shown
        .lines()
        .filter(|line| line.contains(['█', '▀', '▄']) || line.contains("231m"))
        .map(|line| {
            let bare = line.trim_end_matches(['\r', '\n']);
            let bare = bare.strip_suffix("\u{1b}[0m").unwrap_or(bare);
            let bare = bare
                .strip_prefix("\u{1b}[38;5;16;48;5;231m")
                .unwrap_or(bare);
            bare.chars().collect()
        })
        .collect();
    let width = lines.iter().map(Vec::len).max().unwrap();
    // Portable bitmap, plain: 1 is black.
    let mut picture = format!("P1\n{} {}\n", width * SCALE, lines.len() * 2 * SCALE);
    for line in &lines {
        for half in ['▀', '▄'] {
            let row: String = (0..width)
                .map(|x| {
                    let character = line.get(x).copied().unwrap_or(' ');
                    let drawn = character == '█' || character == half;
                    if drawn == inverted { "0 " } else { "1 " }.repeat(SCALE)
                })
                .collect();
            picture += &(row + "\n").repeat(SCALE);
        }
    }
    let path = world.folder().join("qr.pbm");
    fs::write(&path, picture).unwrap();
    let output = Command::new("zbarimg")
        .args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"])
        .arg(&path)
        .output()
        .expect("zbarimg of zbar-tools");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}
