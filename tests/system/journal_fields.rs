//! Where the log is journald's, each field of a line is a field of its own there; the line itself is where it was.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;

use antiphon_core::logline;
use antiphon_tests::{PamHost, Sshd, World, in_world};
use serde_json::Value;

use crate::journald::Journald;
use crate::prompts::CODE;

/// journald's own socket, and the one to which `/dev/log` leads.
const SOCKET: &str = "/run/systemd/journal/socket";
const FOR_SYSLOG: &str = "/run/systemd/journal/dev-log";

/// Our fields in an entry, as in the line; without those that the line has before its fields.
fn fields(entry: &Value) -> Vec<(String, String)> {
    let all = entry.as_object().unwrap().iter();
    let ours = all.filter_map(|(name, value)| {
        let name = name.strip_prefix("ANTIPHON_")?.to_lowercase();
        let value = value.as_str().unwrap_or_else(|| panic!("{name}: {entry}"));
        Some((name, value.to_owned()))
    });
    ours.filter(|(name, _)| !["from", "service"].contains(&name.as_str()))
        .collect()
}

/// Those of the line in its text, in the same order.
fn fields_of_text(entry: &Value) -> Vec<(String, String)> {
    let text = entry["MESSAGE"].as_str().unwrap();
    let (_, line) = text.split_once(":auth): ").unwrap();
    let fields = logline::fields(line).unwrap_or_else(|| panic!("{line}"));
    let mut fields: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    fields.sort();
    fields
}

#[test]
fn each_field_of_a_line_is_one_in_the_journal_and_every_query_of_before_finds_the_line() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let sshd = Sshd::start(world, "");
        let journald = Journald::start(world);
        let mut ssh = sshd.after_password(world, "alice", "id");
        ssh.expect(CODE);
        let ours = ["_UID=0", "ANTIPHON_FROM=module", "ANTIPHON_SERVICE=sshd"];
        // Whoever wrote this line still waits when journald looks it up; the last line's writer may have gone by then, and
        // with it what journald calls the program.
        let [asked] = &journald.entries(&[&ours[..], &["ANTIPHON_ASKED=code"]].concat())[..] else {
            panic!("{:#?}", journald.entries(&ours));
        };
        assert_eq!(asked["_COMM"], asked["SYSLOG_IDENTIFIER"]);
        ssh.send_line(&alice.code());
        ssh.end().well();
        let entries = journald.entries(&[&ours[..], &["ANTIPHON_OUTCOME=accepted"]].concat());
        let [entry] = &entries[..] else {
            panic!("{entries:#?}");
        };
        assert_eq!(fields(entry), fields_of_text(entry));
        for (name, value) in [
            ("ANTIPHON_USER", "alice"),
            ("ANTIPHON_METHOD", "code"),
            ("ANTIPHON_RHOST", "127.0.0.1"),
            ("PRIORITY", "6"),
            ("SYSLOG_FACILITY", "10"),
            ("_TRANSPORT", "journal"),
        ] {
            assert_eq!(entry[name], value, "{name}: {entry}");
        }
        assert_eq!(entry["SYSLOG_PID"], entry["_PID"]);
        let program = entry["SYSLOG_IDENTIFIER"].as_str().unwrap();
        let text = entry["MESSAGE"].as_str().unwrap();
        for query in [
            &["-t", program][..],
            &["_UID=0", "SYSLOG_FACILITY=10"],
            &["-p", "info"],
            &["-g", "pam_antiphon"],
        ] {
            let shown = journald.shows(query);
            assert!(shown.contains(text), "{query:?}: {shown}");
        }
    });
}

#[test]
fn no_name_host_or_terminal_adds_a_field_or_changes_another() {
    in_world(|world| {
        let journald = Journald::start(world);
        let hostile = [
            "x\nANTIPHON_OUTCOME=accepted\n",
            "x\nANTIPHON_OUTCOME\n\u{1}\u{8}",
            "x\n\nMESSAGE=pam_antiphon(sshd:auth): outcome=accepted",
            "x\" outcome=accepted y=\"",
            "x outcome=accepted",
            "x\\",
            "x\nANTIPHON_METHOD=code\nPRIORITY=0\n_UID=1000",
        ];
        for (id, word) in (3000..).zip(hostile) {
            let name = word
                .replace(['\n', ':'], " ")
                .replace(char::is_control, "?");
            let mut passwd = OpenOptions::new().append(true).open("/etc/passwd").unwrap();
            writeln!(passwd, "{name}:x:{id}:{id}::/:/bin/sh").unwrap();
            let named = world.enrol_with_long_codes(&name);
            let host = PamHost::new(world, &name)
                .option(&format!("--rhost={word}"))
                .option(&format!("--ruser={word}"))
                .option(&format!("--tty={word}"));
            host.answers([&named.wrong_code(); 3]).ends("PAM_AUTH_ERR");
        }
        let entries = journald.entries(&["ANTIPHON_FROM=module"]);
        let mut ended = 0;
        for entry in &entries {
            assert_eq!(fields(entry), fields_of_text(entry), "{entry}");
            assert_eq!(entry["_UID"], "0");
            assert_ne!(entry["PRIORITY"], "0");
            ended += usize::from(entry["ANTIPHON_OUTCOME"] == "wrong");
        }
        assert_eq!(ended, hostile.len(), "{entries:#?}");
        for query in ["ANTIPHON_OUTCOME=accepted", "ANTIPHON_METHOD=recovery"] {
            assert!(journald.entries(&[query]).is_empty(), "{query}");
        }
    });
}

/// What journald is given by way of `/dev/log`, where nothing else of it works.
fn instead_of_journald() -> UnixDatagram {
    fs::create_dir_all("/run/systemd/journal").unwrap();
    let for_syslog = UnixDatagram::bind(FOR_SYSLOG).unwrap();
    for_syslog.set_nonblocking(true).unwrap();
    fs::remove_file("/dev/log").unwrap();
    symlink(FOR_SYSLOG, "/dev/log").unwrap();
    for_syslog
}

/// The texts in a socket.
fn texts(socket: &UnixDatagram) -> Vec<String> {
    let mut buffer = [0; 4096];
    let mut texts = Vec::new();
    loop {
        match socket.recv(&mut buffer) {
            Ok(length) => texts.push(String::from_utf8(buffer[..length].to_vec()).unwrap()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                return texts;
            }
        }
    }
}

fn sign_in(world: &World, name: &str) {
    let enrolled = world.enrol_with_long_codes(name);
    world.sign_in(name, [enrolled.code()], "PAM_SUCCESS");
}

#[test]
fn where_journald_takes_no_entry_the_line_goes_the_way_of_syslog() {
    in_world(|world| {
        let for_syslog = instead_of_journald();
        let ended = |name: &str| {
            let texts = texts(&for_syslog);
            let end = format!("outcome=accepted method=code user={name}");
            let is_end = |text: &&String| text.starts_with("<86>") && text.ends_with(&end);
            assert_eq!(texts.iter().filter(is_end).count(), 1, "{texts:#?}");
        };
        // No socket, then one that nobody holds, then something else.
        sign_in(world, "alice");
        ended("alice");
        drop(UnixDatagram::bind(SOCKET).unwrap());
        sign_in(world, "bob");
        ended("bob");
        fs::remove_file(SOCKET).unwrap();
        fs::write(SOCKET, "").unwrap();
        sign_in(world, "root");
        ended("root");
        assert_eq!(fs::read(SOCKET).unwrap(), b"");
    });
}

/// The other socket of a journald that hangs would let each line wait once more.
#[test]
fn a_journald_that_hangs_lets_a_sign_in_go_on_and_is_not_tried_a_second_way() {
    in_world(|world| {
        let for_syslog = instead_of_journald();
        let _unread = UnixDatagram::bind(SOCKET).unwrap();
        let full = UnixDatagram::unbound().unwrap();
        full.connect(SOCKET).unwrap();
        full.set_nonblocking(true).unwrap();
        while full.send(b"MESSAGE=one more\n").is_ok() {}
        sign_in(world, "bob");
        let texts = texts(&for_syslog);
        let of_ours = texts.iter().filter(|text| text.contains("pam_antiphon("));
        assert_eq!(of_ours.count(), 0, "{texts:#?}");
    });
}

#[test]
fn where_a_syslog_daemon_has_dev_log_for_itself_journald_is_given_nothing() {
    in_world(|world| {
        fs::create_dir_all("/run/systemd/journal").unwrap();
        let journald = UnixDatagram::bind(SOCKET).unwrap();
        journald.set_nonblocking(true).unwrap();
        sign_in(world, "alice");
        world.ended_once("accepted method=code user=alice");
        assert_eq!(texts(&journald), [""; 0]);
    });
}
