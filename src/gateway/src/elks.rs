//! `kind = "46elks"`: the Swedish operator's own API.

use super::address::{RULE, gateway_url};
use antiphon_core::config::Config;
use antiphon_core::document::{Fault, Section};
use antiphon_core::record::{TelephoneNumber, TelephoneUse};

/// The API's URL.
const USUAL: &str = "https://api.46elks.com/a1";

/// 46elks, for text messages or calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elks {
    /// The sender that the person sees: a number in E.164, or for text messages 3 to 11 letters and digits.
    pub from: String,
    /// The API's URL.
    pub url: String,
    /// The URL of the spoken digits, if the page's own are not used.
    sounds: Option<String>,
}

impl Elks {
    pub(super) fn read(section: &mut Section<'_>, by: TelephoneUse) -> Result<Self, Fault> {
        let call = by == TelephoneUse::Call;
        let rule = if call {
            "must be a telephone number that 46elks lets you call from, such as \"+46701234567\""
        } else {
            "must be a telephone number such as \"+46701234567\", or 3 to 11 letters and digits that begin with a letter"
        };
        let from = section.required("from", rule, |value| {
            let from = value.as_str()?;
            let fits = TelephoneNumber::takes(from) || !call && is_sender(from);
            fits.then(|| from.to_owned())
        })?;
        let url = section.optional("url", RULE, gateway_url)?;
        let sounds = if call {
            section.optional("sounds", RULE, gateway_url)?
        } else {
            None
        };
        Ok(Self {
            from,
            url: url.unwrap_or_else(|| USUAL.to_owned()),
            sounds,
        })
    }

    /// The URL of the spoken digits, which are at `…/sv/7.wav`. `None` if only this host could open it.
    #[must_use]
    pub fn sounds(&self, config: &Config) -> Option<String> {
        let page = &config.page;
        match &self.sounds {
            Some(sounds) => Some(sounds.clone()),
            None if page.is_for_this_computer_only() => None,
            // Whichever relay: the operator keeps what it has fetched.
            None => page.answering().first().map(|at| format!("{at}/sounds")),
        }
    }
}

/// According to 46elks' documentation, "Text sender ID".
fn is_sender(text: &str) -> bool {
    (3..=11).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
