//! Each change, in each program.

use antiphon_core::text::Language;
use antiphon_tests::{LyingDaemon, Passkey, Sshd, World, in_world};

use super::{OFFER, changes, record_of, take, wish};
use crate::enrolment::recovery_on;
use crate::phone::{Door, alice_with_phone, doors};
use crate::prompts::CODE;

#[test]
fn everywhere_a_person_renames_removes_renews_and_changes_language_after_the_factor() {
    in_world(|world| {
        world.configure("[push]\nmost_in_five_minutes = 100\nmost_unanswered = 100\n");
        let sshd = Sshd::start(world, "");
        let (mut alice, passkey) = alice_with_phone(world);
        let tablet = Passkey::new("iPad", &passkey.origin);
        alice.change(|record| record.phones.push(tablet.phone()));
        let mut earlier = 0;
        for door in doors() {
            let context = format!("{door:?}");
            let daemon = LyingDaemon::start();
            let mut terminal = door.open(world, &sshd);
            let mut call = daemon.asked();
            wish(&mut terminal, &alice.code());
            assert_eq!(call.outcome().as_deref(), Some("cancelled"), "{context}");
            take(&mut terminal, "Rename the phone Pixel 9");
            terminal.answer("New name for Pixel 9: ", "iPad");
            terminal.expect("Another one of yours has that name.");
            take(&mut terminal, "Rename the phone Pixel 9");
            terminal.answer("New name for Pixel 9: ", "Åsas telefon");
            terminal.expect("The phone is called Åsas telefon now.");
            take(&mut terminal, "Remove the phone iPad");
            terminal.answer("press Enter to keep it: ", "");
            terminal.expect("Nothing was changed.");
            take(&mut terminal, "Remove the phone iPad");
            terminal.answer("press Enter to keep it: ", "yes");
            assert_eq!(daemon.forgets(), [&tablet.credential[..]], "{context}");
            terminal.expect("The phone iPad can no longer approve sign-ins.");
            take(&mut terminal, "New recovery codes (10 left)");
            terminal.expect("Press Enter when you have written them down: ");
            let codes = recovery_on(&terminal.shown());
            assert_eq!(codes.len(), 10, "{context}");
            terminal
                .send_line("")
                .expect("The new recovery codes are valid now");
            take(&mut terminal, "Svenska");
            terminal.expect("Från och med nu får du frågorna på svenska.");
            take(&mut terminal, "Klar: fortsätt inloggningen");
            door.arrive(terminal);

            let record = record_of(world, "alice");
            assert_eq!(record.language, Some(Language::Swedish), "{context}");
            assert_eq!(record.phones.len(), 1);
            assert_eq!(record.phones[0].name, "Åsas telefon");
            assert_eq!(record.phones[0].credential, passkey.credential);
            earlier = is_written_down(world, earlier, door);
            // What the page shows follows.
            let summary = std::fs::read_to_string("/var/lib/antiphon/activity/alice.json").unwrap();
            assert!(
                summary.contains("Åsas telefon") && !summary.contains("iPad"),
                "{summary}"
            );
            assert!(summary.contains("\"recovery_left\":10"), "{summary}");
            drop((call, daemon));
            // The new codes work and the old ones do not.
            world.sign_in("alice", [&alice.recovery[0]], "PAM_ABORT");
            world.sign_in("alice", [&codes[3]], "PAM_SUCCESS");
            let logged = world.log().lines().join("\n");
            assert!(!codes.iter().any(|code| logged.contains(code)), "{logged}");
            alice.change(|_| {});
        }
        let logged = world.log().lines().join("\n");
        assert!(!logged.contains(&alice.recovery[0]), "{logged}");
    });
}

/// Whether the four changes stand in log and activity, after so many lines; how many there are now.
fn is_written_down(world: &World, earlier: usize, door: Door) -> usize {
    let whats = [
        "phone-renamed",
        "phone-removed",
        "recovery-renewed",
        "language",
    ];
    let lines = changes(world);
    assert_eq!(lines.len(), earlier + 4, "{lines:#?}");
    for (line, what) in lines[earlier..].iter().zip(whats) {
        let begin = format!("changed={what} by=user method=code ");
        let is_alices = line.contains(" user=alice ");
        assert!(line.starts_with(&begin) && is_alices, "{line}");
        let is_remote = line.contains("rhost=127.0.0.1");
        assert_eq!(is_remote, door == Door::Ssh, "{line}");
    }
    let activity = world.activity("alice");
    let changed: Vec<&str> = activity
        .iter()
        .rev()
        .filter(|event| event.outcome == "changed")
        .take(4)
        .map(|event| event.reason.as_str())
        .collect();
    assert!(changed.iter().rev().eq(&whats), "{changed:?}");
    world.ended("accepted method=code");
    lines.len()
}

#[test]
fn in_swedish_the_last_way_is_refused_and_enter_goes_on() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let (mut alice, _) = alice_with_phone(world);
        alice.change(|record| record.code = None);
        alice.speak(Language::Swedish);
        for door in doors() {
            let mut terminal = door.open(world, &sshd);
            // The phone is away: who has lost it signs in with a recovery code, and is asked.
            terminal.answer("Återställningskod", &alice.recovery[0]);
            terminal
                .expect("Du är inloggad utan din telefon.")
                .expect(OFFER[1]);
            terminal.send_line("ja");
            take(&mut terminal, "Ta bort telefonen Pixel 9");
            terminal.expect("Utan den skulle du inte kunna logga in mer.");
            terminal.expect("Ditt val: ").send_line("");
            let text = door.arrive(terminal);
            let told = text.contains("Du har 9 återställningskoder kvar.");
            assert!(told, "{text}");
            assert_eq!(record_of(world, "alice").phones.len(), 1);
            alice.change(|_| {});
        }
        assert!(changes(world).is_empty());
    });
}

#[test]
fn whoever_signs_in_with_a_recovery_code_is_offered_to_remove_the_lost_phone() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let (mut alice, _) = alice_with_phone(world);
        for door in doors() {
            let mut terminal = door.open(world, &sshd);
            terminal.answer(CODE, &alice.recovery[0]);
            terminal.expect("You are signed in without your phone.");
            terminal.answer(OFFER[0], "yes");
            take(&mut terminal, "Remove the phone Pixel 9");
            // Nobody is there to tell: the phone counts no more all the same.
            terminal.answer("press Enter to keep it: ", "y");
            terminal.expect("The phone Pixel 9 can no longer approve sign-ins.");
            terminal.expect("Your choice: ").send_line("");
            door.arrive(terminal);
            assert!(record_of(world, "alice").phones.is_empty(), "{door:?}");
            let left = world.log().texts("page=left").pop().unwrap();
            assert!(left.contains("antiphon remove alice --forget="), "{left}");
            let removed = changes(world).pop().unwrap();
            assert!(removed.contains("method=recovery phone=\"Pixel 9\""));
            let phone = Passkey::new("Pixel 9", "https://mfa.example.org").phone();
            alice.change(|record| record.phones = vec![phone]);
        }
    });
}
