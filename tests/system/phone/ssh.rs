//! sshd: the phone's answer is looked for when Enter is pressed.

use antiphon_core::wire::{FromDaemon, Unwilling};
use antiphon_tests::{LyingDaemon, PASSWORD, Sshd, Terminal, World, in_world};

use super::{NUMBER, alice_with_phone, approve, last_outcome, number_on, wrong_in_a_row};
use crate::prompts::{CODE, PASSWORD_PROMPT};

fn sign_in(world: &World, sshd: &Sshd) -> Terminal {
    let mut terminal = sshd.sign_in(world, "alice", "echo arrived as $USER");
    terminal.answer(PASSWORD_PROMPT, PASSWORD);
    terminal
}

fn arrive(mut terminal: Terminal) -> String {
    terminal.expect("arrived as alice");
    let ended = terminal.end();
    assert!(ended.succeeded(), "{ended:#?}");
    ended.text
}

#[test]
fn ssh_shows_the_number_and_goes_on_at_enter_after_the_approval() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sign_in(world, &sshd);
        let mut call = daemon.asked();
        assert_eq!(call.request.service, "sshd");
        assert_eq!(call.request.remote_host, "127.0.0.1");
        let number = number_on(&mut terminal);
        let prompt = format!(
            "Enter the number {number} on your phone to approve the sign-in.\r\n\
             Verification code, or press Enter once approved (? for other ways): "
        );
        assert!(terminal.shown().contains(&prompt), "{}", terminal.shown());
        call.answer(passkey.answer(&call.request, &number));
        terminal.send_line("");
        assert_eq!(call.outcome().as_deref(), Some("accepted"));
        let text = arrive(terminal);
        assert!(text.contains("Approved on the phone."), "{text}");
        assert_eq!(
            last_outcome(world),
            format!(
                r#"outcome=accepted method=approval user=alice rhost=127.0.0.1 tty=ssh phone="Pixel 9" request={}"#,
                call.request.name()
            )
        );
    });
}

#[test]
fn enter_before_the_approval_waits_a_little_and_asks_again_with_the_same_number() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sign_in(world, &sshd);
        let mut call = daemon.asked();
        assert!(call.hints.enter, "the phone is told that Enter is needed");
        let number = number_on(&mut terminal);
        terminal
            .send_line("")
            .expect("Not approved on the phone yet.");
        assert_eq!(number_on(&mut terminal), number);
        // While it waits, the approval is taken as soon as it comes.
        terminal.send_line("");
        approve(&mut call, &passkey, &number);
        arrive(terminal);
    });
}

#[test]
fn in_ssh_a_wrong_number_a_report_and_a_busy_phone_are_said_and_codes_work() {
    in_world(|world| {
        let (mut alice, passkey) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sign_in(world, &sshd);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        call.answer(passkey.answer(&call.request, "9"));
        terminal.send_line("").expect("The number did not match.");
        assert_eq!(call.outcome().as_deref(), Some("wrong"));
        terminal.answer(CODE, &alice.code());
        arrive(terminal);
        alice.change(|_| {});
        let mut terminal = sign_in(world, &sshd);
        daemon.call().refuse(Unwilling::Busy);
        terminal.expect("Another sign-in of yours is waiting for the phone.");
        terminal.answer(CODE, &alice.code());
        assert!(!arrive(terminal).contains(NUMBER));
        alice.change(|_| {});
        let mut terminal = sign_in(world, &sshd);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        call.say(&FromDaemon::Declined {});
        terminal.send_line("").expect("Refused on the phone.");
        assert_eq!(call.outcome().as_deref(), Some("reported"));
        assert!(!terminal.end().succeeded());
        let line = last_outcome(world);
        assert!(line.starts_with("outcome=reported user=alice"), "{line}");
        let mut terminal = sign_in(world, &sshd);
        let _ = daemon.paused(&FromDaemon::StillPaused {});
        terminal.expect(
            "You said on your phone that a sign-in was not you, so it is not asked for 15 min.",
        );
        terminal.answer(CODE, &alice.code());
        arrive(terminal);
        assert!(!daemon.was_called());
        assert_eq!(wrong_in_a_row(world), 0);
    });
}

#[test]
fn it_is_not_me_refuses_also_the_ssh_client_that_types_a_right_code() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sign_in(world, &sshd);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        call.say(&FromDaemon::Declined {});
        terminal.send_line(&alice.code());
        assert_eq!(call.outcome().as_deref(), Some("reported"));
        let ended = terminal.end();
        assert!(!ended.text.contains("arrived"), "{ended:#?}");
    });
}

#[test]
fn a_code_typed_in_ssh_while_the_phone_is_asked_signs_in() {
    in_world(|world| {
        let (alice, _) = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sign_in(world, &sshd);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        terminal.send_line(&alice.code());
        assert_eq!(call.outcome().as_deref(), Some("answered"));
        arrive(terminal);
    });
}

#[test]
fn an_ssh_client_that_goes_away_takes_the_request_from_the_phone() {
    in_world(|world| {
        let _ = alice_with_phone(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sign_in(world, &sshd);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        assert!(!terminal.interrupt().succeeded());
        assert_eq!(call.outcome(), None);
        let mut terminal = sign_in(world, &sshd);
        let mut call = daemon.asked();
        number_on(&mut terminal);
        assert!(!terminal.hang_up().success());
        assert_eq!(call.outcome(), None);
    });
}
