//! The code that confirms an enrolment: nothing is written before it was right.

use std::fs;

use antiphon_tests::{Terminal, in_world};

use crate::command::{
    Enrolment, code_of, command, enroll_answering, enroll_confirmed, files, secret_of, signs_in,
};

#[test]
fn the_confirming_code_counts_as_used() {
    in_world(|world| {
        let (alice, confirmed) = enroll_confirmed(world, &["alice"]);
        assert!(!signs_in(world, &confirmed, 0));
        assert!(signs_in(world, &alice.code_in(60), 60));
    });
}

#[test]
fn nothing_is_written_before_the_code_is_confirmed() {
    in_world(|world| {
        let before = files(world);
        assert!(before.is_empty());
        let nothing = |draft: &Enrolment| {
            assert_eq!(files(world), before, "while it asks");
            let _ = draft;
            String::new()
        };
        let (_, said) = enroll_answering(world, &["alice"], nothing);
        said.failed(66, "Nothing was written");
        let (_, said) = enroll_answering(world, &["alice"], |_| "12345\n".repeat(5));
        said.failed(65, "Nothing was written");
        let (_, said) = enroll_answering(world, &["alice"], |draft| {
            format!("{}\n", draft.code_in(3600)).repeat(5)
        });
        said.failed(65, "Nothing was written");
        assert_eq!(files(world), before);
    });
}

#[test]
fn a_slip_is_told_and_one_may_try_again() {
    in_world(|world| {
        let (_, said) = enroll_answering(world, &["alice"], |draft| {
            format!("\n1234\n{}\n{}\n", draft.code_in(150), draft.code())
        });
        let said = said.done();
        assert!(said.err.contains("A code has 6 digits."), "{said:#?}");
        assert!(said.err.contains("s ahead of this computer's"), "{said:#?}");
        said.object();
    });
}

#[test]
fn an_enrolment_whose_object_cannot_be_read_writes_nothing() {
    in_world(|world| {
        let mut command = command(world, &["enroll", "alice", "--no-confirm", "--json"]);
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let status = command.stdout(full).status().unwrap();
        assert_eq!(status.code(), Some(74));
        assert!(files(world).is_empty());
    });
}

#[test]
fn a_person_at_a_terminal_is_led_through() {
    in_world(|world| {
        let mut terminal = Terminal::start(&command(world, &["enroll", "alice"]));
        terminal.expect("A second factor for alice on harbour");
        terminal.expect("address  ");
        let shown = terminal.expect("Code that the app shows: ").shown();
        let secret = shown
            .split("secret=")
            .nth(1)
            .and_then(|rest| rest.split('&').next())
            .unwrap();
        let groups: Vec<&str> = secret
            .as_bytes()
            .chunks(4)
            .map(|group| std::str::from_utf8(group).unwrap())
            .collect();
        assert!(
            shown.contains(&groups.join(" ")),
            "the key in groups of four"
        );
        terminal.send_line("000000");
        terminal.expect("That is not the code");
        let code = code_of(&secret_of(secret), 0);
        terminal
            .expect("Code that the app shows: ")
            .send_line(&code);
        terminal
            .expect("alice is enrolled.")
            .expect("Recovery codes");
        let ended = terminal.end();
        assert!(ended.succeeded(), "{ended:?}");
        let dashed = ended
            .text
            .split_whitespace()
            .filter(|word| word.len() == 19 && word.matches('-').count() == 3)
            .count();
        assert_eq!(dashed, 10, "{}", ended.text);
    });
}
