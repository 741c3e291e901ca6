//! States on a file system that has become read-only: nobody is locked out, and once still means once.

use std::fs;
use std::path::Path;

use antiphon_core::disk::read_only::MARKS;
use antiphon_tests::{Enrolled, PamHost, Played, World, in_world};

use crate::bypass::granted;

const FOLDER: &str = "/var/lib/antiphon";

fn alice(world: &World) -> Enrolled {
    let mut alice = world.enrol("alice");
    alice.set_period(300);
    alice
}

pub(crate) fn remount(world: &World, how: &str) {
    let mount = |arguments: &[&str]| {
        let done = world.command("mount").args(arguments).status();
        assert!(done.unwrap().success(), "{arguments:?}");
    };
    if how == "ro" {
        // A mount of its own, which alone is changed.
        mount(&["--bind", FOLDER, FOLDER]);
    }
    mount(&["-o", &format!("remount,bind,{how}"), FOLDER]);
}

fn answers(world: &World, answer: &str) -> Played {
    PamHost::new(world, "alice").answer(answer).play()
}

fn last_line(world: &World) -> String {
    world.log().endings().pop().unwrap().text
}

#[test]
fn a_code_signs_in_once_and_what_was_used_is_used_when_the_disk_can_be_written_again() {
    in_world(|world| {
        let alice = alice(world);
        remount(world, "ro");
        let (first, second) = (alice.code(), alice.code_in(1));
        let accepted = answers(world, &first);
        assert_eq!(accepted.result(), "PAM_SUCCESS", "{accepted:#?}");
        assert!(
            world
                .log()
                .ours()
                .iter()
                .any(|line| line.text.contains("file system of the state is read-only")),
        );
        let again = answers(world, &first);
        assert!(again.said()[1].text.contains("already used"), "{again:#?}");
        let at_once = PamHost::new(world, "alice")
            .option("--at-once=8")
            .answer(&second)
            .play();
        let let_in = at_once
            .results()
            .iter()
            .filter(|result| **result == "PAM_SUCCESS")
            .count();
        assert_eq!(let_in, 1, "{at_once:#?}");
        remount(world, "rw");
        for used in [&first, &second] {
            let replayed = answers(world, used);
            assert_ne!(replayed.result(), "PAM_SUCCESS", "{replayed:#?}");
        }
        assert_eq!(fs::read_dir(MARKS).unwrap().count(), 0);
        let recovered = answers(world, &alice.recovery[0]);
        assert_eq!(recovered.result(), "PAM_SUCCESS", "{recovered:#?}");
    });
}

#[test]
fn recovery_and_bypass_codes_are_refused_with_the_reason_and_not_used_up() {
    in_world(|world| {
        let alice = alice(world);
        remount(world, "ro");
        let refused = PamHost::new(world, "alice")
            .answer(&alice.recovery[0])
            .answer("BYPASS-ABCD-EFGH-IJKL-MNOP")
            .answer(&alice.recovery[0])
            .play();
        assert_eq!(refused.result(), "PAM_AUTH_ERR", "{refused:#?}");
        let line = last_line(world);
        assert!(
            line.starts_with("outcome=refused reason=read-only-disk "),
            "{line}"
        );
        assert!(line.contains("mount it for writing"), "{line}");
        remount(world, "rw");
        let recovered = answers(world, &alice.recovery[0]);
        assert_eq!(recovered.result(), "PAM_SUCCESS", "{recovered:#?}");
    });
}

#[test]
fn after_a_restart_codes_of_the_time_before_it_are_refused() {
    in_world(|world| {
        let alice = alice(world);
        remount(world, "ro");
        let accepted = answers(world, &alice.code());
        assert_eq!(accepted.result(), "PAM_SUCCESS", "{accepted:#?}");
        // What is in memory is lost, and the computer has just been started.
        fs::remove_dir_all(MARKS).unwrap();
        let host = restarted(world);
        let played = host
            .answer(alice.code())
            .answer(alice.code_in(1))
            .answer(alice.code_in(2))
            .play();
        assert_ne!(played.result(), "PAM_SUCCESS", "{played:#?}");
        assert!(
            played.said()[1]
                .text
                .contains("no longer knows which codes have been used"),
            "{played:#?}"
        );
    });
}

#[test]
fn after_a_restart_whose_clock_was_set_late_codes_of_the_time_before_it_are_refused_too() {
    in_world(|world| {
        let alice = alice(world);
        remount(world, "ro");
        let accepted = answers(world, &alice.code());
        assert_eq!(accepted.result(), "PAM_SUCCESS", "{accepted:#?}");
        fs::remove_dir_all(MARKS).unwrap();
        // A computer without a battery begins in the past, and somebody is asked before the time has come over the network.
        let early = restarted(world).option("--clock=-864000");
        let early = early.answer(alice.wrong_code()).play();
        assert_ne!(early.result(), "PAM_SUCCESS", "{early:#?}");
        let played = restarted(world).answer(alice.code()).play();
        assert_ne!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn a_person_without_a_state_and_marks_that_others_could_have_written_let_nobody_in_too_easily() {
    in_world(|world| {
        let alice = alice(world);
        fs::remove_file(world.state_path("alice")).unwrap();
        remount(world, "ro");
        let lost = answers(world, &alice.code());
        assert_ne!(lost.result(), "PAM_SUCCESS", "{lost:#?}");
        fs::remove_dir_all(MARKS).unwrap();
        std::os::unix::fs::symlink("/tmp", MARKS).unwrap();
        let linked = answers(world, &alice.code());
        assert_eq!(linked.result(), "PAM_AUTHINFO_UNAVAIL", "{linked:#?}");
        fs::remove_file(MARKS).unwrap();
        fs::create_dir(MARKS).unwrap();
        std::os::unix::fs::chown(MARKS, Some(1000), None).unwrap();
        let anothers = answers(world, &alice.code());
        assert_eq!(anothers.result(), "PAM_AUTHINFO_UNAVAIL", "{anothers:#?}");
        assert!(Path::new(MARKS).exists());
    });
}

#[test]
fn root_can_end_a_lock_while_the_disk_is_read_only() {
    in_world(|world| {
        let alice = alice(world);
        remount(world, "ro");
        let wrong = alice.wrong_code();
        for _ in 0..2 {
            drop(
                PamHost::new(world, "alice")
                    .answer(&wrong)
                    .answer(&wrong)
                    .answer(&wrong)
                    .play(),
            );
        }
        assert_eq!(answers(world, &alice.code()).result(), "PAM_MAXTRIES");
        let unlock = world
            .command(&world.product().command)
            .args(["unlock", "alice"])
            .output();
        assert!(unlock.as_ref().unwrap().status.success(), "{unlock:?}");
        assert_eq!(answers(world, &alice.code()).result(), "PAM_SUCCESS");
    });
}

/// A sign-in of alice's, on a computer that has just been started.
fn restarted(world: &World) -> PamHost {
    let up = fs::read_to_string("/proc/uptime").unwrap();
    let up: f64 = up.split(' ').next().unwrap().parse().unwrap();
    let mut restarted = world.command("unshare");
    #[allow(clippy::cast_possible_truncation)] // seconds
    restarted.args([
        "--time",
        "--fork",
        &format!("--boottime=-{}", up as i64 - 1),
    ]);
    restarted.arg(&world.product().pam_host);
    PamHost::started_by(restarted, "antiphon-alone", "alice")
}

#[test]
fn codes_whose_use_could_not_be_stored_are_neither_made_nor_withdrawn() {
    in_world(|world| {
        let alice = alice(world);
        let bypass = granted(world, &["--uses", "2"]);
        let record = fs::read(world.record_path("alice")).unwrap();
        remount(world, "ro");
        for deed in [
            "recovery alice",
            "enroll alice --replace --no-confirm --code",
            "bypass alice",
            "bypass alice --end",
        ] {
            let command = &mut world.command(&world.product().command);
            let said = command.args(deed.split(' ')).output().unwrap();
            let error = String::from_utf8_lossy(&said.stderr);
            assert!(!said.status.success(), "{deed}: {said:?}");
            assert!(error.contains("Read-only file system"), "{deed}: {error}");
        }
        assert_eq!(fs::read(world.record_path("alice")).unwrap(), record);
        remount(world, "rw");
        for answer in [&bypass, &alice.recovery[0]] {
            assert_eq!(answers(world, answer).result(), "PAM_SUCCESS");
        }
    });
}
