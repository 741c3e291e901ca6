//! What the list must never do: come before the factor, change the answer, or write what it may not.

use antiphon_core::text::Language;
use antiphon_tests::{LyingDaemon, PASSWORD, PamHost, Sshd, World, in_world, with_period};

use super::{OFFER, changes, record_of, take, wish};
use crate::phone::{Door, Program, alice_with_phone, doors, play_with};
use crate::prompts::CODE;

/// The places of "Look after my methods" and of the code in the list of who has a code and recovery codes.
const CARE: &str = "3";
const BY_CODE: &str = "1";

fn record(world: &World) -> Vec<u8> {
    std::fs::read(world.record_path("alice")).unwrap()
}

/// A script up to the list.
fn at_the_list(world: &World, code: &str) -> PamHost {
    PamHost::new(world, "alice").answers(["?", CARE, BY_CODE, code])
}

#[test]
fn before_the_factor_nothing_is_shown_and_a_wrong_code_leads_nowhere() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let before = record(world);
        let wrong = alice.wrong_code();
        let host = at_the_list(world, &wrong).answers([&wrong; 2]);
        let said = host.ends("PAM_AUTH_ERR").texts();
        assert!(said[2].starts_with("First show that it is you. Your methods come after that.\n"));
        assert!(!said[2].contains("Look after"), "{said:#?}");
        assert!(!said.concat().contains("Your methods:"), "{said:#?}");
        world.sign_in("alice", ["?", CARE, "3"], "PAM_ABORT");
        assert_eq!(record(world), before);
    });
}

#[test]
fn wherever_the_person_goes_away_the_sign_in_stands_and_the_record_is_whole() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let before = record(world);
        // Phone away, so a code is asked for. 1 add, 2 remove, 3 rename, 4 codes, 5 language, 6 done.
        for steps in [
            &[][..],
            &["2"],
            &["3"],
            &["4"],
            &["9", "x", "\u{1b}[2J", "2", "no"],
        ] {
            let at_the_list = ["?", "4", "2", &alice.code()];
            let host = PamHost::new(world, "alice").answers(at_the_list);
            let played = host.answers(steps).ends("PAM_SUCCESS");
            assert!(played.times_said("Your methods:") > 0, "{played:#?}");
            assert_eq!(record(world), before, "{steps:?}");
            world.ended("accepted method=code");
            alice.change(|_| {});
        }
        assert!(changes(world).is_empty());
    });
}

#[test]
fn a_hang_up_in_ssh_and_ctrl_c_in_sudo_leave_the_record_whole() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let mut alice = world.enrol_with_long_codes("alice");
        let before = record(world);
        for door in [Door::Ssh, Door::At(Program::Sudo), Door::At(Program::Su)] {
            let mut terminal = door.open(world, &sshd);
            wish(&mut terminal, &alice.code());
            take(&mut terminal, "New recovery codes (10 left)");
            terminal.expect("Press Enter when you have written them down: ");
            if door == Door::Ssh {
                let _ = terminal.hang_up();
            } else {
                let text = terminal.interrupt().text;
                assert!(!text.contains("here is"), "{text}");
            }
            assert_eq!(record(world), before, "{door:?}");
            alice.change(|_| {});
        }
        world.sign_in("alice", [&alice.recovery[0]], "PAM_SUCCESS");
    });
}

#[test]
fn a_record_that_root_has_changed_meanwhile_is_not_written_over() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let mut alice = world.enrol_with_long_codes("alice");
        for door in doors() {
            let mut terminal = door.open(world, &sshd);
            wish(&mut terminal, &alice.code());
            take(&mut terminal, "New recovery codes (10 left)");
            terminal.expect("written them down: ");
            // Root has given alice another secret: what was verified counts no more.
            alice.change(|record| {
                record.code = record.code.take().map(|code| with_period(&code, 299));
            });
            let roots = record(world);
            terminal.send_line("");
            terminal.expect("Your methods have been changed elsewhere meanwhile");
            door.arrive(terminal);
            assert_eq!(record(world), roots, "{door:?}");
            alice.set_period(300);
        }
        // The same before the list was shown.
        let mut terminal = Door::Ssh.open(world, &sshd);
        terminal.expect(": ").send_line("?");
        take(&mut terminal, "Look after my methods");
        take(&mut terminal, "Use a verification code");
        terminal.expect(CODE);
        alice.change(|record| record.language = Some(Language::Swedish));
        terminal.send_line(&alice.code());
        terminal.expect("changed elsewhere meanwhile");
        let text = Door::Ssh.arrive(terminal);
        assert!(!text.contains("Your methods:"), "{text}");
        assert!(changes(world).is_empty());
    });
}

#[test]
fn a_record_that_cannot_be_written_stays_and_the_sign_in_goes_on() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let before = record(world);
        // Somebody has put a folder where the new record is written before it takes its place.
        let users = world.record_path("alice").parent().unwrap().to_owned();
        let blocked = users.join(".alice.toml.new");
        std::fs::create_dir(&blocked).unwrap();
        std::fs::write(blocked.join("x"), "").unwrap();
        let host = at_the_list(world, &alice.code()).answers(["2", "", "4"]);
        let played = host.ends("PAM_SUCCESS");
        std::fs::remove_dir_all(&blocked).unwrap();
        let said = played.times_said("That could not be saved; nothing has changed.");
        assert_eq!(said, 1, "{played:#?}");
        assert_eq!(record(world), before);
        world.ended("accepted");
        // The old codes go on.
        world.sign_in("alice", [&alice.recovery[0]], "PAM_SUCCESS");
    });
}

#[test]
fn the_list_ends_by_itself_and_so_does_a_program_that_answers_with_the_password() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let host = at_the_list(world, &alice.code()).answers(["x"; 50]);
        let played = host.ends("PAM_SUCCESS");
        assert_eq!(played.times_said("Your methods:"), 10);
        let sshd = Sshd::start(world, "");
        let (alice, _) = alice_with_phone(world);
        let mut terminal = Door::Ssh.open(world, &sshd);
        terminal.answer(CODE, &alice.recovery[0]);
        terminal.answer(OFFER[0], PASSWORD);
        Door::Ssh.arrive(terminal);
        assert_eq!(record_of(world, "alice").phones.len(), 1);
    });
}

#[test]
fn with_a_code_from_root_the_phone_can_go_and_without_a_phone_nobody_is_asked() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let (mut alice, _) = alice_with_phone(world);
        for has_phone in [true, false] {
            let code = crate::bypass::granted(world, &[]);
            let mut terminal = Door::Ssh.open(world, &sshd);
            terminal.answer(CODE, &code);
            if has_phone {
                terminal.answer(OFFER[0], "YES");
                take(&mut terminal, "Remove the phone Pixel 9");
                terminal.answer("press Enter to keep it: ", "yes");
                terminal.expect("Your choice: ").send_line("");
            }
            let text = Door::Ssh.arrive(terminal);
            assert_eq!(text.contains("without your phone"), has_phone, "{text}");
            assert!(record_of(world, "alice").phones.is_empty());
            alice.change(|record| record.phones.clear());
        }
        let lines = changes(world);
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert!(lines[0].starts_with("changed=phone-removed by=user method=bypass"));
    });
}

/// As in a greeter's window, where a picture of characters is a dead end.
#[test]
fn where_there_is_no_terminal_a_new_phone_is_given_a_link_and_no_picture() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let daemon = LyingDaemon::start();
        let host = at_the_list(world, &alice.code()).answers(["1", "no"]);
        let (played, _) = play_with(host, |_| daemon.ticket());
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        let texts = played.texts();
        let shown = |text: &&String| text.contains("Link: ");
        let offer = texts.iter().find(shown).expect("a link");
        assert!(offer.starts_with("Open this link on the new phone"));
        assert!(offer.is_ascii(), "a picture: {offer}");
    });
}
