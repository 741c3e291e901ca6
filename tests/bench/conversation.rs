//! The person, who has one code ready and says it at the first prompt.

/// How a message is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    EchoOff,
    EchoOn,
    Error,
    Info,
}

/// The code that is still to be given.
pub(crate) struct Script(Option<Vec<u8>>);

impl Script {
    pub(crate) fn new(code: &str) -> Self {
        Self(Some(code.as_bytes().to_vec()))
    }

    /// To a prompt the code, `None` when it has been given.
    pub(crate) fn hear(&mut self, style: Style, _text: &str) -> Option<Vec<u8>> {
        if style.asks() {
            self.0.take()
        } else {
            Some(Vec::new())
        }
    }
}

impl Style {
    /// Whether an answer is wanted.
    pub(crate) fn asks(self) -> bool {
        matches!(self, Self::EchoOff | Self::EchoOn)
    }
}
