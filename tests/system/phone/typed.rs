//! What is typed while the phone is asked, and people with one way only.

use antiphon_core::wire::{FromDaemon, Unwilling};
use antiphon_tests::{LyingDaemon, PamHost, in_world};

use super::{
    ALONE, FORKS, NUMBER, PROGRAMS, Program, alice_with_phone, approve, last_outcome, number_on,
    play_with,
};

#[test]
fn a_code_typed_while_the_phone_is_asked_signs_in_and_the_phone_is_told() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for program in PROGRAMS {
            alice.change(|_| {});
            let mut terminal = program.start(world);
            let mut call = daemon.asked();
            number_on(&mut terminal);
            terminal.send_line(&alice.code());
            assert_eq!(call.outcome().as_deref(), Some("answered"), "{program:?}");
            let text = program.arrive(terminal);
            assert!(!text.contains("Approved"), "{text}");
            assert!(last_outcome(world).starts_with("outcome=accepted method=code"));
        }
    });
}

#[test]
fn after_a_wrong_code_the_same_request_is_still_open() {
    in_world(|world| {
        let (mut alice, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for program in PROGRAMS {
            alice.change(|_| {});
            let mut terminal = program.start(world);
            let mut call = daemon.asked();
            let first = number_on(&mut terminal);
            terminal.send_line(&alice.wrong_code());
            terminal.expect("That code is wrong.\r\n");
            let number = number_on(&mut terminal);
            assert_eq!(first, number);
            // Enter alone is no answer.
            terminal
                .send_line("")
                .expect("Not approved on the phone yet.");
            assert_eq!(number_on(&mut terminal), number);
            approve(&mut call, &passkey, &number);
            let text = program.arrive(terminal);
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
        let played = PamHost::new(world, "alice")
            .answer(&wrong)
            .answer(&wrong)
            .play();
        assert_eq!(played.result(), "PAM_MAXTRIES", "{played:#?}");
        let daemon = LyingDaemon::start();
        let mut terminal = Program::Su.start(world);
        let mut call = daemon.asked();
        terminal.expect("Too many wrong codes. Try again in 10 min.\r\n");
        let number = number_on(&mut terminal);
        approve(&mut call, &passkey, &number);
        let text = Program::Su.arrive(terminal);
        assert!(
            text.contains("2 wrong codes since your last sign-in"),
            "{text}"
        );
        drop(daemon);
        let mut terminal = Program::Su.start(world);
        terminal.answer(crate::prompts::CODE, &alice.code());
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
            let ended = terminal.end();
            assert!(
                !ended.succeeded() && ended.text.contains(told),
                "{ended:#?}"
            );
            let line = last_outcome(world);
            let begin = format!("outcome=refused reason={reason} user=alice");
            assert!(line.starts_with(&begin), "{line}");
        }
        // A wrong number is one, also where nothing else can be asked.
        let mut terminal = Program::Su.start(world);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        call.answer(passkey.answer(&call.request, "9"));
        let ended = terminal.end();
        assert!(
            ended.text.contains("The number did not match."),
            "{ended:#?}"
        );
        assert!(last_outcome(world).starts_with("outcome=wrong user=alice"));
    });
}

#[test]
fn a_record_without_phones_never_reaches_the_daemon() {
    in_world(|world| {
        let alice = world.enrol("alice");
        world.pam(FORKS, ALONE);
        let daemon = LyingDaemon::start();
        for service in [FORKS, "antiphon-alone"] {
            let played = PamHost::of_service(world, service, "alice")
                .answer(alice.wrong_code())
                .answer(alice.wrong_code())
                .answer("12345")
                .play();
            assert_eq!(played.result(), "PAM_AUTH_ERR");
        }
        assert!(!daemon.was_called());
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
        let said = played.said();
        assert!(said[0].text.contains(NUMBER), "{said:#?}");
        let second = "\nThe phone did not answer in time.\nVerification code";
        assert!(said[1].text.starts_with(second), "{said:#?}");
    });
}
