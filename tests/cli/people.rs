//! `antiphon status` of everybody: the table, who is missing, values for a spreadsheet, and the page.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use antiphon_core::activity::Event;
use antiphon_tests::{World, in_world};
use serde_json::{Value, json};

use crate::command::{antiphon, command, enroll, files, run, signs_in};
use crate::fix::status;

const STAFF: &str = "unenrolled = \"allow\"\n[exempt]\ngroups = [\"robots\"]\n\
                     [[rollout]]\ngroup = \"staff\"\nenroll_from = 2020-01-01\ndeny_from = 2999-01-15\n";

/// Alice is enrolled and has signed in; bob is in a group that is being enrolled, carol in an exempt one.
fn begin(world: &World) {
    let alice = enroll(world, "alice");
    assert!(signs_in(world, &alice.recovery[0], 0));
    world.add_person("carol", 1002);
    world.add_group("staff", 2000, &["alice", "bob"]);
    world.add_group("robots", 2001, &["carol"]);
    world.configure(STAFF);
}

/// The table's line of this person.
fn line(table: &str, name: &str) -> String {
    let mut lines = table.lines();
    let found = lines.find(|line| line.split_whitespace().next() == Some(name));
    found
        .unwrap_or_else(|| panic!("{name} in {table}"))
        .to_owned()
}

fn people(world: &World, arguments: &str) -> Vec<Value> {
    let object = antiphon(world, &format!("status {arguments} --json"))
        .done()
        .object();
    object["people"].as_array().unwrap().clone()
}

#[test]
fn the_table_has_everybody_with_a_shell_and_says_what_happens_to_each_and_when() {
    in_world(|world| {
        begin(world);
        let before = files(world);
        let table = antiphon(world, "status --table").done().out;
        let alice = line(&table, "alice");
        assert!(
            alice.contains("code") && alice.contains("  9  staff: asked"),
            "{table}"
        );
        let bob = line(&table, "bob");
        let happens = "staff: enrols at the sign-in, from 2999-01-15 refused";
        assert!(bob.ends_with(happens), "{table}");
        assert!(line(&table, "carol").ends_with("exempt"), "{table}");
        assert!(line(&table, "root").ends_with("let in without"), "{table}");
        // Nobody signs in to these.
        assert!(
            !table.contains("nobody") && !table.contains("sshd"),
            "{table}"
        );
        let end = "4 people: 1 enrolled, 2 people who could not sign in if everybody had to have a second factor.";
        assert_eq!(table.lines().last(), Some(end));
        assert_eq!(files(world), before);
    });
}

#[test]
fn those_are_missing_who_are_neither_enrolled_nor_exempt_or_cannot_use_what_they_have() {
    in_world(|world| {
        begin(world);
        let missing = || -> Vec<(String, String)> {
            let word = |person: &Value, key: &str| person[key].as_str().unwrap().to_owned();
            let rows = people(world, "--missing");
            rows.iter()
                .map(|row| (word(row, "user"), word(row, "missing")))
                .collect()
        };
        let pairs = |expected: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = |(name, why): &(&str, &str)| ((*name).to_owned(), (*why).to_owned());
            expected.iter().map(owned).collect()
        };
        let [root, bob] = [("root", "not-enrolled"), ("bob", "not-enrolled")];
        assert_eq!(missing(), pairs(&[root, bob]));
        fs::write(world.record_path("alice"), "").unwrap();
        assert_eq!(missing(), pairs(&[root, ("alice", "unusable"), bob]));
        let _ = enroll(world, "bob");
        let _ = enroll(world, "root");
        fs::remove_file(world.record_path("alice")).unwrap();
        let _ = enroll(world, "alice");
        assert_eq!(missing(), pairs(&[]));
        antiphon(world, "status --missing")
            .done()
            .says("Nobody of 4 people is missing");
    });
}

#[test]
fn a_person_whom_the_user_database_does_not_list_is_there_if_they_have_a_record() {
    in_world(|world| {
        begin(world);
        let passwd = fs::read_to_string("/etc/passwd").unwrap();
        let rest: Vec<&str> = passwd
            .lines()
            .filter(|line| !line.starts_with("alice:"))
            .collect();
        fs::write("/etc/passwd", rest.join("\n") + "\n").unwrap();
        let rows = people(world, "--table");
        let alice = rows.last().unwrap();
        assert_eq!(
            (&alice["user"], &alice["enrolled"]),
            (&json!("alice"), &json!(true))
        );
    });
}

#[test]
fn values_for_a_spreadsheet_are_quoted_end_with_carriage_returns_and_are_no_formulas() {
    in_world(|world| {
        begin(world);
        let mut passwd = OpenOptions::new().append(true).open("/etc/passwd").unwrap();
        writeln!(passwd, "=cmd|'/c calc'!A0:x:3000:3000::/:/bin/sh").unwrap();
        writeln!(passwd, "a\"b,c:x:3001:3001::/:/bin/sh").unwrap();
        let table = antiphon(world, "status --csv").done().out;
        let records: Vec<&str> = table.split_terminator("\r\n").collect();
        assert_eq!(records.len(), 7, "{table}");
        assert!(table.ends_with("\r\n") && records.iter().all(|record| !record.contains('\n')));
        assert!(
            records[0].starts_with("user,enrolled,ways,since,last_success,recovery_codes_left,")
        );
        let alice = records
            .iter()
            .find(|record| record.starts_with("alice,yes,code,2"))
            .unwrap();
        assert!(
            alice.ends_with(",9,no,yes,no,staff,enroll,2999-01-15T00:00:00Z,deny,"),
            "{alice}"
        );
        let of = |begin: &str| records.iter().any(|record| record.starts_with(begin));
        assert!(of("\"'=cmd|'/c calc'!A0\",no,"), "{table}");
        assert!(of("\"a\"\"b,c\",no,"), "{table}");
    });
}

#[test]
fn one_persons_object_has_when_they_were_enrolled_and_what_would_happen_without() {
    in_world(|world| {
        begin(world);
        let alice = status(world);
        assert!(
            alice["since"].is_string() && alice["last_success"].is_string(),
            "{alice}"
        );
        assert_eq!(alice["untried"], false);
        assert_eq!(
            (&alice["rollout"], &alice["unenrolled"]),
            (&json!("staff"), &json!("enroll"))
        );
        assert_eq!(alice["next_date"], "2999-01-15T00:00:00Z");
        antiphon(world, "status bob")
            .done()
            .says("staff: enrols at the sign-in, from 2999-01-15 refused");
        let _ = enroll(world, "bob");
        let users = antiphon(world, "status bob --json").done().object()["users"].clone();
        assert_eq!(users[0]["untried"], true);
    });
}

#[test]
fn the_page_counts_what_happened_names_nobody_and_needs_nothing_from_elsewhere() {
    in_world(|world| {
        begin(world);
        let now = "2026-01-05T12:00:00Z";
        for (outcome, reason, method) in [
            ("accepted", "", "approval"),
            ("asked", "", ""),
            ("wrong", "", ""),
            ("exempt", "rehearsed", ""),
        ] {
            let event = Event {
                time: now.to_owned(),
                outcome: outcome.to_owned(),
                reason: reason.to_owned(),
                method: method.to_owned(),
                service: "sshd".to_owned(),
                remote_host: "203.0.113.5".to_owned(),
                ..Event::default()
            };
            world.happened("bob", &event);
        }
        for (options, words) in [
            ("", "How people signed in"),
            (" --language en", "Refused sign-ins, by reason"),
            (" --language sv", "Nekade inloggningar, efter orsak"),
        ] {
            let page = antiphon(world, &format!("status --html{options}"))
                .done()
                .out;
            assert!(
                page.starts_with("<!doctype html>") && page.contains(words),
                "{page}"
            );
            for (outer, elsewhere) in [
                ("<script", "://"),
                ("src=", "url("),
                ("@import", "javascript:"),
            ] {
                assert!(!page.contains(outer) && !page.contains(elsewhere), "{page}");
            }
            for name in ["alice", "bob", "carol", "203.0.113.5"] {
                assert!(!page.contains(name), "{name}");
            }
            // Each plot has its drawing, described, and its table.
            assert_eq!(
                page.matches("<svg").count(),
                page.matches("<table>").count()
            );
            assert_eq!(page.matches("<svg").count(), page.matches("<desc").count());
        }
        let page = antiphon(world, "status --html").done().out;
        assert!(
            page.contains("2999-01-15 00:00 UTC: members of staff"),
            "{page}"
        );
        world.configure("organisation = \"A <b>& B\"\n");
        let page = antiphon(world, "status --html").done().out;
        assert!(
            page.contains("A &lt;b&gt;&amp; B") && !page.contains("A <b>"),
            "{page}"
        );
    });
}

#[test]
fn a_page_and_a_table_are_roots_alone_and_an_output_that_is_full_is_an_error() {
    in_world(|world| {
        begin(world);
        // Where people can read it.
        let copy = world.folder().join("antiphon");
        fs::copy(&world.product().command, &copy).unwrap();
        fs::set_permissions(&copy, Permissions::from_mode(0o755)).unwrap();
        for form in ["--table", "--missing", "--csv", "--html"] {
            let mut as_bob = world.command_of("bob", copy.to_str().unwrap());
            run(as_bob.args(["status", form]), "").failed(77, "root");
            crate::command::into_a_full_disk(world, &["status", form])
                .failed(74, "standard output");
            antiphon(world, &format!("status alice {form}")).exits(64);
        }
        let mut both = command(world, &["status", "--html", "--table"]);
        run(&mut both, "").exits(64);
    });
}

#[test]
fn check_counts_those_whom_a_date_will_find_without_a_second_factor() {
    in_world(|world| {
        begin(world);
        let check = |deny_from: &str| {
            world.configure(&format!(
                "unenrolled = \"allow\"\n[[rollout]]\ngroup = \"staff\"\ndeny_from = {deny_from}\n"
            ));
            antiphon(world, "check").done()
        };
        let soon = {
            let now = std::time::SystemTime::now();
            let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
            antiphon_core::time::UnixTime(since.as_secs() + 3 * 86_400).to_string()
        };
        check("2999-01-01").says_no("rollout");
        check(&soon)
            .says("rollout of staff: 1 person without a second factor will be refused from ")
            .says("run: antiphon status --missing");
        check("2020-01-01")
            .says("rollout of staff: 1 person without a second factor is refused now");
        let _ = enroll(world, "bob");
        check(&soon).says_no("rollout");
        world.configure("[[rollout]]\ngroup = \"nosuch\"\ndeny_from = 2999-01-01\n");
        antiphon(world, "check")
            .exits(78)
            .says("the system knows no group nosuch");
    });
}
