//! `[[number]]`: telephone numbers.

use serde::{Deserialize, Serialize};
use toml::de::DeValue;

use crate::document::{Fault, Section, texts};
use crate::method::Method;

/// How many digits of a number are shown.
const ENDING: usize = 2;

/// A telephone number for text messages and calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelephoneNumber {
    /// Which number it is.
    pub tel: Tel,
    /// What it is used for.
    pub uses: Vec<TelephoneUse>,
}

/// Which number it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tel {
    /// E.164: a plus sign and up to 15 digits.
    Digits(String),
    /// One of the fleet's, which only relays know whole.
    AtRelay(TelAtRelay),
}

/// A number that only the fleet's relays know whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelAtRelay {
    /// Its place among the person's numbers, from 0.
    pub place: u8,
    /// Its last two digits.
    pub ending: String,
}

/// One entry of `uses`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TelephoneUse {
    /// A text message.
    Sms,
    /// A spoken call.
    Call,
}

impl TelephoneUse {
    /// The method that it serves.
    #[must_use]
    pub fn method(self) -> Method {
        match self {
            Self::Sms => Method::Sms,
            Self::Call => Method::Call,
        }
    }
}

impl Tel {
    /// All digits, if they are known here.
    #[must_use]
    pub fn digits(&self) -> Option<&str> {
        match self {
            Self::Digits(digits) => Some(digits),
            Self::AtRelay(_) => None,
        }
    }

    /// The last two digits.
    #[must_use]
    pub fn ending(&self) -> &str {
        match self {
            Self::Digits(digits) => {
                let first = digits.len().saturating_sub(ENDING);
                digits.get(first..).unwrap_or_default()
            }
            Self::AtRelay(there) => &there.ending,
        }
    }

    /// `+XX XXXXXXXXX21`: shows only the last two digits, and not even the length.
    #[must_use]
    pub fn masked(&self) -> String {
        format!("+XX XXXXXXXXX{}", self.ending())
    }
}

impl From<String> for Tel {
    fn from(digits: String) -> Self {
        Self::Digits(digits)
    }
}

impl From<&str> for Tel {
    fn from(digits: &str) -> Self {
        Self::Digits(digits.to_owned())
    }
}

impl TelephoneNumber {
    /// `+XX XXXXXXXXX21`: shows only the last two digits, and not even the length.
    #[must_use]
    pub fn masked(&self) -> String {
        self.tel.masked()
    }

    /// What hosts are told of the number, which stands at `place` among the person's.
    #[must_use]
    pub fn at_relay(&self, place: u8) -> Self {
        Self {
            tel: Tel::AtRelay(TelAtRelay {
                place,
                ending: self.tel.ending().to_owned(),
            }),
            uses: self.uses.clone(),
        }
    }

    /// Whether `tel` is valid in a record.
    #[must_use]
    pub fn takes(tel: &str) -> bool {
        e164(tel).is_some()
    }

    /// Reads one `[[number]]`.
    pub(crate) fn read(mut section: Section<'_>) -> Result<Self, Fault> {
        let number = Self {
            tel: section.required(
                "tel",
                "must be a number in the form +46701234567",
                |value| e164(value.as_str()?).map(Tel::Digits),
            )?,
            uses: read_uses(&mut section)?,
        };
        section.done()?;
        Ok(number)
    }

    /// Reads one `[[number]]` of a fleet's record, the one at `place` in it.
    pub(crate) fn read_at_relay(mut section: Section<'_>, place: u8) -> Result<Self, Fault> {
        let is_ending =
            |text: &&str| text.len() == ENDING && text.bytes().all(|byte| byte.is_ascii_digit());
        let rule = "must be the last two digits of a number";
        let ending = section.required("ending", rule, |value| {
            value.as_str().filter(is_ending).map(str::to_owned)
        })?;
        let uses = read_uses(&mut section)?;
        section.done()?;
        Ok(Self {
            tel: Tel::AtRelay(TelAtRelay { place, ending }),
            uses,
        })
    }
}

fn read_uses(section: &mut Section<'_>) -> Result<Vec<TelephoneUse>, Fault> {
    let rule = "must be an array of \"sms\" and \"call\"";
    section.required("uses", rule, |value: &DeValue<'_>| {
        let known = |word: &&str| {
            let mut all = [TelephoneUse::Sms, TelephoneUse::Call].into_iter();
            all.find(|by| by.method().word() == *word)
        };
        texts(value)?.iter().map(known).collect()
    })
}

fn e164(tel: &str) -> Option<String> {
    let digits = tel.strip_prefix('+')?;
    // No country code starts with 0, and antiphond sends nothing there.
    let fits = (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| tel.to_owned())
}

#[cfg(test)]
mod tests {
    use super::TelephoneNumber;

    #[test]
    fn of_a_number_only_the_last_two_digits_are_shown() {
        for tel in ["+46701234521", "+1234521", "+123456789012321"] {
            let number = TelephoneNumber {
                tel: tel.into(),
                uses: Vec::new(),
            };
            for number in [number.at_relay(3), number] {
                assert_eq!(number.masked(), "+XX XXXXXXXXX21");
            }
        }
    }

    #[test]
    fn a_number_is_one_that_a_code_can_be_sent_to() {
        for (tel, fine) in [
            ("+46701234521", true),
            ("+0701234521", false),
            ("0701234521", false),
            ("+46 701234521", false),
            ("+123456", false),
            ("+1234567890123456", false),
        ] {
            assert_eq!(TelephoneNumber::takes(tel), fine, "{tel}");
        }
    }
}
