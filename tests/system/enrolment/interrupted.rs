//! Interrupted at every step: nobody is half enrolled, and whoever comes back in ten minutes with a code goes on.

use std::fs;

use antiphon_core::record::CodeSecret;
use antiphon_tests::{PamHost, Sshd, Terminal, World, in_world};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{
    CONFIRM, GO_ON, OPEN, OPEN_TO_SCRIPTS, SQUARES, WRITTEN, at_the_code, begun, code_in, finish,
    forget, from, has_record, pending, recovery_on, script, secret_on, steps,
};
use crate::prompts::CODE;
use crate::traced::{calls, forget_activity, tampered, traced, was_met};

const HERE: &str = "127.0.0.1";

/// A sign-in by ssh that has come to `step`; the secret and the recovery codes as far as they were shown.
fn at(world: &World, sshd: &Sshd, step: &str) -> (Terminal, Option<CodeSecret>, Vec<String>) {
    let mut terminal = from(world, sshd, HERE);
    terminal.expect(SQUARES);
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
    of_sshd("[pam]")
}

/// The processes of sshd that call themselves so.
fn of_sshd(mark: &str) -> Vec<i32> {
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|id| {
            let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(mark)
        })
        .collect()
}

#[test]
fn after_an_interruption_at_any_prompt_neither_secret_nor_recovery_codes_are_shown_again_and_a_code_goes_on()
 {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let ways: [Way; 3] = [
            ("Ctrl-C", |terminal| drop(terminal.interrupt())),
            ("hang-up", |terminal| {
                let _ = terminal.hang_up();
            }),
            ("kill -9", |mut terminal| {
                for id in askers() {
                    kill(Pid::from_raw(id), Signal::SIGKILL).unwrap();
                }
                // The client is at its own prompt, and notices when it sends something.
                terminal.send_line("");
                drop(terminal.end());
            }),
        ];
        for (name, interrupt) in ways {
            let (terminal, ..) = at(world, &sshd, SQUARES);
            interrupt(terminal);
            assert!(pending().is_empty(), "{name}: nothing has been shown yet");
            // But it has left a trace.
            assert!(!world.activity("alice").is_empty());
            for step in [CONFIRM, WRITTEN] {
                let (terminal, secret, shown_before) = at(world, &sshd, step);
                interrupt(terminal);
                let context = format!("{name} at {step}");
                let secret = secret.unwrap();
                assert!(!has_record(world, "alice") && world.state("alice").is_none());
                assert_eq!(pending().len(), 1, "{context}");

                let mut terminal = from(world, &sshd, HERE);
                terminal
                    .expect("ago from 127.0.0.1 (at ")
                    .answer(GO_ON, &code_in(&secret, 1))
                    .expect(WRITTEN);
                let shown = terminal.shown();
                let secret_is_shown = shown.contains("secret=") || shown.contains("Key: ");
                assert!(!secret_is_shown, "{shown}");
                assert!(shown.contains("If you were shown others before"), "{shown}");
                let recovery = recovery_on(&shown);
                assert_eq!(recovery.len(), 10, "{shown}");
                assert!(!recovery.iter().any(|code| shown_before.contains(code)));
                terminal.send_line("");
                terminal.arrive("arrived");
                assert!(has_record(world, "alice"));
                assert!(pending().is_empty(), "{context}");
                let old = shown_before.first().unwrap_or(&recovery[0]);
                for (code, said) in [(old, CODE), (&recovery[1], "arrived")] {
                    let mut terminal = from(world, &sshd, HERE);
                    terminal.answer(CODE, code);
                    if !shown_before.is_empty() {
                        terminal.expect(said);
                    }
                    let _ = terminal.hang_up();
                }
                forget(world);
            }
        }
        let resumed = "enrolment=resumed before=127.0.0.1 user=alice rhost=127.0.0.1";
        let steps = steps(world);
        let resumed = steps.iter().filter(|line| line.starts_with(resumed));
        assert_eq!(resumed.count(), 6);
    });
}

#[test]
fn the_time_limit_of_a_login_loses_nothing() {
    in_world(|world| {
        world.configure(OPEN);
        let hasty = Sshd::start(world, "LoginGraceTime 600");
        let (mut terminal, secret) = at_the_code(world, &hasty, "alice");
        // As its alarm does when its time is up.
        for monitor in of_sshd("[priv]") {
            kill(Pid::from_raw(monitor), Signal::SIGALRM).unwrap();
        }
        while !askers().is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        // Only then does the client notice.
        terminal.send_line("");
        assert!(!terminal.end().succeeded());
        drop(hasty);
        let sshd = Sshd::start(world, "");
        let mut terminal = from(world, &sshd, HERE);
        terminal.expect(GO_ON);
        finish(terminal, &code_in(&secret, 0));
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
        let secret = afresh();
        script(traced(world, "alice", &[]), &secret).ends("PAM_SUCCESS");
        let calls = calls(world, "alice");
        for name in ["fdatasync", "renameat", "fsync", "unlinkat"] {
            assert!(calls.iter().any(|call| call.name == name), "{name}");
        }
        let mut finished = 0;
        for call in calls {
            let secret = afresh();
            let code = code_in(&secret, 0);
            let played = script(tampered(world, "alice", &call, "signal=SIGKILL"), &secret).play();
            let context = format!("killed at {call}: {played:#?}");
            assert!(
                was_met(world, "alice") && played.results().is_empty(),
                "{context}"
            );
            if has_record(world, "alice") {
                // Then the state knows that the confirming code is used, and the next one signs in.
                finished += 1;
                let again = world.sign_in("alice", [&code], "PAM_ABORT");
                let said = again.texts().pop().unwrap();
                assert!(said.contains("already used"), "{context}: {said}");
                world.sign_in("alice", [code_in(&secret, 1)], "PAM_SUCCESS");
            } else {
                // A pending file that the kill has spoilt is begun again.
                let secret = begun("alice", 60);
                script(PamHost::new(world, "alice"), &secret).ends("PAM_SUCCESS");
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
