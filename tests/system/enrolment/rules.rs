//! Who may, and that all the others are refused as where nobody may.

use std::fs;

use antiphon_tests::{PamHost, Sshd, World, in_world};

use super::{
    NUMBER, OPEN, OPEN_TO_SCRIPTS, SQUARES, WRITTEN, at_the_code, begun, code_in, has_record,
    pending, script, write_record,
};
use crate::bypass::granted;
use crate::prompts::CODE;

/// Signs in by ssh as `name`: the question that comes after the password, or what is said instead.
fn asked_after_the_password(world: &World, sshd: &Sshd, name: &str, address: &str) -> &'static str {
    let mut terminal = sshd.after_password_from(world, address, name, "echo arrived");
    let seen = terminal.expect_any(&[
        SQUARES,
        CODE,
        "arrived",
        "You have no second factor yet. Ask",
        "cannot be checked",
    ]);
    if seen == SQUARES {
        drop(terminal.interrupt());
    } else {
        let _ = terminal.hang_up();
    }
    seen
}

fn is_refused(world: &World, sshd: &Sshd, name: &str, reason: &str) {
    let seen = asked_after_the_password(world, sshd, name, "127.0.0.1");
    assert!(
        seen.starts_with("You have no second factor yet. Ask"),
        "{reason}: {seen}"
    );
    let line = world.ended(&format!("refused reason={reason} user={name}"));
    assert!(line.contains(" fix="), "{line}");
    assert!(pending().is_empty() && !world.state_path(name).exists());
}

#[test]
fn only_who_is_in_a_group_comes_from_a_network_and_comes_in_time() {
    in_world(|world| {
        world.add_group("staff", 2000, &["alice"]);
        let sshd = Sshd::start(world, "");
        let rule = |rule: &str| world.configure(&format!("{OPEN}[enroll]\n{rule}\n"));
        let asks = |address: &str| asked_after_the_password(world, &sshd, "alice", address);
        rule("groups = [\"staff\"]");
        is_refused(world, &sshd, "bob", "enrolment-group");
        assert_eq!(asks("127.0.0.1"), SQUARES);
        rule("networks = [\"203.0.113.0/24\"]");
        is_refused(world, &sshd, "bob", "enrolment-network");
        assert_eq!(asks("203.0.113.5"), SQUARES);
        rule("until = 2020-01-31");
        is_refused(world, &sshd, "bob", "enrolment-over");
        rule("until = 2999-01-31");
        assert_eq!(asks("127.0.0.1"), SQUARES);
        rule("number_on_file = true");
        is_refused(world, &sshd, "bob", "enrolment-no-number");
    });
}

#[test]
fn where_nothing_was_asked_before_us_nobody_enrols() {
    in_world(|world| {
        world.configure(OPEN);
        let secret = begun("alice", 60);
        script(PamHost::new(world, "alice"), &secret).ends("PAM_AUTH_ERR");
        assert!(!has_record(world, "alice"));
        world.configure(OPEN_TO_SCRIPTS);
        script(PamHost::new(world, "alice"), &secret).ends("PAM_SUCCESS");
    });
}

#[test]
fn over_ssh_who_has_shown_nothing_enrols_nowhere_whatever_the_configuration_trusts() {
    in_world(|world| {
        // Said for stacks whose first module leaves no trace; and then our line came to stand alone.
        world.configure(OPEN_TO_SCRIPTS);
        world.pam("sshd", "auth required pam_antiphon.so\n");
        let sshd = Sshd::start(world, "");
        let mut terminal = sshd.sign_in(world, "alice", "echo arrived");
        let seen = terminal.expect_any(&[SQUARES, "You have no second factor yet. Ask"]);
        assert_ne!(seen, SQUARES, "a stranger is enrolled");
        terminal.end().refused("arrived");
        world.ended_once("refused reason=enrolment-no-password user=alice");
        assert!(pending().is_empty() && !has_record(world, "alice"));
    });
}

#[test]
fn a_record_that_holds_only_a_number_is_a_beginning_and_an_empty_or_broken_one_is_not() {
    in_world(|world| {
        world.configure(OPEN);
        let sshd = Sshd::start(world, "");
        let ask = || asked_after_the_password(world, &sshd, "alice", "127.0.0.1");
        write_record(world, "alice", NUMBER);
        assert_eq!(ask(), SQUARES);
        write_record(world, "alice", "");
        assert!(ask().starts_with("You have no second factor yet."));
        write_record(world, "alice", "[code]\n");
        assert_eq!(ask(), "cannot be checked");
        fs::write(world.record_path("alice"), "").unwrap();
        assert_eq!(ask(), "cannot be checked");
        let alice = world.enrol("alice");
        assert_eq!(ask(), CODE);
        drop(alice);
        write_record(world, "alice", NUMBER);
        world.configure("");
        assert!(!ask().starts_with(SQUARES));
    });
}

#[test]
fn while_observing_nobody_is_asked_and_the_log_says_what_would_have_been() {
    in_world(|world| {
        world.configure(&format!("mode = \"observe\"\n{OPEN}"));
        let sshd = Sshd::start(world, "");
        let seen = asked_after_the_password(world, &sshd, "alice", "127.0.0.1");
        assert_eq!(seen, "arrived");
        world.ended_once("exempt reason=observed would=enrol user=alice rhost=127.0.0.1");
        assert!(pending().is_empty());
    });
}

#[test]
fn a_fault_in_the_rules_refuses_everybody_and_names_line_and_fix() {
    in_world(|world| {
        let sshd = Sshd::start(world, "");
        for (rule, words) in [
            ("unenrolled = \"enrol\"\n", ["line 1", "unenrolled"]),
            (
                "unenrolled = \"enroll\"\n[enroll]\ngroup = []\n",
                ["line 3", "groups"],
            ),
            (
                "unenrolled = \"enroll\"\n[paths]\npending = \"/etc/antiphon/users\"\n",
                ["paths.pending", "folder of its own"],
            ),
        ] {
            world.configure(rule);
            let seen = asked_after_the_password(world, &sshd, "alice", "127.0.0.1");
            assert_eq!(seen, "cannot be checked");
            let line = world.ended("unusable reason=config");
            for word in words.iter().chain(&["antiphon check"]) {
                assert!(line.contains(word), "{word} in {line}");
            }
        }
    });
}

#[test]
fn a_bypass_code_from_before_root_removed_the_person_opens_nothing_afterwards() {
    in_world(|world| {
        world.configure(OPEN);
        let _ = world.enrol("alice");
        let old = granted(world, &[]);
        let mut remove = world.command(&world.product().command);
        assert!(
            remove
                .args(["remove", "alice", "--yes"])
                .status()
                .unwrap()
                .success()
        );
        let sshd = Sshd::start(world, "");
        let (mut terminal, secret) = at_the_code(world, &sshd, "alice");
        terminal
            .send_line(&code_in(&secret, 0))
            .answer(WRITTEN, "")
            .expect("arrived");
        assert!(terminal.end().succeeded());
        let mut terminal = sshd.after_password(world, "alice", "echo arrived");
        terminal
            .answer(CODE, &old)
            .expect("wrong or no longer valid");
    });
}
