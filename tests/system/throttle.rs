//! Wrong codes lock codes, over all processes and programs; recovery codes stay open, and who knows only a name locks
//! nobody.

use antiphon_core::state::SlotPair;
use antiphon_tests::{Enrolled, PASSWORD, PamHost, Played, Sshd, World, in_world};

use crate::prompts::CODE;

/// What `alice` answers to each of three prompts, `ahead` seconds from now.
fn answers(world: &World, answer: &str, ahead: i64) -> Played {
    let host = PamHost::new(world, "alice").option(&format!("--clock={ahead}"));
    host.answer(answer).answer(answer).answer(answer).play()
}

/// Alice, with a code of 300 s, after five wrong ones; the first lock lasts ten minutes, longer than any test.
fn locked_alice(world: &World) -> Enrolled {
    world.configure("[throttle]\nfirst_lock = 600\nlongest_lock = 7200\n");
    let mut alice = world.enrol("alice");
    alice.set_period(300);
    let wrong = alice.wrong_code();
    assert_eq!(answers(world, &wrong, 0).result(), "PAM_AUTH_ERR");
    let played = answers(world, &wrong, 0);
    assert_eq!(played.result(), "PAM_MAXTRIES", "{played:#?}");
    assert_eq!(wrong_in_a_row(world), 5);
    let line = last_line(world);
    assert!(
        line.starts_with("outcome=locked reason=wrong-codes user=alice"),
        "{line}"
    );
    alice
}

fn wrong_in_a_row(world: &World) -> u32 {
    let slots = SlotPair::decode(&world.state("alice").unwrap()).unwrap();
    slots.state.unwrap().wrong_in_a_row()
}

fn last_line(world: &World) -> String {
    world.log().ours().pop().unwrap().text
}

#[test]
fn a_lock_holds_in_every_process_and_program_and_a_right_code_does_not_open_it() {
    in_world(|world| {
        let alice = locked_alice(world);
        for service in ["antiphon-alone", "login", "sudo"] {
            world.pam(service, "auth required pam_antiphon.so\n");
            let played = PamHost::of_service(world, service, "alice")
                .answer(alice.code())
                .play();
            assert_eq!(played.result(), "PAM_MAXTRIES", "{service}: {played:#?}");
            let prompt = &played.said()[0].text;
            let told =
                prompt.starts_with("Too many wrong codes. Try again in 10 min.\nRecovery code: ");
            assert!(told, "{prompt}");
        }
        // What was not looked at is neither counted nor used up.
        assert_eq!(wrong_in_a_row(world), 5);
        let played = answers(world, &alice.code_in(2), 601);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        assert_eq!(wrong_in_a_row(world), 0);
    });
}

#[test]
fn who_has_no_recovery_codes_is_not_even_asked_while_locked() {
    in_world(|world| {
        let mut alice = locked_alice(world);
        let state = world.state("alice").unwrap();
        alice.change(|record| record.recovery = None);
        std::fs::write(world.state_path("alice"), state).unwrap();
        let played = PamHost::new(world, "alice").play();
        assert_eq!(played.result(), "PAM_MAXTRIES", "{played:#?}");
        let said = played.said();
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0].text, "Too many wrong codes. Try again in 10 min.");
    });
}

#[test]
fn each_wrong_code_after_a_lock_locks_for_twice_as_long_up_to_the_longest() {
    in_world(|world| {
        let alice = locked_alice(world);
        // Between two of these, the clock of the machine goes on by less than a minute.
        let mut over = 601;
        for length in [1200, 2400, 4800, 7200, 7200] {
            let later = alice.code_in(over / 300 + 10_000);
            let played = answers(world, &later, over);
            assert_eq!(played.result(), "PAM_MAXTRIES", "{length}: {played:#?}");
            assert_eq!(played.said().len(), 2, "one look: {played:#?}");
            let right = |ahead: i64| answers(world, &alice.code_in(ahead / 300), ahead);
            let early = right(over + length - 60);
            assert_eq!(early.result(), "PAM_MAXTRIES", "{length}: {early:#?}");
            over += length + 60;
        }
        let played = answers(world, &alice.code_in(over / 300), over);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn a_recovery_code_signs_in_while_codes_are_locked_and_opens_them() {
    in_world(|world| {
        let alice = locked_alice(world);
        let played = answers(world, &alice.recovery[4].to_lowercase(), 0);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        let said = played.said();
        assert!(
            said[1]
                .text
                .starts_with("5 wrong codes since your last sign-in"),
            "{said:?}"
        );
        assert_eq!(wrong_in_a_row(world), 0);
        let played = answers(world, &alice.code(), 0);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn wrong_recovery_codes_are_refused_while_locked_and_lengthen_nothing() {
    in_world(|world| {
        let alice = locked_alice(world);
        let state = world.state("alice");
        for wrong in [
            "AAAA-AAAA-AAAA-AAAA",
            "",
            "123456789",
            &alice.wrong_code()[..5],
        ] {
            let played = answers(world, wrong, 0);
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{played:#?}");
        }
        assert_eq!(world.state("alice"), state);
    });
}

#[test]
fn root_opens_a_lock() {
    in_world(|world| {
        let alice = locked_alice(world);
        let mut command = world.command(&world.product().command);
        let output = command.args(["unlock", "alice"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let played = answers(world, &alice.code(), 0);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        // What was missed is told all the same.
        assert!(
            played.said()[1].text.starts_with("5 wrong codes"),
            "{played:#?}"
        );
    });
}

#[test]
fn after_the_most_wrong_codes_in_a_row_no_time_opens_codes_again() {
    in_world(|world| {
        world.configure(
            "[throttle]\nattempts = 2\nfirst_lock = 1\nlongest_lock = 1\nmost_in_a_row = 4\n",
        );
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let wrong = alice.wrong_code();
        for ahead in [0, 60, 120] {
            assert_eq!(answers(world, &wrong, ahead).result(), "PAM_MAXTRIES");
        }
        for ahead in [180, 86_400, 10 * 365 * 86_400] {
            let played = answers(world, &alice.code_in(ahead / 300), ahead);
            assert_eq!(played.result(), "PAM_MAXTRIES", "{played:#?}");
            let line = last_line(world);
            assert!(
                line.starts_with("outcome=locked reason=too-many-in-a-row user=alice"),
                "{line}"
            );
        }
        assert_eq!(wrong_in_a_row(world), 4);
        let played = answers(world, &alice.recovery[0], 180);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        let played = answers(world, &alice.code_in(1), 300);
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn who_knows_only_a_name_locks_nobody() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        let state = world.state("alice");
        let sshd = Sshd::start(world, "");
        for _ in 0..6 {
            let mut terminal = sshd.sign_in(world, "alice", "true");
            terminal.expect("Password: ").send_line("not her password");
            assert!(!terminal.end().succeeded());
        }
        assert_eq!(world.state("alice"), state);
        // Nor where somebody has forgotten the line that asks for it.
        world.pam("sshd", "auth required pam_antiphon.so\n");
        for _ in 0..6 {
            let terminal = sshd.sign_in(world, "alice", "true");
            assert!(!terminal.end().succeeded());
            let line = last_line(world);
            assert!(
                line.starts_with("outcome=refused reason=no-first-factor user=alice"),
                "{line}"
            );
        }
        assert_eq!(world.state("alice"), state);
        world.pam(
            "sshd",
            "auth requisite pam_unix.so nodelay\nauth required pam_antiphon.so\n",
        );
        let mut terminal = sshd.sign_in(world, "alice", "true");
        terminal.expect("Password: ").send_line(PASSWORD);
        terminal.expect(CODE).send_line(&alice.code());
        assert!(terminal.end().succeeded());
    });
}
