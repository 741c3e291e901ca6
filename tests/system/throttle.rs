//! Wrong codes lock codes, over all processes and programs; recovery codes stay open, and who knows only a name locks
//! nobody. How long a lock lasts is tried in the core's tests.

use antiphon_tests::{Enrolled, PASSWORD_PROMPT, PamHost, Sshd, World, in_world};

use crate::phone::wrong_in_a_row;
use crate::prompts::CODE;
use crate::script::thrice;

/// Alice, with a code of 300 s, after five wrong ones; the first lock lasts ten minutes, longer than any test.
fn locked_alice(world: &World) -> Enrolled {
    world.configure("[throttle]\nfirst_lock = 600\n");
    let alice = world.enrol_with_long_codes("alice");
    let wrong = alice.wrong_code();
    thrice(world, &wrong, 0, "PAM_AUTH_ERR");
    thrice(world, &wrong, 0, "PAM_MAXTRIES");
    assert_eq!(wrong_in_a_row(world), 5);
    world.ended("locked reason=wrong-codes user=alice");
    alice
}

#[test]
fn a_lock_holds_in_every_process_and_program_and_a_right_code_does_not_open_it() {
    in_world(|world| {
        let alice = locked_alice(world);
        for service in ["antiphon-alone", "login", "sudo"] {
            world.pam(service, "auth required pam_antiphon.so\n");
            let host = PamHost::of_service(world, service, "alice");
            let played = host.answer(alice.code()).ends("PAM_MAXTRIES");
            let prompt = &played.texts()[0];
            let told = "Too many wrong codes. Try again in 10 min.\nRecovery code: ";
            assert!(prompt.starts_with(told), "{prompt}");
        }
        // What was not looked at is neither counted nor used up.
        assert_eq!(wrong_in_a_row(world), 5);
        thrice(world, &alice.code_in(2), 601, "PAM_SUCCESS");
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
        let played = world.sign_in("alice", [""; 0], "PAM_MAXTRIES");
        let told = "Too many wrong codes. Try again in 10 min.";
        assert_eq!(played.texts(), [told]);
    });
}

#[test]
fn wrong_recovery_codes_are_refused_while_locked_and_lengthen_nothing() {
    in_world(|world| {
        let alice = locked_alice(world);
        let state = world.state("alice");
        let short = &alice.wrong_code()[..5];
        for wrong in ["AAAA-AAAA-AAAA-AAAA", "", "123456789", short] {
            thrice(world, wrong, 0, "PAM_AUTH_ERR");
        }
        assert_eq!(world.state("alice"), state);
    });
}

#[test]
fn root_opens_a_lock() {
    in_world(|world| {
        let alice = locked_alice(world);
        world.antiphon(&["unlock", "alice"]);
        let played = thrice(world, &alice.code(), 0, "PAM_SUCCESS");
        // What was missed is told all the same.
        assert!(played.texts()[1].starts_with("5 wrong codes"));
    });
}

#[test]
fn after_the_most_wrong_codes_in_a_row_no_time_opens_codes_again_but_a_recovery_code() {
    in_world(|world| {
        world.configure(
            "[throttle]\nattempts = 2\nfirst_lock = 1\nlongest_lock = 1\nmost_in_a_row = 2\n",
        );
        let alice = world.enrol_with_long_codes("alice");
        thrice(world, &alice.wrong_code(), 0, "PAM_MAXTRIES");
        let year = 365 * 86_400;
        thrice(world, &alice.code_in(year / 300), year, "PAM_MAXTRIES");
        world.ended("locked reason=too-many-in-a-row user=alice");
        thrice(world, &alice.recovery[0], 0, "PAM_SUCCESS");
        thrice(world, &alice.code(), 0, "PAM_SUCCESS");
    });
}

#[test]
fn who_knows_only_a_name_locks_nobody() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let state = world.state("alice");
        let sshd = Sshd::start(world, "");
        for _ in 0..6 {
            let mut terminal = sshd.sign_in(world, "alice", "true");
            terminal.answer(PASSWORD_PROMPT, "not her password");
            assert!(!terminal.end().succeeded());
        }
        assert_eq!(world.state("alice"), state);
        let mut terminal = sshd.after_password(world, "alice", "true");
        terminal.answer(CODE, &alice.code());
        terminal.end().well();
    });
}
