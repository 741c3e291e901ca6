//! States on a file system that has become read-only: nobody is locked out, and once still means once.

use std::fs;
use std::path::Path;

use antiphon_core::disk::read_only::MARKS;
use antiphon_tests::{PamHost, World, in_world};

use crate::bypass::granted;

const FOLDER: &str = "/var/lib/antiphon";

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

#[test]
fn a_code_signs_in_once_and_what_was_used_is_used_when_the_disk_can_be_written_again() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        remount(world, "ro");
        let (first, second) = (alice.code(), alice.code_in(1));
        world.sign_in("alice", [&first], "PAM_SUCCESS");
        let ours = world.log().texts("");
        let read_only = "file system of the state is read-only";
        assert!(ours.iter().any(|line| line.contains(read_only)));
        let again = world.sign_in("alice", [&first], "PAM_ABORT");
        assert!(again.texts()[1].contains("already used"), "{again:#?}");
        let host = PamHost::new(world, "alice").option("--at-once=8");
        let at_once = host.answer(&second).play();
        assert_eq!(at_once.count("PAM_SUCCESS"), 1, "{at_once:#?}");
        remount(world, "rw");
        for used in [&first, &second] {
            world.sign_in("alice", [used], "PAM_ABORT");
        }
        assert_eq!(fs::read_dir(MARKS).unwrap().count(), 0);
        world.sign_in("alice", [&alice.recovery[0]], "PAM_SUCCESS");
    });
}

#[test]
fn recovery_and_bypass_codes_are_refused_with_the_reason_and_not_used_up() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        remount(world, "ro");
        let recovery = alice.recovery[0].as_str();
        let answers = [recovery, "BYPASS-ABCD-EFGH-IJKL-MNOP", recovery];
        world.sign_in("alice", answers, "PAM_AUTH_ERR");
        let line = world.ended("refused reason=read-only-disk ");
        assert!(line.contains("mount it for writing"), "{line}");
        remount(world, "rw");
        world.sign_in("alice", [&alice.recovery[0]], "PAM_SUCCESS");
    });
}

#[test]
fn after_a_restart_codes_of_the_time_before_it_are_refused() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        remount(world, "ro");
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        // What is in memory is lost, and the computer has just been started.
        fs::remove_dir_all(MARKS).unwrap();
        let codes = [0, 1, 2].map(|steps| alice.code_in(steps));
        let played = restarted(world).answers(codes).play();
        assert_ne!(played.result(), "PAM_SUCCESS", "{played:#?}");
        let said = &played.texts()[1];
        let told = said.contains("no longer knows which codes have been used");
        assert!(told, "{said}");
    });
}

#[test]
fn after_a_restart_whose_clock_was_set_late_codes_of_the_time_before_it_are_refused_too() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        remount(world, "ro");
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        fs::remove_dir_all(MARKS).unwrap();
        // A computer without a battery begins in the past, and somebody is asked before the time has come over the network.
        let early = restarted(world).ahead(-864_000);
        let early = early.answer(alice.wrong_code()).play();
        let late = restarted(world).answer(alice.code()).play();
        for played in [early, late] {
            assert_ne!(played.result(), "PAM_SUCCESS", "{played:#?}");
        }
    });
}

#[test]
fn a_person_without_a_state_and_marks_that_others_could_have_written_let_nobody_in_too_easily() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        fs::remove_file(world.state_path("alice")).unwrap();
        remount(world, "ro");
        let host = PamHost::new(world, "alice").answer(alice.code());
        assert_ne!(host.play().result(), "PAM_SUCCESS");
        fs::remove_dir_all(MARKS).unwrap();
        std::os::unix::fs::symlink("/tmp", MARKS).unwrap();
        world.sign_in("alice", [alice.code()], "PAM_AUTHINFO_UNAVAIL");
        fs::remove_file(MARKS).unwrap();
        fs::create_dir(MARKS).unwrap();
        std::os::unix::fs::chown(MARKS, Some(1000), None).unwrap();
        world.sign_in("alice", [alice.code()], "PAM_AUTHINFO_UNAVAIL");
        assert!(Path::new(MARKS).exists());
    });
}

#[test]
fn root_can_end_a_lock_while_the_disk_is_read_only() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        remount(world, "ro");
        let wrong = alice.wrong_code();
        world.sign_in("alice", [&wrong; 3], "PAM_AUTH_ERR");
        world.sign_in("alice", [&wrong; 2], "PAM_MAXTRIES");
        world.sign_in("alice", [alice.code()], "PAM_MAXTRIES");
        world.antiphon(&["unlock", "alice"]);
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
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
        let alice = world.enrol_with_long_codes("alice");
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
            world.sign_in("alice", [answer], "PAM_SUCCESS");
        }
    });
}
