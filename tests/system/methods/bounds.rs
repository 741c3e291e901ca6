//! What the list must never do: come before the factor, change the answer, or write what it may not.

use antiphon_tests::{LyingDaemon, PASSWORD, PamHost, Said, Sshd, World, in_world};

use super::{OFFER, changes, record_of, take, wish};
use crate::chooser::{Door, doors};
use crate::phone::{Program, alice_with_phone, last_outcome};
use crate::prompts::{CODE, PASSWORD_PROMPT};

const WISH: [&str; 2] = ["Look after my methods", "Use a verification code"];
/// The place of [`WISH`] and of the code in the list of who has a code and recovery codes.
const CARE: &str = "3";
const BY_CODE: &str = "1";

fn record(world: &World) -> Vec<u8> {
    std::fs::read(world.record_path("alice")).unwrap()
}

/// A script up to the list.
fn at_the_list(world: &World, code: &str) -> PamHost {
    let host = PamHost::new(world, "alice").answer("?").answer(CARE);
    host.answer(BY_CODE).answer(code)
}

#[test]
fn before_the_factor_nothing_is_shown_and_a_wrong_code_leads_nowhere() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let before = record(world);
        let wrong = alice.wrong_code();
        let played = at_the_list(world, &wrong)
            .answer(&wrong)
            .answer(&wrong)
            .play();
        assert_eq!(played.result(), "PAM_AUTH_ERR");
        let said: Vec<String> = played.said().into_iter().map(|said| said.text).collect();
        assert!(said[2].starts_with("First show that it is you. Your methods come after that.\n"));
        assert!(!said[2].contains("Look after"), "{said:#?}");
        assert!(!said.join("\n").contains("Your methods:"), "{said:#?}");
        let cancelled = PamHost::new(world, "alice")
            .answer("?")
            .answer(CARE)
            .answer("3")
            .play();
        assert_eq!(cancelled.result(), "PAM_ABORT");
        assert_eq!(record(world), before);
    });
}

#[test]
fn wherever_the_person_goes_away_the_sign_in_stands_and_the_record_is_whole() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let before = record(world);
        // Phone away, so a code is asked for. 1 add, 2 remove, 3 rename, 4 codes, 5 language, 6 done.
        let list = ["?", "4", "2"];
        for steps in [
            &[][..],
            &["2"],
            &["3"],
            &["4"],
            &["9", "x", "\u{1b}[2J", "2", "no"],
        ] {
            let mut host = PamHost::new(world, "alice");
            for answer in list {
                host = host.answer(answer);
            }
            host = host.answer(alice.code());
            for answer in steps {
                host = host.answer(answer);
            }
            let played = host.play();
            assert_eq!(played.result(), "PAM_SUCCESS", "{steps:?}: {played:#?}");
            let all: String = played.said().iter().map(|said| said.text.clone()).collect();
            assert!(all.contains("Your methods:"), "{all}");
            assert_eq!(record(world), before, "{steps:?}");
            assert!(last_outcome(world).starts_with("outcome=accepted method=code"));
            alice.change(|_| {});
        }
        assert!(changes(world).is_empty());
    });
}

#[test]
fn a_hang_up_in_ssh_and_ctrl_c_in_sudo_leave_the_record_whole() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let before = record(world);
        for door in [Door::Ssh, Door::At(Program::Sudo), Door::At(Program::Su)] {
            let mut terminal = door.open(world, &sshd);
            wish(&mut terminal, WISH, CODE, &alice.code());
            take(&mut terminal, "New recovery codes (10 left)");
            terminal.expect("Press Enter when you have written them down: ");
            if door == Door::Ssh {
                let _ = terminal.hang_up();
            } else {
                let ended = terminal.interrupt();
                assert!(!ended.text.contains("here is"), "{ended:#?}");
            }
            assert_eq!(record(world), before, "{door:?}");
            alice.change(|_| {});
        }
        let played = PamHost::new(world, "alice")
            .answer(&alice.recovery[0])
            .play();
        assert_eq!(played.result(), "PAM_SUCCESS");
    });
}

#[test]
fn a_record_that_root_has_changed_meanwhile_is_not_written_over() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        for door in doors() {
            let mut terminal = door.open(world, &sshd);
            wish(&mut terminal, WISH, CODE, &alice.code());
            take(&mut terminal, "New recovery codes (10 left)");
            terminal.expect("written them down: ");
            // Root has given alice another secret: what was verified counts no more.
            alice.change(|record| {
                record.code.as_mut().unwrap().period =
                    antiphon_core::record::Period::new(299).unwrap();
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
        for line in WISH {
            take(&mut terminal, line);
        }
        terminal.expect(CODE);
        alice.change(|record| record.language = Some(antiphon_core::text::Language::Swedish));
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
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let before = record(world);
        // Somebody has put a folder where the new record is written before it takes its place.
        let users = world.record_path("alice").parent().unwrap().to_owned();
        let blocked = users.join(".alice.toml.new");
        std::fs::create_dir(&blocked).unwrap();
        std::fs::write(blocked.join("x"), "").unwrap();
        let played = at_the_list(world, &alice.code())
            .answer("2")
            .answer("")
            .answer("4")
            .play();
        std::fs::remove_dir_all(&blocked).unwrap();
        assert_eq!(played.result(), "PAM_SUCCESS");
        let all: String = played.said().iter().map(|said| said.text.clone()).collect();
        assert!(
            all.contains("That could not be saved; nothing has changed."),
            "{all}"
        );
        assert_eq!(record(world), before);
        assert!(last_outcome(world).starts_with("outcome=accepted"));
        let old = PamHost::new(world, "alice")
            .answer(&alice.recovery[0])
            .play();
        assert_eq!(old.result(), "PAM_SUCCESS", "the old codes go on");
    });
}

#[test]
fn the_list_ends_by_itself_and_so_does_a_program_that_answers_with_the_password() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let mut host = at_the_list(world, &alice.code());
        for _ in 0..50 {
            host = host.answer("x");
        }
        let played = host.play();
        assert_eq!(played.result(), "PAM_SUCCESS");
        let lists = played
            .said()
            .iter()
            .filter(|said| said.text.contains("Your methods:"))
            .count();
        assert_eq!(lists, 10);
        let sshd = Sshd::start(world, "");
        let (mut alice, _) = alice_with_phone(world);
        alice.change(|_| {});
        let mut terminal = sshd.sign_in(world, "alice", "echo here is $USER");
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
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

#[test]
fn of_two_sign_ins_that_change_the_same_record_one_wins() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let before = record(world);
        let sshd = Sshd::start(world, "");
        let mut first = Door::Ssh.open(world, &sshd);
        wish(&mut first, WISH, CODE, &alice.code());
        take(&mut first, "New recovery codes (10 left)");
        first.expect("written them down: ");
        let mut second = Door::Ssh.open(world, &sshd);
        wish(&mut second, WISH, CODE, &alice.code_in(1));
        take(&mut second, "New recovery codes (10 left)");
        second.expect("written them down: ");
        assert_eq!(record(world), before);
        first
            .send_line("")
            .expect("The new recovery codes are valid now");
        first.expect("Your choice: ").send_line("");
        let after = record(world);
        second.send_line("").expect("changed elsewhere meanwhile");
        for terminal in [first, second] {
            Door::Ssh.arrive(terminal);
        }
        assert_eq!(record(world), after);
        assert_eq!(changes(world).len(), 1);
    });
}

/// As in a greeter's window, where a picture of characters is a dead end.
#[test]
fn where_there_is_no_terminal_a_new_phone_is_given_a_link_and_no_picture() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let daemon = LyingDaemon::start();
        let host = at_the_list(world, &alice.code()).answer("1").answer("no");
        let played = std::thread::scope(|scope| {
            let played = scope.spawn(|| host.play());
            let _open = daemon.ticket();
            played.join().unwrap()
        });
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        let said = played.said();
        let shown = |said: &&Said| said.text.contains("Link: ");
        let offer = &said.iter().find(shown).expect("a link").text;
        assert!(
            offer.starts_with("Open this link on the new phone"),
            "{offer}"
        );
        assert!(offer.is_ascii(), "a picture: {offer}");
    });
}
