//! A person's phones, and the endings of their telephone numbers, for all hosts of a fleet.

use toml_writer::ToTomlValue;

use super::checks::{check_until, check_user, follows};
use super::document::{Kind, SignedDocument};
use super::keys::TrustedKeys;
use super::untrusted::Untrusted;
use super::{INSTANT, VERSION, instant};
use crate::document::{Document, Fault, whole_number};
use crate::language::Language;
use crate::name::UserName;
use crate::person::MOST_NUMBERS;
use crate::record::{Phone, Record, TelephoneNumber, write_number, write_phone};
use crate::time::UnixTime;

/// Most phones in a record.
pub const MOST_PHONES: usize = 32;

/// A person's record in a fleet. It holds no secret.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetRecord {
    /// The person's name in the fleet.
    pub user: String,
    /// Grows with each version.
    pub serial: u32,
    /// When it was signed.
    pub issued: UnixTime,
    /// When it is no longer valid.
    pub until: UnixTime,
    /// The language of this person's prompts.
    pub language: Option<Language>,
    /// The phones; none for somebody who has been removed.
    pub phones: Vec<Phone>,
    /// The telephone numbers, which only relays know whole.
    pub numbers: Vec<TelephoneNumber>,
}

impl FleetRecord {
    /// The body of the document.
    #[must_use]
    pub fn to_body(&self) -> String {
        let mut body = String::new();
        let mut line = |parts: &[&str]| {
            body.extend(parts.iter().copied());
            body.push('\n');
        };
        line(&["version = ", &VERSION.to_string()]);
        line(&["user = ", &self.user.to_toml_value()]);
        line(&["serial = ", &self.serial.to_string()]);
        line(&["issued = ", &self.issued.to_string()]);
        line(&["until = ", &self.until.to_string()]);
        if let Some(language) = self.language {
            line(&["language = ", &language.tag().to_toml_value()]);
        }
        for phone in &self.phones {
            write_phone(phone, &mut line);
        }
        for number in &self.numbers {
            write_number(number, &mut line);
        }
        body
    }

    /// Parses `user`'s record, whose signature is checked elsewhere: by [`TrustedRecord::verify`], or by a host before
    /// it kept it.
    ///
    /// # Errors
    /// [`Untrusted::Text`], [`Untrusted::OtherUser`].
    pub fn parse(body: &str, user: &UserName) -> Result<Self, Untrusted> {
        let document = Document::parse(body)?;
        let mut top = document.root();
        check_user(&mut top, user)?;
        let mut record = Self {
            user: user.to_string(),
            serial: top.required("serial", "must be a whole number", whole_number)?,
            issued: top.required("issued", INSTANT, instant)?,
            until: top.required("until", INSTANT, instant)?,
            language: top.optional("language", Language::RULE, |value| {
                Language::from_tag(value.as_str()?)
            })?,
            phones: Vec::new(),
            numbers: Vec::new(),
        };
        let sections = top.sections("phone")?;
        if sections.len() > MOST_PHONES {
            return Err(top.fault("phone", "has too many phones").into());
        }
        for section in sections {
            record.add(Phone::read(section)?)?;
        }
        let sections = top.sections("number")?;
        if sections.len() > MOST_NUMBERS {
            return Err(top.fault("number", "has too many numbers").into());
        }
        for (place, section) in (0_u8..).zip(sections) {
            let number = TelephoneNumber::read_at_relay(section, place)?;
            record.numbers.push(number);
        }
        top.done()?;
        Ok(record)
    }

    /// Names are shown as they stand, and phones are told apart by their passkeys.
    fn add(&mut self, phone: Phone) -> Result<(), Fault> {
        let rule = |key, rule: &str| Err(Fault::rule(key, rule.to_owned()));
        let mut others = self.phones.iter();
        if !Phone::is_name(&phone.name) {
            return rule("phone.name", "must be a name that can be shown");
        }
        if others.any(|other| other.credential == phone.credential) {
            return rule("phone.credential", "names two phones");
        }
        self.phones.push(phone);
        Ok(())
    }

    /// Whose record a body claims to be, unverified.
    #[must_use]
    pub fn user_of(body: &str) -> Option<String> {
        let document = Document::parse(body).ok()?;
        let mut top = document.root();
        let named = top.required("user", "", |value| value.as_str());
        named.ok().map(str::to_owned)
    }

    /// The factors of `user`, as the person is called on this host, who has no record of their own here.
    #[must_use]
    pub fn alone(&self, user: &UserName) -> Record {
        Record {
            language: self.language,
            phones: self.phones.clone(),
            numbers: self.numbers.clone(),
            ..Record::new(user)
        }
    }

    /// The factors of a person whose `local` record asks for the fleet's phones: the local ones, which win, and these. Of
    /// numbers that look alike the fleet's stays, which a host can have a code sent to.
    #[must_use]
    pub fn beside(&self, local: &Record) -> Record {
        let mut both = local.clone();
        let is_new = |phone: &&Phone| {
            local
                .phones
                .iter()
                .all(|own| own.credential != phone.credential)
        };
        both.phones
            .extend(self.phones.iter().filter(is_new).cloned());
        both.numbers.retain(|own| {
            let mut fleets = self.numbers.iter();
            fleets.all(|number| number.tel.ending() != own.tel.ending())
        });
        both.numbers.extend_from_slice(&self.numbers);
        both.language = local.language.or(self.language);
        both
    }
}

/// A record that a key of the fleet has signed, and that is valid. Made only by [`TrustedRecord::verify`].
#[derive(Debug, Clone, PartialEq)]
pub struct TrustedRecord(FleetRecord);

impl TrustedRecord {
    /// Checks that a key for records signed `document`, that it is `user`'s, and that it is valid `now`.
    ///
    /// # Errors
    /// [`Untrusted`].
    pub fn verify(
        document: &SignedDocument,
        keys: &TrustedKeys,
        user: &UserName,
        now: UnixTime,
    ) -> Result<Self, Untrusted> {
        let body = keys.signed_body(document, Kind::Record)?;
        let record = FleetRecord::parse(body, user)?;
        check_until(record.until, now)?;
        Ok(Self(record))
    }

    /// The same, unless this host has seen a later one, `known`.
    ///
    /// # Errors
    /// [`Untrusted::Older`].
    pub fn after(self, known: &FleetRecord) -> Result<Self, Untrusted> {
        follows(&self.0, known, |record| record.serial)?;
        Ok(self)
    }

    /// The record.
    #[must_use]
    pub fn record(&self) -> &FleetRecord {
        &self.0
    }
}

#[cfg(test)]
mod tests;
