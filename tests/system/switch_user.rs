//! The real su: its caller may be hostile.

use std::process::Stdio;

use antiphon_tests::{PASSWORD, Terminal, World, in_world};

use crate::prompts::{CODE, PASSWORD_PROMPT};

/// Our line alone: nothing before it can fail for want of an answer.
const ALONE: &str = "auth required pam_antiphon.so\n";

fn su_to_bob(world: &World) -> Terminal {
    let mut command = world.command_of("alice", "su");
    command.args(["bob", "-c", "echo here is $(id -un)"]);
    Terminal::start(&command)
}

#[test]
fn su_asks_for_the_targets_code_and_the_log_names_the_caller() {
    in_world(|world| {
        let bob = world.enrol("bob");
        let mut terminal = su_to_bob(world);
        terminal
            .answer(PASSWORD_PROMPT, PASSWORD)
            .answer(CODE, &bob.code())
            .expect("here is bob");
        assert!(terminal.end().succeeded());
        let line = world.log().our_only_line();
        assert!(
            line.starts_with("outcome=accepted method=code user=bob"),
            "{line}"
        );
        assert!(line.ends_with("caller=alice"), "{line}");
    });
}

#[test]
fn the_callers_own_code_does_not_open_another_account() {
    in_world(|world| {
        let (alice, _) = (world.enrol("alice"), world.enrol("bob"));
        let mut terminal = su_to_bob(world);
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        for _ in 0..3 {
            terminal.answer(CODE, &alice.code());
        }
        let ended = terminal.end();
        assert!(
            !ended.succeeded() && !ended.text.contains("here is"),
            "{ended:#?}"
        );
    });
}

#[test]
fn root_changes_to_anybody_unasked() {
    in_world(|world| {
        let _ = world.enrol("bob");
        let output = world
            .command("su")
            .args(["bob", "-c", "id -un"])
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "bob\n",
            "{output:?}"
        );
        assert_eq!(world.log().ours(), []);
    });
}

#[test]
fn ctrl_c_at_the_prompt_ends_su() {
    in_world(|world| {
        let _ = world.enrol("bob");
        let before = world.state("bob");
        let mut terminal = su_to_bob(world);
        terminal.answer(PASSWORD_PROMPT, PASSWORD).expect(CODE);
        let ended = terminal.interrupt();
        assert!(
            !ended.succeeded() && !ended.text.contains("here is"),
            "{ended:#?}"
        );
        assert_eq!(world.state("bob"), before);
    });
}

#[test]
fn a_closed_standard_input_is_a_refusal_and_not_a_wait() {
    in_world(|world| {
        let bob = world.enrol("bob");
        world.pam("su", ALONE);
        let before = world.state("bob");
        for closed in ["<&-", "</dev/null", "<&- >&- 2>&-"] {
            let su = format!("exec su bob -c 'echo arrived >&9' 9>&1 {closed}");
            // Without a terminal, which su would ask on.
            let mut shell = world.command_of("alice", "setsid");
            let output = shell
                .args(["sh", "-c", &su])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert!(
                !output.status.success() && output.stdout.is_empty(),
                "{closed}: {output:?}"
            );
        }
        for line in world.log().ours() {
            assert!(
                line.text.contains("user=bob") && !line.text.contains("accepted"),
                "{line:?}"
            );
        }
        assert_eq!(world.state("bob"), before);
        let mut terminal = su_to_bob(world);
        terminal.answer(CODE, &bob.code()).expect("here is bob");
    });
}
