//! A factor that root takes away while somebody is asked for it. A prompt of su waits for ever: it must not keep alive
//! what was stolen and is void.

use std::fs;

use antiphon_core::record::{CodeSecret, Period};
use antiphon_tests::{PASSWORD, Terminal, World, in_world};

use crate::prompts::{CODE, PASSWORD_PROMPT};

/// alice, who knows bob's password, at the prompt for bob's code.
fn at_the_prompt(world: &World) -> Terminal {
    let mut command = world.command_of("alice", "su");
    command.args(["bob", "-c", "echo here is $(id -un)"]);
    let mut terminal = Terminal::start(&command);
    terminal.answer(PASSWORD_PROMPT, PASSWORD).expect(CODE);
    terminal
}

#[test]
fn a_secret_that_was_replaced_while_it_was_asked_for_counts_no_more_and_the_new_one_does() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        let stolen = bob.code();
        let mut terminal = at_the_prompt(world);
        let mut secret = CodeSecret::usual(*b"a secret of its own.");
        secret.period = Period::new(300).unwrap();
        bob.secret = secret.clone();
        bob.change(|record| record.code = Some(secret));
        terminal.send_line(&stolen);
        terminal.expect("That code is wrong.").expect(CODE);
        terminal.send_line(&bob.code());
        terminal.expect("here is bob");
        assert!(terminal.end().succeeded());
    });
}

#[test]
fn who_was_removed_while_being_asked_is_refused_by_code_and_by_recovery_code() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        for answer in [bob.code(), bob.recovery[0].clone()] {
            let mut terminal = at_the_prompt(world);
            let state = world.state("bob");
            fs::remove_file(world.record_path("bob")).unwrap();
            terminal.send_line(&answer);
            let ended = terminal.end();
            assert!(
                !ended.succeeded() && !ended.text.contains("here is"),
                "{ended:#?}"
            );
            assert_eq!(world.state("bob"), state);
            bob.change(|_| {});
        }
        for line in world.log().endings() {
            assert!(
                line.text
                    .starts_with("outcome=refused reason=not-enrolled user=bob"),
                "{line:?}"
            );
        }
    });
}
