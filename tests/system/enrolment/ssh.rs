//! Over a real ssh, on a real terminal.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_tests::{PASSWORD, Sshd, Terminal, in_world};

use super::{
    CONFIRM, GO_ON, NUMBER, OPEN, PENDING, SQUARES, WRITTEN, at_the_code, code_in, finish, from,
    has_record, pending, recovery_on, scanned_on, secret_in, secret_on, write_record, wrong_code,
};
use crate::prompts::{CODE, PASSWORD_PROMPT};

#[test]
fn a_scanner_reads_the_qr_code_from_the_screen_and_its_code_signs_in() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut terminal, _) = at_the_code(world, &sshd, "alice");
        let address = scanned_on(world, &terminal.shown());
        let begin = "otpauth://totp/harbour:alice@harbour?secret=";
        assert!(address.starts_with(begin), "{address}");
        let secret = secret_in(&address);
        assert_eq!(secret_on(&terminal.shown()), secret);
        assert!(!has_record(world, "alice"));
        let code = code_in(&secret, 0);
        terminal.send_line(&code).expect(WRITTEN);
        // Not before they are written down.
        assert!(!has_record(world, "alice"));
        let recovery = recovery_on(&terminal.shown());
        assert_eq!(recovery.len(), 10);
        terminal.send_line("");
        let text = terminal.arrive("arrived");
        assert!(text.contains("Your second factor is set up."), "{text}");

        let record = fs::metadata(world.record_path("alice")).unwrap();
        assert_eq!((record.uid(), record.mode() & 0o7777), (0, 0o600));
        assert_eq!(pending(), [] as [std::path::PathBuf; 0]);
        let mode = fs::metadata(PENDING).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o700);
        assert_eq!(
            world.log().texts(""),
            [
                "asked=enrolment user=alice rhost=127.0.0.1 tty=ssh",
                "enrolment=begun user=alice rhost=127.0.0.1 tty=ssh",
                "enrolled=code user=alice rhost=127.0.0.1 tty=ssh",
                "outcome=accepted method=enrolment user=alice rhost=127.0.0.1 tty=ssh"
            ]
        );
        let activity = world.activity("alice");
        let words: Vec<_> = activity
            .iter()
            .map(|event| {
                (
                    event.outcome.as_str(),
                    event.method.as_str(),
                    event.remote_host.as_str(),
                )
            })
            .collect();
        assert_eq!(
            words,
            [
                // The event of the sign-in itself, which stood there from the first prompt on.
                ("accepted", "enrolment", "127.0.0.1"),
                ("enrolment-begun", "enrolment", "127.0.0.1"),
                ("enrolled", "code", "127.0.0.1")
            ]
        );

        // From now on as everybody: the confirming code is used up, the next one and a recovery code are not.
        for (answer, said) in [
            (code.as_str(), "already used"),
            (&code_in(&secret, 1), "arrived"),
            (&recovery[7], "You have 9 recovery codes left."),
        ] {
            let mut terminal = from(world, &sshd, "127.0.0.1");
            terminal.answer(CODE, answer).expect(said);
            let _ = terminal.interrupt();
        }
    });
}

#[test]
fn a_client_that_shows_no_squares_gets_key_and_link_in_ascii() {
    in_world(|world| {
        world.configure(&format!("language = \"sv\"\n{OPEN}"));
        let sshd = Sshd::start(world, "");
        let mut ssh = sshd.client(world, "ssh");
        ssh.env("LC_ALL", "C")
            .args(["-o", "PreferredAuthentications=keyboard-interactive"])
            .args(["alice@localhost", "echo arrived"]);
        let mut terminal = Terminal::start(&ssh);
        terminal
            .answer(PASSWORD_PROMPT, PASSWORD)
            .expect("skriv nej: ");
        assert!(
            terminal.shown().contains("\\342\\226\\210"),
            "as such a client shows it"
        );
        terminal.send_line("nej").expect("(Enter visar det igen): ");
        let shown = terminal.shown();
        let (_, offer) = shown.split_once("skriv nej: ").unwrap();
        assert!(!offer.contains('\\') && offer.is_ascii(), "{offer}");
        let (_, rest) = offer.split_once("Lank: ").unwrap();
        let secret = secret_in(rest.lines().next().unwrap());
        let (_, rest) = offer.split_once("Nyckel: ").unwrap();
        let key = rest.lines().next().unwrap();
        assert_eq!(key.replace(' ', ""), *secret.base32());
        terminal
            .send_line(&code_in(&secret, 0))
            .answer("skrivit upp dem: ", "");
        terminal.arrive("arrived");
    });
}

#[test]
fn the_sentences_are_in_the_language_of_the_record_that_root_has_begun() {
    in_world(|world| {
        world.configure(OPEN);
        write_record(world, "alice", &format!("language = \"sv\"\n{NUMBER}"));
        let sshd = Sshd::start(world, "");
        let mut terminal = from(world, &sshd, "127.0.0.1");
        terminal.answer("skriv nej: ", "").expect("Skanna QR-koden");
        terminal.expect("(Enter visar det igen): ");
        let shown = terminal.shown();
        let (_, rest) = shown.rsplit_once("Länk: ").unwrap();
        let secret = secret_in(rest.lines().next().unwrap());
        terminal.send_line("000").expect("En kod har 6 siffror.");
        terminal
            .answer("igen): ", &code_in(&secret, 0))
            .answer("skrivit upp dem: ", "");
        let text = terminal.arrive("arrived");
        assert!(text.contains("Din tvåfaktorsinloggning är klar."), "{text}");
        // What root had begun is still there.
        let text = fs::read_to_string(world.record_path("alice")).unwrap();
        let record = Record::parse(&text, &UserName::new("alice").unwrap()).unwrap();
        assert_eq!(record.numbers.len(), 1);
        assert!(record.is_enrolled() && record.recovery.is_some() && record.language.is_some());
    });
}

#[test]
fn wrong_codes_are_said_and_come_to_an_end_and_a_right_one_still_goes_on_later() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut terminal, secret) = at_the_code(world, &sshd, "alice");
        // Another time's code tells that a clock is wrong; Enter alone shows it all again.
        terminal
            .send_line(&code_in(&secret, 5))
            .expect("ahead of this computer's");
        terminal.answer(CONFIRM, "").expect("Scan the QR code");
        let wrong = wrong_code(&secret);
        for _ in 0..4 {
            terminal.answer(CONFIRM, &wrong);
        }
        let text = terminal.end().refused("arrived");
        let told = "No code was right. Sign in again within ten minutes";
        assert!(text.contains(told) && !has_record(world, "alice"), "{text}");
        world.ended("refused reason=unconfirmed user=alice rhost=127.0.0.1 tty=ssh");
        let mut terminal = from(world, &sshd, "127.0.0.1");
        terminal.expect(GO_ON);
        finish(terminal, &code_in(&secret, 0));
    });
}

#[test]
fn a_prompt_that_is_answered_with_the_password_ends_it() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let mut terminal = from(world, &sshd, "127.0.0.1");
        terminal.answer(SQUARES, PASSWORD);
        terminal.end().refused("arrived");
        world.ended_once("refused reason=password-answered");
        assert!(!has_record(world, "alice"));
    });
}
