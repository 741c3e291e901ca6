//! Supported languages.

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

    /// Parses a language tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        [Self::Swedish, Self::English]
            .into_iter()
            .find(|language| language.tag() == tag)
    }

    /// The BCP 47 tag, as used in configuration and records.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Swedish => "sv",
            Self::English => "en",
        }
    }
}
