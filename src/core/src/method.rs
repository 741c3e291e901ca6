//! The ways in which a person can show who they are, after the first factor.

/// A way of the second factor. Its word is the same in the configuration and in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// An approval on a phone.
    Approval,
    /// A code of an authenticator app.
    Code,
    /// A code that comes as a text message.
    Sms,
    /// A code that a voice reads in a call.
    Call,
    /// A recovery code.
    Recovery,
    /// A code that root has just given to this very person. No configuration closes it, and so none names it.
    Bypass,
    /// A code of a secret that was handed out in this very sign-in. What opens it is `unenrolled = "enroll"`.
    Enrolment,
}

impl Method {
    /// Whether it can be guessed, so that locks close it.
    #[must_use]
    pub fn is_guessable(self) -> bool {
        match self {
            Self::Code | Self::Sms | Self::Call => true,
            Self::Approval | Self::Recovery | Self::Bypass | Self::Enrolment => false,
        }
    }

    /// All that a configuration can name, in the order that holds where the configuration names no other.
    pub const ALL: [Self; 5] = [
        Self::Approval,
        Self::Code,
        Self::Sms,
        Self::Call,
        Self::Recovery,
    ];

    /// The word in `methods = [...]` and after `method=`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Code => "code",
            Self::Sms => "sms",
            Self::Call => "call",
            Self::Recovery => "recovery",
            Self::Bypass => "bypass",
            Self::Enrolment => "enrolment",
        }
    }

    /// The method of a word, if it is one that a configuration can name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }
}
