//! A key and a code by ssh, without a password: the shipped stack `sshd-key`, and the shipped stack of Fedora.

use std::fs;
use std::os::unix::fs::chown;

use antiphon_tests::{PASSWORD_PROMPT, Sshd, World, in_world, make_key};

use crate::prompts::CODE;

const KEY_STACK: &str = include_str!("../../conf/pam.d/sshd-key");
const KEY_AND_CODE: &str = "AuthenticationMethods publickey,keyboard-interactive:pam";

/// Makes a key pair with which alice may sign in; the option of ssh for it.
fn give_key(world: &World) -> String {
    let key = world.folder().join("key-of-alice");
    make_key(world, &key);
    let folder = world.home("alice").join(".ssh");
    fs::create_dir(&folder).unwrap();
    let keys = folder.join("authorized_keys");
    fs::copy(key.with_extension("pub"), &keys).unwrap();
    for path in [&folder, &keys] {
        chown(path, Some(1000), Some(1000)).unwrap();
    }
    format!("IdentityFile={}", key.display())
}

#[test]
fn a_key_and_a_code_sign_in_and_a_key_alone_does_not() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let key = give_key(world);
        world.pam("sshd", KEY_STACK);
        let sshd = Sshd::start(world, KEY_AND_CODE);
        let sign_in = || sshd.sign_in_with(world, "alice", &["-o", &key], "echo arrived");
        let mut terminal = sign_in();
        terminal.answer(CODE, &alice.code());
        terminal.arrive("arrived");
        world.ended("accepted method=code user=alice rhost=127.0.0.1 tty=ssh");
        let mut terminal = sign_in();
        for _ in 0..3 {
            terminal.answer(CODE, &alice.wrong_code());
        }
        terminal.end().refused("arrived");
        world.ended("wrong user=alice rhost=127.0.0.1 tty=ssh");
    });
}

#[test]
fn an_exempt_person_signs_in_with_the_key_alone() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.add_group("robots", 2000, &["alice"]);
        world.configure("[exempt]\ngroups = [\"robots\"]\n");
        let key = give_key(world);
        world.pam("sshd", KEY_STACK);
        let sshd = Sshd::start(world, KEY_AND_CODE);
        let terminal = sshd.sign_in_with(world, "alice", &["-o", &key], "echo arrived");
        terminal.arrive("arrived");
        world.ended_once("exempt reason=exempt-group user=alice rhost=127.0.0.1 tty=ssh");
    });
}

/// An administrator who takes the stack for keys but forgets `AuthenticationMethods`.
#[test]
fn without_a_first_factor_nobody_is_asked_or_let_in_unless_it_is_said_that_it_leaves_no_trace() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let state = world.state("alice");
        world.add_group("robots", 2000, &["bob"]);
        world.pam("sshd", KEY_STACK);
        let sshd = Sshd::start(world, "");
        // An exempt sign-in without a password would ask for nothing at all.
        for exempting in [
            "",
            "unenrolled = \"allow\"\n[exempt]\ngroups = [\"robots\"]\n",
            "[exempt]\nservices = [\"sshd\"]\n",
            "mode = \"observe\"\n",
        ] {
            world.configure(exempting);
            for name in ["alice", "bob"] {
                let terminal = sshd.sign_in(world, name, "echo arrived");
                let text = terminal.end().refused("arrived");
                assert!(!text.contains(CODE), "{text}");
                let line = world.ended(&format!("refused reason=no-first-factor user={name}"));
                for fix in ["check the lines before pam_antiphon.so", "set first_factor"] {
                    assert!(line.contains(fix), "{line}");
                }
            }
        }
        assert_eq!(world.state("alice"), state);
        world.configure("first_factor = \"optional\"\n");
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        terminal.answer(CODE, &alice.code());
        terminal.arrive("arrived");
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
        let mut terminal = sshd.after_password(world, "alice", "echo arrived");
        terminal.answer(CODE, &alice.code());
        terminal.arrive("arrived");
        sshd.after_password(world, "bob", "echo arrived")
            .arrive("arrived");
        let mut terminal = sshd.sign_in(world, "bob", "echo arrived");
        terminal.answer(PASSWORD_PROMPT, "not the password");
        terminal.end().refused("arrived");
    });
}
