//! The real login, on a console.

use antiphon_tests::{PASSWORD, Terminal, World, in_world};

use crate::prompts::{CODE, PASSWORD_PROMPT};

fn login(world: &World) -> Terminal {
    Terminal::start(&world.command("login"))
}

#[test]
fn login_asks_for_a_code_after_the_password() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let mut terminal = login(world);
        terminal.answer("login: ", "alice");
        terminal
            .answer(PASSWORD_PROMPT, PASSWORD)
            .answer(CODE, &alice.code());
        terminal
            .expect("$ ")
            .send_line("echo here is $(id -un)")
            .expect("here is alice");
        terminal.send_line("exit");
        assert!(terminal.end().succeeded());
        let ours = world.log().endings();
        assert_eq!((ours.len(), ours[0].service.as_str()), (1, "login"));
        assert!(
            ours[0]
                .text
                .starts_with("outcome=accepted method=code user=alice tty=/dev/pts/"),
            "{ours:?}"
        );
    });
}

#[test]
fn login_begins_again_after_wrong_codes() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let mut terminal = login(world);
        terminal
            .answer("login: ", "alice")
            .answer(PASSWORD_PROMPT, PASSWORD);
        for _ in 0..3 {
            terminal.answer(CODE, &alice.wrong_code());
        }
        terminal
            .expect("Login incorrect")
            .answer("login: ", "alice");
        terminal
            .answer(PASSWORD_PROMPT, PASSWORD)
            .answer(CODE, &alice.code());
        terminal.expect("$ ").send_line("exit");
        assert!(terminal.end().succeeded());
    });
}

#[test]
fn login_ends_when_codes_become_locked_and_a_recovery_code_still_opens() {
    in_world(|world| {
        let alice = world.enrol("alice");
        world.configure("[throttle]\nattempts = 2\n");
        let mut terminal = login(world);
        terminal
            .answer("login: ", "alice")
            .answer(PASSWORD_PROMPT, PASSWORD);
        for _ in 0..2 {
            terminal.answer(CODE, &alice.wrong_code());
        }
        terminal.expect("Too many wrong codes.");
        let ended = terminal.end();
        assert!(!ended.text.contains("$ "), "{ended:#?}");
        let line = world.log().our_only_line();
        assert!(
            line.starts_with("outcome=locked reason=wrong-codes user=alice"),
            "{line}"
        );
        let mut terminal = login(world);
        terminal
            .answer("login: ", "alice")
            .answer(PASSWORD_PROMPT, PASSWORD);
        terminal.answer("Recovery code: ", &alice.recovery[3]);
        terminal.expect("$ ").send_line("exit");
        assert!(terminal.end().succeeded());
    });
}
