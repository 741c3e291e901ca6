//! An account is added, renamed and removed inside a sign-in, with a provider in software.

use antiphon_core::wire::{FromDaemon, NoToken};
use antiphon_tests::{
    AccountCall, LyingDaemon, Provider, Sshd, Terminal, World, check_digits, in_world,
};

use super::{changes, record_of, take, wish};
use crate::phone::{Door, Program, doors};

const READY: &str = "Press Enter when you have signed in, or type no to stop: ";
const TRY: &str = "Try it out: enter the number ";

fn provider(world: &World) -> Provider {
    world.configure(&format!(
        "[push]\nmost_in_five_minutes = 100\nmost_unanswered = 100\n{}",
        Provider::CONFIGURATION
    ));
    let provider = Provider::new("k1");
    provider.store_key(0);
    provider
}

/// The link at which the person signs in.
fn link_on(terminal: &mut Terminal) -> String {
    terminal.expect(READY);
    let shown = terminal.shown();
    let (_, rest) = shown.rsplit_once("Link: ").unwrap();
    rest.lines().next().unwrap().trim_end().to_owned()
}

/// The number of the trial, and the address that goes with it.
fn trial_on(terminal: &mut Terminal, call: &AccountCall) -> String {
    terminal.expect(TRY).expect("or type no to stop: ");
    let shown = terminal.shown();
    let (_, after) = shown.rsplit_once(TRY).unwrap();
    let code = antiphon_core::account::page_code(call.request());
    let address = format!("https://mfa.example.org/a/{code}");
    let mut words = after.split_whitespace();
    assert!(words.any(|word| word == address), "{after}");
    after.chars().take_while(char::is_ascii_digit).collect()
}

#[test]
fn everywhere_an_account_is_added_renamed_and_removed_after_the_factor() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let provider = provider(world);
        let mut alice = world.enrol("alice");
        for door in doors() {
            let context = format!("{door:?}");
            let mut terminal = door.open(world, &sshd);
            wish(&mut terminal, &alice.code());
            let daemon = LyingDaemon::start();
            take(&mut terminal, "Add your KMH account");
            let mut ticket = daemon.account_ticket();
            let link = link_on(&mut terminal);
            terminal
                .send_line("")
                .expect("You have not signed in on the page yet.");
            terminal.expect(READY);
            ticket.token(provider.enrolment_token(&ticket.ticket, &link, "3f07-a"));
            terminal
                .send_line("")
                .expect("The account is that of Anna Ek (3f07-a).")
                .expect("Type yes if it is yours")
                .expect("to stop: ");
            terminal.send_line("yes");
            let mut call = daemon.asked_by_account();
            let number = trial_on(&mut terminal, &call);
            let token = provider.token(&call.asked, &number);
            let is_hers = matches!(door, Door::At(Program::Sudo | Program::Doas));
            assert_eq!(call.asked.check_digits, !is_hers, "{context}");
            call.token(token.clone());
            terminal.send_line("");
            if !is_hers {
                terminal.answer(
                    "Verification code that the page shows: ",
                    &check_digits(&token),
                );
            }
            terminal.expect("The account Anna Ek can approve your sign-ins now.");
            assert_eq!(call.outcome().as_deref(), Some("accepted"), "{context}");
            assert_eq!(record_of(world, "alice").accounts.len(), 1, "{context}");
            take(&mut terminal, "Rename the account Anna Ek");
            terminal.answer("New name for Anna Ek: ", "Work");
            terminal.expect("The account is called Work now.");
            take(&mut terminal, "Remove the account Work");
            terminal.answer("press Enter to keep it: ", "yes");
            terminal.expect("The account Work can no longer approve sign-ins.");
            take(&mut terminal, "Done: go on with the sign-in");
            door.arrive(terminal);
            assert!(record_of(world, "alice").accounts.is_empty(), "{context}");
            alice.change(|_| {});
        }
        let lines = changes(world).join("\n");
        for word in ["account-added", "account-renamed", "account-removed"] {
            assert!(lines.contains(&format!("changed={word}")), "{lines}");
        }
    });
}

#[test]
fn nothing_is_added_of_somebody_elses_account_or_without_what_the_provider_has_signed_for_it() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let provider = provider(world);
        let alice = world.enrol("alice");
        let before = record_of(world, "alice").to_toml();
        let mut terminal = Door::Ssh.open(world, &sshd);
        wish(&mut terminal, &alice.code());
        let daemon = LyingDaemon::start();
        // Whoever had the link has signed in, and the person looks.
        take(&mut terminal, "Add your KMH account");
        let mut ticket = daemon.account_ticket();
        let link = link_on(&mut terminal);
        let earlier = provider.enrolment_token(&ticket.ticket, &link, "3f07-a");
        ticket.token(provider.enrolment_token(&ticket.ticket, &link, "mallory"));
        terminal
            .send_line("")
            .expect("(mallory).")
            .expect("Type yes if it is yours")
            .expect("to stop: ");
        terminal.send_line("").expect("Nothing was changed.");
        drop(ticket);
        for said in [
            FromDaemon::Token(antiphon_core::wire::IdToken { token: earlier }),
            FromDaemon::NoToken {
                reason: NoToken::ProviderAway,
            },
        ] {
            take(&mut terminal, "Add your KMH account");
            let mut ticket = daemon.account_ticket();
            link_on(&mut terminal);
            ticket.say(&said);
            terminal
                .send_line("")
                .expect("The account could not be added; nothing has changed.");
        }
        take(&mut terminal, "Done: go on with the sign-in");
        Door::Ssh.arrive(terminal);
        assert!(record_of(world, "alice").to_toml() == before);
        assert!(world.log().says("unchanged=account-added"));
    });
}
