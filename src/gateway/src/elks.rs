//! `kind = "46elks"`: the Swedish operator's own API.

use super::address::GatewayUrl;
use antiphon_core::config::Config;
use antiphon_core::document::{Fault, Section};
use antiphon_core::record::TelephoneUse;

/// The API's URL.
const USUAL: &str = "https://api.46elks.com/a1";

/// 46elks, for text messages or calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elks {
    /// The sender that the person sees: a number in E.164, or for text messages 3 to 11 letters and digits.
    pub from: String,
    /// The API's URL.
    pub url: GatewayUrl,
    /// The URL of the spoken digits, if the page's own are not used.
    sounds: Option<GatewayUrl>,
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
            (is_number(from) || !call && is_sender(from)).then(|| from.to_owned())
        })?;
        let url = section.optional("url", GatewayUrl::RULE, |value| {
            GatewayUrl::read(value.as_str()?)
        })?;
        let sounds = if call {
            section.optional("sounds", GatewayUrl::RULE, |value| {
                GatewayUrl::read(value.as_str()?)
            })?
        } else {
            None
        };
        Ok(Self {
            from,
            url: url.unwrap_or_else(|| GatewayUrl::known(USUAL)),
            sounds,
        })
    }

    /// The URL of the spoken digits, which are at `…/sv/7.wav`. `None` if only this host could open it.
    #[must_use]
    pub fn sounds(&self, config: &Config) -> Option<String> {
        let page = &config.page;
        match &self.sounds {
            Some(sounds) => Some(sounds.as_str().to_owned()),
            None if page.is_for_this_computer_only() => None,
            None => Some(format!("{}/sounds", page.origin)),
        }
    }
}

/// E.164: a plus sign and at most 15 digits.
fn is_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (7..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// According to 46elks' documentation, "Text sender ID".
fn is_sender(text: &str) -> bool {
    (3..=11).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
