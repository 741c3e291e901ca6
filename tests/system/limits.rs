//! What a hostile or careless caller hands on to su: limits, a umask, and being stopped. None of it gives a guess for
//! nothing, spoils the state of the person it is about, or shows anybody a file.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use antiphon_core::state::SlotPair;
use antiphon_tests::{PamHost, World, in_world};
use nix::fcntl::{Flock, FlockArg};

use crate::unusable::signs_in;

const ACTIVITY: &str = "/var/lib/antiphon/activity/alice.jsonl";

/// A sign-in by `pam_host` under a limit on the size of files.
fn limited(world: &World, bytes: u64) -> PamHost {
    let mut command = world.command("prlimit");
    command
        .arg(format!("--fsize={bytes}"))
        .arg(&world.product().pam_host);
    PamHost::started_by(command, "antiphon-alone", "alice")
}

/// `program` with a umask.
fn masked(world: &World, umask: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = world.command("sh");
    command
        .args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"])
        .arg(program);
    command
}

#[test]
fn a_caller_who_lets_no_file_be_written_learns_nothing_and_uses_nothing_up() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let state = world.state("alice");
        let [right, wrong] = [alice.code(), alice.wrong_code()].map(|answer| {
            let played = limited(world, 0).answer(answer).play();
            assert!(played.succeeded, "killed: {played:#?}");
            assert_eq!(played.result(), "PAM_AUTHINFO_UNAVAIL", "{played:#?}");
            let line = world.log().last_ending();
            let why = "the caller's limit on the size of files is too low (ulimit -f)";
            assert!(line.contains(why), "{line}");
            played.said()
        });
        assert_eq!(right, wrong);
        assert_eq!(world.state("alice"), state);
        signs_in(world, &alice);
    });
}

#[test]
fn too_few_descriptors_or_too_little_memory_lets_nobody_in() {
    in_world(|world| {
        // All that could let somebody in without an answer.
        world.configure(
            "unenrolled = \"allow\"\n[exempt]\ngroups = [\"guests\"]\n[throttle]\nattempts = 100\n",
        );
        world.add_group("guests", 2000, &["bob"]);
        world.pam(
            "lenient",
            "auth requisite pam_antiphon.so\nauth required pam_permit.so\n",
        );
        let alice = world.enrol_with_long_codes("alice");
        let descriptors = (3..16).map(|number| format!("--nofile={number}"));
        let memory = (4..200)
            .step_by(7)
            .map(|number| format!("--as={}", number * 100_000));
        let mut refused = 0;
        for limit in descriptors.chain(memory) {
            let mut command = world.command("prlimit");
            command.arg(&limit).arg(&world.product().pam_host);
            let host = PamHost::started_by(command, "lenient", "alice");
            let played = host.answer(alice.wrong_code()).play();
            assert_eq!(played.count("PAM_SUCCESS"), 0, "{limit}: {played:#?}");
            refused += played.results().len();
        }
        assert!(refused > 10, "most of them got as far as an answer");
        // Whatever was cut short, the person can go on.
        let host = PamHost::of_service(world, "lenient", "alice");
        host.answer(alice.code()).ends("PAM_SUCCESS");
    });
}

#[test]
fn a_limit_that_would_cut_a_write_in_two_does_not_tear_the_state() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        for bytes in [1, 4095, 4097, 6144, 8191] {
            for _ in 0..3 {
                let played = limited(world, bytes).answer(alice.wrong_code()).play();
                assert!(played.succeeded, "killed at {bytes}: {played:#?}");
                let slots = SlotPair::decode(&world.state("alice").unwrap()).unwrap();
                assert!(slots.whole, "torn at {bytes}");
            }
            // What was counted is counted; nobody else pays for it.
            alice.change(|_| {});
        }
        fs::remove_file(world.state_path("alice")).unwrap();
        let host = limited(world, 6144).answer(alice.code());
        host.ends("PAM_AUTHINFO_UNAVAIL");
        // Begun, and not half.
        assert_eq!(world.state("alice"), Some(Vec::new()));
        alice.change(|_| {});
        signs_in(world, &alice);
    });
}

#[test]
fn a_limit_that_the_activity_has_outgrown_does_not_end_the_sign_in_nor_one_that_an_event_lies_beyond()
 {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        fs::write(ACTIVITY, "{}\n".repeat(10_000)).unwrap();
        let cancelled = |bytes| {
            let played = limited(world, bytes).answer(alice.wrong_code()).play();
            assert!(played.succeeded, "killed at {bytes}: {played:#?}");
            fs::read_to_string(ACTIVITY).unwrap()
        };
        let lines = |text: &str| text.matches("\"outcome\":\"cancelled\"").count();
        assert_eq!(lines(&cancelled(u64::MAX)), 1);
        let before = cancelled(u64::MAX);
        assert_eq!(lines(&before), 1, "both on one line");
        assert_eq!(cancelled(8192), before);
        limited(world, 8192)
            .answer(alice.code())
            .ends("PAM_SUCCESS");
        let line = world.ended("accepted method=code user=alice");
        let lost = format!("activity=\"{ACTIVITY}: ");
        assert!(line.contains(&lost), "{line}");
        assert_eq!(fs::read_to_string(ACTIVITY).unwrap(), before);
    });
}

#[test]
fn what_a_sign_in_makes_has_its_mode_whatever_the_callers_umask() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let mode = |path: &str| {
            let found = fs::metadata(path).unwrap();
            (found.mode() & 0o7777, found.uid(), found.gid())
        };
        for umask in ["0777", "0", "0277", "0022"] {
            fs::remove_file(world.state_path("alice")).unwrap();
            let _ = fs::remove_file(ACTIVITY);
            let command = masked(world, umask, &world.product().pam_host);
            let host = PamHost::started_by(command, "antiphon-alone", "alice");
            // Refused, asked again, gone.
            host.answer(alice.code()).ends("PAM_ABORT");
            let state = mode("/var/lib/antiphon/state/alice");
            assert_eq!(state, (0o600, 0, 0), "{umask}");
            // The daemon's group shows people their activity.
            assert_eq!(mode(ACTIVITY), (0o640, 0, 990), "{umask}");
        }
    });
}

#[test]
fn what_the_command_makes_has_its_mode_whatever_the_umask_of_root() {
    in_world(|world| {
        for umask in ["0777", "0"] {
            for arguments in [
                ["enroll", "bob", "--no-confirm", "--replace"].as_slice(),
                &["recovery", "bob"],
            ] {
                let output = masked(world, umask, &world.product().command)
                    .arg("--json")
                    .args(arguments)
                    .output()
                    .unwrap();
                assert!(output.status.success(), "{output:?}");
                for path in [world.record_path("bob"), world.state_path("bob")] {
                    let mode = fs::metadata(&path).unwrap().mode();
                    assert_eq!(mode & 0o7777, 0o600, "umask {umask}: {}", path.display());
                }
            }
        }
    });
}

#[test]
fn a_sign_in_stopped_inside_the_lock_refuses_that_persons_and_no_other_and_nothing_is_used_up() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let bob = world.enrol_with_long_codes("bob");
        let path = world.state_path("alice");
        // As su, stopped by its caller, would hold it.
        let stopped = Flock::lock(File::open(&path).unwrap(), FlockArg::LockExclusive).unwrap();
        let state = world.state("alice");
        world.sign_in("alice", [alice.code()], "PAM_AUTHINFO_UNAVAIL");
        let line = world.ended_once("unusable");
        let fix = format!("see who with: fuser -v {}", path.display());
        assert!(line.contains("another process holds the lock"), "{line}");
        assert!(line.contains(&fix), "{line}");
        assert_eq!(world.state("alice"), state);
        signs_in(world, &bob);
        drop(stopped);
        signs_in(world, &alice);
    });
}
