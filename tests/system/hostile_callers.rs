//! Who calls `su` owns everything around it: limits, environment, descriptors, signals, and when it stops. The worst
//! that a caller can do is not to get in.

use std::fs;

use antiphon_core::state::SlotPair;
use antiphon_tests::{World, in_world};

use crate::su::Su;

#[test]
fn limits_of_the_caller_let_no_wrong_code_in() {
    in_world(|world| {
        let mut bob = world.enrol_with_long_codes("bob");
        // The throttle is not what is tested.
        world.configure("[throttle]\nattempts = 100\n");
        let files = (0..=16).map(|limit| format!("--nofile={limit}"));
        let sizes = [0, 1, 100, 4095, 4096, 8191, 8192].map(|limit| format!("--fsize={limit}"));
        let memory = (2..40).map(|limit| format!("--as={}", limit << 20));
        let stack = (4..12).map(|power| format!("--stack={}", 1 << power << 10));
        for limit in files.chain(sizes).chain(memory).chain(stack) {
            bob.change(|_| {});
            let called = Su::through(world, &["prlimit", &limit]).answer(&bob.wrong_code());
            assert!(
                !called.let_in && !called.status.success(),
                "{limit}: {called:?}"
            );
            must_read(world, &limit);
        }
        must_have_let_nobody_in(world);
        world.sign_in("bob", [bob.code()], "PAM_SUCCESS");
    });
}

#[test]
fn closed_descriptors_let_nobody_in_and_nothing_is_written_into_a_file_of_ours() {
    in_world(|world| {
        let mut bob = world.enrol_with_long_codes("bob");
        let record = fs::read(world.record_path("bob")).unwrap();
        for closed in ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"] {
            bob.change(|_| {});
            let close = format!("exec \"$@\" {closed}");
            let right = Su::through(world, &["sh", "-c", &close, "sh"]).answer(&bob.code());
            // Who can be asked gets in, seen or not.
            assert_eq!(right.let_in, !closed.contains('<'), "{closed}: {right:?}");
            bob.change(|_| {});
            let wrong = Su::through(world, &["sh", "-c", &close, "sh"]).answer(&bob.wrong_code());
            assert!(!wrong.let_in, "{closed}: {wrong:?}");
            must_read(world, closed);
            assert_eq!(fs::read(world.record_path("bob")).unwrap(), record);
        }
    });
}

#[test]
fn the_environment_of_the_caller_changes_nothing() {
    in_world(|world| {
        let mut bob = world.enrol_with_long_codes("bob");
        let hostile = [
            "LD_PRELOAD=/run/antiphon-tests/evil.so",
            "LD_LIBRARY_PATH=/run/antiphon-tests",
            "LD_DEBUG=all",
            "TZ=:/etc/shadow",
            "LANG=sv_SE.UTF-8",
            "LC_ALL=xx",
            "LANGUAGE=sv",
            "RUST_BACKTRACE=full",
            "RUST_LOG=trace",
            "RUST_MIN_STACK=1",
            "MALLOC_PERTURB_=1",
            "TMPDIR=/run/antiphon-tests",
            "HTTPS_PROXY=http://127.0.0.1:9/",
            // Of PAM's own environment they would say that sshd asks, and that a key has been shown.
            "SSH_CONNECTION=203.0.113.5 1 203.0.113.5 22",
            "SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAA",
            "ANTIPHON_CONFIG=/run/antiphon-tests/antiphon.toml",
        ];
        let call = |environment: &[&str], code: &str| {
            let called = Su::through(world, environment).answer(code);
            (called.let_in, called.status, called.text)
        };
        let (wrong, right) = (bob.wrong_code(), bob.code());
        for code in [&wrong, &right] {
            bob.change(|_| {});
            let plain = call(&[], code);
            assert_eq!(plain.0, *code == right, "{plain:?}");
            bob.change(|_| {});
            assert_eq!(call(&hostile, code), plain);
        }
        let lines = world.log().texts("outcome=");
        let [wrong, wrong_in_it, right, right_in_it] = &lines[..] else {
            panic!("{lines:#?}");
        };
        assert_eq!((wrong, right), (wrong_in_it, right_in_it));
    });
}

fn must_read(world: &World, context: &str) {
    let slots = SlotPair::decode(&world.state("bob").unwrap());
    assert!(slots.is_ok_and(|slots| slots.whole), "{context}");
}

fn must_have_let_nobody_in(world: &World) {
    let log = world.log();
    assert!(!log.has("outcome=accepted") && !log.has("outcome=exempt"));
}
