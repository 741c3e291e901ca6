//! `[[rollout]]`: by group and date, people who are not enrolled are let in, enrolled or refused; enrolled people are
//! asked throughout.

use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::time::UnixTime;
use antiphon_tests::{PamHost, Sshd, World, in_world};

use crate::enrolment::{SQUARES, WRITTEN, at_the_code, code_in};
use crate::phone::Program;
use crate::prompts::CODE;
use crate::traced::{Call, calls, forget_activity, tampered, traced, was_met};

/// What libpam makes of `PAM_IGNORE` where no other line has an opinion.
const LET_THROUGH: &str = "PAM_PERM_DENIED";

const TO_COME: &str = "2999-01-01";
const PAST: &str = "2020-01-01";

/// The table of a group with these dates.
fn table(group: &str, enroll_from: &str, deny_from: &str) -> String {
    format!(
        "[[rollout]]\ngroup = \"{group}\"\nenroll_from = {enroll_from}\ndeny_from = {deny_from}\n"
    )
}

/// That only a group's table says something else: people are otherwise let in.
fn configure(world: &World, enroll_from: &str, deny_from: &str) {
    let table = table("staff", enroll_from, deny_from);
    world.configure(&format!("unenrolled = \"allow\"\n{table}"));
}

/// Signs in by ssh: what comes after the password.
fn after_the_password(world: &World, sshd: &Sshd, name: &str) -> &'static str {
    let mut terminal = sshd.after_password(world, name, "echo arrived");
    let refused = "You have no second factor yet. Ask your administrator to enrol you.";
    let seen = terminal.expect_any(&[CODE, SQUARES, "arrived", refused]);
    match seen {
        CODE | SQUARES => drop(terminal.interrupt()),
        _ => drop(terminal.hang_up()),
    }
    seen
}

#[test]
fn over_ssh_a_member_is_let_in_then_enrols_and_is_then_refused_and_enrolled_people_are_asked_throughout()
 {
    in_world(|world| {
        let _ = world.enrol("alice");
        world.add_person("carol", 1002);
        world.add_group("staff", 2000, &["alice", "bob"]);
        let sshd = Sshd::start(world, "");
        let sees = |name| after_the_password(world, &sshd, name);
        configure(world, TO_COME, "2999-06-01");
        assert_eq!((sees("bob"), sees("alice")), ("arrived", CODE));
        configure(world, PAST, TO_COME);
        assert_eq!((sees("bob"), sees("alice")), (SQUARES, CODE));
        configure(world, PAST, "2020-06-01");
        assert!(sees("bob").starts_with("You have no second factor"));
        let line = world.ended("refused reason=not-enrolled user=bob rhost=127.0.0.1 tty=ssh");
        assert!(line.ends_with("fix=\"run: antiphon enroll bob\""), "{line}");
        assert_eq!(sees("alice"), CODE);
        // In none of the groups.
        assert_eq!(sees("carol"), "arrived");
        world.ended("exempt reason=unenrolled-allowed user=carol");
    });
}

#[test]
fn a_member_who_enrols_at_the_sign_in_in_time_is_asked_after_the_last_date() {
    in_world(|world| {
        world.add_group("staff", 2000, &["bob"]);
        configure(world, PAST, TO_COME);
        let sshd = Sshd::start(world, "");
        let (mut terminal, secret) = at_the_code(world, &sshd, "bob");
        terminal
            .send_line(&code_in(&secret, 0))
            .answer(WRITTEN, "")
            .expect("arrived");
        assert!(terminal.end().succeeded());
        configure(world, PAST, "2020-06-01");
        world.sign_in("bob", [code_in(&secret, 1)], "PAM_SUCCESS");
    });
}

#[test]
fn sudo_follows_the_dates_too() {
    in_world(|world| {
        world.add_group("staff", 2000, &["alice"]);
        configure(world, TO_COME, "2999-06-01");
        let text = Program::Sudo.arrive(Program::Sudo.start(world));
        assert!(!text.contains(CODE), "{text}");
        world.ended("exempt reason=unenrolled-allowed user=alice");
        configure(world, PAST, "2020-06-01");
        let mut terminal = Program::Sudo.start(world);
        terminal.expect("You have no second factor yet.");
        drop(terminal.interrupt());
        world.ended("refused reason=not-enrolled user=alice");
    });
}

#[test]
fn a_number_written_down_for_later_and_a_group_called_as_a_local_one_lock_nobody_out_and_let_nobody_in()
 {
    in_world(|world| {
        world.add_group("staff", 2000, &["bob"]);
        configure(world, TO_COME, "2999-06-01");
        let sign_in = |result| PamHost::new(world, "bob").ends(result);
        sign_in(LET_THROUGH);
        let mut bob = world.enrol("bob");
        bob.change(|record| {
            (record.code, record.recovery) = (None, None);
            record.numbers.push(TelephoneNumber {
                tel: "+46701234567".into(),
                uses: vec![TelephoneUse::Sms],
            });
        });
        sign_in(LET_THROUGH);
        world.ended("exempt reason=unenrolled-allowed user=bob");
        std::fs::remove_file("/etc/antiphon/users/bob.toml").unwrap();
        // The first of this name is the only one that a look-up by name finds.
        let groups = std::fs::read_to_string("/etc/group").unwrap();
        let groups = groups.replace("staff:x:2000:bob", "staff:x:50:\nstaff:x:2000:bob");
        std::fs::write("/etc/group", groups).unwrap();
        configure(world, PAST, "2020-06-01");
        sign_in("PAM_AUTH_ERR");
        // It asks for more, and lets in nobody who would not be let in without it.
        world.configure(&table("staff", TO_COME, "2999-06-01"));
        sign_in("PAM_AUTH_ERR");
        world.ended("refused reason=not-enrolled user=bob");
    });
}

#[test]
fn of_several_groups_the_strictest_rule_counts_wherever_its_table_stands() {
    in_world(|world| {
        world.add_group("staff", 2000, &["bob"]);
        world.add_group("admins", 2001, &["bob"]);
        let tables = [
            table("staff", TO_COME, "2999-06-01"),
            table("admins", PAST, "2020-06-01"),
        ];
        let mut turned = tables.clone();
        turned.reverse();
        for tables in [tables, turned] {
            world.configure(&format!("unenrolled = \"allow\"\n{}", tables.concat()));
            PamHost::new(world, "bob").ends("PAM_AUTH_ERR");
            world.ended("refused reason=not-enrolled user=bob");
        }
    });
}

#[test]
fn a_date_takes_effect_at_its_very_moment_without_anybody_doing_anything() {
    in_world(|world| {
        world.add_group("staff", 2000, &["bob"]);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let at = |days: u64| UnixTime(now.as_secs() + days * 86_400).to_string();
        configure(world, &at(10), &at(20));
        let sign_in = |days: i64, result| {
            let host = PamHost::new(world, "bob").ahead(days * 86_400);
            host.ends(result);
        };
        sign_in(0, LET_THROUGH);
        sign_in(9, LET_THROUGH);
        sign_in(11, "PAM_AUTH_ERR");
        // Our line stands alone there: nobody enrols without a password.
        world.ended("refused reason=enrolment-no-password user=bob");
        sign_in(21, "PAM_AUTH_ERR");
        world.ended("refused reason=not-enrolled user=bob");
    });
}

#[test]
fn while_it_is_not_known_who_is_in_a_group_nobody_is_let_in_who_may_have_to_be_asked() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let configure = |unenrolled: &str, tables: &[String]| {
            let tables = tables.concat();
            world.configure(&format!("unenrolled = \"{unenrolled}\"\n{tables}"));
        };
        let unknown = || table("away", PAST, "2020-06-01");
        configure("allow", &[unknown()]);
        let played = PamHost::new(world, "bob").ends("PAM_AUTHINFO_UNAVAIL");
        let said = "The second factor cannot be checked now. Ask your administrator.";
        assert_eq!(played.texts(), [said]);
        let line = world.ended("unusable reason=rollout user=bob");
        for words in ["group away", "getent group"] {
            assert!(line.contains(words), "{line}");
        }
        // Who is enrolled is not concerned, nor is root, nor a member of a group whose rule is as strict.
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        world.sign_in("root", [""], LET_THROUGH);
        world.add_group("staff", 2000, &["bob"]);
        configure("allow", &[unknown(), table("staff", PAST, "2020-06-01")]);
        world.sign_in("bob", [""], "PAM_AUTH_ERR");
        world.ended("refused reason=not-enrolled user=bob");
        let milder = || table("staff", TO_COME, "2999-06-01");
        for tables in [[milder(), unknown()], [unknown(), milder()]] {
            configure("allow", &tables);
            world.sign_in("bob", [""], "PAM_AUTHINFO_UNAVAIL");
        }
        // Where all agree, nobody is locked out.
        configure("allow", &[table("away", TO_COME, "2999-06-01")]);
        world.sign_in("bob", [""], LET_THROUGH);
        configure("deny", &[unknown()]);
        world.sign_in("bob", [""], "PAM_AUTH_ERR");
        world.ended("refused reason=not-enrolled user=bob");
    });
}

#[test]
fn for_root_no_table_counts_whatever_groups_root_is_in() {
    in_world(|world| {
        world.add_group("staff", 2000, &["root"]);
        configure(world, PAST, "2020-06-01");
        world.sign_in("root", [""], LET_THROUGH);
        world.configure(&table("staff", TO_COME, "2999-06-01"));
        world.sign_in("root", [""], "PAM_AUTH_ERR");
        world.ended("refused reason=not-enrolled user=root");
    });
}

#[test]
fn a_fault_in_a_table_refuses_everybody_and_names_it() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        for (text, named) in [
            (
                table("staff", "2027-01-15", "2026-12-01"),
                "rollout.deny_from",
            ),
            (
                table("staff", "\"2027-01-15\"", "2028-01-01"),
                "rollout.enroll_from",
            ),
            (table("staff", PAST, TO_COME).repeat(2), "staff twice"),
        ] {
            world.configure(&format!("unenrolled = \"allow\"\n{text}"));
            for (name, answer) in [("bob", ""), ("alice", &*alice.code())] {
                world.sign_in(name, [answer], "PAM_AUTHINFO_UNAVAIL");
                let line = world.ended("unusable reason=config");
                assert!(line.contains(named), "{line}");
            }
        }
    });
}

#[test]
fn whatever_system_call_fails_nobody_is_let_in_whose_date_is_past() {
    in_world(|world| {
        world.add_group("staff", 2000, &["bob"]);
        configure(world, PAST, "2020-06-01");
        traced(world, "bob", &[]).ends("PAM_AUTH_ERR");
        let calls = calls(world, "bob");
        let reads_groups = |call: &&Call| call.to_string().contains("/etc/group");
        assert!(calls.iter().any(|call| reads_groups(&call)), "{calls:#?}");
        for call in &calls {
            for error in ["EIO", "ENOENT", "EMFILE"] {
                forget_activity("bob");
                let played = tampered(world, "bob", call, &format!("error={error}")).play();
                assert!(was_met(world, "bob"), "{error} at {call}");
                // PAM_ABORT where the clock itself fails.
                let refusals = ["PAM_AUTH_ERR", "PAM_AUTHINFO_UNAVAIL", "PAM_ABORT"];
                let is_refused = refusals.contains(&played.result());
                assert!(is_refused, "{error} at {call}: {played:#?}");
            }
        }
    });
}
