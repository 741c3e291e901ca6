//! Many sign-ins in one process: it grows by nothing, and valgrind finds nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use antiphon_tests::{PamHost, Played, World, in_world};

/// Sign-ins in one process.
const MANY: usize = 1000;
/// So many later, everything that is made once has been made.
const WARM: usize = 100;
/// What the memory may move by, in KiB, for the host's sake: its own script gets shorter line by line.
const NOISE: u64 = 64;

#[test]
fn a_thousand_sign_ins_in_one_process_leave_nothing_behind() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        forget_before_each_sign_in(world);
        let host = PamHost::of_service(world, "forgetful", "alice");
        let played = many(host, &[&alice.code()]);
        assert_eq!(played.count("PAM_SUCCESS"), MANY);
        must_be_flat(&played);
    });
}

#[test]
fn a_thousand_refused_sign_ins_in_one_process_leave_nothing_behind() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        // Wrong codes until they are locked, then recovery codes that are none: all ways of a refusal.
        let wrong = alice.wrong_code();
        let answers = [wrong.as_str(), "AAAA-AAAA-AAAA-AAAA", "what?"];
        let played = many(PamHost::new(world, "alice"), &answers);
        assert!(played.results().contains(&"PAM_MAXTRIES"), "{played:#?}");
        must_be_flat(&played);
    });
}

#[test]
fn a_thousand_sign_ins_with_a_broken_record_leave_nothing_behind() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let path = world.record_path("alice");
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, whole.replace("digits = 6", "digits = 5")).unwrap();
        let played = many(PamHost::new(world, "alice"), &[]);
        assert_eq!(played.count("PAM_AUTHINFO_UNAVAIL"), MANY);
        must_be_flat(&played);
    });
}

#[test]
fn valgrind_finds_no_leak_and_no_invalid_access() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let report = world.folder().join("valgrind");
        let mut command = world.command("valgrind");
        command.args(["--quiet", "--leak-check=full", "--error-exitcode=9"]);
        command.args([
            "--errors-for-leak-kinds=definite",
            "--show-leak-kinds=definite",
        ]);
        // The module stays loaded, so that a leak in it is shown with its names.
        command.arg("--keep-debuginfo=yes");
        command.arg(format!("--log-file={}", report.display()));
        command.arg(&world.product().pam_host);
        let recovery = alice.recovery[0].as_str();
        let played = PamHost::started_by(command, "antiphon-alone", "alice")
            .option("--count=5")
            .answer(alice.code())
            // The second: used, wrong, malformed.
            .answers([alice.code(), alice.wrong_code(), "x".repeat(10_000)])
            .answer(recovery)
            // The fourth: the same recovery code, another that is none, half a code.
            .answers([recovery, "AAAA-AAAA-AAAA-AAAA", "12345"])
            .play();
        let report = fs::read_to_string(report).unwrap();
        let clean = played.succeeded && report.is_empty();
        assert!(clean, "{report}\n{played:#?}");
        let (success, refused) = ("PAM_SUCCESS", "PAM_AUTH_ERR");
        let results = [success, refused, success, refused, refused];
        assert_eq!(played.results(), results);
    });
}

/// The service `forgetful`: before we are asked, alice's state is made what it was, and her codes are unused.
fn forget_before_each_sign_in(world: &World) {
    let state = world.state_path("alice");
    let unused = world.folder().join("unused");
    fs::copy(&state, &unused).unwrap();
    let forget = world.folder().join("forget");
    let script = format!(
        "#!/bin/sh\nexec cp {} {}\n",
        unused.display(),
        state.display()
    );
    fs::write(&forget, script).unwrap();
    fs::set_permissions(&forget, fs::Permissions::from_mode(0o755)).unwrap();
    let before = format!("auth required pam_exec.so quiet {}\n", forget.display());
    world.pam(
        "forgetful",
        &format!("{before}auth required pam_antiphon.so\n"),
    );
}

/// As many sign-ins, each of them with as many of these answers as it asks for.
fn many(host: PamHost, answers: &[&str]) -> Played {
    let host = host.option(&format!("--count={MANY}")).option("--measure");
    let played = host.answers((0..MANY).flat_map(|_| answers)).play();
    assert_eq!(played.results().len(), MANY);
    played
}

fn must_be_flat(played: &Played) {
    let series = |key: &str| -> Vec<u64> {
        let values = played.lines.iter().filter_map(|line| line[key].as_u64());
        values.skip(WARM).collect()
    };
    let descriptors = series("descriptors");
    let first = descriptors[0];
    assert!(
        descriptors.iter().all(|count| *count == first),
        "{descriptors:?}"
    );
    let memory = series("resident_kib");
    let (first, most) = (memory[0], *memory.iter().max().unwrap());
    println!(
        "{MANY} sign-ins: {first} KiB after {WARM}, {most} KiB at most; {} descriptors",
        descriptors[0]
    );
    assert!(most <= first + NOISE, "{memory:?}");
}
