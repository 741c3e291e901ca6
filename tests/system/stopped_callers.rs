//! `su` stopped or ended by its caller, wherever that is.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use antiphon_tests::{PASSWORD, PamHost, Terminal, World, in_world};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

#[test]
fn a_su_that_its_caller_stops_inside_the_lock_holds_nobody_up_for_long_nor_anybody_else_at_all() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        let alice = world.enrol("alice");
        let mut su = StoppedSu::inside_the_lock(world, &bob.code());
        // Another person has another lock.
        let other = PamHost::new(world, "alice").answer(alice.code()).play();
        assert_eq!(other.result(), "PAM_SUCCESS", "{other:#?}");
        // The same person waits as long as the module has patience, and however many they are, they wait at once.
        let same = PamHost::new(world, "bob")
            .option("--at-once=8")
            .answer(bob.code())
            .play();
        assert_eq!(same.results(), ["PAM_AUTHINFO_UNAVAIL"; 8], "{same:#?}");
        let ours = world.log().ours();
        assert!(
            ours[1].text.contains("another process holds the lock"),
            "{ours:#?}"
        );
        su.resume();
        su.terminal.expect("bob it is");
        assert!(su.terminal.end().succeeded());
        // And all is as it was: the code is used, the next one is not.
        let again = PamHost::new(world, "bob")
            .answer(bob.code())
            .answer(bob.code_in(1))
            .play();
        assert_eq!(again.result(), "PAM_SUCCESS", "{again:#?}");
        assert_eq!(again.said().len(), 2, "{again:#?}");
    });
}

#[test]
fn a_su_that_its_caller_kills_inside_the_lock_leaves_no_lock_and_its_code_used() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        let su = StoppedSu::inside_the_lock(world, &bob.code());
        kill(su.id, Signal::SIGKILL).unwrap();
        assert!(!su.terminal.end().text.contains("bob it is"));
        let again = PamHost::new(world, "bob")
            .answer(bob.code())
            .answer(bob.code_in(1))
            .play();
        assert_eq!(again.result(), "PAM_SUCCESS", "{again:#?}");
        assert!(again.said()[1].text.contains("already used"), "{again:#?}");
    });
}

#[test]
fn a_su_that_stands_at_its_prompt_holds_no_lock_and_goes_at_any_signal() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        for signal in [
            Signal::SIGTERM,
            Signal::SIGHUP,
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGPIPE,
            Signal::SIGALRM,
        ] {
            bob.change(|_| {});
            let mut terminal = Terminal::start(&su(world));
            terminal.expect("Password: ").send_line(PASSWORD);
            terminal.expect("6-digit code");
            // `setsid` has become su by now.
            let id = Pid::from_raw(terminal.id().cast_signed());
            kill(id, Signal::SIGSTOP).unwrap();
            let meanwhile = PamHost::new(world, "bob").answer(bob.code()).play();
            assert_eq!(meanwhile.result(), "PAM_SUCCESS", "{meanwhile:#?}");
            kill(id, signal).unwrap();
            kill(id, Signal::SIGCONT).unwrap();
            let ended = terminal.end();
            assert!(
                !ended.succeeded() && !ended.text.contains("bob it is"),
                "{signal}: {ended:?}"
            );
            let later = PamHost::new(world, "bob").answer(bob.code_in(1)).play();
            assert_eq!(later.result(), "PAM_SUCCESS", "{signal}: {later:#?}");
        }
    });
}

/// `su`, stopped when bob's code is about to be durable.
struct StoppedSu {
    terminal: Terminal,
    id: Pid,
}

impl StoppedSu {
    fn inside_the_lock(world: &World, code: &str) -> Self {
        let trace = world.folder().join("trace-su");
        let mut strace = world.command("strace");
        // As alice, but with the privileges that su gets: only root can trace that.
        strace.args(["-f", "-qq", "-u", "alice", "-o"]).arg(&trace);
        strace.arg("--inject=fdatasync:signal=SIGSTOP:when=1");
        strace.args(["su", "bob", "-c", "echo bob it is"]);
        let mut terminal = Terminal::start(&strace);
        terminal.expect("Password: ").send_line(PASSWORD);
        terminal.expect("6-digit code").send_line(code);
        let id = loop {
            let lines = fs::read_to_string(&trace).unwrap();
            if let Some(line) = lines
                .lines()
                .find(|line| line.contains("stopped by SIGSTOP"))
            {
                break line.split_whitespace().next().unwrap().parse().unwrap();
            }
            sleep(Duration::from_millis(5));
        };
        let id = Pid::from_raw(id);
        Self { terminal, id }
    }

    fn resume(&mut self) {
        kill(self.id, Signal::SIGCONT).unwrap();
    }
}

/// `su` to bob as alice starts it.
fn su(world: &World) -> std::process::Command {
    let mut command = world.command_of("alice", "su");
    command.args(["bob", "-c", "echo bob it is"]);
    command
}
