//! The methods of the second factor.

/// A method of the second factor. Its word is the same in configuration and log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// An approval on a phone.
    Approval,
    /// An approval with the organisation's account.
    Account,
    /// A code from an authenticator app.
    Code,
    /// A code sent by text message.
    Sms,
    /// A code read out in a call.
    Call,
    /// A recovery code.
    Recovery,
    /// A code that root has just given to the person. The configuration can neither disable nor name it.
    Bypass,
    /// A code of a secret handed out during this sign-in. Enabled by `unenrolled = "enroll"`.
    Enrolment,
}

impl Method {
    /// Whether it can be guessed, and is therefore subject to locks.
    #[must_use]
    pub fn is_guessable(self) -> bool {
        match self {
            Self::Code | Self::Sms | Self::Call => true,
            Self::Approval | Self::Account | Self::Recovery | Self::Bypass | Self::Enrolment => {
                false
            }
        }
    }

    /// All methods that a configuration can name, in their default order.
    pub const ALL: [Self; 6] = [
        Self::Approval,
        Self::Account,
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
            Self::Account => "account",
            Self::Code => "code",
            Self::Sms => "sms",
            Self::Call => "call",
            Self::Recovery => "recovery",
            Self::Bypass => "bypass",
            Self::Enrolment => "enrolment",
        }
    }

    /// Parses a word, if it is one that a configuration can name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.word() == word)
    }
}
