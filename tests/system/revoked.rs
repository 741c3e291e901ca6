//! A factor that root takes away while somebody is asked for it. A prompt of su waits for ever: it must not keep alive
//! what was stolen and is void.

use std::fs;

use antiphon_core::record::CodeSecret;
use antiphon_tests::in_world;

use crate::phone::Program;
use crate::prompts::CODE;

#[test]
fn a_secret_that_was_replaced_while_it_was_asked_for_counts_no_more_and_the_new_one_does() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        let stolen = alice.code();
        let mut terminal = Program::Su.start(world);
        terminal.expect(CODE);
        alice.secret = CodeSecret::usual(*b"a secret of its own.");
        alice.set_period(300);
        terminal.send_line(&stolen).expect("That code is wrong.");
        terminal.answer(CODE, &alice.code());
        Program::Su.arrive(terminal);
    });
}

#[test]
fn who_was_removed_while_being_asked_is_refused_by_code_and_by_recovery_code() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        for answer in [alice.code(), alice.recovery[0].clone()] {
            let mut terminal = Program::Su.start(world);
            terminal.expect(CODE);
            let state = world.state("alice");
            fs::remove_file(world.record_path("alice")).unwrap();
            terminal.send_line(&answer);
            terminal.end().refused("here is");
            world.ended("refused reason=not-enrolled user=alice");
            assert_eq!(world.state("alice"), state);
            alice.change(|_| {});
        }
    });
}
