//! `su` stopped or ended by its caller, wherever that is.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use antiphon_core::config::Config;
use antiphon_core::record::CodeSecret;
use antiphon_core::state::{Gate, SlotPair};
use antiphon_core::time::UnixTime;
use antiphon_tests::{PASSWORD, PamHost, Terminal, World, in_world};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::prompts::{CODE, PASSWORD_PROMPT};

#[test]
fn a_su_that_is_stopped_inside_the_lock_is_ended_by_whoever_waits_and_fails_nobody_else() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        let alice = world.enrol("alice");
        let su = StoppedSu::inside_the_lock(world, &bob.code());
        // Another person has another lock.
        let other = PamHost::new(world, "alice").answer(alice.code()).play();
        assert_eq!(other.result(), "PAM_SUCCESS", "{other:#?}");
        assert!(is_stopped(su.id));
        // The same person waits, and however many they are, they wait at once; one code, one of them.
        let same = PamHost::new(world, "bob")
            .option("--at-once=8")
            .answer(bob.code_in(1))
            .play();
        let let_in = |result: &&&str| **result == "PAM_SUCCESS";
        assert_eq!(same.results().iter().filter(let_in).count(), 1, "{same:#?}");
        assert!(
            !same.results().contains(&"PAM_AUTHINFO_UNAVAIL"),
            "{same:#?}"
        );
        assert!(!su.terminal.end().text.contains("bob it is"));
        let ended = ended_holders(world);
        let line = format!("lock=holder-ended pid={} program=su uid=", su.id);
        assert!(
            !ended.is_empty() && ended.iter().all(|text| text.starts_with(&line)),
            "{ended:#?}"
        );
    });
}

#[test]
fn a_su_that_is_stopped_inside_the_lock_fails_no_command_of_root() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        for arguments in [
            &["unlock", "bob"][..],
            &["recovery", "bob"],
            &["bypass", "bob"],
            &["enroll", "bob", "--replace", "--no-confirm"],
            &["status", "bob"],
            &["remove", "bob", "--yes", "--purge"],
        ] {
            bob.change(|_| {});
            let su = StoppedSu::inside_the_lock(world, &bob.code());
            let done = world
                .command(&world.product().command)
                .args(arguments)
                .output()
                .unwrap();
            assert!(done.status.success(), "{arguments:?}: {done:?}");
            // Even where the command had no need of the lock, the process is not left in it.
            if is_stopped(su.id) {
                kill(su.id, Signal::SIGKILL).unwrap();
            }
            assert!(!su.terminal.end().text.contains("bob it is"));
        }
    });
}

#[test]
fn a_process_that_holds_no_lock_of_ours_is_never_ended() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        let state = world.state_path("bob");
        let mut beside = world.command("flock");
        // It has the file open, and the lock of another file.
        let script = format!("exec 7<{}; exec sleep 1000", state.display());
        beside.args(["--no-fork", "/etc/passwd", "sh", "-c", &script]);
        let mut beside = beside.spawn().unwrap();
        let su = StoppedSu::inside_the_lock(world, &bob.code());
        let same = PamHost::new(world, "bob").answer(bob.code_in(1)).play();
        assert_eq!(same.result(), "PAM_SUCCESS", "{same:#?}");
        assert!(beside.try_wait().unwrap().is_none());
        beside.kill().unwrap();
        beside.wait().unwrap();
        drop(su.terminal.end());
        assert_eq!(ended_holders(world).len(), 1);
    });
}

#[test]
fn inside_the_lock_the_caller_of_su_can_send_it_no_signal() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        let mut su = StoppedSu::inside_the_lock(world, &bob.code());
        let status = fs::read_to_string(format!("/proc/{}/status", su.id)).unwrap();
        assert!(status.contains("Uid:\t0\t0\t0\t0\n"), "{status}");
        for signal in ["STOP", "KILL", "TERM", "TSTP"] {
            let mut kill = world.command_of("alice", "kill");
            kill.args([&format!("-{signal}"), &su.id.to_string()]);
            let sent = kill.output().unwrap();
            let said = String::from_utf8_lossy(&sent.stderr).into_owned();
            assert!(said.contains("not permitted"), "{signal}: {said}");
        }
        su.resume();
        su.arrive();
        assert_eq!(ended_holders(world), [""; 0]);
    });
}

#[test]
fn inside_the_lock_ctrl_z_waits_until_the_lock_has_been_let_go() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        let ctrl_z = "--inject=fdatasync:signal=SIGTSTP:when=1";
        let mut su = StoppedSu::at(world, &bob.code(), &[ctrl_z]);
        let again = PamHost::new(world, "bob").answer(bob.code_in(1)).play();
        assert_eq!(again.result(), "PAM_SUCCESS", "{again:#?}");
        assert_eq!(ended_holders(world), [""; 0]);
        su.resume();
        su.arrive();
    });
}

#[test]
fn a_su_that_is_stopped_before_the_lock_judges_by_the_time_after_it() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        world.configure("[throttle]\nattempts = 1\nfirst_lock = 600\n");
        let config = Config::parse("[throttle]\nattempts = 1\nfirst_lock = 600\n").unwrap();
        let mut su = StoppedSu::before_the_lock(world, &bob.code());
        let stopped_at = now();
        while now().0 < stopped_at.0 + 2 {
            sleep(Duration::from_millis(50));
        }
        let wrong = PamHost::new(world, "bob").answer(bob.wrong_code()).play();
        assert_eq!(wrong.result(), "PAM_MAXTRIES", "{wrong:#?}");
        let locked_until = || {
            let slots = SlotPair::decode(&world.state("bob").unwrap()).unwrap();
            slots.state.unwrap().gate(&config, now())
        };
        let before = locked_until();
        assert!(matches!(before, Gate::LockedUntil(_)), "{before:?}");
        su.resume();
        let ended = su.terminal.end();
        assert!(!ended.text.contains("bob it is"), "{ended:?}");
        // No lock was shortened by what was read before it began.
        assert_eq!(locked_until(), before);
    });
}

#[test]
fn a_su_that_is_stopped_before_the_lock_judges_by_the_record_after_it() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        let old = bob.code();
        let mut su = StoppedSu::before_the_lock(world, &old);
        // Root replaces the secret, and the new one is in use.
        bob.secret = CodeSecret::usual([42; 20]);
        bob.set_period(300);
        let signed_in = PamHost::new(world, "bob").answer(bob.code()).play();
        assert_eq!(signed_in.result(), "PAM_SUCCESS", "{signed_in:#?}");
        su.resume();
        su.terminal.expect("That code is wrong.");
        kill(su.id, Signal::SIGKILL).unwrap();
        drop(su.terminal.end());
        // The state was not bound to the old secret again: the next code of the new one is taken at once.
        let next = PamHost::new(world, "bob").answer(bob.code_in(1)).play();
        assert_eq!(next.result(), "PAM_SUCCESS", "{next:#?}");
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
            terminal.expect(CODE);
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

#[test]
fn inside_the_lock_a_su_that_gets_the_processor_last_of_all_is_like_any_other() {
    in_world(|world| {
        let mut bob = world.enrol("bob");
        bob.set_period(300);
        let trace = world.folder().join("trace-su");
        let mut strace = world.command("strace");
        strace.args(["-f", "-qq", "-u", "alice", "-o"]).arg(&trace);
        strace.arg("--inject=fdatasync:signal=SIGSTOP:when=1");
        strace.args(["su", "bob", "-c", "chrt -p $$; echo bob it is"]);
        let mut terminal = Terminal::start(&strace);
        terminal.expect(PASSWORD_PROMPT).send_line(PASSWORD);
        terminal.expect(CODE);
        let children = format!("/proc/{0}/task/{0}/children", terminal.id());
        let id: i32 = fs::read_to_string(children)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        // As it would be by `chrt --idle 0 su`, in which strace would be so too.
        let mut last = world.command("chrt");
        let last = last.args(["--idle", "--pid", "0", &id.to_string()]);
        assert!(last.status().unwrap().success());
        terminal.send_line(&bob.code());
        let id = Pid::from_raw(id);
        // Not by its state: strace stops it at each system call, too.
        while !fs::read_to_string(&trace)
            .unwrap()
            .contains("stopped by SIGSTOP")
        {
            sleep(Duration::from_millis(5));
        }
        // proc_pid_stat(5), after the name: the policy is field 41.
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        let policy = stat.rsplit(')').next().unwrap().split_whitespace().nth(38);
        assert_eq!(policy, Some("0"), "{stat}");
        kill(id, Signal::SIGCONT).unwrap();
        terminal.expect("SCHED_IDLE").expect("bob it is");
        assert!(terminal.end().succeeded());
    });
}

/// `su` by alice to bob, stopped as its caller could stop it, but for the means against that: strace is root's.
struct StoppedSu {
    terminal: Terminal,
    id: Pid,
}

impl StoppedSu {
    /// Stopped when bob's code is about to be durable.
    fn inside_the_lock(world: &World, code: &str) -> Self {
        Self::at(world, code, &["--inject=fdatasync:signal=SIGSTOP:when=1"])
    }

    /// Stopped when it has opened the state, to judge the code, and before it locks it.
    fn before_the_lock(world: &World, code: &str) -> Self {
        let state = world.state_path("bob");
        let only = format!("--trace-path={}", state.display());
        // The first time it looks before it asks.
        Self::at(
            world,
            code,
            &[&only, "--inject=fstat,newfstatat:signal=SIGSTOP:when=2"],
        )
    }

    fn at(world: &World, code: &str, injection: &[&str]) -> Self {
        let trace = world.folder().join("trace-su");
        // By a shell with job control: a program of which no shell knows is stopped by no terminal.
        let mut shell = world.command("bash");
        shell.args(["-c", "set -m; \"$@\"; exit $?", "bash"]);
        // As alice, but with the privileges that su gets: only root can trace that.
        shell
            .args(["strace", "-f", "-qq", "-u", "alice", "-o"])
            .arg(&trace);
        shell.args(injection);
        shell.args(["su", "bob", "-c", "echo bob it is"]);
        let mut terminal = Terminal::start(&shell);
        terminal.expect("Password: ").send_line(PASSWORD);
        terminal.expect(CODE).send_line(code);
        let id = loop {
            let lines = fs::read_to_string(&trace).unwrap();
            if let Some(line) = lines.lines().find(|line| line.contains("stopped by SIG")) {
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

    fn arrive(mut self) {
        self.terminal.expect("bob it is");
        assert!(self.terminal.end().succeeded());
    }
}

/// `su` to bob as alice starts it.
fn su(world: &World) -> std::process::Command {
    let mut command = world.command_of("alice", "su");
    command.args(["bob", "-c", "echo bob it is"]);
    command
}

fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    UnixTime(since.unwrap().as_secs())
}

fn is_stopped(id: Pid) -> bool {
    fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| {
        let after_name = stat.rsplit(')').next().unwrap();
        after_name.starts_with(" T") || after_name.starts_with(" t")
    })
}

/// What the log says of processes that held a lock for too long.
fn ended_holders(world: &World) -> Vec<String> {
    let ours = world.log().ours().into_iter().map(|line| line.text);
    ours.filter(|text| text.starts_with("lock=")).collect()
}
