//! The person, who has one code ready and says it at the first prompt, or a phone.

use crate::ffi::Style;

/// What the person does at a prompt.
pub(crate) enum Script {
    /// Gives the code, if it is still to be given.
    Code(Option<Vec<u8>>),
    /// Says which number is shown, and at which address of the page if any, for the phone; then presses Enter at once, or nothing at all.
    Phone { presses_enter: bool },
}

impl Script {
    pub(crate) fn new(code: &str) -> Self {
        Self::Code(Some(code.as_bytes().to_vec()))
    }

    pub(crate) fn by_phone(presses_enter: bool) -> Self {
        Self::Phone { presses_enter }
    }

    /// The answer to a prompt, `None` when there is none.
    pub(crate) fn hear(&mut self, style: Style, text: &str) -> Option<Vec<u8>> {
        if !style.asks() {
            return Some(Vec::new());
        }
        match self {
            Self::Code(code) => code.take(),
            Self::Phone { presses_enter } => {
                let (_, number) = text.split_once("the number ")?;
                let number: String = number.chars().take_while(char::is_ascii_digit).collect();
                let code = text
                    .split_once("/a/")
                    .map(|(_, rest)| rest.split_whitespace().next());
                println!("number {number} {}", code.flatten().unwrap_or_default());
                if *presses_enter {
                    return Some(Vec::new());
                }
                // Until this process, the child that asks, is killed.
                loop {
                    nix::unistd::pause();
                }
            }
        }
    }
}
