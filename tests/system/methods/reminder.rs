//! "Are your methods up to date?"

use antiphon_core::text::Language;
use antiphon_tests::{PamHost, Sshd, VERIFICATION_CODE, World, in_world};

use crate::chooser::{Door, doors};
use crate::phone::{Program, alice_with_phone};
use crate::prompts::CODE;

const ASKED: [&str; 2] = [
    "Are your methods up to date?",
    "Stämmer dina inloggningssätt fortfarande?",
];
const DAY: i64 = 24 * 3600;

fn said(world: &World, answer: &str, seconds: i64) -> String {
    let host = PamHost::new(world, "alice").option(&format!("--clock={seconds}"));
    let played = host.answer(answer).play();
    assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    let texts: Vec<String> = played.said().into_iter().map(|said| said.text).collect();
    texts.join("\n")
}

#[test]
fn everywhere_few_recovery_codes_are_told_in_one_line_with_the_address() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let mut alice = world.enrol("alice");
        alice.set_period(300);
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
                let mut terminal = door.open(world, &sshd);
                terminal
                    .expect(VERIFICATION_CODE)
                    .expect(": ")
                    .send_line(&alice.code());
                let text = door.arrive(terminal);
                assert!(text.contains(line), "{door:?}: {text}");
                // Once a day.
                let mut terminal = door.open(world, &sshd);
                terminal
                    .expect(VERIFICATION_CODE)
                    .expect(": ")
                    .send_line(&alice.code_in(1));
                let text = door.arrive(terminal);
                assert!(
                    !text.contains(ASKED[0]) && !text.contains(ASKED[1]),
                    "{text}"
                );
            }
        }
    });
}

#[test]
fn a_phone_that_is_silent_for_90_days_is_named_and_one_that_answers_is_not() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let at = |days: i64| {
            let step = i64::try_from(alice.secret.period.get()).unwrap();
            said(world, &alice.code_in(days * DAY / step), days * DAY)
        };
        assert!(!at(0).contains(ASKED[0]));
        assert!(!at(89).contains(ASKED[0]));
        let text = at(91);
        assert!(
            text.contains("Are your methods up to date? The phone Pixel 9 has not answered for 90 days. Type ? when"),
            "{text}"
        );
        assert!(!text.contains("localhost"), "{text}");
        assert!(!at(91 + 1000).is_empty());
    });
}

#[test]
fn with_enough_codes_nobody_is_asked() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        alice.change(|record| record.recovery.as_mut().unwrap().hashes.truncate(3));
        for door in [Door::Ssh, Door::At(Program::Sudo)] {
            let mut terminal = door.open(world, &sshd);
            terminal.answer(CODE, &alice.code());
            let text = door.arrive(terminal);
            assert!(!text.contains(ASKED[0]), "{text}");
            alice.change(|_| {});
        }
    });
}
