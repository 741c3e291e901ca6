//! A code from root for a person without their phone, in the real programs.

use antiphon_tests::{PamHost, Sshd, World, in_world};
use serde_json::Value;

use crate::prompts::CODE;

pub(crate) fn granted(world: &World, options: &[&str]) -> String {
    let printed = world.antiphon(&[&["bypass", "alice", "--json"], options].concat());
    let object: Value = serde_json::from_str(&printed).unwrap();
    object["bypass_code"].as_str().unwrap().to_owned()
}

#[test]
fn a_bypass_code_signs_in_over_ssh_and_then_no_more() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let code = granted(world, &[]);
        let mut terminal = sshd.after_password(world, "alice", "echo arrived as $USER");
        terminal.answer(CODE, &code);
        terminal.arrive("arrived as alice");
        world.ended("accepted method=bypass user=alice");
        let mut terminal = sshd.after_password(world, "alice", "echo arrived as $USER");
        for _ in 0..3 {
            terminal.answer(CODE, &code);
        }
        let text = terminal.end().refused("arrived");
        assert!(text.contains("wrong or no longer valid"), "{text}");
        world.ended("wrong user=alice");
    });
}

#[test]
fn of_32_sign_ins_that_race_with_a_bypass_code_as_many_get_in_as_it_has_uses() {
    in_world(|world| {
        let _ = world.enrol("alice");
        for uses in [1, 5] {
            for _ in 0..10 {
                let code = granted(world, &["--uses", &uses.to_string()]);
                let host = PamHost::new(world, "alice").option("--at-once=32");
                let played = host.answers([&code; 3]).play();
                assert_eq!(played.count("PAM_SUCCESS"), uses, "{played:#?}");
            }
        }
    });
}
