//! What is typed while the phone is asked, and people with one way only.

use antiphon_core::wire::{FromDaemon, Unwilling};
use antiphon_tests::{LyingDaemon, PamHost, Sshd, in_world};

use super::{
    ALONE, FORKS, NUMBER, PROGRAMS, Program, alice_with_phone, approve, doors, number_on, play_with,
};
use crate::prompts::CODE;

#[test]
fn a_code_typed_while_the_phone_is_asked_signs_in_and_the_phone_is_told() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        for door in doors() {
            alice.change(|_| {});
            let mut terminal = door.open(world, &sshd);
            let mut call = daemon.asked();
            number_on(&mut terminal);
            terminal.send_line(&alice.code());
            assert_eq!(call.outcome().as_deref(), Some("answered"), "{door:?}");
            let text = door.arrive(terminal);
            assert!(!text.contains("Approved"), "{text}");
            world.ended("accepted method=code");
        }
    });
}

#[test]
fn after_a_wrong_code_the_same_request_is_still_open() {
    in_world(|world| {
        let (mut alice, passkey) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        for door in doors() {
            alice.change(|_| {});
            let mut terminal = door.open(world, &sshd);
            let mut call = daemon.asked();
            let number = number_on(&mut terminal);
            terminal.send_line(&alice.wrong_code());
            terminal.expect("That code is wrong.\r\n");
            assert_eq!(number_on(&mut terminal), number);
            // Enter alone is no answer.
            terminal
                .send_line("")
                .expect("Not approved on the phone yet.");
            assert_eq!(number_on(&mut terminal), number);
            door.approve(&mut terminal, &mut call, &passkey, &number);
            let text = door.arrive(terminal);
            assert!(!text.contains("since your last sign-in"), "{text}");
        }
    });
}

#[test]
fn three_wrong_codes_take_the_request_from_the_phone() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let mut terminal = Program::Su.start(world);
        let mut call = daemon.asked();
        for _ in 0..3 {
            number_on(&mut terminal);
            terminal.send_line(&alice.wrong_code());
        }
        assert!(!terminal.end().succeeded());
        assert_eq!(call.outcome(), None);
    });
}

#[test]
fn it_is_not_me_is_heard_also_where_a_right_code_is_typed_meanwhile() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        // It asks in this very process, which looks for the phone when something was typed.
        let host = PamHost::new(world, "alice").answer(alice.code());
        let (played, outcome) = play_with(host, |_| {
            let mut call = daemon.call();
            call.say(&FromDaemon::Waiting { phones: 1 });
            call.say(&FromDaemon::Declined {});
            call.outcome()
        });
        // The word may come after the code was judged; then the phone is told so.
        match outcome.as_deref() {
            Some("reported") => assert_eq!(played.result(), "PAM_AUTH_ERR"),
            Some("answered") => assert_eq!(played.result(), "PAM_SUCCESS"),
            other => panic!("{other:?} {played:#?}"),
        }
    });
}

#[test]
fn codes_that_are_locked_leave_the_phone_open_which_unlocks_them() {
    in_world(|world| {
        let (alice, passkey) = alice_with_phone(world);
        world.configure("[throttle]\nattempts = 2\nfirst_lock = 600\n");
        let wrong = alice.wrong_code();
        world.sign_in("alice", [&wrong; 2], "PAM_MAXTRIES");
        let daemon = LyingDaemon::start();
        let mut terminal = Program::Su.start(world);
        let mut call = daemon.asked();
        terminal.expect("Too many wrong codes. Try again in 10 min.\r\n");
        let number = number_on(&mut terminal);
        approve(&mut call, &passkey, &number);
        let text = Program::Su.arrive(terminal);
        let told = text.contains("2 wrong codes since your last sign-in");
        assert!(told, "{text}");
        drop(daemon);
        let mut terminal = Program::Su.start(world);
        terminal.answer(CODE, &alice.code());
        Program::Su.arrive(terminal);
    });
}

#[test]
fn who_has_only_a_phone_waits_for_it_and_is_told_if_it_cannot_be_asked() {
    in_world(|world| {
        let (mut alice, passkey) = alice_with_phone(world);
        alice.change(|record| (record.code, record.recovery) = (None, None));
        let daemon = LyingDaemon::start();
        for program in PROGRAMS {
            let mut terminal = program.start(world);
            let mut call = daemon.asked();
            let number = number_on(&mut terminal);
            assert!(
                terminal
                    .shown()
                    .ends_with("The sign-in continues by itself: ")
            );
            approve(&mut call, &passkey, &number);
            program.arrive(terminal);
        }
        for (said, told, reason) in [
            (
                Some(Unwilling::NoPhone),
                "The phone cannot be reached now.",
                "phone-away",
            ),
            (
                Some(Unwilling::Busy),
                "Another sign-in of yours is waiting for the phone.",
                "phone-not-asked",
            ),
            (None, "The phone cannot be reached now.", "phone-away"),
        ] {
            alice.change(|_| {});
            let terminal = Program::Su.start(world);
            let mut call = daemon.call();
            if let Some(reason) = said {
                call.refuse(reason);
            }
            drop(call);
            let text = terminal.end().refused("here is");
            assert!(text.contains(told), "{text}");
            world.ended(&format!("refused reason={reason} user=alice"));
        }
        // A wrong number is one, also where nothing else can be asked.
        let mut terminal = Program::Su.start(world);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        call.answer(passkey.answer(&call.request, "9"));
        let text = terminal.end().refused("here is");
        assert!(text.contains("The number did not match."), "{text}");
        world.ended("wrong user=alice");
    });
}

#[test]
fn a_record_without_phones_never_reaches_the_daemon() {
    in_world(|world| {
        let alice = world.enrol("alice");
        world.pam(FORKS, ALONE);
        let daemon = LyingDaemon::start();
        for service in [FORKS, "antiphon-alone"] {
            let host = PamHost::of_service(world, service, "alice");
            let wrong = alice.wrong_code();
            host.answers([wrong.as_str(), &wrong, "12345"])
                .ends("PAM_AUTH_ERR");
        }
        assert!(!daemon.was_called());
    });
}

#[test]
fn a_sign_in_whose_place_another_one_has_taken_says_so_and_goes_on_with_the_code() {
    in_world(|world| {
        let (mut alice, passkey) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        for door in doors() {
            let mut terminal = door.open(world, &sshd);
            let mut call = daemon.asked();
            let number = number_on(&mut terminal);
            call.refuse(Unwilling::Busy);
            // Whatever is said after that approves nothing.
            call.answer(passkey.answer(&call.request, &number));
            door.hear_the_phone(&mut terminal);
            terminal.expect("Another sign-in of yours is waiting for the phone.");
            assert_eq!(call.outcome().as_deref(), Some("displaced"));
            terminal.answer(CODE, &alice.code());
            let text = door.arrive(terminal);
            assert!(!text.contains("Approved"), "{text}");
            world.ended("accepted method=code");
            alice.change(|_| {});
        }
        assert!(world.log().says("phone=displaced"));
    });
}

#[test]
fn a_phone_that_does_not_answer_in_time_gives_way_to_the_code() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        world.pam(FORKS, ALONE);
        let daemon = LyingDaemon::start();
        let host = PamHost::of_service(world, FORKS, "alice")
            .option("--phone-first")
            .answer(alice.code());
        let (played, outcome) = play_with(host, |_| daemon.asked().outcome());
        assert_eq!(outcome.as_deref(), Some("expired"));
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        let said = played.texts();
        assert!(said[0].contains(NUMBER), "{said:#?}");
        let second = "\nThe phone did not answer in time.\nVerification code";
        assert!(said[1].starts_with(second), "{said:#?}");
    });
}
