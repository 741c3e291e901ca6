//! What is written down of a sign-in, with `debug` in pam.d too: nothing that anybody could sign in with.

use std::fs;

use antiphon_tests::{Enrolled, PASSWORD, PamHost, World, in_world};

#[test]
fn neither_log_nor_activity_holds_a_secret_or_what_was_typed() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let stack = "@include common-auth\nauth required pam_antiphon.so debug\n";
        world.pam("talkative", stack);
        let (right, wrong, other) = (alice.code(), alice.wrong_code(), "QWER-TYUI-OPAS-DFGH");
        let recovery = alice.recovery[0].clone();
        // Mistyped: without its last character, and the password where a code belongs, with a slip.
        let cut = &recovery[..recovery.len() - 1];
        let slip = format!("{PASSWORD}x");
        let mut typed = vec![PASSWORD, &slip, &right, &wrong, other, &recovery, cut];
        for answers in [
            vec![&wrong[..], other, cut],
            vec![&slip, &right],
            vec![&right, &recovery],
            vec![&recovery, "", &right],
            vec![PASSWORD],
            vec![cut],
            vec![&wrong; 3],
            vec![&wrong; 3],
            vec![&right],
        ] {
            let host = PamHost::of_service(world, "talkative", "alice").answer(PASSWORD);
            let played = host.answers(answers).play();
            assert!(played.succeeded, "{played:#?}");
        }
        let lowercase = recovery.to_lowercase();
        typed.push(&lowercase);
        must_hold_none_of(world, &typed);
        must_hold_none_of(world, &secrets_of(&alice).each_ref().map(String::as_str));
        for outcome in ["accepted", "wrong", "refused", "locked", "cancelled"] {
            let begin = format!("outcome={outcome}");
            assert!(world.log().has(&begin), "{begin}");
        }
    });
}

/// The secret, and ends of it.
fn secrets_of(alice: &Enrolled) -> [String; 3] {
    let base32 = alice.secret.base32().to_string();
    let [begin, end] = [&base32[..8], &base32[base32.len() - 8..]].map(str::to_owned);
    [base32, begin, end]
}

fn must_hold_none_of(world: &World, secrets: &[&str]) {
    let log = world.log().lines().join("\n");
    let activity = fs::read_to_string("/var/lib/antiphon/activity/alice.jsonl").unwrap_or_default();
    for secret in secrets {
        assert!(!log.contains(secret), "{secret}: {log}");
        assert!(!activity.contains(secret), "{secret}: {activity}");
    }
}
