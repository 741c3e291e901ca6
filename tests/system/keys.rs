//! A key and a code by ssh, without a password: the shipped stack `sshd-key`, and the shipped stack of Fedora.

use std::fs;
use std::os::unix::fs::chown;
use std::path::PathBuf;

use antiphon_tests::{PASSWORD, Sshd, Terminal, World, in_world};

use crate::prompts::{CODE, PASSWORD_PROMPT};

const KEY_STACK: &str = include_str!("../../conf/pam.d/sshd-key");
const KEY_AND_CODE: &str = "AuthenticationMethods publickey,keyboard-interactive:pam";

/// Makes a key pair with which `name` may sign in.
fn give_key(world: &World, name: &str) -> PathBuf {
    let key = world.folder().join(format!("key-of-{name}"));
    antiphon_tests::make_key(world, &key);
    let folder = world.home(name).join(".ssh");
    fs::create_dir(&folder).unwrap();
    fs::copy(key.with_extension("pub"), folder.join("authorized_keys")).unwrap();
    for path in [&folder, &folder.join("authorized_keys")] {
        chown(path, Some(1000), Some(1000)).unwrap();
    }
    key
}

fn sign_in(world: &World, sshd: &Sshd, name: &str, key: Option<&PathBuf>) -> Terminal {
    let key = key.map(|key| format!("IdentityFile={}", key.display()));
    let options: Vec<&str> = key.iter().flat_map(|key| ["-o", key]).collect();
    sshd.sign_in_with(world, name, &options, "echo arrived as $USER")
}

#[test]
fn a_key_and_a_code_sign_in_and_a_key_alone_does_not() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let key = give_key(world, "alice");
        world.pam("sshd", KEY_STACK);
        let sshd = Sshd::start(world, KEY_AND_CODE);
        let mut terminal = sign_in(world, &sshd, "alice", Some(&key));
        terminal
            .answer(CODE, &alice.code())
            .expect("arrived as alice");
        assert!(terminal.end().succeeded());
        let mut terminal = sign_in(world, &sshd, "alice", Some(&key));
        for _ in 0..3 {
            terminal.answer(CODE, &alice.wrong_code());
        }
        let ended = terminal.end();
        assert!(
            !ended.succeeded() && !ended.text.contains("arrived"),
            "{ended:#?}"
        );
        let ours = world.log().endings();
        assert_eq!(
            ours[0].text,
            "outcome=accepted method=code user=alice rhost=127.0.0.1 tty=ssh"
        );
        assert_eq!(
            ours[1].text,
            "outcome=wrong user=alice rhost=127.0.0.1 tty=ssh"
        );
    });
}

#[test]
fn an_exempt_person_signs_in_with_the_key_alone() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.add_group("robots", 2000, &["alice"]);
        world.configure("[exempt]\ngroups = [\"robots\"]\n");
        let key = give_key(world, "alice");
        world.pam("sshd", KEY_STACK);
        let sshd = Sshd::start(world, KEY_AND_CODE);
        let mut terminal = sign_in(world, &sshd, "alice", Some(&key));
        terminal.expect("arrived as alice");
        assert!(terminal.end().succeeded());
        assert_eq!(
            world.log().our_only_line(),
            "outcome=exempt reason=exempt-group user=alice rhost=127.0.0.1 tty=ssh"
        );
    });
}

/// An administrator who takes the stack for keys but forgets `AuthenticationMethods`.
#[test]
fn without_a_first_factor_nobody_is_asked_and_nobody_signs_in() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.add_group("robots", 2000, &["bob"]);
        world.configure("unenrolled = \"allow\"\n[exempt]\ngroups = [\"robots\"]\n");
        world.pam("sshd", KEY_STACK);
        let sshd = Sshd::start(world, "");
        for name in ["alice", "bob"] {
            let ended = sshd.sign_in(world, name, "echo arrived").end();
            assert!(
                !ended.succeeded() && !ended.text.contains(CODE),
                "{ended:#?}"
            );
            assert!(!ended.text.contains("arrived"), "{ended:#?}");
        }
        for line in world.log().ours() {
            assert!(
                line.text
                    .starts_with("outcome=refused reason=no-first-factor user="),
                "{line:?}"
            );
            assert!(
                line.text.contains("check the lines before pam_antiphon.so"),
                "{line:?}"
            );
        }
    });
}

/// The same administrator, careful, in the first days.
#[test]
fn observing_lets_nobody_in_of_whom_nothing_was_asked() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure("mode = \"observe\"\n");
        world.pam("sshd", KEY_STACK);
        let sshd = Sshd::start(world, "");
        for name in ["alice", "bob"] {
            let ended = sshd.sign_in(world, name, "echo arrived").end();
            assert!(
                !ended.succeeded() && !ended.text.contains("arrived"),
                "{ended:#?}"
            );
        }
        for line in world.log().ours() {
            let begin = "outcome=refused reason=no-first-factor user=";
            assert!(line.text.starts_with(begin), "{line:?}");
        }
    });
}

#[test]
fn where_the_first_factor_leaves_no_trace_the_configuration_can_say_so() {
    in_world(|world| {
        let alice = world.enrol("alice");
        world.configure("first_factor = \"optional\"\n");
        world.pam("sshd", KEY_STACK);
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal.answer(CODE, &alice.code()).expect("arrived");
        assert!(terminal.end().succeeded());
    });
}

#[test]
fn the_stack_of_fedora_asks_after_the_password_and_lets_the_exempt_in() {
    in_world(|world| {
        let alice = world.enrol("alice");
        world.add_group("robots", 2000, &["bob"]);
        world.configure("[exempt]\ngroups = [\"robots\"]\n");
        world.pam("sshd", include_str!("../../conf/pam.d/sshd-fedora"));
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal
            .answer(PASSWORD_PROMPT, PASSWORD)
            .answer(CODE, &alice.code())
            .expect("arrived");
        assert!(terminal.end().succeeded());
        let mut terminal = sshd.sign_in(world, "bob", "echo arrived");
        terminal.answer(PASSWORD_PROMPT, PASSWORD).expect("arrived");
        assert!(terminal.end().succeeded());
        let mut terminal = sshd.sign_in(world, "bob", "echo arrived");
        terminal.answer(PASSWORD_PROMPT, "not the password");
        assert!(!terminal.end().succeeded());
    });
}
