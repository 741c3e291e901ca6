//! The code that confirms an enrolment: nothing is written before it was right.

use antiphon_tests::{Terminal, in_world};

use crate::command::{
    Enrolment, code_of, command, enroll_answering, enroll_confirmed, files, into_a_full_disk,
    secret_in, secret_of, signs_in,
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
        let refused = |status: i32, answer: &dyn Fn(&Enrolment) -> String| {
            let (_, said) = enroll_answering(world, &["alice"], |draft| {
                assert!(files(world).is_empty(), "while it asks");
                answer(draft)
            });
            said.failed(status, "Nothing was written");
            assert!(files(world).is_empty());
        };
        refused(66, &|_| String::new());
        refused(65, &|_| "12345\n".repeat(5));
        refused(65, &|draft| format!("{}\n", draft.code_in(3600)).repeat(5));
    });
}

#[test]
fn a_slip_is_told_and_one_may_try_again() {
    in_world(|world| {
        let (_, said) = enroll_answering(world, &["alice"], |draft| {
            format!("\n1234\n{}\n{}\n", draft.code_in(150), draft.code())
        });
        said.done()
            .warns("A code has 6 digits.")
            .warns("s ahead of this computer's")
            .object();
    });
}

#[test]
fn an_enrolment_whose_object_cannot_be_read_writes_nothing() {
    in_world(|world| {
        into_a_full_disk(world, &["enroll", "alice", "--no-confirm", "--json"]).exits(74);
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
        let secret = secret_in(&shown);
        let groups = secret.as_bytes().chunks(4).map(String::from_utf8_lossy);
        let groups = groups.collect::<Vec<_>>().join(" ");
        assert!(shown.contains(&groups), "the key in groups of four");
        terminal.send_line("000000");
        terminal.expect("That is not the code");
        let code = code_of(&secret_of(secret), 0);
        terminal.answer("Code that the app shows: ", &code);
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
