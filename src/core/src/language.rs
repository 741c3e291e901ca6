//! The languages that people are spoken to in.

/// A language of the prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `sv`.
    Swedish,
    /// `en`.
    English,
}

impl Language {
    pub(crate) const RULE: &str = "must be \"sv\" or \"en\"";

    /// The language of a tag, if it is one of ours.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::Swedish, Self::English]
            .into_iter()
            .find(|language| language.tag() == tag)
    }

    /// The tag of BCP 47, as it stands in configuration and records.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Swedish => "sv",
            Self::English => "en",
        }
    }
}
