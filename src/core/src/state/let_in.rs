//! The sign-ins that a rehearsal let in. Kept here and not told from the activity, since whoever was let in can fill that.

use serde::{Deserialize, Serialize};

use super::remember_place;
use crate::time::UnixTime;

/// Sign-ins since the last accepted one that went on without the second factor, because it was only being tried out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetIn {
    /// How many.
    pub count: u32,
    /// When the last one was.
    pub last: UnixTime,
    /// Their latest origins, at most three.
    pub from: Vec<String>,
}

impl LetIn {
    /// Counts one from this place.
    pub fn add(&mut self, from: &str, now: UnixTime) {
        self.count = self.count.saturating_add(1);
        self.last = now;
        remember_place(&mut self.from, from);
    }

    /// The minute of the last one, as `2026-11-22 20:00`, in UTC.
    #[must_use]
    pub fn last_minute(&self) -> String {
        const MINUTE: usize = "2026-11-22T20:00".len();
        let time = self.last.to_string();
        time.get(..MINUTE).unwrap_or(&time).replace('T', " ")
    }
}
