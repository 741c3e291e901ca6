//! The journal, read by `journalctl`: its files have a form that only systemd's own programs promise to understand.
//!
//! Here the sender of an entry is known, by fields that programs cannot set. Lines of ours come from root, also those of su
//! and sudo, which say so, and from antiphond's user in antiphond's unit. Everything else that looks like ours is shown and marked: a
//! person's own program has sent it, or a program of root that the person has made write it. To leave it out could hide a line
//! of ours, since who calls su chooses its name.

use std::fs;
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use antiphon_core::logline;
use antiphon_core::time::UnixTime;
use nix::unistd::User;
use serde_json::Value;

use super::entry::Entry;
use super::lines::Lines;
use super::{Span, Take};
use crate::failure::{Failure, Kind};

const PROGRAM: &str = "journalctl";
/// Where the journal's files are, each computer's in a folder of its own.
const FOLDERS: [&str; 2] = ["/var/log/journal", "/run/log/journal"];
const UNIT: &str = "antiphond.service";
/// Whom the daemon runs as.
const DAEMON: &str = "antiphon";
/// How the module's lines begin, whatever the program is called.
const OF_MODULE: &str = "pam_antiphon(";
/// The fields of every entry that are looked at.
const FIELDS: &str = "MESSAGE,SYSLOG_IDENTIFIER,_PID,_UID,_EXE,_SYSTEMD_UNIT,_HOSTNAME";

/// Whether this computer keeps a journal.
pub(super) fn is_kept() -> bool {
    let folders = FOLDERS
        .into_iter()
        .filter_map(|folder| fs::read_dir(folder).ok());
    let has_journal = |path: &Path| {
        fs::read_dir(path).is_ok_and(|files| {
            files
                .flatten()
                .any(|file| file.path().extension().is_some_and(|end| end == "journal"))
        })
    };
    folders
        .flatten()
        .flatten()
        .any(|folder| has_journal(&folder.path()))
}

/// Hands what may be ours to `take`, oldest first.
pub(super) fn read(span: &Span, take: Take<'_>) -> Result<(), Failure> {
    let mut command = Command::new(PROGRAM);
    command
        .args(["--quiet", "--no-pager", "--output=json"])
        .arg(wanted_fields())
        .arg(format!("--since=@{}", span.since.0))
        .args(span.until.map(|until| format!("--until=@{}", until.0)))
        .args(
            span.follows
                .then_some(["--follow", "--no-tail"])
                .into_iter()
                .flatten(),
        )
        // Facility AUTHPRIV, or what the daemon says besides.
        .args(["SYSLOG_FACILITY=10", "+"])
        .arg(format!("_SYSTEMD_UNIT={UNIT}"))
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut reader = Reader(command.spawn().map_err(failed)?);
    let Some(out) = reader.0.stdout.take() else {
        return Ok(());
    };
    let mut lines = Lines::new(BufReader::new(out));
    let daemon = User::from_name(DAEMON).ok().flatten();
    let daemon = daemon.map(|user| user.uid.as_raw());
    while let Some(line) = lines.next().map_err(failed)? {
        let Some((mut entry, sender)) = entry_of(&line) else {
            continue;
        };
        if may_be_ours(&entry) {
            entry.is_verified = Some(sender.is_ours(&entry, daemon));
            take(entry)?;
        }
    }
    let status = reader.0.wait().map_err(failed)?;
    if !status.success() {
        return Err(failed(status));
    }
    Ok(())
}

fn failed(why: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Io, format!("{PROGRAM}: {why}"))
}

/// A running program, which does not outlive its reader.
struct Reader(Child);

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Who sent an entry, according to the kernel and the journal.
#[derive(Debug, PartialEq, Eq)]
struct Sender {
    uid: Option<u32>,
    program: String,
    unit: String,
}

impl Sender {
    /// Whether it is root, or the daemon with a line of its own. What else runs as a person's user id, that person may
    /// have made write this.
    fn is_ours(&self, entry: &Entry, daemon: Option<u32>) -> bool {
        let Some(uid) = self.uid else {
            return false;
        };
        let is_daemon = || {
            Some(uid) == daemon
                && self.unit == UNIT
                && is_program_of_daemon(&self.program)
                && entry.program == "antiphond"
                && !entry.text.starts_with(OF_MODULE)
        };
        uid == 0 || is_daemon()
    }
}

fn is_program_of_daemon(path: &str) -> bool {
    // As the kernel names it after an upgrade.
    let path = path.strip_suffix(" (deleted)").unwrap_or(path);
    Path::new(path).file_name() == Some("antiphond".as_ref())
}

/// What `journalctl` is to print of each entry.
fn wanted_fields() -> String {
    let ours = logline::FIELDS.map(|name| format!(",{}", in_journal(name)));
    format!("--output-fields={FIELDS}{}", ours.concat())
}

/// What the journal calls a field of a line.
fn in_journal(name: &str) -> String {
    format!("ANTIPHON_{}", name.to_ascii_uppercase())
}

/// A first look, before the sender is judged.
fn may_be_ours(entry: &Entry) -> bool {
    matches!(entry.program.as_str(), "antiphon" | "antiphond") || entry.text.starts_with(OF_MODULE)
}

/// An entry in the JSON form of `journalctl`.
fn entry_of(line: &str) -> Option<(Entry, Sender)> {
    let object: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| text_of(object.get(name)?);
    let microseconds: u64 = text("__REALTIME_TIMESTAMP")?.parse().ok()?;
    let entry = Entry {
        time: UnixTime(microseconds / 1_000_000),
        host: text("_HOSTNAME").unwrap_or_default(),
        program: text("SYSLOG_IDENTIFIER").unwrap_or_default(),
        pid: text("_PID").and_then(|pid| pid.parse().ok()),
        text: text("MESSAGE")?,
        fields: logline::FIELDS
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), text(&in_journal(name))?)))
            .collect(),
        is_verified: None,
    };
    let sender = Sender {
        uid: text("_UID").and_then(|uid| uid.parse().ok()),
        program: text("_EXE").unwrap_or_default(),
        unit: text("_SYSTEMD_UNIT").unwrap_or_default(),
    };
    Some((entry, sender))
}

/// A field: a string, or an array of bytes if it has more than printable text. One that is given twice is none.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(bytes) => {
            let bytes: Option<Vec<u8>> = bytes
                .iter()
                .map(|byte| u8::try_from(byte.as_u64()?).ok())
                .collect();
            Some(String::from_utf8_lossy(&bytes?).into_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Sender, entry_of};

    fn line(fields: &str) -> String {
        format!(
            r#"{{"__REALTIME_TIMESTAMP":"1795377600123456","_HOSTNAME":"harbour","SYSLOG_IDENTIFIER":"su","_PID":"7",{fields}}}"#
        )
    }

    #[test]
    fn an_entry_is_read_whatever_its_text_is_made_of() {
        let (entry, _) = entry_of(&line(r#""MESSAGE":"one","_UID":"0""#)).unwrap();
        assert_eq!(entry.time.to_string(), "2026-11-22T20:00:00Z");
        assert_eq!((entry.text.as_str(), entry.pid), ("one", Some(7)));
        let (entry, _) = entry_of(&line(r#""MESSAGE":[97,27,98,255]"#)).unwrap();
        assert_eq!(entry.text, "a\u{1b}b\u{fffd}");
        for other in [
            "",
            "{}",
            "[1]",
            &line(r#""MESSAGE":null"#),
            &line(r#""MESSAGE":["a","b"]"#),
        ] {
            assert!(entry_of(other).is_none(), "{other}");
        }
    }

    #[test]
    fn only_root_and_antiphond_with_its_own_lines_are_believed() {
        let sender = |uid: u32, program: &str, unit: &str| Sender {
            uid: Some(uid),
            program: program.to_owned(),
            unit: unit.to_owned(),
        };
        let (su, _) = entry_of(&line(r#""MESSAGE":"pam_antiphon(su:auth): x""#)).unwrap();
        let mut of_daemon = su.clone();
        of_daemon.program = "antiphond".to_owned();
        of_daemon.text = "outcome=accepted".to_owned();
        // As su is called by a person: `exec -a antiphond su`.
        let mut named = su.clone();
        named.program = "antiphond".to_owned();
        let daemon = Some(999);
        let unit = "antiphond.service";
        for entry in [&su, &of_daemon, &named] {
            assert!(sender(0, "", "").is_ours(entry, daemon));
            for program in ["/usr/bin/su", "/usr/bin/sudo", "/usr/bin/logger", ""] {
                assert!(!sender(1000, program, "").is_ours(entry, daemon));
                assert!(!sender(1000, program, unit).is_ours(entry, daemon));
            }
            let nobody = Sender {
                uid: None,
                program: "/usr/sbin/antiphond".to_owned(),
                unit: unit.to_owned(),
            };
            assert!(!nobody.is_ours(entry, daemon));
        }
        let antiphond = sender(999, "/usr/sbin/antiphond", unit);
        assert!(antiphond.is_ours(&of_daemon, daemon));
        let upgraded = sender(999, "/usr/sbin/antiphond (deleted)", unit);
        assert!(upgraded.is_ours(&of_daemon, daemon));
        assert!(!antiphond.is_ours(&of_daemon, None));
        // It has no say about sign-ins.
        assert!(!antiphond.is_ours(&named, daemon) && !antiphond.is_ours(&su, daemon));
        assert!(!sender(999, "/usr/bin/curl", unit).is_ours(&of_daemon, daemon));
        assert!(!sender(999, "/usr/sbin/antiphond", "").is_ours(&of_daemon, daemon));
    }
}
