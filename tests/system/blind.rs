//! sshd's password method, which cannot show a prompt: it answers every question with the password.

use antiphon_tests::{PASSWORD, Sshd, World, in_world};

use crate::enrolment::{OPEN, pending};
use crate::prompts::CODE;

const BLIND: &str = "KbdInteractiveAuthentication no\nPasswordAuthentication yes";

/// Signs in by the password method; whether it succeeded.
fn sign_in(world: &World, sshd: &Sshd, name: &str) -> bool {
    let options = ["-o", "PreferredAuthentications=password"];
    let mut terminal = sshd.sign_in_with(world, name, &options, "echo arrived");
    terminal.answer("password: ", PASSWORD);
    let ended = terminal.end();
    assert_eq!(
        ended.succeeded(),
        ended.text.contains("arrived"),
        "{ended:#?}"
    );
    ended.succeeded()
}

#[test]
fn the_blind_password_method_is_refused_and_enrols_nobody_and_the_log_says_what_to_change() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let before = world.state("alice");
        world.configure(OPEN);
        let sshd = Sshd::start(world, BLIND);
        for name in ["alice", "bob"] {
            assert!(!sign_in(world, &sshd, name));
            let ended = format!("refused reason=blind-password-method user={name} rhost=127.0.0.1");
            let line = world.ended(&ended);
            for setting in [
                "fix=",
                "KbdInteractiveAuthentication yes",
                "PasswordAuthentication no",
            ] {
                assert!(line.contains(setting), "{line}");
            }
        }
        assert_eq!(world.state("alice"), before);
        assert!(pending().is_empty());
    });
}

/// Where sshd is told to ask for the password first, turning that off alone leaves a configuration that it refuses.
#[test]
fn the_fix_for_the_blind_password_method_leaves_sshd_a_valid_configuration() {
    in_world(|world| {
        let enrolled = world.enrol("alice");
        let methods = "AuthenticationMethods password,keyboard-interactive";
        let sshd = Sshd::start(world, &format!("PasswordAuthentication yes\n{methods}"));
        let options = [
            "-o",
            "PreferredAuthentications=password,keyboard-interactive",
        ];
        let mut terminal = sshd.sign_in_with(world, "alice", &options, "echo arrived");
        terminal.answer("password: ", PASSWORD);
        assert!(!terminal.end().succeeded());
        drop(sshd);
        let line = world.log().ours().remove(0).text;
        for part in [
            "reason=blind-password-method",
            "where AuthenticationMethods names password, write keyboard-interactive in its place, once",
            "sshd -t",
        ] {
            assert!(line.contains(part), "{line}");
        }
        let off = "PasswordAuthentication no";
        assert!(!Sshd::accepts(world, &format!("{off}\n{methods}")));
        for (before, after) in [
            ("password", "keyboard-interactive"),
            ("password,keyboard-interactive", "keyboard-interactive"),
            ("keyboard-interactive,password", "keyboard-interactive"),
            ("publickey,password", "publickey,keyboard-interactive"),
        ] {
            assert!(!Sshd::accepts(
                world,
                &format!("{off}\nAuthenticationMethods {before}")
            ));
            assert!(Sshd::accepts(
                world,
                &format!("{off}\nAuthenticationMethods {after}")
            ));
        }
        let fixed = format!("{off}\nAuthenticationMethods keyboard-interactive");
        let sshd = Sshd::start(world, &fixed);
        let mut terminal = sshd.after_password(world, "alice", "echo arrived");
        terminal.answer(CODE, &enrolled.code());
        terminal.arrive("arrived");
    });
}

#[test]
fn a_client_that_answers_by_itself_is_not_blamed_on_sshd() {
    in_world(|world| {
        let _ = world.enrol("alice");
        let before = world.state("alice");
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.after_password(world, "alice", "echo arrived");
        terminal.answer(CODE, PASSWORD);
        terminal.end().refused("arrived");
        let line = world.ended_once("refused reason=password-answered user=alice");
        let blames_sshd = line.contains("sshd_config");
        assert!(!blames_sshd && line.contains("fix="), "{line}");
        assert_eq!(world.state("alice"), before);
    });
}

#[test]
fn a_rehearsal_stops_nobody_there_and_who_has_once_succeeded_is_stopped() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let sshd = Sshd::start(world, BLIND);
        for mode in ["rehearse", "enforce-after-success"] {
            world.configure(&format!("mode = \"{mode}\"\n"));
            assert!(sign_in(world, &sshd, "alice"), "{mode}");
            world.ended(
                "exempt reason=rehearsed would=refused:blind-password-method user=alice rhost=127.0.0.1",
            );
        }
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        assert!(!sign_in(world, &sshd, "alice"));
        world.ended("refused reason=blind-password-method user=alice");
        world.configure("mode = \"observe\"\n");
        assert!(sign_in(world, &sshd, "alice"));
        world.ended("exempt reason=observed would=refused:blind-password-method user=alice");
    });
}

#[test]
fn who_is_not_asked_can_use_the_blind_password_method() {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.configure("unenrolled = \"allow\"\n");
        let sshd = Sshd::start(world, BLIND);
        assert!(sign_in(world, &sshd, "bob"));
        assert!(!sign_in(world, &sshd, "alice"));
    });
}
