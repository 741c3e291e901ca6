//! A code from root for a person without their phone, in the real programs.

use antiphon_tests::{PASSWORD, PamHost, Sshd, Terminal, World, in_world};
use serde_json::Value;

use crate::prompts::{CODE, PASSWORD_PROMPT};

pub(crate) fn granted(world: &World, options: &[&str]) -> String {
    let mut command = world.command(&world.product().command);
    let output = command
        .args(["bypass", "alice", "--json"])
        .args(options)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    object["bypass_code"].as_str().unwrap().to_owned()
}

#[test]
fn a_bypass_code_signs_in_over_ssh_and_then_no_more() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let sshd = Sshd::start(world, "");
        let code = granted(world, &[]);
        for (works, expected) in [
            (true, "outcome=accepted method=bypass user=alice"),
            (false, "outcome=wrong user=alice"),
        ] {
            let mut terminal = sshd.sign_in(world, "alice", "echo arrived as $USER");
            terminal
                .answer(PASSWORD_PROMPT, PASSWORD)
                .answer(CODE, &code);
            if !works {
                terminal.answer(CODE, &code).answer(CODE, &code);
            }
            let ended = terminal.end();
            assert_eq!(ended.succeeded(), works, "{ended:#?}");
            assert_eq!(ended.text.contains("arrived as alice"), works, "{ended:#?}");
            assert_eq!(
                ended.text.contains("wrong or no longer valid"),
                !works,
                "{ended:#?}"
            );
            let line = world.log().endings().pop().unwrap();
            assert!(line.text.starts_with(expected), "{line:?}");
        }
    });
}

#[test]
fn sudo_takes_a_bypass_code() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let code = granted(world, &["--for", "5m"]);
        let mut command = world.command_of("alice", "sudo");
        command.args(["sh", "-c", "echo here is $(id -un)"]);
        let mut terminal = Terminal::start(&command);
        terminal
            .answer("password for alice: ", PASSWORD)
            .answer(CODE, &code)
            .expect("here is root");
        assert!(terminal.end().succeeded());
    });
}

#[test]
fn of_32_sign_ins_that_race_with_a_bypass_code_as_many_get_in_as_it_has_uses() {
    in_world(|world| {
        let _ = world.enrol("alice");
        for uses in [1, 5] {
            for _ in 0..10 {
                let code = granted(world, &["--uses", &uses.to_string()]);
                let mut host = PamHost::new(world, "alice").option("--at-once=32");
                for _ in 0..3 {
                    host = host.answer(&code);
                }
                let played = host.play();
                let won = played
                    .results()
                    .iter()
                    .filter(|result| **result == "PAM_SUCCESS")
                    .count();
                assert_eq!(won, uses, "{played:#?}");
            }
        }
    });
}
