//! The end of a sign-in.

use std::path::PathBuf;

use antiphon_core::activity::Unfinished;
use antiphon_core::name::UserName;
use antiphon_core::outcome::Outcome;
use antiphon_core::state::LetIn;
use antiphon_core::text::{Language, Text};

/// How a sign-in ended, and what to tell and log.
pub(crate) struct Ending {
    pub(crate) outcome: Outcome,
    /// The canonical name, once known.
    pub(crate) user: Option<UserName>,
    pub(crate) language: Language,
    /// The folder of activity files, once the configuration has been read.
    pub(crate) activity: Option<PathBuf>,
    /// Where a person is let in who might not be in earnest: what would have been done.
    pub(crate) would: Option<String>,
    /// Then also: what was unusable, with the fix to apply before enforcing.
    pub(crate) would_detail: String,
    /// The person was told that they are let in whatever they answer.
    pub(crate) is_rehearsal: bool,
    /// Messages for a person who was let in.
    pub(crate) notices: Vec<String>,
    /// The lock, or feedback on the last answer that has not been shown yet.
    pub(crate) last_words: Option<String>,
    /// The cursor is behind a prompt that was not ended with Enter.
    pub(crate) mid_line: bool,
}

impl Ending {
    /// Tells the person about sign-ins that had their password and went no further.
    pub(crate) fn tell_of(&mut self, unfinished: &Unfinished) {
        if unfinished.count > 0 {
            let from = unfinished.from.join(", ");
            let text = Text::Unfinished(unfinished.count, &from);
            self.notices.push(text.in_language(self.language));
        }
    }

    /// Tells the person about sign-ins that had their password and were let in by a rehearsal.
    pub(crate) fn tell_of_let_in(&mut self, let_in: &LetIn) {
        if let_in.count > 0 {
            let text = Text::LetIn {
                count: let_in.count,
                from: &let_in.from.join(", "),
                last: &let_in.last_minute(),
            };
            self.notices.push(text.in_language(self.language));
        }
    }

    /// In earnest it would have been this.
    pub(crate) fn would(&mut self, outcome: Outcome) {
        self.would = Some(match outcome.reason() {
            Some(reason) => format!("{}:{reason}", outcome.word()),
            None => outcome.word().to_owned(),
        });
        if let Outcome::Unusable(trouble) = outcome {
            self.would_detail = trouble.detail;
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
            is_rehearsal: false,
            notices: Vec::new(),
            last_words: None,
            mid_line: false,
        }
    }
}
