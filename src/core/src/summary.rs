//! What a person may see of their own ways to sign in: `NAME.json` beside their activity.
//!
//! Root writes it whenever the record changes, since who shows it, the daemon, cannot read the record. There is no secret
//! in it. No decision reads it, and losing it changes none.

use serde::{Deserialize, Serialize};

use crate::record::{Phone, Record, TelephoneUse};
use crate::visible::visible;
use crate::wire::bytes;

/// The most phones and the most numbers that are shown.
const MOST: usize = 32;
/// Digits of a telephone number that are shown.
const ENDING: usize = 2;

/// A person's ways to sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Codes of an authenticator app.
    pub code: bool,
    /// Phones that approve.
    pub phones: Vec<PhoneSummary>,
    /// Telephone numbers for codes that are sent or read out.
    pub numbers: Vec<NumberSummary>,
    /// Recovery codes that can still be used.
    pub recovery_left: u32,
}

/// A phone, without its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneSummary {
    /// As the person calls it.
    pub name: String,
    /// When it was enrolled, RFC 3339.
    pub enrolled: String,
    /// WebAuthn credential id, by which the daemon knows its phones.
    #[serde(with = "bytes")]
    pub credential: Vec<u8>,
}

/// A telephone number, of which little is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberSummary {
    /// Its last two digits.
    pub ending: String,
    /// What is sent there.
    pub uses: Vec<TelephoneUse>,
}

impl Summary {
    /// Of a record, of whose recovery codes so many are left.
    #[must_use]
    pub fn of(record: &Record, recovery_left: u32) -> Self {
        let phones = record.phones.iter().take(MOST).map(|phone| PhoneSummary {
            name: phone.shown_name(),
            enrolled: phone.enrolled.to_string(),
            credential: phone.credential.clone(),
        });
        let numbers = record
            .numbers
            .iter()
            .take(MOST)
            .map(|number| NumberSummary {
                ending: ending(&number.tel),
                uses: number.uses.clone(),
            });
        Self {
            code: record.code.is_some(),
            phones: phones.collect(),
            numbers: numbers.collect(),
            recovery_left,
        }
    }

    /// Reads the text of a file; `None` for what nobody of ours has written.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut read: Self = serde_json::from_slice(text).ok()?;
        read.phones.truncate(MOST);
        read.numbers.truncate(MOST);
        for phone in &mut read.phones {
            phone.name = visible(&phone.name, Phone::LONGEST_NAME);
            phone.enrolled = visible(&phone.enrolled, Phone::LONGEST_NAME);
        }
        for number in &mut read.numbers {
            number.ending = ending(&number.ending);
            number.uses.dedup();
            number.uses.truncate(ENDING);
        }
        Some(read)
    }

    /// The text of the file.
    ///
    /// # Errors
    /// None in practice: all fields are text and numbers.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self).map(|text| text + "\n")
    }
}

/// The last two digits, and nothing else, whatever stands there.
fn ending(tel: &str) -> String {
    let digits: Vec<char> = tel.chars().filter(char::is_ascii_digit).collect();
    let first = digits.len().saturating_sub(ENDING);
    digits.get(first..).unwrap_or_default().iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{MOST, Summary};
    use crate::name::UserName;
    use crate::record::{CodeSecret, Record, TelephoneNumber, TelephoneUse};

    fn record() -> Record {
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.code = Some(CodeSecret::usual(*b"12345678901234567890"));
        record.numbers = vec![TelephoneNumber {
            tel: "+46701234521".into(),
            uses: vec![TelephoneUse::Sms, TelephoneUse::Call],
        }];
        record
    }

    #[test]
    fn a_summary_comes_back_as_it_was_and_tells_two_digits_and_no_secret() {
        let summary = Summary::of(&record(), 7);
        let text = summary.to_text().unwrap();
        assert_eq!(Summary::parse(text.as_bytes()), Some(summary));
        assert!(text.contains("\"21\"") && !text.contains("4521"), "{text}");
        let secret = record().code.unwrap().base32().to_string();
        assert!(!text.contains(&secret));
    }

    #[test]
    fn what_somebody_else_has_written_is_bounded_and_made_safe() {
        for odd in [
            "",
            "{}",
            "[]",
            "{\"code\":1}",
            "null",
            "{\"code\":true,\"phones\":{},\"numbers\":[],\"recovery_left\":1}",
        ] {
            assert_eq!(Summary::parse(odd.as_bytes()), None, "{odd}");
        }
        let phone = r#"{"name":"a\u001b[2J\nb","enrolled":"x","credential":"AQ"}"#;
        let number = r#"{"ending":"+46701234521\n","uses":["sms","sms","sms"]}"#;
        let text = format!(
            r#"{{"code":true,"phones":[{}],"numbers":[{number}],"recovery_left":4294967295}}"#,
            vec![phone; MOST + 1].join(",")
        );
        let read = Summary::parse(text.as_bytes()).unwrap();
        assert_eq!(read.phones.len(), MOST);
        assert_eq!(read.phones[0].name, "a?[2J?b");
        assert_eq!(read.numbers[0].ending, "21");
        assert_eq!(read.numbers[0].uses, [TelephoneUse::Sms]);
    }
}
