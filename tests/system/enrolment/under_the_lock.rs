//! The time by which it is judged whether something counts is read under its lock: whoever calls su can stop it before the
//! lock for as long as they like.

use std::cell::Cell;
use std::fs::{self, File};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use antiphon_core::disk::pending_file::{self, PendingFile};
use antiphon_core::name::UserName;
use antiphon_core::pending::{SECRET_BYTES, Sitting, Typed};
use antiphon_core::record::CodeSecret;
use antiphon_tests::{PASSWORD, Terminal, in_world};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use zeroize::Zeroizing;

use super::{GO_ON, Never, OPEN, PENDING, SQUARES, WRITTEN, begun, code_in, now};

#[test]
fn every_look_at_what_is_pending_asks_the_clock_under_the_lock() {
    in_world(|_| {
        let folder = pending_file::folder(Path::new(PENDING)).unwrap();
        let path = Path::new(PENDING).join("alice");
        let asked = Cell::new(0);
        let clock = || {
            let another = File::open(&path).unwrap();
            let tried = Flock::lock(another, FlockArg::LockExclusiveNonblock);
            assert_eq!(
                tried.map(drop).map_err(|(_, errno)| errno),
                Err(Errno::EAGAIN)
            );
            asked.set(asked.get() + 1);
            Ok(now())
        };
        let user = UserName::new("alice").unwrap();
        let file = PendingFile {
            folder: &folder,
            sitting: Sitting {
                user: &user,
                from: "203.0.113.5",
                id: [1; 16],
            },
            clock: &clock,
        };
        let secret = [7; SECRET_BYTES];
        let code = CodeSecret::usual(secret);
        let typed = Typed {
            digits: "000000",
            window: 1,
        };
        let mut never = Never;
        file.begin(Zeroizing::new(secret), None, &mut never)
            .unwrap();
        file.look(&mut never).unwrap();
        file.go_on([1; 16], typed, &mut never).unwrap();
        file.confirm(&code, typed, &mut never).unwrap();
        assert!(file.claim(&code, &mut never).unwrap().is_ok());
        pending_file::sweep(&folder, &clock);
        assert_eq!(asked.get(), 6);
    });
}

#[test]
fn a_su_that_is_stopped_at_the_lock_finds_over_what_was_over_when_it_went_on() {
    in_world(|world| {
        world.configure(OPEN);
        // At the lock of the look for what is over, and at that of its own.
        for lock in [1, 2] {
            let over_at = now().0 + 6;
            begun("alice", 594);
            let trace = world.folder().join("trace-su");
            let _ = fs::remove_file(&trace);
            let mut strace = world.command("strace");
            // As bob, but with the privileges that su gets: only root can trace that.
            strace.args(["-f", "-qq", "-u", "bob", "-o"]).arg(&trace);
            strace.arg("--trace=flock");
            strace.arg(format!("--inject=flock:signal=SIGSTOP:when={lock}"));
            strace.args(["su", "alice", "-c", "echo arrived"]);
            let mut su = Terminal::start(&strace);
            su.answer("Password: ", PASSWORD);
            let id = stopped(&trace);
            while now().0 < over_at {
                sleep(Duration::from_millis(50));
            }
            kill(id, Signal::SIGCONT).unwrap();
            let seen = su.expect_any(&[SQUARES, GO_ON, "This goes on"]);
            assert_eq!(seen, SQUARES, "at lock {lock}");
            drop(su.interrupt());
        }
    });
}

#[test]
fn a_su_that_is_stopped_when_it_has_enrolled_offers_nothing_for_what_root_made_meanwhile() {
    in_world(|world| {
        world.configure(&format!(
            "{OPEN}[page]\norigin = \"https://mfa.example.org\"\n"
        ));
        for replaced in [false, true] {
            let _ = fs::remove_file(world.record_path("alice"));
            let secret = begun("alice", 60);
            let trace = world.folder().join("trace-su");
            let _ = fs::remove_file(&trace);
            let mut strace = world.command("strace");
            strace.args(["-f", "-qq", "-u", "bob", "-o"]).arg(&trace);
            // When the record is there, and what was pending has gone.
            strace.arg("--trace=unlinkat");
            strace.arg("--inject=unlinkat:signal=SIGSTOP:when=3");
            strace.args(["su", "alice", "-c", "echo arrived"]);
            let mut su = Terminal::start(&strace);
            su.answer("Password: ", PASSWORD)
                .answer(GO_ON, &code_in(&secret, 0))
                .answer(WRITTEN, "");
            let id = stopped(&trace);
            if replaced {
                let mut root = world.command(&world.product().command);
                root.args(["enroll", "alice", "--replace", "--no-confirm", "--json"]);
                assert!(root.output().unwrap().status.success());
            }
            kill(id, Signal::SIGCONT).unwrap();
            let seen = su.expect_any(&["Your codes are set up.", "arrived"]);
            assert_eq!(seen == "arrived", replaced, "{seen}");
            drop(su.interrupt());
        }
    });
}

/// Waits until what is traced is stopped.
fn stopped(trace: &Path) -> Pid {
    loop {
        let lines = fs::read_to_string(trace).unwrap_or_default();
        let stopped = |line: &&str| line.contains("stopped by SIGSTOP");
        if let Some(line) = lines.lines().find(stopped) {
            let id = line.split_whitespace().next().unwrap();
            return Pid::from_raw(id.parse().unwrap());
        }
        sleep(Duration::from_millis(5));
    }
}
