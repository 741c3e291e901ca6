//! The terminal's pictures in the guide: drawn from what a real sign-in by ssh shows, and compared with it.
//!
//! `UPDATE=1 cargo test -p antiphon-tests --test system guide` makes them anew.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;

use antiphon_core::text::Language;
use antiphon_tests::{LyingDaemon, PASSWORD, PASSWORD_PROMPT, Sshd, Terminal, World, in_world};

use super::{NUMBER, alice_with_phone};

/// Where the pictures of each language are.
const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/guide/pictures");
/// What is typed at the shell.
const COMMAND: &str = "ssh alice@web1";
/// Of a usual terminal, in characters.
const WIDTH: usize = 80;
/// A line, in the picture's units.
const LINE: usize = 20;
/// All of it.
const ACROSS: usize = 706;
const MARGIN: usize = 16;

/// `text` on a dark terminal.
fn drawn(text: &str) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        let letters: Vec<char> = line.trim_end().chars().collect();
        match letters.len() {
            0 => lines.push(String::new()),
            _ => lines.extend(
                letters
                    .chunks(WIDTH)
                    .map(|chunk| chunk.iter().collect::<String>()),
            ),
        }
    }
    let height = lines.len() * LINE + 2 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {ACROSS} {height}\" width=\"{ACROSS}\" height=\"{height}\">\n\
         <rect width=\"{ACROSS}\" height=\"{height}\" rx=\"8\" fill=\"#16211f\"/>\n\
         <g font-family=\"ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace\" font-size=\"14\" \
         fill=\"#e9efed\" xml:space=\"preserve\">\n"
    );
    for (index, line) in lines.iter().enumerate() {
        let y = MARGIN + index * LINE + 15;
        let line = line
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let _ = writeln!(svg, "<text x=\"{MARGIN}\" y=\"{y}\">{line}</text>");
    }
    svg + "</g>\n</svg>\n"
}

/// Holds that the picture of this name is of `text`.
fn compare(language: Language, name: &str, text: &str, stale: &mut Vec<String>) {
    let path = format!("{PICTURES}/{}/{name}.svg", language.tag());
    let svg = drawn(text);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &svg).unwrap();
    }
    if fs::read_to_string(&path).ok() != Some(svg) {
        stale.push(path);
    }
}

/// A sign-in as the guide shows it.
fn sign_in(world: &World, sshd: &Sshd) -> Terminal {
    let mut ssh = sshd.client(world, "ssh");
    ssh.args([
        "-o",
        "LogLevel=ERROR",
        "-o",
        "PreferredAuthentications=keyboard-interactive",
    ]);
    ssh.env("LC_ALL", "C.UTF-8");
    let mut terminal = Terminal::start(ssh.args(["alice@web1"]));
    terminal.answer(PASSWORD_PROMPT, PASSWORD);
    terminal
}

#[test]
fn the_guides_pictures_show_the_terminal_as_it_is() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let mut hosts = OpenOptions::new().append(true).open("/etc/hosts").unwrap();
        hosts.write_all(b"127.0.0.1 web1\n").unwrap();
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut stale = Vec::new();
        for language in [Language::Swedish, Language::English] {
            alice.change(|record| record.language = Some(language));
            let mut terminal = sign_in(world, &sshd);
            let call = daemon.asked();
            let number = terminal.number(match language {
                Language::Swedish => "Skriv in numret ",
                Language::English => NUMBER,
            });
            terminal.expect(": ");
            let shown = terminal.shown().replace('\r', "");
            let text = format!("$ {COMMAND}\n{shown}").replace(&format!(" {number} "), " 42 ");
            compare(language, "number", &text, &mut stale);
            let before = terminal.shown().len();
            terminal.send_line("?").expect("5").expect(": ");
            let shown = terminal.shown()[before..].replace('\r', "");
            compare(
                language,
                "ways",
                &format!("{}{shown}", last_line(&text)),
                &mut stale,
            );
            drop((terminal, call));
        }
        assert!(stale.is_empty(), "to be made anew by UPDATE=1: {stale:#?}");
    });
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}
