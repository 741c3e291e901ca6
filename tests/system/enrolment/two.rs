//! Two who know the password: neither sees the secret of the other, one wins, and the other is told.

use std::fs;

use antiphon_tests::{Sshd, Terminal, World, in_world};

use super::{
    GO_ON, OPEN, PENDING, WRITTEN, at_the_code, begin_again, code_in, finish, forget, from,
    has_record, recovery_on, steps,
};
use crate::prompts::CODE;

/// From where the second one comes.
const ELSEWHERE: &str = "203.0.113.5";

/// The end of a sitting that was told that it is void, with these words.
fn is_told(world: &World, terminal: Terminal, words: &str) {
    let text = terminal.end().refused("arrived");
    assert!(text.contains(words), "{words} in {text}");
    world.ended("refused reason=enrolment-void user=alice");
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
            finish(second, &code_in(&other, 0));
            forget(world);
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
            fs::remove_dir_all(PENDING).unwrap();
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
        let resumed = "enrolment=resumed before=127.0.0.1 user=alice rhost=203.0.113.5 tty=ssh";
        assert_eq!(steps(world).pop().unwrap(), resumed);
        first.send_line(&code_in(&secret, 1));
        is_told(world, first, "went on with it from 203.0.113.5 at ");
        second.send_line("");
        second.arrive("arrived");
        assert!(has_record(world, "alice"));
    });
}

#[test]
fn the_first_to_finish_wins_and_whoever_was_about_to_begin_again_is_told_before_anything_is_shown()
{
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        for answer in ["", "000000"] {
            let (first, secret) = at_the_code(world, &sshd, "alice");
            let mut second = from(world, &sshd, ELSEWHERE);
            second.expect(GO_ON);
            finish(first, &code_in(&secret, 0));
            let before = world.state("alice");
            second.send_line(answer);
            let text = second.end().refused("Key: ");
            let told = text.contains("set up by another sign-in meanwhile");
            assert!(told, "{text}");
            // The winner's state is left alone.
            assert_eq!(world.state("alice"), before);
            world.ended("refused reason=enrolled-meanwhile user=alice");
            forget(world);
        }
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
        let before = fs::read(world.record_path("alice")).unwrap();
        terminal.send_line("");
        terminal.end().refused("arrived");
        assert_eq!(fs::read(world.record_path("alice")).unwrap(), before);
        let mut terminal = from(world, &sshd, "127.0.0.1");
        terminal.answer(CODE, &alice.code());
        terminal.arrive("arrived");
    });
}
