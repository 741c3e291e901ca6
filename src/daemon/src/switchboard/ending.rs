//! How a request ended, as told to phones.

/// The outcomes in `gone`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Signed in.
    Accepted,
    /// The number did not match.
    Wrong,
    /// Not signed in.
    Refused,
    /// The person said "It is not me".
    Reported,
    /// The person started it by mistake.
    Mistake,
    /// Too late.
    Expired,
    /// The sign-in went away.
    Cancelled,
    /// Another one, from where the person is known, took its place.
    Displaced,
    /// Another method or another phone was faster.
    Answered,
}

impl Ending {
    pub(crate) const ALL: [Self; 9] = [
        Self::Accepted,
        Self::Wrong,
        Self::Refused,
        Self::Reported,
        Self::Mistake,
        Self::Expired,
        Self::Cancelled,
        Self::Displaced,
        Self::Answered,
    ];

    /// From the log's `outcome=`, which has more values than phones are told.
    pub(crate) fn of_outcome(outcome: &str) -> Self {
        match outcome {
            "accepted" => Self::Accepted,
            "wrong" => Self::Wrong,
            "reported" => Self::Reported,
            "mistake" => Self::Mistake,
            "expired" => Self::Expired,
            "cancelled" => Self::Cancelled,
            "displaced" => Self::Displaced,
            "answered" => Self::Answered,
            _ => Self::Refused,
        }
    }

    /// The same if no phone has answered: an accepted sign-in then used a code.
    pub(crate) fn unanswered(self) -> Self {
        match self {
            Self::Accepted => Self::Answered,
            other => other,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Wrong => "wrong",
            Self::Refused => "refused",
            Self::Reported => "reported",
            Self::Mistake => "mistake",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Displaced => "displaced",
            Self::Answered => "answered",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ending;

    #[test]
    fn a_phone_is_told_only_words_of_its_api() {
        for (outcome, told) in [
            ("accepted", "accepted"),
            ("wrong", "wrong"),
            ("reported", "reported"),
            ("mistake", "mistake"),
            ("expired", "expired"),
            ("cancelled", "cancelled"),
            ("displaced", "displaced"),
            ("answered", "answered"),
            ("refused", "refused"),
            ("locked", "refused"),
            ("unusable", "refused"),
            ("42\nevent: request", "refused"),
        ] {
            assert_eq!(Ending::of_outcome(outcome).word(), told);
        }
    }
}
