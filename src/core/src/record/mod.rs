//! A person's record, `/etc/antiphon/users/NAME.toml`: their factors.
//!
//! [`Record::parse`] returns a [`Record`] or a [`RecordError`]. Errors name lines and keys but never quote values,
//! which may be secrets.

mod account;
mod code;
mod error;
mod number;
mod phone;
mod recovery;
mod write;

pub use account::{Account, AccountSubject};
pub use code::{CodeSecret, Digits, Period, TotpAlgorithm};
pub(crate) use code::{in_groups, is_canonical, secret_from_base32, secret_of};
pub use error::RecordError;
pub use number::{Tel, TelAtRelay, TelephoneNumber, TelephoneUse};
pub use phone::Phone;
pub(crate) use recovery::HASH_LENGTH;
pub use recovery::{RecoveryHashes, Salt};
pub(crate) use write::{write_number, write_phone};

use crate::document::{Document, Fault, whole_number};
use crate::language::Language;
use crate::name::UserName;

/// The version without accounts. A record that has none is written in it, so that an earlier release can still read it.
const WITHOUT_ACCOUNTS: u32 = 1;
/// The version of a record with accounts, and the latest that we read.
const VERSION: u32 = 2;

/// The largest accepted record, in bytes.
pub const MAX_SIZE: u64 = 64 * 1024;

/// A person's factors.
#[derive(Debug, Clone)]
pub struct Record {
    /// The canonical name, the same as in the file's name.
    pub user: String,
    /// The language of this person's prompts.
    pub language: Option<Language>,
    /// Whether the person's phones of the fleet count beside what is here.
    pub fleet: bool,
    /// The secret shared with an authenticator app.
    pub code: Option<CodeSecret>,
    /// Phones that approve with a passkey.
    pub phones: Vec<Phone>,
    /// The person's accounts at providers, with which they approve.
    pub accounts: Vec<Account>,
    /// Telephone numbers for text messages and calls.
    pub numbers: Vec<TelephoneNumber>,
    /// Recovery codes, hashed.
    pub recovery: Option<RecoveryHashes>,
}

impl Record {
    /// An empty record.
    #[must_use]
    pub fn new(user: &UserName) -> Self {
        Self {
            user: user.as_str().to_owned(),
            language: None,
            fleet: false,
            code: None,
            phones: Vec::new(),
            accounts: Vec::new(),
            numbers: Vec::new(),
            recovery: None,
        }
    }

    /// Parses `user`'s record.
    ///
    /// A truncated record is refused or lacks only whole factors: every table has only required keys, and the text must
    /// end with a newline, so that no number or key can have lost its end.
    ///
    /// # Errors
    /// [`RecordError`] if it is invalid or another person's.
    pub fn parse(text: &str, user: &UserName) -> Result<Self, RecordError> {
        if text.is_empty() {
            return Err(RecordError::Empty);
        }
        if !text.ends_with('\n') {
            return Err(RecordError::CutOff);
        }
        let document = Document::parse(text)?;
        let mut top = document.root();
        // The version first, since a later one may have keys that are unknown here.
        let version = top.required("version", "must be a whole number", whole_number)?;
        if !(WITHOUT_ACCOUNTS..=VERSION).contains(&version) {
            return Err(RecordError::Version(version));
        }
        let mut record = Self::new(user);
        let named = top.required("user", "must be a name", |value| value.as_str())?;
        if named != user.as_str() {
            return Err(RecordError::OtherUser);
        }
        record.language = top.optional("language", Language::RULE, |value| {
            Language::from_tag(value.as_str()?)
        })?;
        top.set_flag(&mut record.fleet, "fleet")?;
        record.code = CodeSecret::read(top.section("code")?)?;
        for section in top.sections("phone")? {
            record.phones.push(Phone::read(section)?);
        }
        for section in top.sections("account")? {
            record.accounts.push(Account::read(section)?);
        }
        if !record.accounts.is_empty() && version == WITHOUT_ACCOUNTS {
            let rule = "must be 2 in a record with an [[account]]".to_owned();
            return Err(Fault::rule("version", rule).into());
        }
        for section in top.sections("number")? {
            record.numbers.push(TelephoneNumber::read(section)?);
        }
        record.recovery = RecoveryHashes::read(top.section("recovery")?)?;
        top.done()?;
        Ok(record)
    }

    /// The version that it is written in.
    fn version(&self) -> u32 {
        if self.accounts.is_empty() {
            WITHOUT_ACCOUNTS
        } else {
            VERSION
        }
    }

    /// Whether the record has a code, a phone or an account. One with only telephone numbers or recovery codes is a mere beginning.
    #[must_use]
    pub fn is_enrolled(&self) -> bool {
        self.code.is_some() || !self.phones.is_empty() || !self.accounts.is_empty()
    }

    /// `wanted`, with a number at its end if another phone of the person has that name: phones are removed by name.
    #[must_use]
    pub fn free_phone_name(&self, wanted: &str) -> String {
        Phone::free_name(wanted, |name| {
            self.phones.iter().all(|phone| phone.name != name)
        })
    }

    /// `wanted`, with a number at its end if another account of the person has that name.
    #[must_use]
    pub fn free_account_name(&self, wanted: &str) -> String {
        Phone::free_name(wanted, |name| {
            self.accounts.iter().all(|account| account.name != name)
        })
    }

    /// The names of the phones, in their order, safe to show in a list: no two are alike, although root may have written
    /// names so long that they differ at the end only.
    #[must_use]
    pub fn shown_phone_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for phone in &self.phones {
            let name = Phone::free_name(&phone.shown_name(), |name| {
                names.iter().all(|known| known != name)
            });
            names.push(name);
        }
        names
    }

    /// Whether it has only telephone numbers: root's preparation for an enrolment. An entirely empty one does not
    /// count, since it may be what a failing disk left of another.
    #[must_use]
    pub fn is_beginning(&self) -> bool {
        !self.is_enrolled() && self.recovery.is_none() && !self.numbers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Record, RecordError};
    use crate::name::UserName;

    const WHOLE: &str = r#"version = 2
user = "alice"
language = "sv"
fleet = true

[code]
secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
algorithm = "SHA1"
digits = 6
period = 150

[[phone]]
name = "Pixel 9"
credential = "AQIDBA"
public_key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li_hp_m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q"
origin = "https://mfa.example.org"
backup_eligible = true
enrolled = 2026-11-22T20:00:00Z

[[account]]
provider = "kmh"
subject = "3f07-a"
tenant = "11111111-2222-3333-4444-555555555555"
name = "Anna Ek"
enrolled = 2026-11-29T20:00:00Z

[[account]]
provider = "staff"
subject = "f:1:anna"
name = "anna"
enrolled = 2026-11-29T21:00:00Z

[[number]]
tel = "+46701234521"
uses = ["sms", "call"]

[recovery]
salt = "AAECAwQFBgcICQoLDA0ODw"
hashes = ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"]
"#;

    fn alice() -> UserName {
        UserName::new("alice").unwrap()
    }

    #[test]
    fn a_whole_record_is_read() {
        let record = Record::parse(WHOLE, &alice()).unwrap();
        let code = record.code.as_ref().unwrap();
        assert_eq!((code.digits().get(), code.period().get()), (6, 150));
        assert_eq!(record.phones.len() + record.numbers.len(), 2);
        assert!(record.is_enrolled() && record.fleet);
    }

    #[test]
    fn a_record_cut_off_at_any_byte_offers_nothing_that_the_whole_one_does_not() {
        let whole = Record::parse(WHOLE, &alice()).unwrap();
        for end in 0..WHOLE.len() {
            let Ok(cut) = Record::parse(&WHOLE[..end], &alice()) else {
                continue;
            };
            if let Some(code) = &cut.code {
                assert_eq!(Some(code), whole.code.as_ref(), "cut at {end}");
            }
            assert!(
                cut.phones.is_empty() || cut.phones == whole.phones,
                "cut at {end}"
            );
            let accounts = cut.accounts.len();
            assert_eq!(cut.accounts, whole.accounts[..accounts], "cut at {end}");
            assert!(
                cut.numbers.is_empty() || cut.numbers == whole.numbers,
                "cut at {end}"
            );
            assert!(cut.recovery.is_none(), "cut at {end}");
        }
    }

    #[test]
    fn a_record_that_is_not_wholly_understood_is_refused() {
        for (from, to) in [
            ("version = 2", "version = 1"),
            ("version = 2", "version = 3"),
            ("version = 2", "version = 0"),
            ("version = 2\n", ""),
            ("provider = \"kmh\"", "provider = \"KMH\""),
            ("provider = \"kmh\"\n", ""),
            ("subject = \"3f", "subject = \"åäö 3f"),
            ("subject = \"3f07-a\"", "subject = \"\""),
            ("subject = \"3f07-a\"\n", ""),
            ("tenant = \"1111", "tenant = \"x111"),
            (
                "tenant = \"11111111-2222-3333-4444-555555555555\"",
                "tenant = \"9188040d-6c67-4c5b-b112-36a304b66dad\"",
            ),
            ("name = \"Anna Ek\"", "name = \"Anna\\nEk\""),
            ("2026-11-29T20:00:00Z", "2026-11-29"),
            ("user = \"alice\"", "user = \"bob\""),
            ("user = \"alice\"", "user = \"Alice\""),
            ("language = \"sv\"", "language = \"tlh\""),
            ("language", "langage"),
            ("fleet = true", "fleet = \"true\""),
            ("digits = 6\n", ""),
            ("digits = 6", "digits = 5"),
            ("digits = 6", "digits = 9"),
            ("period = 150", "period = 14"),
            ("period = 150", "period = 301"),
            ("period = 150", "period = 0"),
            ("period = 150", "period = -30"),
            ("\"SHA1\"", "\"MD5\""),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "JBSWY3DP"),
            (
                "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                "JBSWY3DPEHPK3PX1JBSWY3DP",
            ),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", ""),
            ("secret =", "secret = [\"x\"]\nsecret ="),
            ("AQIDBA", "AQID BA"),
            ("public_key = \"MFkw", "public_key = \"AFkw"),
            ("[\"sms\", \"call\"]", "[\"fax\"]"),
            ("+46701234521", "0701234521"),
            ("hashes = [\"AAEC", "hashes = [\"AAE"),
            ("salt = \"AAECAwQFBgcICQoLDA0ODw\"", "salt = \"\""),
            ("[recovery]", "[recover]"),
            ("T20:00:00Z", ""),
            ("origin = \"https:", "origin = \"ftp:"),
        ] {
            assert!(WHOLE.contains(from), "{from}");
            let text = WHOLE.replacen(from, to, 1);
            assert!(Record::parse(&text, &alice()).is_err(), "{from} -> {to}");
        }
    }

    #[test]
    fn an_error_never_quotes_what_stands_in_the_record() {
        let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
        for (from, to) in [
            ("digits = 6".to_owned(), format!("digits = \"{secret}\"")),
            ("\"SHA1\"".to_owned(), format!("\"{secret}\"")),
            (
                format!("secret = \"{secret}\""),
                format!("secret = {secret}"),
            ),
            (format!("secret = \"{secret}\""), format!("{secret} = 1")),
            (
                format!("secret = \"{secret}\""),
                format!("secret = \"{secret}1\""),
            ),
            (
                "user = \"alice\"".to_owned(),
                format!("user = \"{secret}\""),
            ),
            (
                "language = \"sv\"".to_owned(),
                format!("language = \"{secret}\""),
            ),
        ] {
            let error = Record::parse(&WHOLE.replacen(&from, &to, 1), &alice()).unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(!said.contains("JBSW"), "{said}");
        }
    }

    #[test]
    fn a_secret_with_bits_beyond_its_last_byte_is_read_but_told_apart() {
        let secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
        for (written, canonical) in [
            (secret, true),
            ("jbsw y3dp ehpk 3pxp jbsw y3dp ehpk 3pxp", true),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEE======", true),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEF======", false),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEE", true),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PX", false),
            ("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PQ", true),
        ] {
            let text = WHOLE.replace(secret, written);
            assert!(Record::parse(&text, &alice()).is_ok(), "{written}");
            assert_eq!(super::is_canonical(&text), canonical, "{written}");
        }
        for length in [25, 27, 30] {
            let text = WHOLE.replace(secret, &secret[..length]);
            let said = Record::parse(&text, &alice()).unwrap_err().to_string();
            assert!(said.contains("multiple of 8"), "{said}");
        }
        // Without a code there is no secret to check.
        assert!(super::is_canonical("version = 1\nuser = \"alice\"\n"));
    }

    #[test]
    fn a_later_version_is_named_even_with_keys_unknown_here() {
        let text = WHOLE.replace("version = 2", "version = 7\nnovelty = true");
        assert_eq!(
            Record::parse(&text, &alice()).unwrap_err(),
            RecordError::Version(7)
        );
    }

    #[test]
    fn writing_and_reading_gives_the_same_record() {
        let record = Record::parse(WHOLE, &alice()).unwrap();
        let again = Record::parse(record.to_toml().expose(), &alice()).unwrap();
        assert_eq!(format!("{record:?}"), format!("{again:?}"));
        assert_eq!(record.code, again.code);
        assert_eq!(record.recovery, again.recovery);
        assert_eq!(record.accounts, again.accounts);
    }

    #[test]
    fn a_record_without_accounts_is_one_that_earlier_releases_read() {
        let mut record = Record::parse(WHOLE, &alice()).unwrap();
        let begins = |record: &Record, with: &str| record.to_toml().expose().starts_with(with);
        assert!(begins(&record, "version = 2\n"));
        record.accounts.clear();
        assert!(begins(&record, "version = 1\n"));
        let again = Record::parse(record.to_toml().expose(), &alice()).unwrap();
        assert!(again.accounts.is_empty() && again.phones == record.phones);
    }

    #[test]
    fn an_account_alone_is_a_factor() {
        let mut record = Record::new(&alice());
        assert!(!record.is_enrolled());
        record.accounts = Record::parse(WHOLE, &alice()).unwrap().accounts;
        assert!(record.is_enrolled() && !record.is_beginning());
    }

    #[test]
    fn the_debug_form_shows_no_secret() {
        let record = Record::parse(WHOLE, &alice()).unwrap();
        let shown = format!("{record:?}");
        assert!(
            !shown.contains("JBSW") && !shown.contains("AAEC"),
            "{shown}"
        );
    }
}
