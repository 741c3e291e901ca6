//! Recent SELinux denials about us, from the audit log.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use antiphon_core::time::UnixTime;

use crate::finding::{Finding, Findings};
use crate::plain_file;

/// The audit log.
const LOG: &str = "/var/log/audit/audit.log";
/// How much of its end is read, in bytes.
const MOST: u64 = 1024 * 1024;
/// The oldest line that counts, in seconds.
const LATELY: u64 = 24 * 3600;

/// The denials of the last day that concern us.
pub(crate) fn read(now: UnixTime) -> Vec<String> {
    of_log(&end_of_log().unwrap_or_default(), now)
}

fn end_of_log() -> Option<String> {
    let mut file = plain_file::open(Path::new(LOG)).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(MOST)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn of_log(log: &str, now: UnixTime) -> Vec<String> {
    log.lines()
        .filter(|line| {
            line.contains("avc:") && line.contains("denied") && line.contains("antiphon")
        })
        .filter(|line| when(line).is_some_and(|when| when.until(now) < LATELY))
        .map(str::to_owned)
        .collect()
}

/// `msg=audit(1795377600.123:45)`.
fn when(line: &str) -> Option<UnixTime> {
    let (_, after) = line.split_once("audit(")?;
    let (seconds, _) = after.split_once('.')?;
    seconds.parse().ok().map(UnixTime)
}

pub(crate) fn look(denials: &[String], findings: &mut Findings) {
    let Some(last) = denials.last() else { return };
    findings.add(
        Finding::fault(format_args!(
            "SELinux denied Antiphon something {} times within a day, last: {last}",
            denials.len()
        ))
        .fix("restorecon -RFv /etc/antiphon /var/lib/antiphon /run/antiphon"),
    );
}

#[cfg(test)]
mod tests {
    use antiphon_core::time::UnixTime;

    use super::of_log;

    #[test]
    fn what_is_about_us_and_of_the_last_day_is_taken() {
        let log = "type=AVC msg=audit(1000000.5:1): avc:  denied  { write } comm=\"sudo\" \
         path=\"/var/lib/antiphon/state/x\"\n\
            type=AVC msg=audit(1000000.5:2): avc:  denied  { write } comm=\"httpd\"\n\
            type=AVC msg=audit(900000.5:3): avc:  denied  { read } path=\"/etc/antiphon/users/x\"\n\
            antiphon\n";
        let found = of_log(log, UnixTime(1_000_100));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("state/x"));
    }
}
