//! Serialises a record.

use toml_writer::ToTomlValue;
use zeroize::Zeroizing;

use super::{MAX_SIZE, Phone, Record, Tel, TelephoneNumber};
use crate::base64url;
use crate::name::UserName;

/// More bytes than a record with eight phones and every table needs.
const ROOM: usize = 16 * 1024;

/// A record as text, secrets included; wiped on drop.
#[derive(PartialEq, Eq)]
pub struct RecordText(Zeroizing<String>);

impl RecordText {
    /// The text, for the file.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Record {
    /// The text for [`Record::parse`]. Written key by key, since a serialiser's buffers would not be wiped.
    #[must_use]
    pub fn to_toml(&self) -> RecordText {
        // Allocated large enough: a string that grows leaves an unwiped copy behind.
        let mut text = Zeroizing::new(String::with_capacity(ROOM));
        let mut line = |parts: &[&str]| {
            for part in parts {
                text.push_str(part);
            }
            text.push('\n');
        };
        line(&["version = ", &self.version().to_string()]);
        line(&["user = ", &quoted(&self.user)]);
        if let Some(language) = self.language {
            line(&["language = ", &quoted(language.tag())]);
        }
        if self.fleet {
            line(&["fleet = true"]);
        }
        if let Some(code) = &self.code {
            line(&["\n[code]"]);
            line(&["secret = \"", &code.base32(), "\""]);
            line(&["algorithm = ", &quoted(&code.algorithm().to_string())]);
            line(&["digits = ", &code.digits().get().to_string()]);
            line(&["period = ", &code.period().get().to_string()]);
        }
        for phone in &self.phones {
            write_phone(phone, &mut line);
        }
        for account in &self.accounts {
            line(&["\n[[account]]"]);
            line(&["provider = ", &quoted(&account.provider)]);
            line(&["subject = ", &quoted(&account.subject.id)]);
            if let Some(tenant) = &account.subject.tenant {
                line(&["tenant = ", &quoted(tenant)]);
            }
            line(&["name = ", &quoted(&account.name)]);
            line(&["enrolled = ", &account.enrolled.to_string()]);
        }
        for number in &self.numbers {
            write_number(number, &mut line);
        }
        if let Some(recovery) = &self.recovery {
            line(&["\n[recovery]"]);
            line(&["salt = ", &encoded(&recovery.salt.0)]);
            line(&["hashes = ["]);
            for hash in &recovery.hashes {
                line(&["    ", &encoded(hash), ","]);
            }
            line(&["]"]);
        }
        RecordText(text)
    }

    /// Whether what is written of it is read as the same record of `user`.
    #[must_use]
    pub fn is_read_back(&self, user: &UserName) -> bool {
        let text = self.to_toml();
        let is_short = u64::try_from(text.expose().len()).is_ok_and(|length| length <= MAX_SIZE);
        is_short && Self::parse(text.expose(), user).is_ok_and(|read| read.to_toml() == text)
    }
}

/// Writes one `[[phone]]`, line by line, each of its parts.
pub(crate) fn write_phone(phone: &Phone, line: &mut dyn FnMut(&[&str])) {
    line(&["\n[[phone]]"]);
    line(&["name = ", &quoted(&phone.name)]);
    line(&["credential = ", &encoded(&phone.credential)]);
    line(&["public_key = ", &encoded(&phone.public_key)]);
    line(&["origin = ", &quoted(&phone.origin)]);
    line(&["backup_eligible = ", &phone.backup_eligible.to_string()]);
    line(&["enrolled = ", &phone.enrolled.to_string()]);
}

/// Writes one `[[number]]`, line by line, each of its parts.
pub(crate) fn write_number(number: &TelephoneNumber, line: &mut dyn FnMut(&[&str])) {
    line(&["\n[[number]]"]);
    match &number.tel {
        Tel::Digits(digits) => line(&["tel = ", &quoted(digits)]),
        Tel::AtRelay(there) => line(&["ending = ", &quoted(&there.ending)]),
    }
    let uses = number.uses.iter().map(|by| quoted(by.method().word()));
    let uses: Vec<String> = uses.collect();
    line(&["uses = [", &uses.join(", "), "]"]);
}

/// A TOML basic string, escaped as needed.
fn quoted(text: &str) -> String {
    text.to_toml_value()
}

fn encoded(bytes: &[u8]) -> String {
    quoted(&base64url::encode(bytes))
}
