//! The child that holds the conversation, in programs that are not made for one.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use antiphon_tests::{LyingDaemon, PASSWORD, PamHost, Terminal, World, in_world};

use super::{
    ALONE, FORKS, NUMBER, alice_with_phone, approve, number_in, number_on, play_with, processes,
};
use crate::prompts::PASSWORD_PROMPT;

/// `pam_host` under strace with these options; its calls are written to the path.
fn traced(world: &World, options: &[&str]) -> (Command, std::path::PathBuf) {
    let trace = world.folder().join("forks");
    let mut strace = world.command("strace");
    strace.args(["-f", "-qq", "-o"]).arg(&trace).args(options);
    strace.arg(&world.product().pam_host);
    (strace, trace)
}

#[test]
fn only_programs_that_are_known_to_have_one_thread_are_forked() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for (service, forks) in [
            ("antiphon-alone", 0),
            ("gdm-password", 0),
            ("cockpit", 0),
            (FORKS, 1),
            ("su-l", 1),
        ] {
            world.pam(service, ALONE);
            alice.change(|_| {});
            let (strace, trace) = traced(world, &["--trace=fork,vfork,clone,clone3"]);
            let host = PamHost::started_by(strace, service, "alice").answer(alice.code());
            let (played, _) = play_with(host, |_| daemon.asked().outcome());
            assert_eq!(played.result(), "PAM_SUCCESS", "{service}: {played:#?}");
            let calls = fs::read_to_string(trace).unwrap();
            let forked = calls
                .lines()
                .filter(|it| it.contains("clone") || it.contains("fork"));
            assert_eq!(forked.count(), forks, "{service}: {calls}");
        }
    });
}

#[test]
fn where_no_child_can_be_made_enter_is_asked_for() {
    in_world(|world| {
        world.pam(FORKS, ALONE);
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        for call in ["clone,clone3,fork,vfork", "pipe2"] {
            let inject = format!("--inject={call}:error=EAGAIN");
            let (strace, _) = traced(world, &[&inject]);
            let host = PamHost::started_by(strace, FORKS, "alice").answer("");
            let (played, ()) = play_with(host, |numbers| {
                let mut call = daemon.asked();
                approve(&mut call, &passkey, &numbers.recv().unwrap());
            });
            assert_eq!(played.result(), "PAM_SUCCESS", "{call}: {played:#?}");
            let prompt = &played.said()[0].text;
            assert!(prompt.contains("or press Enter once approved"), "{prompt}");
        }
    });
}

#[test]
fn a_caller_who_ignores_the_ends_of_children_signs_in_by_code_and_by_phone() {
    in_world(|world| {
        world.pam(FORKS, ALONE);
        let (alice, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let ignoring = || {
            let mut shell = world.command("sh");
            shell.args(["-c", "trap '' CHLD; exec \"$@\"", "sh"]);
            shell.arg(&world.product().pam_host);
            PamHost::started_by(shell, FORKS, "alice")
        };
        let host = ignoring().option("--phone-first");
        let (played, ()) = play_with(host, |numbers| {
            let mut call = daemon.asked();
            approve(&mut call, &passkey, &numbers.recv().unwrap());
        });
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        let (played, outcome) = play_with(ignoring().answer(alice.code()), |_| {
            daemon.asked().outcome()
        });
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        assert_eq!(outcome.as_deref(), Some("answered"));
        assert!(processes("pam_host").is_empty());
    });
}

#[test]
fn a_program_without_a_terminal_and_with_nothing_to_read_is_refused_at_once() {
    in_world(|world| {
        let (mut alice, _) = alice_with_phone(world);
        world.pam("su", ALONE);
        let daemon = LyingDaemon::start();
        for closed in ["<&-", "</dev/null", "<&- >&- 2>&-"] {
            alice.change(|_| {});
            let su = format!("exec su alice -c 'echo arrived >&9' 9>&1 {closed}");
            let mut shell = world.command_of("bob", "setsid");
            shell.args(["sh", "-c", &su]).stdin(Stdio::null());
            let (output, outcome) = std::thread::scope(|scope| {
                let phone = scope.spawn(|| daemon.asked().outcome());
                (shell.output().unwrap(), phone.join().unwrap())
            });
            assert!(!output.status.success(), "{closed}: {output:?}");
            assert!(output.stdout.is_empty(), "{closed}: {output:?}");
            assert_eq!(outcome, None, "{closed}");
            world.ended("refused reason=cannot-ask user=alice");
            // It is remembered where nobody could be asked; here each is the first.
            alice.change(|_| {});
        }
    });
}

#[test]
fn sudo_dash_s_without_a_terminal_takes_the_approval_or_the_code_from_its_input() {
    in_world(|world| {
        let (alice, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let sudo = || {
            let mut sudo = world.command_of("alice", "setsid");
            sudo.args(["sudo", "-S", "id", "-un"]);
            sudo.stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            sudo.spawn().unwrap()
        };
        // The input stays open: the phone answers first.
        let mut waiting = sudo();
        let mut input = waiting.stdin.take().unwrap();
        writeln!(input, "{PASSWORD}").unwrap();
        let mut call = daemon.asked();
        let mut prompts = waiting.stderr.take().unwrap();
        let mut shown = Vec::new();
        while !String::from_utf8_lossy(&shown).contains(" instead (? for other ways): ") {
            let mut bytes = [0; 512];
            let length = std::io::Read::read(&mut prompts, &mut bytes).unwrap();
            assert!(length > 0, "{}", String::from_utf8_lossy(&shown));
            shown.extend_from_slice(&bytes[..length]);
        }
        let shown = String::from_utf8_lossy(&shown).into_owned();
        approve(&mut call, &passkey, &number_in(&shown));
        let output = waiting.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "root\n");
        drop(input);
        for (typed, arrives) in [(alice.code(), true), (String::new(), false)] {
            let mut started = sudo();
            let mut input = started.stdin.take().unwrap();
            write!(input, "{PASSWORD}\n{typed}").unwrap();
            if arrives {
                writeln!(input).unwrap();
            }
            drop(input);
            let _ = daemon.asked().outcome();
            let output = started.wait_with_output().unwrap();
            assert_eq!(output.status.success(), arrives, "{output:?}");
        }
    });
}

#[test]
fn what_is_said_of_an_approval_does_not_get_into_the_output_of_su() {
    in_world(|world| {
        let (_, passkey) = alice_with_phone(world);
        let daemon = LyingDaemon::start();
        let file = world.home("bob").join("output");
        let su = format!("su alice -c 'echo the output' >{}", file.display());
        let mut shell = world.command_of("bob", "sh");
        shell.args(["-c", &su]);
        let mut terminal = Terminal::start(&shell);
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        let mut call = daemon.asked();
        let number = number_on(&mut terminal);
        approve(&mut call, &passkey, &number);
        let text = terminal.arrive("Approved");
        assert_eq!(fs::read_to_string(file).unwrap(), "the output\n");
        assert!(text.contains(NUMBER));
    });
}
