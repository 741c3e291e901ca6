//! Another way, chosen from the list: in the real programs, with a daemon that the test plays.

mod choices;
mod failing_gateway;
mod restricted;
mod secrets;
mod spending;

use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::text::Language;
use antiphon_tests::{Enrolled, Passkey, Terminal, World};

use crate::methods::take;
use crate::phone::{NUMBER, alice_with_phone};

/// Alice's number, and all that may be shown of it.
const TEL: &str = "+46701234521";
const MASKED: &str = "+XX XXXXXXXXX21";
/// A gateway is there for both.
const TELEPHONE: &str = "[telephone]\nsms = true\ncall = true\n";
/// Ends the list.
pub(crate) const CHOOSE: &str = "Your choice: ";

fn number(tel: &str, uses: &[TelephoneUse]) -> TelephoneNumber {
    TelephoneNumber {
        tel: tel.into(),
        uses: uses.to_vec(),
    }
}

/// Alice with codes of 300 s, recovery codes, and a number for texts and calls.
fn alice_with_number(world: &World) -> Enrolled {
    world.configure(TELEPHONE);
    let mut alice = world.enrol_with_long_codes("alice");
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

/// `?` at whatever is asked first, and then the line of the list that ends with `line`.
pub(crate) fn choose(terminal: &mut Terminal, line: &str) {
    terminal.expect(": ").send_line("?");
    take(terminal, line);
}

/// The same people and lines in both languages.
struct Words {
    language: Language,
    approve: &'static str,
    code: &'static str,
    text: &'static str,
    call: &'static str,
    recovery: &'static str,
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
        code_prompt: "Verification code from your app (? for other ways): ",
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
        code_prompt: "Verification code / kod från din app (? för andra sätt): ",
        text_prompt: "Verification code / kod skickad till +XX XXXXXXXXX21 (? för andra sätt): ",
        call_prompt: "Verification code / kod från samtalet till +XX XXXXXXXXX21 (? för andra sätt): ",
        recovery_prompt: "Återställningskod (? för andra sätt): ",
        number: "Skriv in numret ",
    },
];
