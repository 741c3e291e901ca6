//! Interrupted at every step: nobody is half enrolled, and whoever comes back in ten minutes goes on.

use std::fs;

use antiphon_core::record::CodeSecret;
use antiphon_tests::{PASSWORD, PamHost, Sshd, Terminal, World, in_world};

use super::{
    CONFIRM, OPEN, OPEN_TO_SCRIPTS, SQUARES, WRITTEN, at_the_code, begun, code_in, has_record,
    pending, recovery_on, script, secret_on,
};
use crate::prompts::PASSWORD_PROMPT;
use crate::traced::{calls, forget_activity, tampered, traced, was_met};

/// The prompts, as far as a person comes.
const STEPS: [&str; 3] = [SQUARES, CONFIRM, WRITTEN];

/// A sign-in by ssh that has come to `step`; the secret and the recovery codes as far as they were shown.
fn at(world: &World, sshd: &Sshd, step: &str) -> (Terminal, Option<CodeSecret>, Vec<String>) {
    let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
    terminal.answer(PASSWORD_PROMPT, PASSWORD).expect(SQUARES);
    if step == SQUARES {
        return (terminal, None, Vec::new());
    }
    terminal.send_line("").expect(CONFIRM);
    let secret = secret_on(&terminal.shown());
    if step == WRITTEN {
        terminal.send_line(&code_in(&secret, 0)).expect(WRITTEN);
    }
    let recovery = recovery_on(&terminal.shown());
    (terminal, Some(secret), recovery)
}

/// A way to interrupt, and its name.
type Way = (&'static str, fn(Terminal));

/// The processes in which sshd asks.
fn askers() -> Vec<i32> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|id| {
            let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            line.windows(5).any(|part| part == b"[pam]")
        })
        .collect()
}

#[test]
fn after_an_interruption_at_any_prompt_the_same_codes_are_shown_and_nothing_was_written() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let (terminal, first, recovery) = at(world, &sshd, WRITTEN);
        let _ = terminal.hang_up();
        let ways: [Way; 3] = [
            ("Ctrl-C", |terminal| drop(terminal.interrupt())),
            ("hang-up", |terminal| {
                let _ = terminal.hang_up();
            }),
            ("kill -9", |mut terminal| {
                for id in askers() {
                    let id = nix::unistd::Pid::from_raw(id);
                    nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGKILL).unwrap();
                }
                // The client is at its own prompt, and notices when it sends something.
                terminal.send_line("");
                drop(terminal.end());
            }),
        ];
        for (name, interrupt) in ways {
            for step in STEPS {
                let (terminal, secret, codes) = at(world, &sshd, step);
                assert!(terminal.shown().contains("This goes on with the set-up"));
                interrupt(terminal);
                assert!(secret.is_none() || secret == first, "{name} at {step}");
                assert!(codes.is_empty() || codes == recovery, "{name} at {step}");
                assert!(!has_record(world, "alice") && world.state("alice").is_none());
                assert_eq!(pending().len(), 1);
            }
        }
        let (mut terminal, _, _) = at(world, &sshd, WRITTEN);
        terminal.send_line("").expect("arrived");
        assert!(terminal.end().succeeded() && has_record(world, "alice"));
        assert!(pending().is_empty());
    });
}

#[test]
fn the_time_limit_of_a_login_loses_nothing() {
    in_world(|world| {
        world.configure(OPEN);
        let hasty = Sshd::start(world, "LoginGraceTime 3");
        let (mut terminal, secret) = at_the_code(world, &hasty, "alice");
        while !askers().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        // Only then does the client notice.
        terminal.send_line("");
        assert!(!terminal.end().succeeded());
        drop(hasty);
        let sshd = Sshd::start(world, "");
        let (mut terminal, again) = at_the_code(world, &sshd, "alice");
        assert_eq!(again, secret);
        terminal
            .send_line(&code_in(&secret, 0))
            .answer(WRITTEN, "")
            .expect("arrived");
        assert!(terminal.end().succeeded());
    });
}

#[test]
fn killed_at_any_system_call_nobody_has_a_record_without_a_state_and_can_begin_again() {
    in_world(|world| {
        world.configure(OPEN_TO_SCRIPTS);
        let afresh = || {
            for file in [world.record_path("alice"), world.state_path("alice")] {
                let _ = fs::remove_file(file);
            }
            forget_activity("alice");
            begun("alice", 60)
        };
        let draft = afresh();
        let whole = script(traced(world, "alice", &[]), &draft).play();
        assert_eq!(whole.result(), "PAM_SUCCESS", "{whole:#?}");
        let calls = calls(world, "alice");
        for name in ["fdatasync", "renameat", "fsync", "unlinkat"] {
            assert!(calls.iter().any(|call| call.name == name), "{name}");
        }
        let mut finished = 0;
        for call in calls {
            let draft = afresh();
            let code = code_in(&draft.code, 0);
            let played = script(tampered(world, "alice", &call, "signal=SIGKILL"), &draft).play();
            let context = format!("killed at {call}: {played:#?}");
            assert!(
                was_met(world, "alice") && played.results().is_empty(),
                "{context}"
            );
            if has_record(world, "alice") {
                // Then the state knows that the confirming code is used, and the next one signs in.
                finished += 1;
                let again = PamHost::new(world, "alice").answer(&code).play();
                assert_eq!(again.result(), "PAM_ABORT", "{context} {again:#?}");
                assert!(
                    again.said().last().unwrap().text.contains("already used"),
                    "{again:#?}"
                );
                let later = PamHost::new(world, "alice")
                    .answer(code_in(&draft.code, 1))
                    .play();
                assert_eq!(later.result(), "PAM_SUCCESS", "{context} {later:#?}");
            } else {
                // A pending file that the kill has spoilt is begun anew: then with another secret.
                let draft = begun("alice", 60);
                let again = script(PamHost::new(world, "alice"), &draft).play();
                assert_eq!(again.result(), "PAM_SUCCESS", "{context} {again:#?}");
            }
            let left: Vec<_> = fs::read_dir("/etc/antiphon/users")
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            assert_eq!(left, ["alice.toml"], "{context}");
        }
        assert!(finished > 0);
    });
}
