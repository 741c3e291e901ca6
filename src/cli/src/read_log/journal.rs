//! The journal, read by `journalctl`: its files have a form that only systemd's own programs promise to understand.
//!
//! Here the sender of an entry is known, by fields that programs cannot set. Lines of ours come from root, from antiphond's user,
//! and, since the kernel notes the real user id, from programs like su and sudo that a person has called. Whatever another
//! program of a person has sent is left out. The journal looks the program up when it reads the entry; where it had ended by
//! then, the line is shown and marked. Somebody who sends a line and becomes su in the same instant is not found out;
//! but nobody can forge the activity, which root keeps.

use std::fs;
use std::io::BufReader;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
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
/// The fields of every entry that are looked at.
const FIELDS: &str = "MESSAGE,SYSLOG_IDENTIFIER,_PID,_UID,_EXE,_HOSTNAME";

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

/// Hands what may be ours to `take`, oldest first. Returns how many were left out because of their sender.
pub(super) fn read(span: &Span, take: Take<'_>) -> Result<u64, Failure> {
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
        return Ok(0);
    };
    let mut lines = Lines::new(BufReader::new(out));
    let daemon = User::from_name(DAEMON).ok().flatten();
    let daemon = daemon.map(|user| user.uid.as_raw());
    let mut strangers = 0;
    while let Some(line) = lines.next().map_err(failed)? {
        let Some((mut entry, sender)) = entry_of(&line) else {
            continue;
        };
        if !may_be_ours(&entry) {
            continue;
        }
        if sender.is_stranger(&entry, daemon) {
            strangers += 1;
        } else {
            entry.is_verified = Some(sender.is_known());
            take(entry)?;
        }
    }
    let status = reader.0.wait().map_err(failed)?;
    if !status.success() {
        return Err(failed(status));
    }
    Ok(strangers)
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

/// Who sent an entry, according to the kernel.
#[derive(Debug, PartialEq, Eq)]
struct Sender {
    uid: Option<u32>,
    program: String,
}

impl Sender {
    /// Whether it is somebody's own program.
    fn is_stranger(&self, entry: &Entry, daemon: Option<u32>) -> bool {
        match self.uid {
            Some(0) => false,
            Some(uid) if entry.program == "antiphond" => Some(uid) != daemon,
            Some(_) => self.is_known() && !is_setuid(&self.program),
            None => true,
        }
    }

    /// Whether it was still there to be looked at.
    fn is_known(&self) -> bool {
        self.uid == Some(0) || !self.program.is_empty()
    }
}

/// Whether the program at `path` runs as root, whoever calls it.
fn is_setuid(path: &str) -> bool {
    // As the kernel names it after an upgrade.
    let path = path.strip_suffix(" (deleted)").unwrap_or(path);
    fs::symlink_metadata(path).is_ok_and(|program| {
        program.is_file() && program.uid() == 0 && program.permissions().mode() & 0o4000 != 0
    })
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
    matches!(entry.program.as_str(), "antiphon" | "antiphond")
        || entry.text.starts_with("pam_antiphon(")
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
    fn only_root_antiphond_and_programs_that_become_root_are_believed() {
        let sender = |uid: u32, program: &str| Sender {
            uid: Some(uid),
            program: program.to_owned(),
        };
        let (su, _) = entry_of(&line(r#""MESSAGE":"x""#)).unwrap();
        let mut of_daemon = su.clone();
        of_daemon.program = "antiphond".to_owned();
        let daemon = Some(999);
        assert!(!sender(0, "").is_stranger(&su, daemon));
        assert!(!sender(1000, "/usr/bin/su").is_stranger(&su, daemon));
        assert!(!sender(1000, "/usr/bin/su (deleted)").is_stranger(&su, daemon));
        assert!(sender(1000, "/usr/bin/logger").is_stranger(&su, daemon));
        assert!(sender(999, "/usr/bin/antiphond").is_stranger(&su, daemon));
        assert!(!sender(999, "/usr/sbin/antiphond").is_stranger(&of_daemon, daemon));
        assert!(sender(1000, "/usr/bin/su").is_stranger(&of_daemon, daemon));
        assert!(sender(999, "").is_stranger(&of_daemon, None));
        let ended = sender(1000, "");
        assert!(!ended.is_stranger(&su, daemon) && !ended.is_known());
        let nobody = Sender {
            uid: None,
            program: "/usr/bin/su".to_owned(),
        };
        assert!(nobody.is_stranger(&su, daemon));
    }
}
