//! A sign-in that a broken file ends: what holds in every such test, whatever is broken.
//!
//! The answer is `PAM_AUTHINFO_UNAVAIL`, nobody is asked, the person is told nothing of files, and one line in the log
//! says what is wrong and how to fix it, without a secret.

use antiphon_tests::{Enrolled, PamHost, Said, World};

/// In one process, one after the other: what one of them left behind, the next would trip over.
const TIMES: usize = 8;
/// Resident memory may move by this many KiB for reasons of the allocator's own.
const SLACK: i64 = 512;

/// Lets `alice` sign in by the right code, and holds that the module refuses because it cannot use `what`, and that the
/// log's detail has all of `words`.
pub(crate) fn is_refused(world: &World, alice: &Enrolled, what: &str, words: &[&str]) {
    let name = alice.user.as_str();
    is_refused_when(PamHost::new(world, name), (world, alice), what, words);
}

/// The same of a sign-in that has been begun otherwise.
pub(crate) fn is_refused_when(
    host: PamHost,
    (world, alice): (&World, &Enrolled),
    what: &str,
    words: &[&str],
) {
    let before = world.log().ours().len();
    let code = alice.code();
    let host = host.option(&format!("--count={TIMES}")).option("--measure");
    let played = host.answers([&code; TIMES]).play();
    let told = format!("{what} {words:?}: {played:#?}");
    assert_eq!(played.results(), ["PAM_AUTHINFO_UNAVAIL"; TIMES], "{told}");
    let unavailable = Said {
        style: "error".to_owned(),
        text: "The second factor cannot be checked now. Ask your administrator.".to_owned(),
    };
    assert_eq!(played.said(), vec![unavailable; TIMES], "{told}");
    let held = |key: &str| -> Vec<i64> {
        let ends = played.lines.iter().filter_map(|line| line[key].as_i64());
        ends.collect()
    };
    let (memory, descriptors) = (held("resident_kib"), held("descriptors"));
    assert!(memory[TIMES - 1] - memory[1] < SLACK, "{told}");
    assert_eq!(descriptors[0], descriptors[TIMES - 1], "{told}");

    let lines = &world.log().ours()[before..];
    assert_eq!(lines.len(), TIMES, "{lines:#?}");
    for line in lines {
        let start = format!("outcome=unusable reason={what} user=");
        assert!(line.text.starts_with(&start), "{told}\n{}", line.text);
        for word in words {
            assert!(line.text.contains(word), "{word}: {told}\n{}", line.text);
        }
    }
    no_secret_was_logged(world, alice);
}

/// Holds that nothing in the log is of use to who reads it.
pub(crate) fn no_secret_was_logged(world: &World, alice: &Enrolled) {
    let secret = alice.secret.base32();
    let codes = [-1, 0, 1].map(|steps| alice.code_in(steps));
    for line in world.log().ours() {
        assert!(!line.text.contains(&*secret), "{}", line.text);
        for code in alice.recovery.iter().chain(&codes) {
            assert!(!line.text.contains(code), "{}", line.text);
        }
    }
}

/// Holds that `alice` signs in by the right code: whatever was broken before was the reason.
pub(crate) fn signs_in(world: &World, alice: &Enrolled) {
    world.sign_in(alice.user.as_str(), [alice.code()], "PAM_SUCCESS");
}
