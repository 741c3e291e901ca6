//! What is written down of a sign-in, with `debug` in pam.d too: nothing that anybody could sign in with.

use std::fs;

use antiphon_tests::{Enrolled, PASSWORD, PamHost, World, in_world};

#[test]
fn neither_log_nor_activity_holds_a_secret_or_what_was_typed() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
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
            let played = answers.iter().fold(host, PamHost::answer).play();
            assert!(played.succeeded, "{played:#?}");
        }
        let lowercase = recovery.to_lowercase();
        typed.push(&lowercase);
        must_hold_none_of(world, &typed);
        must_hold_none_of(world, &secrets_of(&alice).each_ref().map(String::as_str));
        let ours = world.log().ours();
        for outcome in ["accepted", "wrong", "refused", "locked", "cancelled"] {
            let begin = format!("outcome={outcome}");
            assert!(
                ours.iter().any(|line| line.text.starts_with(&begin)),
                "{begin}: {ours:#?}"
            );
        }
    });
}

#[test]
fn a_broken_record_is_named_in_the_log_and_not_quoted() {
    in_world(|world| {
        let alice = world.enrol("alice");
        world.pam("talkative", "auth required pam_antiphon.so debug\n");
        let path = world.record_path("alice");
        let whole = fs::read_to_string(&path).unwrap();
        let [secret, ..] = secrets_of(&alice);
        for (from, to) in [
            ("digits = 6", format!("digits = \"{secret}\"")),
            ("algorithm = \"SHA1\"", format!("algorithm = \"{secret}\"")),
            ("\"\nalgorithm", "1\"\nalgorithm".to_owned()),
            ("\"\nalgorithm", "\nalgorithm".to_owned()),
            ("secret = ", "sceret = ".to_owned()),
            ("secret = \"", "secret = ".to_owned()),
            ("secret = \"", "secret = \"\\q".to_owned()),
            ("version = 1", format!("{secret} = 1\nversion = 1")),
            ("user = \"alice\"", format!("user = \"{secret}\"")),
        ] {
            assert!(whole.contains(from), "{from}");
            fs::write(&path, whole.replacen(from, &to, 1)).unwrap();
            let played = PamHost::of_service(world, "talkative", "alice")
                .answer("123456")
                .play();
            assert_eq!(played.result(), "PAM_AUTHINFO_UNAVAIL", "{to}: {played:#?}");
        }
        let ours = world.log().ours();
        let named = ours
            .iter()
            .filter(|line| line.text.contains("alice.toml: "));
        assert_eq!(named.count(), 9, "{ours:#?}");
        must_hold_none_of(world, &secrets_of(&alice).each_ref().map(String::as_str));
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
