//! "Are your methods up to date?"

use antiphon_core::text::Language;
use antiphon_tests::{PamHost, Sshd, VERIFICATION_CODE, World, in_world};

use crate::phone::{alice_with_phone, doors};

const ASKED: [&str; 2] = [
    "Are your methods up to date?",
    "Stämmer dina inloggningssätt fortfarande?",
];
const DAY: i64 = 24 * 3600;

fn said(world: &World, answer: &str, seconds: i64) -> String {
    let host = PamHost::new(world, "alice").ahead(seconds);
    host.answer(answer).ends("PAM_SUCCESS").texts().join("\n")
}

#[test]
fn everywhere_few_recovery_codes_are_told_in_one_line_with_the_address() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let mut alice = world.enrol_with_long_codes("alice");
        for (language, line) in [
            (
                Language::English,
                "Are your methods up to date? You have 2 recovery codes left. Type ? when you sign in to change them; see \
                 them at https://mfa.example.org .",
            ),
            (
                Language::Swedish,
                "Stämmer dina inloggningssätt fortfarande? Du har 2 återställningskoder kvar. Skriv ? när du loggar in \
                 för att ändra dem; du ser dem på https://mfa.example.org .",
            ),
        ] {
            for door in doors() {
                world.configure("[page]\norigin = \"https://mfa.example.org\"\n");
                alice.change(|record| {
                    record.language = Some(language);
                    record.recovery.as_mut().unwrap().hashes.truncate(2);
                });
                let arrive = |code: &str| {
                    let mut terminal = door.open(world, &sshd);
                    terminal.expect(VERIFICATION_CODE).answer(": ", code);
                    door.arrive(terminal)
                };
                let text = arrive(&alice.code());
                assert!(text.contains(line), "{door:?}: {text}");
                // Once a day.
                let text = arrive(&alice.code_in(1));
                assert!(!ASKED.iter().any(|asked| text.contains(asked)), "{text}");
            }
        }
    });
}

#[test]
fn a_phone_that_is_silent_for_90_days_is_named_and_one_that_answers_is_not() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let at = |days: i64| {
            let step = i64::try_from(alice.secret.period().get()).unwrap();
            said(world, &alice.code_in(days * DAY / step), days * DAY)
        };
        assert!(!at(0).contains(ASKED[0]));
        assert!(!at(89).contains(ASKED[0]));
        let text = at(91);
        let told = "Are your methods up to date? The phone Pixel 9 has not answered for 90 days. Type ? when";
        assert!(text.contains(told), "{text}");
        assert!(!text.contains("localhost"), "{text}");
        assert!(!at(91 + 1000).is_empty());
    });
}
