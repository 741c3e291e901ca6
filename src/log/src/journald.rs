//! The journal's own protocol (systemd.io, "Native Journal Protocol"): one datagram of fields, without libsystemd.
//!
//! Each value is preceded by its length, so that nothing in it can end it: no name, host or terminal adds a field or
//! changes another. An entry is far below what a datagram can carry, since a line has a few dozen fields at most, each of
//! them short. Only root can put another socket in the place of journald's: `/dev` and `/run` are root's alone.

use std::fs;
use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

use antiphon_core::logline;

use crate::{Line, Said, Writer, as_root};

/// Where journald listens for entries.
const SOCKET: &str = "/run/systemd/journal/socket";
/// Where it listens for syslog's lines, if `/dev/log` is a link there.
const FOR_SYSLOG: &str = "/run/systemd/journal/dev-log";
/// How the names of our fields begin.
const OURS: &str = "ANTIPHON_";

/// Whether what programs send to `/dev/log` goes to journald. Where a syslog daemon has that socket for itself, our
/// lines must go there too.
pub(crate) fn reads_dev_log() -> bool {
    fs::read_link("/dev/log").is_ok_and(|leads_to| leads_to == Path::new(FOR_SYSLOG))
}

/// Sends a line to journald and nowhere else.
///
/// # Errors
/// Nobody listens, or nobody has read for as long as we wait ([`io::ErrorKind::WouldBlock`]).
pub fn send(line: &Line<'_>) -> io::Result<()> {
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(line.patience()))?;
    socket.connect(SOCKET)?;
    as_root::send(&socket, &Entry::of(line).0)
}

/// An entry, as it is sent.
struct Entry(Vec<u8>);

impl Entry {
    fn of(line: &Line<'_>) -> Self {
        // Holds nearly every one of ours.
        let mut entry = Self(Vec::with_capacity(1024));
        entry.add("", "MESSAGE", &line.message());
        entry.add("", "PRIORITY", &(line.severity as u32).to_string());
        let facility = line.facility as u32 >> 3;
        entry.add("", "SYSLOG_FACILITY", &facility.to_string());
        entry.add("", "SYSLOG_IDENTIFIER", line.program());
        entry.add("", "SYSLOG_PID", &std::process::id().to_string());
        let from = match line.writer {
            Writer::Module { service, .. } => {
                entry.add(OURS, "SERVICE", service);
                "module"
            }
            Writer::Command => "command",
            Writer::Daemon => "daemon",
        };
        entry.add(OURS, "FROM", from);
        if let Said::Fields(fields) = line.said {
            for (name, value) in logline::fields(fields.as_str()).unwrap_or_default() {
                entry.add(OURS, name, &value);
            }
        }
        entry
    }

    fn add(&mut self, begin: &str, name: &str, value: &str) {
        let Self(bytes) = self;
        bytes.extend_from_slice(begin.as_bytes());
        let at = bytes.len();
        bytes.extend_from_slice(name.as_bytes());
        if let Some(name) = bytes.get_mut(at..) {
            name.make_ascii_uppercase();
        }
        bytes.push(b'\n');
        bytes.extend_from_slice(&(value.len() as u64).to_le_bytes());
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::logline::LogLine;
    use syslog::{Facility, Severity};

    use super::Entry;
    use crate::{Line, Said, Writer};

    /// The fields as journald reads them.
    fn read(mut entry: &[u8]) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        while !entry.is_empty() {
            let end = entry.iter().position(|byte| *byte == b'\n').unwrap();
            let (name, rest) = entry.split_at(end);
            assert!(
                name.iter()
                    .all(|byte| byte.is_ascii_uppercase() || *byte == b'_'),
                "{name:?}"
            );
            let (length, rest) = rest[1..].split_at(8);
            let length = u64::from_le_bytes(length.try_into().unwrap());
            let (value, rest) = rest.split_at(usize::try_from(length).unwrap());
            assert_eq!(rest[0], b'\n');
            let [name, value] = [name, value].map(|part| String::from_utf8(part.to_vec()).unwrap());
            fields.push((name, value));
            entry = &rest[1..];
        }
        fields
    }

    fn fields(writer: Writer<'_>, said: Said<'_>) -> Vec<(String, String)> {
        let line = Line {
            writer,
            facility: Facility::LOG_AUTHPRIV,
            severity: Severity::LOG_NOTICE,
            said,
        };
        let entry = Entry::of(&line);
        let mut fields = read(&entry.0);
        fields.retain(|(name, _)| name != "SYSLOG_PID");
        fields
    }

    const IN_SSHD: Writer<'_> = Writer::Module {
        program: "sshd-session",
        service: "sshd",
    };

    #[test]
    fn an_entry_has_the_text_of_syslog_and_each_field_of_the_line() {
        let line = LogLine::new()
            .with("outcome", "wrong")
            .with("user", "alice")
            .with("phone", "Åsas \"Pixel\" 9");
        let sent = fields(IN_SSHD, Said::Fields(&line));
        let sent: Vec<_> = sent
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            sent,
            [
                (
                    "MESSAGE",
                    r#"pam_antiphon(sshd:auth): outcome=wrong user=alice phone="Åsas \"Pixel\" 9""#
                ),
                ("PRIORITY", "5"),
                ("SYSLOG_FACILITY", "10"),
                ("SYSLOG_IDENTIFIER", "sshd-session"),
                ("ANTIPHON_SERVICE", "sshd"),
                ("ANTIPHON_FROM", "module"),
                ("ANTIPHON_OUTCOME", "wrong"),
                ("ANTIPHON_USER", "alice"),
                ("ANTIPHON_PHONE", "Åsas \"Pixel\" 9"),
            ]
        );
    }

    #[test]
    fn nothing_in_a_value_adds_a_field_or_ends_one() {
        let hostile = [
            "x\nANTIPHON_OUTCOME=accepted\n",
            "\n\nMESSAGE=x",
            "x\" outcome=accepted user=\"root",
            "\\",
            "a\nANTIPHON_USER\n\u{1}\0\0\0\0\0\0\0r\n",
        ];
        for value in hostile {
            let line = LogLine::new().with("outcome", "wrong").with("user", value);
            let sent = fields(Writer::Daemon, Said::Fields(&line));
            let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(
                names,
                [
                    "MESSAGE",
                    "PRIORITY",
                    "SYSLOG_FACILITY",
                    "SYSLOG_IDENTIFIER",
                    "ANTIPHON_FROM",
                    "ANTIPHON_OUTCOME",
                    "ANTIPHON_USER"
                ],
                "{value:?}"
            );
            // Also of a sentence, whose line breaks stand as they are.
            let sent = fields(IN_SSHD, Said::Sentence(value));
            assert_eq!(sent.len(), 6, "{sent:?}");
            assert_eq!(sent[0].1, format!("pam_antiphon(sshd:auth): {value}"));
        }
    }

    #[test]
    fn a_line_of_every_field_at_its_longest_is_a_small_datagram() {
        let longest = "\"".repeat(100_000);
        let names = antiphon_core::logline::FIELDS;
        let line = names
            .iter()
            .fold(LogLine::new(), |line, name| line.with(name, &longest));
        let line = Line {
            writer: IN_SSHD,
            facility: Facility::LOG_AUTHPRIV,
            severity: Severity::LOG_NOTICE,
            said: Said::Fields(&line),
        };
        let entry = Entry::of(&line);
        assert!(read(&entry.0).len() > names.len());
        // A quarter of what a datagram holds by default (net.core.wmem_default), in the kernel's own counting.
        assert!(entry.0.len() < 53_248, "{}", entry.0.len());
    }
}
