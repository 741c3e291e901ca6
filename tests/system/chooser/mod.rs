//! Another way, chosen from the list: in the real programs, with a daemon that the test plays.

mod choices;
mod failing_gateway;
mod list;
mod restricted;
mod secrets;
mod spending;

use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::text::Language;
use antiphon_tests::{Enrolled, PASSWORD, Passkey, Sshd, Terminal, World};

use crate::phone::{NUMBER, PROGRAMS, Program, alice_with_phone};
use crate::prompts::PASSWORD_PROMPT;

/// Alice's number, and all that may be shown of it.
const TEL: &str = "+46701234521";
const MASKED: &str = "+XX XXXXXXXXX21";
/// A gateway is there for both.
const TELEPHONE: &str = "[telephone]\nsms = true\ncall = true\n";
/// Ends the list in both languages.
const CHOICE: [&str; 2] = ["Your choice: ", "Ditt val: "];
const CHOOSE: &str = CHOICE[0];

fn number(tel: &str, uses: &[TelephoneUse]) -> TelephoneNumber {
    TelephoneNumber {
        tel: tel.into(),
        uses: uses.to_vec(),
    }
}

/// Alice with codes of 300 s, recovery codes, and a number for texts and calls.
fn alice_with_number(world: &World) -> Enrolled {
    world.configure(TELEPHONE);
    let mut alice = world.enrol("alice");
    alice.set_period(300);
    let both = number(TEL, &[TelephoneUse::Sms, TelephoneUse::Call]);
    alice.change(|record| record.numbers.push(both));
    alice
}

/// The same with a phone.
fn alice_with_everything(world: &World) -> (Enrolled, Passkey) {
    world.configure(&format!(
        "{TELEPHONE}most_in_ten_minutes = 50\nmost_a_day = 50\n[push]\nmost_in_five_minutes = 100\nmost_unanswered = 100\n"
    ));
    let (mut alice, passkey) = alice_with_phone(world);
    let both = number(TEL, &[TelephoneUse::Sms, TelephoneUse::Call]);
    alice.change(|record| record.numbers.push(both));
    (alice, passkey)
}

/// Where alice signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    Ssh,
    At(Program),
}

pub(crate) fn doors() -> Vec<Door> {
    let programs = PROGRAMS.map(Door::At);
    [Door::Ssh].into_iter().chain(programs).collect()
}

impl Door {
    /// Starts it, and gives the password.
    pub(crate) fn open(self, world: &World, sshd: &Sshd) -> Terminal {
        match self {
            Self::Ssh => {
                let mut terminal = sshd.sign_in(world, "alice", "echo here is $USER");
                terminal.answer(PASSWORD_PROMPT, PASSWORD);
                terminal
            }
            Self::At(program) => program.start(world),
        }
    }

    /// Waits until alice is in, and ends it.
    pub(crate) fn arrive(self, mut terminal: Terminal) -> String {
        match self {
            Self::Ssh => {
                terminal.expect("here is alice");
                let ended = terminal.end();
                assert!(ended.succeeded(), "{ended:#?}");
                ended.text
            }
            Self::At(program) => program.arrive(terminal),
        }
    }

    pub(crate) fn service(self) -> &'static str {
        match self {
            Self::Ssh => "sshd",
            Self::At(program) => program.service(),
        }
    }
}

/// `?` at whatever is asked first, and then the line of the list that ends with `line`.
fn choose(terminal: &mut Terminal, line: &str) {
    terminal.expect(": ").send_line("?");
    choose_again(terminal, line);
}

/// The line of the list that is shown next.
fn choose_again(terminal: &mut Terminal, line: &str) {
    terminal.expect_any(&CHOICE);
    let shown = terminal.shown();
    let list = shown.rsplit_once("1. ").unwrap().1;
    let place = format!("1. {list}")
        .lines()
        .find_map(|shown| Some(shown.strip_suffix(line)?.strip_suffix(". ")?.to_owned()))
        .unwrap_or_else(|| panic!("no line {line:?} in {shown}"));
    terminal.send_line(&place);
}

/// The same people and lines in both languages.
struct Words {
    language: Language,
    approve: &'static str,
    code: &'static str,
    text: &'static str,
    call: &'static str,
    recovery: &'static str,
    cancel: &'static str,
    code_prompt: &'static str,
    text_prompt: &'static str,
    call_prompt: &'static str,
    recovery_prompt: &'static str,
    number: &'static str,
}

const WORDS: [Words; 2] = [
    Words {
        language: Language::English,
        approve: "Approve a request in my authenticator app",
        code: "Use a verification code",
        text: "Text +XX XXXXXXXXX21",
        call: "Call +XX XXXXXXXXX21",
        recovery: "Use a recovery code",
        cancel: "Cancel",
        code_prompt: "Verification code from your authenticator app (? for other ways): ",
        text_prompt: "Verification code sent to +XX XXXXXXXXX21 (? for other ways): ",
        call_prompt: "Verification code from the call to +XX XXXXXXXXX21 (? for other ways): ",
        recovery_prompt: "Recovery code (? for other ways): ",
        number: NUMBER,
    },
    Words {
        language: Language::Swedish,
        approve: "Godkänn en begäran i min autentiseringsapp",
        code: "Använd en verifieringskod",
        text: "Skicka sms till +XX XXXXXXXXX21",
        call: "Ring +XX XXXXXXXXX21",
        recovery: "Använd en återställningskod",
        cancel: "Avbryt",
        code_prompt: "Verification code / verifieringskod från din autentiseringsapp (? för andra sätt): ",
        text_prompt: "Verification code / verifieringskod skickad till +XX XXXXXXXXX21 (? för andra sätt): ",
        call_prompt: "Verification code / verifieringskod från samtalet till +XX XXXXXXXXX21 (? för andra sätt): ",
        recovery_prompt: "Återställningskod (? för andra sätt): ",
        number: "Skriv in numret ",
    },
];
