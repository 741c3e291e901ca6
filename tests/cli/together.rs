//! Enrolments that are cut off, and enrolments at once.

use std::fs::{self, File};
use std::thread;

use antiphon_tests::{World, in_world};
use nix::fcntl::{Flock, FlockArg};

use crate::command::{
    Enrolment, Said, antiphon, command, enroll, enroll_answering, enroll_confirmed, files, run,
    signs_in,
};

const REPLACE: [&str; 5] = ["enroll", "alice", "--replace", "--no-confirm", "--json"];

/// Replaces alice's second factor with `tampering` at the command's system calls, in the words of `strace --inject`.
fn replaced(world: &World, tampering: &str) -> Said {
    let mut strace = world.command("strace");
    strace.args(["-f", "-o", "/dev/null", &format!("--inject={tampering}")]);
    strace.arg(&world.product().command);
    run(strace.args(REPLACE), "")
}

#[test]
fn a_crash_between_state_and_record_is_harmless() {
    in_world(|world| {
        let (old, used) = enroll_confirmed(world, &["alice"]);
        // Killed at the moment when the new record would take the old one's place.
        let killed = replaced(world, "rename,renameat,renameat2:signal=KILL");
        assert_ne!(killed.status, 0);

        let record = fs::read_to_string(world.record_path("alice")).unwrap();
        assert!(record.contains(&old.secret), "the old record stands");
        assert!(!signs_in(world, &used, 0), "what was used stays used");
        let code = old.code_in(90);
        assert!(signs_in(world, &code, 90), "the old secret goes on");
        antiphon(world, "check").says("an enrolment that was cut off left it");
        antiphon(world, "enroll alice --replace --no-confirm").done();
        antiphon(world, "check").done().says_no("cut off");
    });
}

#[test]
fn killed_at_any_write_an_enrolment_leaves_the_person_as_before_or_as_wanted() {
    in_world(|world| {
        let mut kills = 0;
        let calls = "openat write pwrite64 fdatasync fsync rename renameat unlinkat flock";
        for call in calls.split(' ') {
            for place in 1.. {
                let _ = antiphon(world, "remove alice --yes --purge");
                let (old, used) = enroll_confirmed(world, &["alice"]);
                let kill = format!("{call}:signal=KILL:when={place}");
                let said = replaced(world, &kill);

                let record = fs::read_to_string(world.record_path("alice")).unwrap();
                let new = (!said.out.is_empty()).then(|| Enrolment::of(&said.out));
                let holder = new
                    .filter(|new| record.contains(&new.secret))
                    .unwrap_or(old);
                assert!(record.contains(&holder.secret), "{kill}");
                assert!(!signs_in(world, &used, 0), "{kill}");
                assert!(signs_in(world, &holder.code_in(90), 90), "{kill}");
                if said.status == 0 {
                    break;
                }
                kills += 1;
            }
        }
        assert!(kills > 10, "{kills}");
    });
}

#[test]
fn while_another_command_changes_records_nothing_is_written_and_one_is_told() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let before = files(world);
        let users = File::open("/etc/antiphon/users").unwrap();
        let other = Flock::lock(users, FlockArg::LockExclusive).unwrap();
        for words in ["enroll bob --no-confirm", "unlock alice"] {
            antiphon(world, words).failed(75, "another command is changing records");
        }
        assert_eq!(files(world), before);
        drop(other);
        antiphon(world, "unlock alice").done();
    });
}

#[test]
fn a_record_that_cannot_be_written_leaves_the_old_one_working_whole() {
    in_world(|world| {
        let (old, used) = enroll_confirmed(world, &["alice"]);
        replaced(world, "rename,renameat,renameat2:error=ENOSPC")
            .failed(73, "No space left on device");
        assert!(!signs_in(world, &used, 0));
        assert!(signs_in(world, &old.recovery[0], 0), "recovery codes too");
        assert!(signs_in(world, &old.code_in(60), 60));
    });
}

#[test]
fn of_two_enrolments_at_once_one_is_refused() {
    in_world(|world| {
        let (_, slow) = enroll_answering(world, &["alice"], |draft| {
            let quick = enroll(world, "alice");
            assert_ne!(quick.secret, draft.secret);
            draft.code() + "\n"
        });
        slow.failed(73, "has a record already");
    });
}

#[test]
fn two_replacements_at_once_leave_one_of_them_whole() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        for _ in 0..20 {
            let replace = || run(&mut command(world, &REPLACE), "").done();
            let all: Vec<Said> = thread::scope(|scope| {
                let running: Vec<_> = (0..4).map(|_| scope.spawn(replace)).collect();
                running.into_iter().map(|one| one.join().unwrap()).collect()
            });
            let record = fs::read_to_string(world.record_path("alice")).unwrap();
            let mut enrolments = all.iter().map(|said| Enrolment::of(&said.out));
            let winner = enrolments.find(|one| record.contains(&one.secret)).unwrap();
            // A state of another one's would refuse the codes of the present.
            assert!(signs_in(world, &winner.code(), 0));
        }
    });
}

#[test]
fn an_enrolment_during_a_purge_waits_and_keeps_its_state() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let mut slow = world.command("strace");
        // The record goes first, then the state.
        slow.args(["-f", "-o", "/dev/null", "-e", "trace=unlinkat"]);
        slow.args(["-e", "inject=unlinkat:delay_enter=1500000:when=2"]);
        slow.arg(&world.product().command);
        slow.args(["remove", "alice", "--yes", "--purge"]);
        slow.stdout(std::process::Stdio::null());
        let mut purge = slow.spawn().unwrap();
        while world.record_path("alice").exists() {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        let alice = enroll(world, "alice");
        assert!(purge.wait().unwrap().success());
        assert!(signs_in(world, &alice.recovery[0], 0));
        assert!(signs_in(world, &alice.code(), 0));
    });
}

#[test]
fn a_new_record_that_a_failing_disk_leaves_in_place_has_its_state() {
    in_world(|world| {
        let mut failing = world.command("strace");
        failing.args(["-f", "-o", "/dev/null", "-e", "trace=fsync,unlinkat"]);
        // The folder of records cannot be made durable, nor the record be removed again.
        failing.args(["-e", "inject=fsync:error=EIO:when=4"]);
        failing.args(["-e", "inject=unlinkat:error=EIO:when=3"]);
        failing.arg(&world.product().command);
        failing.args(["enroll", "alice", "--no-confirm", "--json"]);
        let said = run(&mut failing, "").failed(73, "I/O error");
        let alice = Enrolment::of(&said.out);
        assert!(world.record_path("alice").exists());
        assert!(signs_in(world, &alice.recovery[0], 0));
        assert!(signs_in(world, &alice.code(), 0));
    });
}
