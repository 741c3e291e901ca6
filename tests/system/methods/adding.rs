//! One more phone, and a lost one away, in one sitting.

use antiphon_core::base64url;
use antiphon_core::wire::FromDaemon;
use antiphon_tests::{
    Call, Enrolled, LyingDaemon, OpenedTicket, Passkey, Sshd, Terminal, World, in_world,
};

use super::{OFFER, changes, record_of, take, wish};
use crate::enrolment::{WRITTEN, code_in, recovery_on, scanned_on};
use crate::phone::{Door, alice_with_phone, doors};

const ORIGIN: &str = "https://mfa.example.org";
const READY: &str = "Press Enter when the page asks for it, or type no to stop: ";
const TRY: &str = "Try it out: enter the number ";
const SLIPPED: &str = "The number did not match.";
const NOT_ADDED: &str = "The phone could not be added; nothing has changed.";

/// Alice with a phone as her only way beside recovery codes, at the QR code for another.
fn at_the_code(
    world: &World,
    sshd: &Sshd,
    alice: &Enrolled,
    door: Door,
) -> (Terminal, LyingDaemon) {
    let mut terminal = door.open(world, sshd);
    terminal.answer("Recovery code", &alice.recovery[0]);
    terminal.answer(OFFER[0], "yes");
    let daemon = LyingDaemon::start();
    take(&mut terminal, "Add a phone");
    (terminal, daemon)
}

/// Alice without codes, whose phone cannot be reached.
fn alice_without_codes(world: &World) -> (Enrolled, Passkey) {
    world.configure(&format!("[page]\norigin = \"{ORIGIN}\"\n"));
    let (mut alice, old) = alice_with_phone(world);
    alice.change(|record| record.code = None);
    (alice, old)
}

/// The link for another phone.
fn link_on(terminal: &mut Terminal) -> String {
    terminal.expect(READY);
    let shown = terminal.shown();
    let (_, rest) = shown.rsplit_once("Link: ").unwrap();
    rest.lines().next().unwrap().trim_end().to_owned()
}

/// The number of the trial.
fn trial_on(terminal: &mut Terminal) -> String {
    terminal.expect(TRY).expect("or type no to stop: ");
    let shown = terminal.shown();
    let (_, after) = shown.rsplit_once(TRY).unwrap();
    after.chars().take_while(char::is_ascii_digit).collect()
}

/// Types another number in the trial than the terminal shows.
fn slip(terminal: &mut Terminal, daemon: &LyingDaemon, phone: &Passkey) {
    let mut call = daemon.asked();
    trial_on(terminal);
    call.answer(phone.answer(&call.request, "9"));
    terminal.send_line("");
    assert_eq!(call.outcome().as_deref(), Some("wrong"));
}

/// Types the right number, after which the phone is kept.
fn try_out(
    terminal: &mut Terminal,
    daemon: &LyingDaemon,
    ticket: &mut OpenedTicket,
    phone: &Passkey,
) -> Call {
    let mut call = daemon.asked();
    let number = trial_on(terminal);
    call.answer(phone.answer(&call.request, &number));
    terminal.send_line("");
    assert!(ticket.is_to_be_kept());
    ticket.say(&FromDaemon::Kept {});
    call
}

#[test]
fn everywhere_the_lost_phone_goes_and_the_new_one_comes_in_one_sitting() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let (mut alice, old) = alice_without_codes(world);
        for door in doors() {
            let (mut terminal, daemon) = at_the_code(world, &sshd, &alice, door);
            let mut ticket = daemon.ticket();
            assert_eq!(ticket.ticket.user, "alice");
            assert_eq!(ticket.ticket.credentials, [&old.credential[..]]);
            let address = link_on(&mut terminal);
            assert_eq!(scanned_on(world, &terminal.shown()), address);
            terminal
                .send_line("")
                .expect("The phone is not ready yet.")
                .expect(READY);
            // It is called like the old one.
            let new = Passkey::new("Pixel 9", ORIGIN);
            ticket.enrol(&new, &address);
            terminal.send_line("");
            let mut call = try_out(&mut terminal, &daemon, &mut ticket, &new);
            assert_eq!(call.credentials, [&new.credential[..]]);
            assert_eq!(call.request.service, "antiphon enroll");
            assert_eq!(call.outcome().as_deref(), Some("accepted"));
            terminal.expect("The phone Pixel 9 (2) can approve your sign-ins now.");
            take(&mut terminal, "Remove the phone Pixel 9");
            terminal.answer("press Enter to keep it: ", "yes");
            assert_eq!(daemon.forgets(), [&old.credential[..]]);
            terminal.expect("The phone Pixel 9 can no longer approve sign-ins.");
            terminal.expect("Your choice: ").send_line("");
            door.arrive(terminal);
            let record = record_of(world, "alice");
            assert_eq!(record.phones.len(), 1, "{door:?}");
            assert_eq!(record.phones[0].credential, new.credential);
            assert_eq!(record.phones[0].public_key, new.public_key());
            let lines = changes(world);
            let [.., added, removed] = &lines[..] else {
                panic!("{lines:#?}")
            };
            assert!(added.starts_with(
                "changed=phone-added by=user method=recovery phone=\"Pixel 9 (2)\" user=alice"
            ));
            assert!(removed.starts_with("changed=phone-removed by=user method=recovery"));
            drop((ticket, call, daemon));
            alice.change(|_| {});
        }
    });
}

#[test]
fn without_proof_trial_or_the_daemons_word_no_phone_is_added_and_the_sign_in_goes_on() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let (mut alice, _) = alice_without_codes(world);
        let before = std::fs::read(world.record_path("alice")).unwrap();
        for case in [
            "proof", "trial", "number", "reported", "mistake", "kept", "closed", "left",
        ] {
            let (mut terminal, daemon) = at_the_code(world, &sshd, &alice, Door::Ssh);
            let mut ticket = daemon.ticket();
            let address = link_on(&mut terminal);
            let new = Passkey::new("iPad", ORIGIN);
            match case {
                "closed" => drop(ticket),
                "left" => {
                    terminal.send_line("no").expect("Nothing was changed.");
                    assert!(!ticket.is_to_be_kept());
                }
                "proof" => {
                    // The daemon slips in a passkey of its own: it knows the ticket, but not the secret.
                    let (known, _) = address.rsplit_once('.').unwrap();
                    ticket.enrol(&new, &format!("{known}.{}", "A".repeat(43)));
                    terminal.send_line("");
                    assert!(!ticket.is_to_be_kept());
                }
                _ => {
                    ticket.enrol(&new, &address);
                    terminal.send_line("");
                    // Another number may have been a slip: there are three trials.
                    let slips = if case == "number" { 2 } else { 0 };
                    for _ in 0..slips {
                        slip(&mut terminal, &daemon, &new);
                    }
                    let mut call = daemon.asked();
                    if slips > 0 {
                        terminal.expect(SLIPPED);
                    }
                    let number = trial_on(&mut terminal);
                    let no = match case {
                        "reported" => Some(FromDaemon::Declined {}),
                        "mistake" => Some(FromDaemon::Mistake {}),
                        _ => None,
                    };
                    let other = Passkey::new("iPad", ORIGIN);
                    let mut answer = match case {
                        "trial" => other.answer(&call.request, &number),
                        "number" => new.answer(&call.request, "9"),
                        _ => new.answer(&call.request, &number),
                    };
                    answer.credential.clone_from(&new.credential);
                    call.say(&no.clone().unwrap_or(FromDaemon::Answer(answer)));
                    terminal.send_line("");
                    if no.is_some() {
                        assert_eq!(call.outcome().as_deref(), Some(case));
                    }
                    assert_eq!(ticket.is_to_be_kept(), case == "kept");
                    // That it keeps the phone, the daemon never says.
                    drop(ticket);
                }
            }
            if case == "closed" {
                terminal.send_line("");
            }
            match case {
                "left" => {}
                // The person's own doing.
                "mistake" => {
                    terminal.expect("Nothing was changed.");
                }
                _ => {
                    terminal.expect(NOT_ADDED);
                }
            }
            terminal.expect("Your choice: ").send_line("");
            Door::Ssh.arrive(terminal);
            assert_eq!(
                std::fs::read(world.record_path("alice")).unwrap(),
                before,
                "{case}"
            );
            drop(daemon);
            alice.change(|_| {});
        }
        assert!(changes(world).is_empty());
        let failed = world.log().texts("unchanged=phone-added user=alice");
        assert_eq!(failed.len(), 6, "{failed:#?}");
    });
}

#[test]
fn a_slip_in_the_trial_is_made_good_and_who_has_no_recovery_codes_is_given_ten() {
    in_world(|world| {
        // The page may show codes: their secret stands in the address, too.
        world.configure(&format!("[page]\norigin = \"{ORIGIN}\"\ncode = true\n"));
        let sshd = Sshd::start(world, "");
        let mut alice = world.enrol("alice");
        alice.change(|record| record.recovery = None);
        let mut terminal = Door::Ssh.open(world, &sshd);
        wish(&mut terminal, &alice.code());
        let daemon = LyingDaemon::start();
        take(&mut terminal, "Add a phone");
        let mut ticket = daemon.ticket();
        let address = link_on(&mut terminal);
        assert_eq!(scanned_on(world, &terminal.shown()), address);
        let (address, codes) = address.rsplit_once('.').unwrap();
        let code = record_of(world, "alice").code.unwrap();
        let secret = code.secret();
        assert_eq!(base64url::decode(codes).unwrap(), secret.expose());
        let phone = Passkey::new("Pixel 9", ORIGIN);
        ticket.enrol(&phone, address);
        terminal.send_line("");
        slip(&mut terminal, &daemon, &phone);
        // Nothing before the trial is right.
        assert!(record_of(world, "alice").phones.is_empty());
        let _call = try_out(&mut terminal, &daemon, &mut ticket, &phone);
        assert!(terminal.shown().contains(SLIPPED));
        terminal.expect("The phone Pixel 9 can approve your sign-ins now.");
        terminal
            .expect("These are your recovery codes")
            .expect(WRITTEN);
        let codes = recovery_on(&terminal.shown());
        assert_eq!(codes.len(), 10);
        terminal
            .send_line("")
            .expect("New recovery codes (10 left)");
        terminal.expect("Your choice: ").send_line("");
        Door::Ssh.arrive(terminal);
        let record = record_of(world, "alice");
        assert_eq!(record.phones[0].credential, phone.credential);
        world.sign_in("alice", [&codes[9]], "PAM_SUCCESS");
    });
}

#[test]
fn where_the_daemon_is_away_no_phone_is_added() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let (alice, _) = alice_without_codes(world);
        let (mut terminal, daemon) = at_the_code(world, &sshd, &alice, Door::Ssh);
        drop(daemon);
        terminal
            .expect(NOT_ADDED)
            .expect("Your choice: ")
            .send_line("");
        Door::Ssh.arrive(terminal);
    });
}

#[test]
fn who_enrols_at_the_sign_in_adds_the_phone_in_the_same_sitting() {
    in_world(|world| {
        world.configure(&format!(
            "unenrolled = \"enroll\"\n[page]\norigin = \"{ORIGIN}\"\n"
        ));
        let sshd = Sshd::start(world, "");
        for wants in [false, true] {
            let (mut terminal, secret) = crate::enrolment::at_the_code(world, &sshd, "alice");
            terminal.send_line(&code_in(&secret, 0)).answer(WRITTEN, "");
            let offer = "on your phone too, type yes, or press Enter to go on: ";
            if !wants {
                terminal.answer(offer, "").expect("arrived");
                assert!(record_of(world, "alice").phones.is_empty());
                std::fs::remove_file(world.record_path("alice")).unwrap();
                continue;
            }
            terminal.expect(offer);
            let daemon = LyingDaemon::start();
            terminal.send_line("yes");
            let mut ticket = daemon.ticket();
            let address = link_on(&mut terminal);
            let phone = Passkey::new("Pixel 9", ORIGIN);
            ticket.enrol(&phone, &address);
            terminal.send_line("");
            let _call = try_out(&mut terminal, &daemon, &mut ticket, &phone);
            terminal.expect("arrived");
            let record = record_of(world, "alice");
            assert!(record.code.is_some());
            assert_eq!(record.phones[0].credential, phone.credential);
        }
    });
}
