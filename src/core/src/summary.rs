//! What a person may see of their own factors: `NAME.json` beside their activity.
//!
//! Root writes it whenever the record changes, since the daemon, which displays it, cannot read the record. It has no
//! secrets. No decision reads it, so losing it changes none.

use serde::{Deserialize, Serialize};

use crate::record::{Account, Phone, Record, TelephoneUse};
use crate::visible::visible;
use crate::wire::bytes;

/// The most phones, and the most numbers, that are shown.
const MOST: usize = 32;
/// How many digits of a telephone number are shown.
const ENDING: usize = 2;

/// A person's factors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Whether there are codes from an authenticator app.
    pub code: bool,
    /// Phones that approve.
    pub phones: Vec<PhoneSummary>,
    /// Accounts that approve.
    #[serde(default)]
    pub accounts: Vec<AccountSummary>,
    /// Telephone numbers for codes.
    pub numbers: Vec<NumberSummary>,
    /// Recovery codes left.
    pub recovery_left: u32,
}

/// A phone, without its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneSummary {
    /// The name given by the person.
    pub name: String,
    /// When it was enrolled, RFC 3339.
    pub enrolled: String,
    /// The WebAuthn credential ID, by which the daemon identifies its phones.
    #[serde(with = "bytes")]
    pub credential: Vec<u8>,
}

/// An account, without its subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSummary {
    /// The provider's name in the configuration.
    pub provider: String,
    /// The account's name.
    pub name: String,
    /// When it was enrolled, RFC 3339.
    pub enrolled: String,
}

/// A telephone number, mostly hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberSummary {
    /// Its last two digits.
    pub ending: String,
    /// What it is used for.
    pub uses: Vec<TelephoneUse>,
}

impl Summary {
    /// The summary of a record with `recovery_left` recovery codes left.
    #[must_use]
    pub fn of(record: &Record, recovery_left: u32) -> Self {
        let phones = record.phones.iter().zip(record.shown_phone_names());
        let phones = phones.take(MOST).map(|(phone, name)| PhoneSummary {
            name,
            enrolled: phone.enrolled.to_string(),
            credential: phone.credential.clone(),
        });
        let accounts = record.accounts.iter().take(MOST);
        let accounts = accounts.map(|account| AccountSummary {
            provider: account.provider.clone(),
            name: account.shown_name(),
            enrolled: account.enrolled.to_string(),
        });
        let numbers = record
            .numbers
            .iter()
            .take(MOST)
            .map(|number| NumberSummary {
                ending: ending(number.tel.ending()),
                uses: number.uses.clone(),
            });
        Self {
            code: record.code.is_some(),
            phones: phones.collect(),
            accounts: accounts.collect(),
            numbers: numbers.collect(),
            recovery_left,
        }
    }

    /// Parses a file; `None` if it is not one of ours.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut read: Self = serde_json::from_slice(text).ok()?;
        read.phones.truncate(MOST);
        read.accounts.truncate(MOST);
        read.numbers.truncate(MOST);
        for account in &mut read.accounts {
            for text in [
                &mut account.provider,
                &mut account.name,
                &mut account.enrolled,
            ] {
                *text = visible(text, Account::LONGEST_NAME);
            }
        }
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

    /// The file's text.
    ///
    /// # Errors
    /// None in practice: all fields are text and numbers.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self).map(|text| text + "\n")
    }
}

/// The last two digits, and nothing else.
fn ending(tel: &str) -> String {
    let digits: Vec<char> = tel.chars().filter(char::is_ascii_digit).collect();
    let first = digits.len().saturating_sub(ENDING);
    digits.get(first..).unwrap_or_default().iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{MOST, Summary};
    use crate::name::UserName;
    use crate::record::{
        Account, AccountSubject, CodeSecret, Record, TelephoneNumber, TelephoneUse,
    };

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
        let mut with_account = record();
        with_account.accounts.push(Account {
            provider: "kmh".into(),
            subject: AccountSubject {
                id: "3f07-a".into(),
                tenant: None,
            },
            name: "Anna Ek".into(),
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        });
        let summary = Summary::of(&with_account, 7);
        let told = summary.to_text().unwrap();
        assert_eq!(Summary::parse(told.as_bytes()), Some(summary));
        assert!(
            told.contains("Anna Ek") && !told.contains("3f07-a"),
            "{told}"
        );
        // As an earlier release has written it.
        assert!(Summary::parse(text.replace("\"accounts\":[],", "").as_bytes()).is_some());
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
