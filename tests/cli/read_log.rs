//! `antiphon log`: our lines from a real journal, and from the files of a syslog daemon with those rotated away.

mod followed;
mod forged;

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::time::UnixTime;
use antiphon_tests::{PamHost, in_world};
use serde_json::Value;

use crate::command::{Said, antiphon, antiphon_with, enroll, run, sh, signs_in};
use crate::daemon::{Daemon, in_house};
use crate::journald::Journald;

const LOG: &str = "/var/log/auth.log";

/// The objects, one a line.
fn objects(said: &Said) -> Vec<Value> {
    let lines = said.out.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn now() -> UnixTime {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixTime(now.as_secs())
}

/// The line of a file, so many seconds ago.
fn stamped(seconds: u64, rest: &str) -> String {
    let time = UnixTime(now().0 - seconds).to_string();
    let time = time.trim_end_matches('Z');
    format!("{time}.123456+00:00 harbour {rest}\n")
}

fn accepted(user: &str) -> String {
    format!(
        "sshd[7]: pam_antiphon(sshd:auth): outcome=accepted method=code user={user} rhost=203.0.113.5 tty=ssh"
    )
}

#[test]
fn the_journal_has_what_module_command_and_daemon_said_and_each_once() {
    in_house(|world| {
        let journal = Journald::start(world);
        let daemon = Daemon::start(world, "");
        let alice = enroll(world, "alice");
        let by_command = journal.entries(&["_UID=0", "ANTIPHON_FROM=command"]);
        assert_eq!(by_command[0]["ANTIPHON_OUTCOME"], "enrolled");
        assert!(signs_in(world, &alice.code(), 0));
        PamHost::new(world, "alice")
            .answers(["000000"; 3])
            .ends("PAM_AUTH_ERR");
        drop(daemon);
        journal.folder();
        let said = antiphon(world, "log --json").done();
        let told: Vec<String> = objects(&said)
            .iter()
            .filter(|line| line["fields"]["outcome"].is_string())
            .map(|line| {
                let [from, outcome] = [&line["from"], &line["fields"]["outcome"]];
                assert_eq!(line["fields"]["user"], "alice");
                assert_eq!(line["host"], antiphon_tests::HOST);
                assert!(UnixTime::read(line["time"].as_str().unwrap()).is_some());
                format!("{} {}", from.as_str().unwrap(), outcome.as_str().unwrap())
            })
            .collect();
        assert_eq!(
            told,
            ["command enrolled", "module accepted", "module wrong"]
        );
        antiphon(world, "log")
            .done()
            .says("alice      accepted, code")
            .says("alice      enrolled, code");
    });
}

/// Sends journald an entry of root's, by its own protocol.
fn send_natively(fields: &[(&str, &str)]) {
    let lines = fields
        .iter()
        .map(|(name, value)| format!("{name}={value}\n"));
    let entry: String = lines.collect();
    let socket = UnixDatagram::unbound().unwrap();
    let journald = "/run/systemd/journal/socket";
    socket.send_to(entry.as_bytes(), journald).unwrap();
}

#[test]
fn fields_of_the_journal_come_before_those_of_the_text_and_text_alone_is_read_as_well() {
    in_world(|world| {
        let journal = Journald::start(world);
        let text = accepted("text");
        let (_, text) = text.split_once(": ").unwrap();
        sh(&format!("logger -p authpriv.info -t sshd '{text}'"));
        send_natively(&[
            ("MESSAGE", text),
            ("SYSLOG_FACILITY", "10"),
            ("SYSLOG_IDENTIFIER", "sshd"),
            ("ANTIPHON_USER", "field\u{1b}"),
            // Not in the text, so not of this line.
            ("ANTIPHON_PHONE", "x"),
        ]);
        journal.folder();
        let said = antiphon(world, "log --json").done();
        let lines = objects(&said);
        let mut fields: Vec<_> = lines.iter().map(|line| &line["fields"]).collect();
        assert_eq!(fields.len(), 2, "{said:?}");
        // They came by two sockets, of which journald reads either first.
        fields.sort_by_key(|fields| fields["user"].to_string());
        for (fields, user) in fields.iter().zip(["field?", "text"]) {
            assert_eq!(fields["user"], user);
            assert_eq!(fields["rhost"], "203.0.113.5");
            assert_eq!(fields["phone"], Value::Null);
        }
        antiphon(world, "log")
            .done()
            .says("text       accepted, code, from 203.0.113.5, on ssh")
            .says("field?     accepted, code, from 203.0.113.5, on ssh");
    });
}

#[test]
fn files_are_read_with_those_rotated_away_oldest_first_and_either_kind_of_time() {
    in_world(|world| {
        let hour = 3600;
        let zone = "TZ=UTC";
        fs::write(format!("{LOG}.2"), stamped(20 * hour, &accepted("one"))).unwrap();
        sh(&format!("gzip {LOG}.2; touch -d '19 hours ago' {LOG}.2.gz"));
        // Without a year, in this computer's zone.
        sh(&format!(
            "ln -sf /usr/share/zoneinfo/UTC /etc/localtime; {zone} LC_ALL=C date -d '10 hours ago' '+%b %e %T harbour {}' >{LOG}.1; \
             touch -d '9 hours ago' {LOG}.1",
            accepted("two").replace('%', "%%")
        ));
        let others = stamped(
            30,
            "sshd[7]: Failed password for pam_antiphon(sshd:auth): x",
        );
        let long = format!("{}\n", "x".repeat(1 << 20));
        let text = [
            others,
            long,
            stamped(20, &accepted("three")),
            accepted("half"),
        ]
        .concat();
        fs::write(LOG, text).unwrap();
        // Written to last long ago: nothing of the last day can be in it.
        fs::write(format!("{LOG}.3"), stamped(hour, &accepted("old"))).unwrap();
        sh(&format!("touch -d '3 days ago' {LOG}.3"));
        let users = |arguments: &str| -> Vec<String> {
            let said = antiphon(world, &format!("log --json {arguments}")).done();
            let objects = objects(&said);
            let users = objects
                .iter()
                .map(|line| line["fields"]["user"].as_str().unwrap());
            users.map(str::to_owned).collect()
        };
        assert_eq!(users(""), ["one", "two", "three"]);
        assert_eq!(users("two"), ["two"]);
        assert_eq!(users("--since 12h"), ["two", "three"]);
        assert_eq!(users("--since 12h --until 1h"), ["two"]);
        assert!(users("--since now").is_empty());
    });
}

#[test]
fn a_broken_packed_file_and_a_missing_log_are_said() {
    in_world(|world| {
        fs::write(LOG, "").unwrap();
        fs::write(format!("{LOG}.2.gz"), "no such thing").unwrap();
        antiphon(world, "log").failed(74, "auth.log.2.gz: gzip");
        fs::remove_file(LOG).unwrap();
        antiphon(world, "log").failed(66, "no journal, no /var/log/auth.log");
    });
}

#[test]
fn no_control_character_of_a_line_reaches_the_terminal() {
    in_world(|world| {
        let text = "antiphond[9]: a\u{1b}[31mb\u{7}\u{202e}c";
        let quoted = "x[9]: pam_antiphon(su:auth): outcome=wrong user=\"a\u{1b}b\"";
        fs::write(LOG, [stamped(5, text), stamped(5, quoted)].concat()).unwrap();
        for arguments in ["log", "log --json"] {
            let said = antiphon(world, arguments).done().says("a?[31mb??c");
            let is_clean = |line: &str| {
                !line
                    .chars()
                    .any(|letter| letter.is_control() || letter == '\u{202e}')
            };
            assert!(said.out.lines().all(is_clean), "{said:?}");
        }
    });
}

#[test]
fn lines_of_the_phones_request_are_the_persons_and_a_fix_stands_below() {
    in_world(|world| {
        let lines = [
            "antiphond[9]: request=Aa1 user=alice host=web1 service=sshd phones=1",
            "antiphond[9]: request=Bb2 user=bob host=web1 service=sshd phones=1",
            "antiphond[9]: request=Aa1 outcome=accepted",
            "antiphond[9]: request=Bb2 outcome=expired",
            "sshd[7]: pam_antiphon(sshd:auth): outcome=locked user=alice fix=\"antiphon unlock alice\"",
        ];
        let text: String = lines.iter().map(|line| stamped(5, line)).collect();
        fs::write(LOG, text).unwrap();
        antiphon(world, "log alice")
            .done()
            .says("request Aa1, accepted")
            // Anybody could have written that: root is not shown what to type.
            .says("locked\n    fix: see antiphon doctor\n")
            .says_no("unlock alice")
            .says_no("Bb2");
    });
}

#[test]
fn it_works_while_the_configuration_is_broken_and_says_if_there_is_nothing() {
    in_world(|world| {
        world.configure("mode = [");
        fs::write(LOG, "").unwrap();
        antiphon(world, "log")
            .done()
            .says("Nothing was logged since");
        assert!(antiphon(world, "log --json").done().out.is_empty());
        antiphon_with(world, &["log", "--since", "tomorrow"]).failed(64, "yesterday");
    });
}

#[test]
fn only_root_reads_the_log() {
    in_world(|world| {
        let copy = world.folder().join("antiphon");
        fs::copy(&world.product().command, &copy).unwrap();
        let mut log = world.command_of("bob", copy.to_str().unwrap());
        run(log.arg("log"), "").failed(77, "only root");
    });
}
