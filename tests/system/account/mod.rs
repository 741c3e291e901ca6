//! The sign-in that is approved with an account: the real module in the real programs, with a provider in software, and a
//! daemon that the test plays.

mod keys;
mod lies;

use antiphon_core::wire::{FromDaemon, NoToken, ToDaemon, Unwilling};
use antiphon_tests::{
    CODE, Enrolled, LyingDaemon, Provider, Sshd, World, check_digits, in_world, other_digits, until,
};

use crate::chooser::choose;
use crate::methods::take;
use crate::phone::{PROGRAMS, Program, number_on};

const WAY: &str = "Approve with your KMH account";

/// Alice with codes of 300 s and an account, whose provider's key is on file.
fn alice_with_account(world: &World) -> (Enrolled, Provider) {
    world.configure(Provider::CONFIGURATION);
    let provider = Provider::new("k1");
    provider.store_key(0);
    let mut alice = world.enrol_with_long_codes("alice");
    alice.change(|record| record.accounts.push(Provider::account("3f07-a")));
    (alice, provider)
}

#[test]
fn at_a_terminal_the_sign_in_goes_on_by_itself_and_names_the_provider() {
    in_world(|world| {
        let (mut alice, provider) = alice_with_account(world);
        let daemon = LyingDaemon::start();
        for program in PROGRAMS {
            let mut terminal = program.start(world);
            let mut call = daemon.asked_by_account();
            let number = number_on(&mut terminal);
            let address = antiphon_core::account::page_code(call.request());
            let shown = terminal.shown();
            assert!(
                shown.contains(&format!(" at mfa.example.org/a/{address}\r\n")),
                "{shown}"
            );
            // Bob may have talked Alice into it, and nobody knows who started login on a pseudo-terminal.
            let is_hers = matches!(program, Program::Sudo | Program::Doas);
            assert_eq!(call.asked.check_digits, !is_hers, "{program:?}");
            assert!(call.asked.credentials.is_empty());
            assert_eq!(call.request().expires.0 - call.request().issued.0, 180);
            let token = provider.token(&call.asked, &number);
            call.token(token.clone());
            if !is_hers {
                terminal.send_line(&check_digits(&token));
            }
            if program == Program::Doas {
                // It has one thread.
                terminal.send_line("");
            }
            assert_eq!(call.outcome().as_deref(), Some("accepted"), "{program:?}");
            program.arrive(terminal);
            world.ended("accepted method=account user=alice");
            assert!(world.log().last_ending().contains("provider=kmh"));
            let last = world.activity("alice");
            assert_eq!(last.last().unwrap().method, "account");
            alice.change(|_| {});
        }
    });
}

#[test]
fn from_elsewhere_the_digits_of_the_page_are_typed_and_enter_is_not_enough() {
    in_world(|world| {
        let (_, provider) = alice_with_account(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sshd.after_password(world, "alice", "echo here is $USER");
        let mut call = daemon.asked_by_account();
        assert!(call.asked.check_digits);
        let number = number_on(&mut terminal);
        terminal
            .send_line("")
            .expect("You have not signed in on the page yet.");
        let token = provider.token(&call.asked, &number);
        call.token(token.clone());
        terminal
            .send_line("")
            .expect("Type the two digits that the page shows.");
        terminal.send_line(&check_digits(&token));
        assert_eq!(call.outcome().as_deref(), Some("accepted"));
        terminal.arrive("here is alice");
        world.ended("accepted method=account user=alice");
    });
}

#[test]
fn wrong_digits_end_the_request_and_are_told_and_another_sign_in_at_the_provider_is_needed() {
    in_world(|world| {
        let (_, provider) = alice_with_account(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sshd.after_password(world, "alice", "echo here is $USER");
        let mut call = daemon.asked_by_account();
        let number = number_on(&mut terminal);
        let token = provider.token(&call.asked, &number);
        call.token(token.clone());
        terminal.send_line(&other_digits(&token));
        terminal.expect("Those are not the digits that the page shows.");
        assert_eq!(call.outcome().as_deref(), Some("refused"));
        terminal.answer(CODE, "?");
        take(&mut terminal, WAY);
        let mut call = daemon.asked_by_account();
        let number = number_on(&mut terminal);
        // The old token is for the old request.
        call.token(token.clone());
        terminal
            .send_line(&check_digits(&token))
            .expect("The number did not match.");
        terminal.answer(CODE, "?");
        take(&mut terminal, WAY);
        drop(call);
        let mut call = daemon.asked_by_account();
        let shown = number_on(&mut terminal);
        assert!(!number.is_empty() && !shown.is_empty());
        let token = provider.token(&call.asked, &shown);
        call.token(token.clone());
        terminal.send_line(&check_digits(&token));
        terminal.arrive("here is alice");
        assert!(
            world
                .activity("alice")
                .iter()
                .any(|event| event.outcome == "answered")
        );
    });
}

#[test]
fn what_went_wrong_is_told_and_a_code_works_all_the_same() {
    in_world(|world| {
        let (mut alice, provider) = alice_with_account(world);
        let daemon = LyingDaemon::start();
        for (said, told) in [
            (
                FromDaemon::NoToken {
                    reason: NoToken::Denied,
                },
                "The sign-in on the page was cancelled.",
            ),
            (
                FromDaemon::NoToken {
                    reason: NoToken::ProviderAway,
                },
                "Your account cannot be asked now.",
            ),
            (
                FromDaemon::NoToken {
                    reason: NoToken::ProviderRefused,
                },
                "Your account cannot be asked now.",
            ),
            (
                FromDaemon::Unwilling {
                    reason: Unwilling::Busy,
                },
                "Another sign-in of yours is waiting to be approved.",
            ),
        ] {
            let mut terminal = Program::Sudo.start(world);
            let mut call = daemon.asked_by_account();
            number_on(&mut terminal);
            call.say(&said);
            let is_displaced = matches!(said, FromDaemon::Unwilling { .. });
            let ended = if is_displaced {
                "displaced"
            } else {
                "cancelled"
            };
            assert_eq!(call.outcome().as_deref(), Some(ended));
            terminal.expect(told).answer(CODE, &alice.code());
            Program::Sudo.arrive(terminal);
            alice.change(|_| {});
        }
        for (claim, value, told) in [
            (
                "sub",
                "somebody else".into(),
                "You signed in there with another account",
            ),
            ("auth_time", 0.into(), "You were signed in there already"),
            (
                "aud",
                "other".into(),
                "The account's answer could not be used.",
            ),
        ] {
            let mut terminal = Program::Sudo.start(world);
            let mut call = daemon.asked_by_account();
            let number = number_on(&mut terminal);
            let token = provider.token_with(&call.asked, &number, |claims| {
                claims.insert(claim.into(), value);
            });
            call.token(token);
            terminal.expect(told).answer(CODE, &alice.code());
            Program::Sudo.arrive(terminal);
            assert_eq!(call.outcome().as_deref(), Some("refused"));
            alice.change(|_| {});
        }
        let log = world.log();
        assert!(log.says("account=refused") && log.says("account=displaced"));
    });
}

#[test]
fn a_daemon_that_does_not_know_the_provider_leaves_the_code() {
    in_world(|world| {
        let (alice, _) = alice_with_account(world);
        let daemon = LyingDaemon::start();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut call = daemon.asked_by_account();
                let reason = Unwilling::NoProvider;
                call.say(&FromDaemon::Unwilling { reason });
            });
            let mut terminal = Program::Sudo.start(world);
            terminal.answer(CODE, &alice.code());
            Program::Sudo.arrive(terminal);
        });
    });
}

#[test]
fn it_is_not_me_on_the_page_refuses_and_pauses() {
    in_world(|world| {
        let (_, _) = alice_with_account(world);
        let daemon = LyingDaemon::start();
        let mut terminal = Program::Sudo.start(world);
        let mut call = daemon.asked_by_account();
        number_on(&mut terminal);
        call.say(&FromDaemon::Declined {});
        let Some(ToDaemon::Outcome { outcome, pause }) = call.hear() else {
            panic!("it is not told")
        };
        assert!(outcome == "reported" && pause.is_some());
        assert!(!terminal.interrupt().text.contains("here is"));
        world.ended("reported");
    });
}

#[test]
fn who_opens_the_page_and_says_that_it_is_not_theirs_refuses_this_sign_in_and_pauses_nobody() {
    in_world(|world| {
        let (_, provider) = alice_with_account(world);
        let daemon = LyingDaemon::start();
        let mut terminal = Program::Sudo.start(world);
        let mut call = daemon.asked_by_account();
        number_on(&mut terminal);
        call.say(&FromDaemon::NotTheirs {});
        assert_eq!(call.outcome().as_deref(), Some("refused"));
        assert!(!terminal.interrupt().text.contains("here is"));
        world.ended("refused reason=not-theirs");
        let mut terminal = Program::Sudo.start(world);
        let mut call = daemon.asked_by_account();
        let number = number_on(&mut terminal);
        let token = provider.token(&call.asked, &number);
        call.token(token);
        assert_eq!(call.outcome().as_deref(), Some("accepted"));
        Program::Sudo.arrive(terminal);
    });
}

#[test]
fn it_is_not_me_after_the_token_refuses_and_pauses_whatever_digits_are_typed() {
    in_world(|world| {
        let (_, provider) = alice_with_account(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sshd.after_password(world, "alice", "echo here is $USER");
        let mut call = daemon.asked_by_account();
        let number = number_on(&mut terminal);
        let token = provider.token(&call.asked, &number);
        call.token(token.clone());
        call.say(&FromDaemon::NotTheirs {});
        terminal.send_line(&check_digits(&token));
        let Some(ToDaemon::Outcome { outcome, pause }) = call.hear() else {
            panic!("it is not told")
        };
        assert!(outcome == "reported" && pause.is_some());
        until("the end", || {
            world.log().has("outcome=reported").then_some(())
        });
        assert!(!terminal.interrupt().text.contains("here is"));
    });
}

#[test]
fn a_daemon_that_goes_away_after_the_token_takes_nothing_with_it() {
    in_world(|world| {
        let (_, provider) = alice_with_account(world);
        let sshd = Sshd::start(world, "");
        let daemon = LyingDaemon::start();
        let mut terminal = sshd.after_password(world, "alice", "echo here is $USER");
        let mut call = daemon.asked_by_account();
        let number = number_on(&mut terminal);
        let token = provider.token(&call.asked, &number);
        call.token(token.clone());
        call.hang_up();
        terminal
            .send_line("")
            .expect("Type the two digits that the page shows.");
        terminal.send_line(&check_digits(&token));
        terminal.arrive("here is alice");
        world.ended("accepted method=account user=alice");
    });
}

#[test]
fn a_phone_and_an_account_are_chosen_in_turn_and_only_one_is_asked() {
    in_world(|world| {
        let (mut alice, provider) = alice_with_account(world);
        let passkey = antiphon_tests::Passkey::new("Pixel 9", "https://mfa.example.org");
        alice.change(|record| record.phones.push(passkey.phone()));
        let daemon = LyingDaemon::start();
        let mut terminal = Program::Sudo.start(world);
        let mut phone = daemon.asked();
        choose(&mut terminal, WAY);
        assert_eq!(phone.outcome().as_deref(), Some("cancelled"));
        let mut call = daemon.asked_by_account();
        assert_eq!(
            call.asked.credentials,
            std::slice::from_ref(&passkey.credential)
        );
        let number = number_on(&mut terminal);
        let token = provider.token(&call.asked, &number);
        call.token(token);
        Program::Sudo.arrive(terminal);
    });
}
