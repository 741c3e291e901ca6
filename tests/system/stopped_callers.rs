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
        let bob = world.enrol_with_long_codes("bob");
        let alice = world.enrol("alice");
        let su = StoppedSu::inside_the_lock(world, &bob.code());
        // Another person has another lock.
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        assert!(is_stopped(su.id));
        // The same person waits, and however many they are, they wait at once; one code, one of them.
        let host = PamHost::new(world, "bob").option("--at-once=8");
        let same = host.answer(bob.code_in(1)).play();
        assert_eq!(same.count("PAM_SUCCESS"), 1, "{same:#?}");
        assert_eq!(same.count("PAM_AUTHINFO_UNAVAIL"), 0, "{same:#?}");
        assert!(!su.terminal.end().text.contains("bob it is"));
        let ended = ended_holders(world);
        let line = format!("lock=holder-ended pid={} program=su uid=", su.id);
        let is_su = |text: &String| text.starts_with(&line);
        assert!(!ended.is_empty() && ended.iter().all(is_su), "{ended:#?}");
    });
}

#[test]
fn a_su_that_is_stopped_inside_the_lock_fails_no_command_of_root() {
    in_world(|world| {
        let mut bob = world.enrol_with_long_codes("bob");
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
            world.antiphon(arguments);
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
        let bob = world.enrol_with_long_codes("bob");
        let state = world.state_path("bob");
        let mut beside = world.command("flock");
        // It has the file open, and the lock of another file.
        let script = format!("exec 7<{}; exec sleep 1000", state.display());
        beside.args(["--no-fork", "/etc/passwd", "sh", "-c", &script]);
        let mut beside = beside.spawn().unwrap();
        let su = StoppedSu::inside_the_lock(world, &bob.code());
        world.sign_in("bob", [bob.code_in(1)], "PAM_SUCCESS");
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
        let bob = world.enrol_with_long_codes("bob");
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
        let bob = world.enrol_with_long_codes("bob");
        let ctrl_z = "--inject=fdatasync:signal=SIGTSTP:when=1";
        let mut su = StoppedSu::at(world, &bob.code(), &[ctrl_z]);
        world.sign_in("bob", [bob.code_in(1)], "PAM_SUCCESS");
        assert_eq!(ended_holders(world), [""; 0]);
        su.resume();
        su.arrive();
    });
}

#[test]
fn a_su_that_is_stopped_before_the_lock_judges_by_the_time_after_it() {
    in_world(|world| {
        let bob = world.enrol_with_long_codes("bob");
        let locking = "[throttle]\nattempts = 1\nfirst_lock = 600\n";
        world.configure(locking);
        let config = Config::parse(locking).unwrap();
        let mut su = StoppedSu::before_the_lock(world, &bob.code());
        let stopped_at = now();
        while now().0 < stopped_at.0 + 2 {
            sleep(Duration::from_millis(50));
        }
        world.sign_in("bob", [bob.wrong_code()], "PAM_MAXTRIES");
        let locked_until = || {
            let slots = SlotPair::decode(&world.state("bob").unwrap()).unwrap();
            slots.state.unwrap().gate(&config, now())
        };
        let before = locked_until();
        assert!(matches!(before, Gate::LockedUntil(_)), "{before:?}");
        su.resume();
        assert!(!su.terminal.end().text.contains("bob it is"));
        // No lock was shortened by what was read before it began.
        assert_eq!(locked_until(), before);
    });
}

#[test]
fn a_su_that_is_stopped_before_the_lock_judges_by_the_record_after_it() {
    in_world(|world| {
        let mut bob = world.enrol_with_long_codes("bob");
        let old = bob.code();
        let mut su = StoppedSu::before_the_lock(world, &old);
        // Root replaces the secret, and the new one is in use.
        bob.secret = CodeSecret::usual([42; 20]);
        bob.set_period(300);
        world.sign_in("bob", [bob.code()], "PAM_SUCCESS");
        su.resume();
        su.terminal.expect("That code is wrong.");
        kill(su.id, Signal::SIGKILL).unwrap();
        drop(su.terminal.end());
        // The state was not bound to the old secret again: the next code of the new one is taken at once.
        world.sign_in("bob", [bob.code_in(1)], "PAM_SUCCESS");
    });
}

#[test]
fn a_su_that_its_caller_kills_inside_the_lock_leaves_no_lock_and_its_code_used() {
    in_world(|world| {
        let bob = world.enrol_with_long_codes("bob");
        let su = StoppedSu::inside_the_lock(world, &bob.code());
        kill(su.id, Signal::SIGKILL).unwrap();
        assert!(!su.terminal.end().text.contains("bob it is"));
        let codes = [bob.code(), bob.code_in(1)];
        let again = world.sign_in("bob", codes, "PAM_SUCCESS");
        assert!(again.texts()[1].contains("already used"), "{again:#?}");
    });
}

#[test]
fn a_su_that_stands_at_its_prompt_holds_no_lock_and_goes_at_any_signal() {
    in_world(|world| {
        let mut bob = world.enrol_with_long_codes("bob");
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
            terminal.answer(PASSWORD_PROMPT, PASSWORD).expect(CODE);
            // `setsid` has become su by now.
            let id = Pid::from_raw(terminal.id().cast_signed());
            kill(id, Signal::SIGSTOP).unwrap();
            world.sign_in("bob", [bob.code()], "PAM_SUCCESS");
            kill(id, signal).unwrap();
            kill(id, Signal::SIGCONT).unwrap();
            terminal.end().refused("bob it is");
            world.sign_in("bob", [bob.code_in(1)], "PAM_SUCCESS");
        }
    });
}

#[test]
fn inside_the_lock_a_su_that_gets_the_processor_last_of_all_is_like_any_other() {
    in_world(|world| {
        let bob = world.enrol_with_long_codes("bob");
        let trace = world.folder().join("trace-su");
        let mut strace = world.command("strace");
        strace.args(["-f", "-qq", "-u", "alice", "-o"]).arg(&trace);
        strace.arg("--inject=fdatasync:signal=SIGSTOP:when=1");
        strace.args(["su", "bob", "-c", "chrt -p $$; echo bob it is"]);
        let mut terminal = Terminal::start(&strace);
        terminal.expect(PASSWORD_PROMPT).send_line(PASSWORD);
        terminal.expect(CODE);
        let children = format!("/proc/{0}/task/{0}/children", terminal.id());
        let children = fs::read_to_string(children).unwrap();
        let id: i32 = children.trim().parse().unwrap();
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
        terminal.expect("SCHED_IDLE");
        terminal.arrive("bob it is");
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
        // Twice when it looks before it asks: before the lock and under it.
        Self::at(
            world,
            code,
            &[&only, "--inject=fstat,newfstatat:signal=SIGSTOP:when=3"],
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

    fn arrive(self) {
        self.terminal.arrive("bob it is");
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
    world.log().texts("lock=")
}
