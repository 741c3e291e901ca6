//! Two who know the password: neither sees the secret of the other, one wins, and the other is told.

use antiphon_tests::{PASSWORD, Sshd, Terminal, World, in_world};

use super::{
    GO_ON, OPEN, PENDING, WRITTEN, at_the_code, begin_again, code_in, from, has_record,
    recovery_on, steps,
};
use crate::prompts::PASSWORD_PROMPT;

/// From where the second one comes.
const ELSEWHERE: &str = "203.0.113.5";

/// The end of a sitting that was told that it is void, with these words.
fn is_told(world: &World, terminal: Terminal, words: &str) {
    let ended = terminal.end();
    assert!(ended.text.contains(words), "{words} in {ended:#?}");
    assert!(
        !ended.succeeded() && !ended.text.contains("arrived"),
        "{ended:#?}"
    );
    let line = world.log().endings().pop().unwrap().text;
    assert!(
        line.starts_with("outcome=refused reason=enrolment-void user=alice"),
        "{line}"
    );
    assert!(!has_record(world, "alice"));
}

#[test]
fn a_second_person_with_the_password_is_never_shown_the_secret_of_the_first_and_both_are_told() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        // From elsewhere and from the very same place.
        for address in [ELSEWHERE, "127.0.0.1"] {
            let (mut first, secret) = at_the_code(world, &sshd, "alice");
            let mut second = from(world, &sshd, address);
            second.expect("ago from 127.0.0.1 (at ");
            let other = begin_again(&mut second);
            assert_ne!(other, secret);
            assert!(!second.shown().contains(&*secret.base32()));
            // While both still sit there.
            let restarted =
                format!("enrolment=restarted before=127.0.0.1 user=alice rhost={address} tty=ssh");
            assert_eq!(steps(world).last(), Some(&restarted));
            let event = world.activity("alice").pop().unwrap();
            assert_eq!(event.outcome, "enrolment-restarted");
            assert_eq!(event.remote_host, address);
            first.send_line(&code_in(&secret, 0));
            is_told(world, first, &format!("began again from {address} at "));
            second
                .send_line(&code_in(&other, 0))
                .answer(WRITTEN, "")
                .expect("arrived");
            assert!(second.end().succeeded() && has_record(world, "alice"));
            for file in [world.record_path("alice"), world.state_path("alice")] {
                std::fs::remove_file(file).unwrap();
            }
        }
    });
}

#[test]
fn a_sitting_that_is_void_shows_nothing_more_whatever_is_typed() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        for typed in ["", "000000", "no code at all"] {
            let (mut first, _) = at_the_code(world, &sshd, "alice");
            let mut second = from(world, &sshd, ELSEWHERE);
            begin_again(&mut second);
            first.send_line(typed);
            let ended = first.end();
            assert_eq!(ended.text.matches("Key: ").count(), 1, "{ended:#?}");
            assert_eq!(recovery_on(&ended.text), [""; 0]);
            let words = "somebody else, or you in another window, began again from 203.0.113.5 at ";
            assert!(ended.text.contains(words), "{ended:#?}");
            let _ = second.hang_up();
            std::fs::remove_dir_all(PENDING).unwrap();
        }
    });
}

#[test]
fn somebody_who_begins_again_while_recovery_codes_are_written_down_voids_them_too() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut first, secret) = at_the_code(world, &sshd, "alice");
        first.send_line(&code_in(&secret, 0)).expect(WRITTEN);
        let mut second = from(world, &sshd, ELSEWHERE);
        begin_again(&mut second);
        first.send_line("");
        is_told(world, first, "began again from 203.0.113.5 at ");
    });
}

#[test]
fn of_two_windows_the_one_with_a_code_goes_on_and_the_one_left_open_is_told() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut first, secret) = at_the_code(world, &sshd, "alice");
        let mut second = from(world, &sshd, ELSEWHERE);
        second.answer(GO_ON, &code_in(&secret, 0)).expect(WRITTEN);
        assert_eq!(
            steps(world).pop().unwrap(),
            "enrolment=resumed before=127.0.0.1 user=alice rhost=203.0.113.5 tty=ssh"
        );
        first.send_line(&code_in(&secret, 1));
        is_told(world, first, "went on with it from 203.0.113.5 at ");
        second.send_line("").expect("arrived");
        assert!(second.end().succeeded() && has_record(world, "alice"));
    });
}

#[test]
fn the_first_to_finish_wins_and_whoever_was_about_to_begin_again_is_told_before_anything_is_shown()
{
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        for answer in ["", "000000"] {
            let (mut first, secret) = at_the_code(world, &sshd, "alice");
            let mut second = from(world, &sshd, ELSEWHERE);
            second.expect(GO_ON);
            first
                .send_line(&code_in(&secret, 0))
                .answer(WRITTEN, "")
                .expect("arrived");
            assert!(first.end().succeeded());
            let before = world.state("alice");
            second.send_line(answer);
            let ended = second.end();
            assert!(
                ended.text.contains("set up by another sign-in meanwhile"),
                "{ended:#?}"
            );
            assert!(
                !ended.succeeded() && !ended.text.contains("Key: "),
                "{ended:#?}"
            );
            assert_eq!(
                world.state("alice"),
                before,
                "the winner's state is left alone"
            );
            let line = world.log().endings().pop().unwrap().text;
            assert!(
                line.starts_with("outcome=refused reason=enrolled-meanwhile user=alice"),
                "{line}"
            );
            for file in [world.record_path("alice"), world.state_path("alice")] {
                std::fs::remove_file(file).unwrap();
            }
        }
    });
}

#[test]
fn all_of_it_is_said_in_swedish_too() {
    in_world(|world| {
        world.configure(&format!("language = \"sv\"\n{OPEN}"));
        let sshd = Sshd::start(world, "");
        let mut first = from(world, &sshd, "127.0.0.1");
        first.expect("logga in igen inom tio minuter");
        first
            .answer("skriv nej: ", "")
            .expect("visar allt en gång till): ");
        let mut second = from(world, &sshd, ELSEWHERE);
        second
            .expect("började någon ordna den från 127.0.0.1, men")
            .expect("QR-koden visas inte en gång till")
            .answer("(bara Enter börjar om): ", "")
            .answer("skriv nej: ", "")
            .expect("visar allt en gång till): ");
        first.send_line("");
        // As ssh shows what comes before a failure.
        is_told(
            world,
            first,
            "i ett annat fonster, borjade om fran 203.0.113.5 kl. ",
        );
    });
}

#[test]
fn whom_root_enrols_meanwhile_keeps_what_root_gave() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (mut terminal, secret) = at_the_code(world, &sshd, "alice");
        terminal.send_line(&code_in(&secret, 0)).expect(WRITTEN);
        let alice = world.enrol("alice");
        let before = std::fs::read(world.record_path("alice")).unwrap();
        terminal.send_line("");
        let ended = terminal.end();
        assert!(!ended.succeeded(), "{ended:#?}");
        assert_eq!(std::fs::read(world.record_path("alice")).unwrap(), before);
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        terminal
            .answer(crate::prompts::CODE, &alice.code())
            .expect("arrived");
        assert!(terminal.end().succeeded());
    });
}
