//! The files of a syslog daemon, with those that were rotated away. They do not say who sent a line: every local user can
//! have any line written there.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use antiphon_core::time::UnixTime;

use super::entry::Entry;
use super::lines::Lines;
use super::{Span, Take, stamp};
use crate::failure::{Failure, Kind};
use crate::plain_file;
use crate::zone::Zone;

/// Where syslog daemons put AUTHPRIV: Debian's family, Red Hat's family.
const LOGS: [&str; 2] = ["/var/log/auth.log", "/var/log/secure"];
/// What unpacks a rotated file, by the end of its name.
const UNPACKERS: [(&str, &str); 4] = [
    ("gz", "gzip"),
    ("xz", "xz"),
    ("zst", "zstd"),
    ("bz2", "bzip2"),
];
/// How often to look for more.
const LOOK: Duration = Duration::from_millis(500);

/// Hands every entry to `take`, oldest first.
pub(super) fn read(span: &Span, take: Take<'_>) -> Result<(), Failure> {
    let Some(current) = LOGS.into_iter().map(Path::new).find(|log| log.exists()) else {
        let [debian, red_hat] = LOGS;
        let why = format!(
            "this computer has no journal, no {debian} and no {red_hat}: start a syslog daemon"
        );
        return Err(Failure::new(Kind::NoInput, why));
    };
    let mut reading = Reading {
        span,
        // The stamps of files are in the computer's zone, whatever the reader's is.
        zone: Zone::of_host(),
        take,
    };
    for rotated in rotated(current, span.since) {
        let (file, written) = open(&rotated)?;
        let read = match unpacker(&rotated) {
            None => reading.all(&mut Lines::new(BufReader::new(file)), written),
            Some(program) => reading.unpacked(program, file, written),
        };
        read.map_err(|error| failed(&rotated, error))??;
    }
    reading.current(current)
}

fn failed(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::new(Kind::Io, format!("{}: {why}", path.display()))
}

fn open(path: &Path) -> Result<(File, UnixTime), Failure> {
    let file = plain_file::open(path).map_err(|why| failed(path, why))?;
    let known = file.metadata().map_err(|why| failed(path, why))?;
    Ok((file, written(&known)))
}

/// When a file was last written to.
fn written(file: &Metadata) -> UnixTime {
    UnixTime(file.mtime().try_into().unwrap_or_default())
}

/// Those of the log that were rotated away and can have something since then, oldest first.
fn rotated(current: &Path, since: UnixTime) -> Vec<PathBuf> {
    let name = current.file_name().unwrap_or_default().to_string_lossy();
    let folder = current.parent().unwrap_or(Path::new("/"));
    let mut found: Vec<(UnixTime, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|file| is_rotated(&file.file_name().to_string_lossy(), &name))
        .filter_map(|file| Some((written(&file.metadata().ok()?), file.path())))
        .filter(|(written, _)| *written >= since)
        .collect();
    found.sort();
    found.into_iter().map(|(_, path)| path).collect()
}

/// `auth.log.1`, `auth.log.2.gz`, `secure-20261122`, `secure-20261122.xz`.
fn is_rotated(name: &str, current: &str) -> bool {
    let Some(after) = name.strip_prefix(current) else {
        return false;
    };
    let Some(after) = after.strip_prefix(['.', '-']) else {
        return false;
    };
    let number = after
        .split_once('.')
        .filter(|(_, end)| UNPACKERS.iter().any(|(known, _)| known == end))
        .map_or(after, |(number, _)| number);
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn unpacker(path: &Path) -> Option<&'static str> {
    let end = path.extension()?;
    let found = UNPACKERS.iter().find(|(known, _)| end == *known);
    found.map(|(_, program)| *program)
}

/// The reading of all files.
struct Reading<'a, 't> {
    span: &'a Span,
    zone: Zone,
    take: Take<'t>,
}

/// An error of the source, or else what became of the output.
type Read = io::Result<Result<(), Failure>>;

impl Reading<'_, '_> {
    /// All lines that there are now.
    fn all(&mut self, lines: &mut Lines<impl BufRead>, written: UnixTime) -> Read {
        while let Some(line) = lines.next()? {
            let entry = entry_of(&line, written, &self.zone);
            if let Some(entry) = entry.filter(|entry| self.span.has(entry.time))
                && let Err(failure) = (self.take)(entry)
            {
                return Ok(Err(failure));
            }
        }
        Ok(Ok(()))
    }

    fn unpacked(&mut self, program: &str, file: File, written: UnixTime) -> Read {
        let mut child = Command::new(program)
            .arg("-dc")
            .stdin(file)
            .stdout(Stdio::piped())
            .spawn()?;
        let read = match child.stdout.take() {
            Some(out) => self.all(&mut Lines::new(BufReader::new(out)), written),
            None => Ok(Ok(())),
        };
        if !matches!(read, Ok(Ok(()))) {
            let _ = child.kill();
        }
        let status = child.wait()?;
        if status.success() || !matches!(read, Ok(Ok(()))) {
            return read;
        }
        Err(io::Error::other(format!("{program}: {status}")))
    }

    /// The file that is written to; then, if asked, what is added to it, also after it was rotated away.
    fn current(&mut self, path: &Path) -> Result<(), Failure> {
        let failed = |why: io::Error| failed(path, why);
        let (file, mut written) = open(path)?;
        let mut lines = Lines::new(BufReader::new(file));
        loop {
            self.all(&mut lines, written).map_err(failed)??;
            if !self.span.follows {
                return Ok(());
            }
            thread::sleep(LOOK);
            let file = lines.source();
            let here = file.get_ref().metadata().map_err(failed)?;
            let place = file.stream_position().map_err(failed)?;
            written = self::written(&here);
            if here.size() < place {
                // Emptied, by logrotate's copytruncate.
                file.seek(SeekFrom::Start(0)).map_err(failed)?;
                lines.start_again();
            } else if here.size() == place
                && let Ok(there) = fs::metadata(path)
                && (there.dev(), there.ino()) != (here.dev(), here.ino())
            {
                // Rotated away, and read to its end.
                let (file, anew) = open(path)?;
                written = anew;
                lines = Lines::new(BufReader::new(file));
            }
        }
    }
}

/// `Nov 22 21:00:00 harbour sshd[4711]: …`, or the same with a newer stamp.
fn entry_of(line: &str, written: UnixTime, zone: &Zone) -> Option<Entry> {
    // Most lines are of others.
    if !line.contains("antiphon") {
        return None;
    }
    let (time, rest) = stamp::read(line, written, zone)?;
    let (host, rest) = rest.split_once(' ')?;
    let (tag, text) = rest.split_once(": ")?;
    let (program, pid) = match tag.strip_suffix(']').and_then(|tag| tag.rsplit_once('[')) {
        Some((program, pid)) => (program, Some(pid.parse().ok()?)),
        None => (tag, None),
    };
    let is_program = !program.is_empty() && !program.contains(char::is_whitespace);
    is_program.then(|| Entry {
        time,
        host: host.to_owned(),
        program: program.to_owned(),
        pid,
        text: text.to_owned(),
        fields: BTreeMap::new(),
        is_verified: None,
    })
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;

    use super::{entry_of, is_rotated};
    use crate::zone::Zone;

    #[test]
    fn rotated_files_are_known_by_their_names() {
        for name in [
            "auth.log.1",
            "auth.log.12.gz",
            "auth.log.2.zst",
            "auth.log-20261122",
            "auth.log-20261122.xz",
        ] {
            assert!(is_rotated(name, "auth.log"), "{name}");
        }
        for name in [
            "auth.log",
            "auth.log.",
            "auth.log.gz",
            "auth.log.1.lz4",
            "auth.log.bak",
            "auth.log~",
            "auth.logs.1",
            "secure-20261122",
        ] {
            assert!(!is_rotated(name, "auth.log"), "{name}");
        }
    }

    #[test]
    fn a_line_of_a_file_is_taken_apart() {
        let now = UnixTime(1_795_377_600);
        let entry = |line: &str| entry_of(line, now, &Zone::utc());
        let found = entry("Nov 22 20:00:00 harbour gdm-password][7]: pam_antiphon(x:auth): a=b: c")
            .unwrap();
        assert_eq!(
            (found.host.as_str(), found.program.as_str(), found.pid),
            ("harbour", "gdm-password]", Some(7))
        );
        assert_eq!(found.text, "pam_antiphon(x:auth): a=b: c");
        for other in [
            "Nov 22 20:00:00 harbour sshd[7]: something else",
            "Nov 22 20:00:00 harbour sshd[x]: pam_antiphon(x:auth): a=b",
            "Nov 22 20:00:00 harbour a b[7]: pam_antiphon(x:auth): a=b",
            "Nov 22 20:00:00 antiphon",
            "antiphon",
        ] {
            assert_eq!(entry(other), None, "{other}");
        }
    }
}
