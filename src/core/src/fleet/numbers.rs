//! A person's telephone numbers, for the fleet's relays alone.
//!
//! A host is told the last two digits and the place of a number, by the [`FleetRecord`]; a relay looks
//! up the rest when it sends a code there. Both are published together.

use toml_writer::ToTomlValue;

use super::checks::{check_until, check_user};
use super::document::{Kind, SignedDocument};
use super::keys::TrustedKeys;
use super::record::FleetRecord;
use super::untrusted::Untrusted;
use super::{INSTANT, VERSION, instant};
use crate::document::{Document, whole_number};
use crate::name::UserName;
use crate::person::MOST_NUMBERS;
use crate::record::{Record, TelAtRelay, TelephoneNumber, TelephoneUse, write_number};
use crate::time::UnixTime;

/// The numbers that belong to one version of a person's record.
#[derive(Clone, PartialEq, Eq)]
pub struct FleetNumbers {
    /// The person's name in the fleet.
    pub user: String,
    /// The serial of the record.
    pub serial: u32,
    /// When they are no longer valid: when the record is not.
    pub until: UnixTime,
    /// The numbers, in the order of the record.
    pub numbers: Vec<TelephoneNumber>,
}

impl FleetNumbers {
    /// The numbers of `record` that count in the fleet: none without a phone, since nobody is known there by a number alone.
    #[must_use]
    pub fn shared(record: &Record) -> &[TelephoneNumber] {
        if record.phones.is_empty() {
            &[]
        } else {
            &record.numbers
        }
    }

    /// What hosts are told of `numbers`.
    #[must_use]
    pub fn hidden(numbers: &[TelephoneNumber]) -> Vec<TelephoneNumber> {
        let places = (0_u8..).zip(numbers);
        places
            .map(|(place, number)| number.at_relay(place))
            .collect()
    }

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
        line(&["until = ", &self.until.to_string()]);
        for number in &self.numbers {
            write_number(number, &mut line);
        }
        body
    }

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
        let body = keys.signed_body(document, Kind::Numbers)?;
        let document = Document::parse(body)?;
        let mut top = document.root();
        check_user(&mut top, user)?;
        let mut found = Self {
            user: user.to_string(),
            serial: top.required("serial", "must be a whole number", whole_number)?,
            until: top.required("until", INSTANT, instant)?,
            numbers: Vec::new(),
        };
        let sections = top.sections("number")?;
        if sections.len() > MOST_NUMBERS {
            return Err(top.fault("number", "has too many numbers").into());
        }
        for section in sections {
            found.numbers.push(TelephoneNumber::read(section)?);
        }
        top.done()?;
        check_until(found.until, now)?;
        Ok(found)
    }

    /// Whether these are the numbers that `record` tells hosts of.
    #[must_use]
    pub fn belong_to(&self, record: &FleetRecord) -> bool {
        self.serial == record.serial
            && !self.numbers.is_empty()
            && Self::hidden(&self.numbers) == record.numbers
    }

    /// All digits of the number that a host calls `wanted`, if it may be used in this way.
    #[must_use]
    pub fn find(&self, wanted: &TelAtRelay, by: TelephoneUse) -> Option<&str> {
        let number = self.numbers.get(usize::from(wanted.place))?;
        let is_meant = number.tel.ending() == wanted.ending && number.uses.contains(&by);
        number.tel.digits().filter(|_| is_meant)
    }
}

#[cfg(test)]
mod tests {
    use super::FleetNumbers;
    use crate::fleet::signer::{Authority, FLEET, NOW, Signer, each_byte_flipped};
    use crate::fleet::{Kind, SignedDocument, Untrusted};
    use crate::name::UserName;
    use crate::person::MOST_NUMBERS;
    use crate::record::{TelAtRelay, TelephoneNumber, TelephoneUse};
    use crate::time::UnixTime;

    fn number(tel: &str, uses: &[TelephoneUse]) -> TelephoneNumber {
        TelephoneNumber {
            tel: tel.into(),
            uses: uses.to_vec(),
        }
    }

    fn annas() -> FleetNumbers {
        FleetNumbers {
            user: "anna".into(),
            serial: 7,
            until: NOW.plus(60),
            numbers: vec![
                number("+46701234521", &[TelephoneUse::Sms]),
                number("+46701234522", &[TelephoneUse::Sms, TelephoneUse::Call]),
            ],
        }
    }

    fn sign(authority: &Authority, numbers: &FleetNumbers) -> SignedDocument {
        let body = numbers.to_body();
        authority.records.sign(Kind::Numbers, FLEET, &body)
    }

    fn verify(
        authority: &Authority,
        document: &SignedDocument,
        user: &str,
        now: UnixTime,
    ) -> Result<FleetNumbers, Untrusted> {
        let user = UserName::new(user).unwrap();
        FleetNumbers::verify(document, &authority.trusted_keys(), &user, now)
    }

    #[test]
    fn numbers_come_back_as_they_were_written_for_their_person_and_time_alone() {
        let authority = Authority::new();
        let document = sign(&authority, &annas());
        let read = verify(&authority, &document, "anna", NOW).unwrap();
        assert!(read == annas());
        for (user, now, why) in [
            ("bob", NOW, Untrusted::OtherUser),
            ("anna", NOW.plus(60), Untrusted::Expired(NOW.plus(60))),
        ] {
            assert_eq!(verify(&authority, &document, user, now).err(), Some(why));
        }
        // Neither another key nor another kind.
        let body = annas().to_body();
        for (document, why) in [
            (
                Signer::new("enrol1").sign(Kind::Numbers, FLEET, &body),
                Untrusted::Signature,
            ),
            (
                authority.root.sign(Kind::Numbers, FLEET, &body),
                Untrusted::UnknownKey,
            ),
            (
                authority.records.sign(Kind::Record, FLEET, &body),
                Untrusted::OtherKind,
            ),
        ] {
            assert_eq!(verify(&authority, &document, "anna", NOW).err(), Some(why));
        }
    }

    #[test]
    fn numbers_that_are_not_wholly_understood_are_refused_even_if_signed() {
        let authority = Authority::new();
        let whole = annas().to_body();
        let crowd = FleetNumbers {
            numbers: vec![number("+46701234521", &[]); MOST_NUMBERS + 1],
            ..annas()
        };
        let replaced = [
            ("version = 1", "version = 2"),
            ("serial = 7\n", ""),
            ("until = ", "unti = "),
            ("tel = \"+46701234521\"", "tel = \"0701234521\""),
            ("tel = \"+46701234521\"", "ending = \"21\""),
            ("uses = [\"sms\"]", "uses = [\"fax\"]"),
            ("[[number]]", "[[phone]]"),
        ]
        .map(|(from, to)| {
            assert!(whole.contains(from), "{from}");
            whole.replacen(from, to, 1)
        });
        for body in replaced.iter().chain([&crowd.to_body()]) {
            let document = authority.records.sign(Kind::Numbers, FLEET, body);
            let refused = verify(&authority, &document, "anna", NOW).err().unwrap();
            assert!(matches!(refused, Untrusted::Text(_)), "{refused}");
            assert!(!refused.to_string().contains("34521"), "{refused}");
        }
    }

    #[test]
    fn a_bit_flipped_in_any_byte_is_refused() {
        let authority = Authority::new();
        let document = sign(&authority, &annas());
        for body in each_byte_flipped(&document.body) {
            let flipped = SignedDocument {
                body,
                ..document.clone()
            };
            assert!(verify(&authority, &flipped, "anna", NOW).is_err());
        }
    }

    #[test]
    fn a_number_is_found_by_its_place_and_ending_for_its_uses_alone() {
        let annas = annas();
        let find = |place: u8, ending: &str, by| {
            let ending = ending.to_owned();
            annas.find(&TelAtRelay { place, ending }, by)
        };
        let (sms, call) = (TelephoneUse::Sms, TelephoneUse::Call);
        assert_eq!(find(0, "21", sms), Some("+46701234521"));
        assert_eq!(find(1, "22", call), Some("+46701234522"));
        for (place, ending, by) in [
            (0, "21", call),
            (0, "22", sms),
            (1, "21", sms),
            (2, "21", sms),
            (255, "21", sms),
            (0, "", sms),
            (0, "+46701234521", sms),
        ] {
            assert_eq!(find(place, ending, by), None, "{place} {ending}");
        }
    }

    #[test]
    fn hosts_are_told_two_digits_and_a_log_none() {
        let annas = annas();
        let hidden = FleetNumbers::hidden(&annas.numbers);
        let shown = format!("{hidden:?}");
        assert!(
            shown.contains("21") && !shown.contains("70123452"),
            "{shown}"
        );
        assert_eq!(hidden.len(), annas.numbers.len());
        let document = sign(&Authority::new(), &annas);
        let shown = format!("{document:?}");
        assert!(!shown.contains("70123452"), "{shown}");
    }
}
