//! Why something was unusable.

use std::fmt;

/// What was unusable, and the fix: for the log, never for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// One word: `config`, `record`, `state`, …
    pub what: &'static str,
    /// What is wrong, and the fix.
    pub detail: String,
}

impl Trouble {
    /// Trouble with `what`, as `detail` says it.
    #[must_use]
    pub fn new(what: &'static str, detail: &dyn fmt::Display) -> Self {
        Self {
            what,
            detail: detail.to_string(),
        }
    }
}
