//! "Look after my methods", inside a sign-in: in the real programs, with a daemon that the test plays.

mod accounts;
mod adding;
mod bounds;
mod changes;
mod reminder;

use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_tests::{Terminal, World};

use crate::prompts::CODE;

/// The list of ways ends with these; the list of what can be done, too.
const CHOICE: [&str; 2] = ["Your choice: ", "Ditt val: "];
/// Asks who has signed in without the phone.
pub(crate) const OFFER: [&str; 2] = [
    "or press Enter to go on: ",
    "tryck på Enter för att gå vidare: ",
];

/// The record as it is on file.
fn record_of(world: &World, name: &str) -> Record {
    let text = std::fs::read_to_string(world.record_path(name)).unwrap();
    Record::parse(&text, &UserName::new(name).unwrap()).unwrap()
}

/// The module's lines of changes.
fn changes(world: &World) -> Vec<String> {
    world.log().texts("changed=")
}

/// Waits for the next list, and takes the line that ends with `line`.
pub(crate) fn take(terminal: &mut Terminal, line: &str) {
    terminal.expect_any(&CHOICE);
    let shown = terminal.shown();
    let (_, list) = shown.rsplit_once("1. ").unwrap();
    let place = format!("1. {list}")
        .lines()
        .find_map(|shown| Some(shown.strip_suffix(line)?.strip_suffix(". ")?.to_owned()))
        .unwrap_or_else(|| panic!("no line {line:?} in {shown}"));
    terminal.send_line(&place);
}

/// Says at the first prompt of ours that the methods are to be looked after, and then takes a code of the app.
fn wish(terminal: &mut Terminal, code: &str) {
    terminal.expect(": ").send_line("?");
    take(terminal, "Look after my methods");
    take(terminal, "Use a verification code");
    terminal.answer(CODE, code);
}
