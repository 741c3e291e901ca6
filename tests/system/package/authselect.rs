//! The vendor profile for authselect, as authselect would write it.

use antiphon_tests::{PASSWORD, PamHost, in_world};

use super::ROOT;

/// The lines of a file of the profile with these features: what `{include if …}`, `{exclude if …}` and `{if not …:…}` make
/// of them.
fn written(file: &str, features: &[&str]) -> String {
    let text = std::fs::read_to_string(format!("{ROOT}/conf/authselect/{file}")).unwrap();
    let mut lines = String::new();
    for line in text.lines() {
        let mut line = line.to_owned();
        let mut kept = true;
        while let Some((before, rest)) = line.split_once('{') {
            let (inside, after) = rest.split_once('}').unwrap();
            let [rule, feature, value] =
                <[&str; 3]>::try_from(inside.split('"').collect::<Vec<_>>()).unwrap();
            let has = features.contains(&feature);
            let mut put = "";
            match rule.trim() {
                "include if" => kept &= has,
                "exclude if" => kept &= !has,
                "if not" if !has => put = value.strip_prefix(':').unwrap(),
                "if not" => (),
                other => panic!("{other}"),
            }
            line = format!("{before}{put}{after}");
        }
        if kept {
            lines.push_str(line.trim_end());
            lines.push('\n');
        }
    }
    lines
}

#[test]
fn authselects_profile_asks_after_the_right_password_alone() {
    in_world(|world| {
        world.configure("[exempt]\nservices = [\"quiet\"]\n");
        for file in ["system-auth", "password-auth"] {
            for features in [&[][..], &["with-faillock"], &["without-nullok"]] {
                let mut alice = world.enrol("alice");
                alice.set_period(300);
                // Three wrong passwords would be too many.
                let _ = std::fs::remove_dir_all("/run/faillock");
                let auth: String = written(file, features)
                    .lines()
                    .filter(|line| line.starts_with("auth"))
                    // Two seconds after each wrong password.
                    .filter(|line| !line.contains("pam_faildelay"))
                    .map(|line| line.replace("pam_unix.so", "pam_unix.so nodelay") + "\n")
                    .collect();
                for service in ["fedora", "quiet"] {
                    world.pam(service, &auth);
                }
                let play = |service: &str, answers: &[&str]| {
                    let host = PamHost::of_service(world, service, "alice");
                    let played = answers.iter().fold(host, PamHost::answer).play();
                    (played.result().to_owned(), played.said().len())
                };
                let why = format!("{file} {features:?}: {auth}");
                let accepted = play("fedora", &[PASSWORD, &alice.code()]);
                assert_eq!(accepted.0, "PAM_SUCCESS", "{why}");
                let wrong = alice.wrong_code();
                let refused = play("fedora", &[PASSWORD, &wrong, &wrong, &wrong]);
                assert_ne!(refused.0, "PAM_SUCCESS", "{why}");
                // One prompt, and no other.
                let (result, prompts) = play("fedora", &["not the password", &alice.code_in(1)]);
                assert_eq!((result.as_str(), prompts), ("PAM_AUTH_ERR", 1), "{why}");
                assert_eq!(play("quiet", &[PASSWORD]).0, "PAM_SUCCESS", "{why}");
                assert_ne!(
                    play("quiet", &["not the password"]).0,
                    "PAM_SUCCESS",
                    "{why}"
                );
            }
        }
    });
}
