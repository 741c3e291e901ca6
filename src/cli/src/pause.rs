//! Pauses of a phone, as shown to root.

use antiphon_core::name::UserName;
use antiphon_core::state::{Paused, Quiet};
use serde::Serialize;

use crate::zone::Zone;

#[derive(Serialize)]
pub(crate) struct PauseObject {
    /// `reported`, `unanswered` or `too-often`.
    why: &'static str,
    until: String,
    /// Whether it applies to a usual origin, or else to all others.
    usual_origin: bool,
    #[serde(skip)]
    reason: &'static str,
}

impl PauseObject {
    pub(crate) fn new(paused: &Paused) -> Self {
        let (why, reason) = match paused.pause.why {
            Quiet::Reported => ("reported", "somebody said \"It is not me\" on the phone"),
            Quiet::Unanswered => ("unanswered", "too many calls in a row that nobody approved"),
            Quiet::TooOften => ("too-often", "too many calls in five minutes"),
        };
        Self {
            why,
            until: paused.pause.until.to_string(),
            usual_origin: paused.usual_origin,
            reason,
        }
    }

    /// `not called until …: …`, with how to end it.
    pub(crate) fn in_words(&self, user: &UserName, zone: &Zone) -> String {
        let whence = if self.usual_origin {
            "a place that they have signed in from lately"
        } else {
            "places that are new for them"
        };
        format!(
            "not called for sign-ins from {whence} until {}: {}; to lift it, run: antiphon unlock {}",
            zone.show(&self.until),
            self.reason,
            user.shell_word()
        )
    }
}
