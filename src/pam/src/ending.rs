//! How a sign-in ended.

use std::path::PathBuf;

use antiphon_core::activity::Unfinished;
use antiphon_core::name::UserName;
use antiphon_core::outcome::Outcome;
use antiphon_core::text::{Language, Text};

/// How a sign-in ended, and what is said and written of it.
pub(crate) struct Ending {
    /// The answer.
    pub(crate) outcome: Outcome,
    /// The canonical name, once it was known.
    pub(crate) user: Option<UserName>,
    /// The person's language.
    pub(crate) language: Language,
    /// The folder of activity files, once the configuration was read.
    pub(crate) activity: Option<PathBuf>,
    /// While observing: what would have been done.
    pub(crate) would: Option<String>,
    /// While observing: what could not be used, and what to do about it before anybody is asked.
    pub(crate) would_detail: String,
    /// What the person is told on the way in.
    pub(crate) notices: Vec<String>,
    /// What the last answer was worth, if that was not said yet.
    pub(crate) last_words: Option<String>,
    /// Seconds that a lock still lasts.
    pub(crate) locked_for: u64,
    /// The cursor stands behind a prompt that nobody ended with Enter.
    pub(crate) mid_line: bool,
}

impl Ending {
    /// Tells the person of sign-ins that had their password and did not come to an end.
    pub(crate) fn tell_of(&mut self, unfinished: &Unfinished) {
        if unfinished.count > 0 {
            let from = unfinished.from.join(", ");
            let text = Text::Unfinished(unfinished.count, &from);
            self.notices.push(text.in_language(self.language));
        }
    }

    /// An ending before anything was known.
    pub(crate) fn early(outcome: Outcome) -> Self {
        Self {
            outcome,
            user: None,
            language: Language::English,
            activity: None,
            would: None,
            would_detail: String::new(),
            notices: Vec::new(),
            last_words: None,
            locked_for: 0,
            mid_line: false,
        }
    }
}
