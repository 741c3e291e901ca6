//! `[[phone]]`: phones that approve.

use toml::de::DeValue;
use toml_datetime::Datetime;

use crate::base64url;
use crate::document::{Fault, Section};
use crate::es256::is_key;
use crate::visible::visible;
use crate::web_origin::origin_in;

/// A phone whose passkey approves sign-ins.
#[derive(Debug, Clone, PartialEq)]
pub struct Phone {
    /// The name given by the person.
    pub name: String,
    /// The WebAuthn credential ID.
    pub credential: Vec<u8>,
    /// SubjectPublicKeyInfo, DER, P-256, uncompressed point.
    pub public_key: Vec<u8>,
    /// The origin that the passkey is bound to.
    pub origin: String,
    /// WebAuthn's BE flag at enrolment: whether the passkey may be synced.
    pub backup_eligible: bool,
    /// When it was enrolled.
    pub enrolled: Datetime,
}

impl Phone {
    /// The longest name, in bytes.
    pub const LONGEST_NAME: usize = 64;

    /// Whether this is a valid name for a phone, which is displayed unescaped.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        !name.trim().is_empty() && visible(name, Self::LONGEST_NAME) == name
    }

    /// The name, safe to show: root may have written an invalid one.
    #[must_use]
    pub fn shown_name(&self) -> String {
        visible(&self.name, Self::LONGEST_NAME)
    }

    /// `wanted` if it is free, or else with a number at its end, and shortened to have room for that.
    pub(super) fn free_name(wanted: &str, is_free: impl Fn(&str) -> bool) -> String {
        let numbered = (2_u32..).map(|number| {
            let end = format!(" ({number})");
            visible(wanted, Self::LONGEST_NAME - end.len()) + &end
        });
        std::iter::once(wanted.to_owned())
            .chain(numbered)
            .find(|name| is_free(name))
            .unwrap_or_default()
    }

    /// Whether `spki` has the form of an accepted key: P-256, uncompressed point.
    #[must_use]
    pub fn takes_key(spki: &[u8]) -> bool {
        is_key(spki)
    }

    /// Reads one `[[phone]]`.
    pub(crate) fn read(mut section: Section<'_>) -> Result<Self, Fault> {
        let phone = Self {
            name: section.required("name", "must be a name", |value| {
                value.as_str().map(str::to_owned)
            })?,
            credential: section.required("credential", "must be base64url", |value| {
                non_empty(value.as_str()?)
            })?,
            public_key: section.required(
                "public_key",
                "must be base64url of a P-256 public key",
                |value| non_empty(value.as_str()?).filter(|key| Self::takes_key(key)),
            )?,
            origin: section.required("origin", "must be an https origin", origin_in)?,
            backup_eligible: section.required(
                "backup_eligible",
                "must be true or false",
                DeValue::as_bool,
            )?,
            enrolled: enrolled(&mut section)?,
        };
        section.done()?;
        Ok(phone)
    }
}

/// `enrolled` of a phone or an account.
pub(super) fn enrolled(section: &mut Section<'_>) -> Result<Datetime, Fault> {
    let rule = "must be a date and time with offset";
    section.required("enrolled", rule, |value| {
        let read = *value.as_datetime()?;
        (read.date.is_some() && read.time.is_some() && read.offset.is_some()).then_some(read)
    })
}

fn non_empty(text: &str) -> Option<Vec<u8>> {
    base64url::decode(text).filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Phone;
    use crate::name::UserName;
    use crate::record::Record;

    #[test]
    fn no_two_phones_look_alike_in_a_list_however_long_their_names_are() {
        let mut record = Record::new(&UserName::new("alice").unwrap());
        let longest = "x".repeat(Phone::LONGEST_NAME);
        for end in ["", " at home", " at work"] {
            record.phones.push(Phone {
                name: format!("{longest}{end}"),
                credential: vec![1],
                public_key: Vec::new(),
                origin: "https://mfa.example.org".into(),
                backup_eligible: false,
                enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
            });
        }
        let mut names = record.shown_phone_names();
        assert_eq!(names[0], longest);
        // A new one has a name that is shown whole.
        names.push(record.free_phone_name(&longest));
        assert_eq!(names[3], names[1]);
        names.truncate(3);
        assert!(names.iter().all(|name| Phone::is_name(name)), "{names:?}");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), 3);
    }
}
