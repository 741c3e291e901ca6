//! Maps a subordinate user id to its owner: `subuid(5)`.
//!
//! With `newuidmap(1)` a person can use any of 65,536 user ids, and would otherwise have a share for each.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const FILE: &str = "/etc/subuid";
/// How long it is cached.
const LASTS: Duration = Duration::from_secs(10);

/// The ids assigned to people, reloaded now and then.
pub(super) struct Subordinates {
    file: PathBuf,
    read: Option<Instant>,
    given: Vec<Given>,
}

/// A line of the file.
struct Given {
    owner: String,
    ids: Range<u64>,
}

impl Subordinates {
    pub(super) fn new() -> Self {
        Self::of(Path::new(FILE))
    }

    fn of(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            read: None,
            given: Vec::new(),
        }
    }

    /// The user id under which all ids of the same owner are counted; `uid` itself if it is not subordinate.
    pub(super) fn counted_as(&mut self, uid: u32, now: Instant) -> u32 {
        let is_fresh = |read| now.saturating_duration_since(read) < LASTS;
        if !self.read.is_some_and(is_fresh) {
            self.read = Some(now);
            // Without the file there are none.
            let text = fs::read_to_string(&self.file).unwrap_or_default();
            self.given = text.lines().filter_map(Given::read).collect();
        }
        let of_whom = self
            .given
            .iter()
            .find(|given| given.ids.contains(&uid.into()));
        of_whom
            .and_then(|found| self.given.iter().find(|given| given.owner == found.owner))
            .and_then(|first| first.ids.start.try_into().ok())
            .unwrap_or(uid)
    }
}

impl Given {
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.trim().split(':');
        let owner = fields.next()?.to_owned();
        let start: u32 = fields.next()?.parse().ok()?;
        let count: u32 = fields.next()?.parse().ok()?;
        let start = u64::from(start);
        Some(Self {
            owner,
            ids: start..start + u64::from(count),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Instant;

    use super::{LASTS, Subordinates};
    use crate::scratch::Scratch;

    #[test]
    fn all_user_ids_that_were_given_to_a_person_are_one() {
        let folder = Scratch::new();
        let file = folder.join("subuid");
        let mut subordinates = Subordinates::of(&file);
        let now = Instant::now();
        assert_eq!(subordinates.counted_as(100_001, now), 100_001);
        let text = "alice:100000:65536\n# odd\nbob:165536:65536\n\nalice:300000:10\nx:1\n:y:z\nroot:4294967295:4294967295\n";
        fs::write(&file, text).unwrap();
        // The cached contents are used for a while.
        assert_eq!(subordinates.counted_as(100_001, now), 100_001);
        for (uid, counted) in [
            (1000, 1000),
            (99_999, 99_999),
            (100_000, 100_000),
            (165_535, 100_000),
            (165_536, 165_536),
            (231_071, 165_536),
            (231_072, 231_072),
            (300_009, 100_000),
            (300_010, 300_010),
            (u32::MAX, u32::MAX),
        ] {
            assert_eq!(subordinates.counted_as(uid, now + LASTS), counted, "{uid}");
        }
    }
}
