//! What a person changes of their own record, inside a sign-in: what becomes of it, and never so that no way is left.
//!
//! Nothing is written here, and nobody is asked: [`crate::disk::enrolment`] writes what comes out.

use crate::approval::VerifiedPasskey;
use crate::config::Config;
use crate::enrolment::is_name;
use crate::record::{Phone, Record, RecoveryHashes};
use crate::state::State;
use crate::text::Language;
use crate::way::{Way, ways};

/// One change. Phones are named by their passkey: two may have had one name.
#[derive(Clone, Copy)]
pub enum OwnChange<'a> {
    /// New recovery codes, in the place of all old ones.
    Recovery(&'a RecoveryHashes),
    /// Prompts in this language.
    Speak(Language),
    /// The phone of this credential counts no more.
    Remove(&'a [u8]),
    /// The phone of this credential is called so.
    Rename(&'a [u8], &'a str),
    /// One more phone, whose trial was right.
    Add(&'a Phone, &'a VerifiedPasskey),
}

/// Why a record stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchanged {
    /// Somewhere the person could not sign in any more but by a recovery code.
    LastWay,
    /// No phone can have this name.
    Name,
    /// Another phone of the person has this name.
    Taken,
    /// The phone is not in the record, or is there already.
    Phone,
}

impl OwnChange<'_> {
    /// The word in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Recovery(_) => "recovery-renewed",
            Self::Speak(_) => "language",
            Self::Remove(_) => "phone-removed",
            Self::Rename(..) => "phone-renamed",
            Self::Add(..) => "phone-added",
        }
    }

    /// What `record` becomes by it, for a person who is signing in to `service`.
    ///
    /// # Errors
    /// [`Unchanged`].
    pub fn applied_to(
        self,
        record: &Record,
        config: &Config,
        service: &str,
    ) -> Result<Record, Unchanged> {
        let mut next = record.clone();
        let place = |credential: &[u8]| {
            let is_meant = |phone: &Phone| phone.credential == credential;
            record.phones.iter().position(is_meant)
        };
        match self {
            Self::Recovery(hashes) => next.recovery = Some(hashes.clone()),
            Self::Speak(language) => next.language = Some(language),
            Self::Remove(credential) => {
                next.phones
                    .remove(place(credential).ok_or(Unchanged::Phone)?);
                if !keeps_ways(record, &next, config, service) {
                    return Err(Unchanged::LastWay);
                }
            }
            Self::Rename(credential, name) => {
                let place = place(credential).ok_or(Unchanged::Phone)?;
                if !is_name(name) {
                    return Err(Unchanged::Name);
                }
                let is_taken =
                    |(other, phone): (usize, &Phone)| other != place && phone.name == name;
                if record.phones.iter().enumerate().any(is_taken) {
                    return Err(Unchanged::Taken);
                }
                if let Some(phone) = next.phones.get_mut(place) {
                    name.clone_into(&mut phone.name);
                }
            }
            Self::Add(phone, _) => {
                if place(&phone.credential).is_some() {
                    return Err(Unchanged::Phone);
                }
                next.phones.push(phone.clone());
            }
        }
        Ok(next)
    }

    /// What the state becomes by it.
    #[must_use]
    pub fn applied_to_state(self, state: &State) -> State {
        let mut next = state.clone();
        match self {
            Self::Recovery(hashes) => next.open_recovery(hashes),
            Self::Add(phone, trial) => next.phone_enrolled(phone, trial),
            Self::Speak(_) | Self::Remove(_) | Self::Rename(..) => {}
        }
        next
    }
}

/// Whether the person can still sign in, and by more than recovery codes wherever that was so before: at this service, at
/// each that has rules of its own, and at all the others.
fn keeps_ways(before: &Record, after: &Record, config: &Config, service: &str) -> bool {
    let has_way = |record: &Record, service: &str| {
        ways(record, config, service)
            .iter()
            .any(|way| *way != Way::Recovery)
    };
    // No service is called so: it stands for those without rules.
    let mut services = config.services.named().chain([service, ""]);
    after.is_enrolled() && services.all(|at| !has_way(before, at) || has_way(after, at))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::{OwnChange, Unchanged};
    use crate::config::Config;
    use crate::name::UserName;
    use crate::record::{CodeSecret, Phone, Record, TelephoneNumber, TelephoneUse};
    use crate::recovery::{RecoveryCode, hashes_of};
    use crate::state::State;
    use crate::text::Language;

    fn phone(name: &str, credential: u8) -> Phone {
        Phone {
            name: name.into(),
            credential: vec![credential],
            public_key: Vec::new(),
            origin: "https://mfa.example.org".into(),
            backup_eligible: false,
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        }
    }

    fn alice() -> Record {
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.phones = vec![phone("Pixel 9", 1), phone("iPad", 2)];
        record.recovery = Some(hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]));
        record
    }

    fn changed(change: OwnChange<'_>, record: &Record, config: &str) -> Result<Record, Unchanged> {
        change.applied_to(record, &Config::parse(config).unwrap(), "sshd")
    }

    #[test]
    fn the_last_way_is_never_removed_wherever_it_is_the_last() {
        let both = alice();
        let one = changed(OwnChange::Remove(&[1]), &both, "").unwrap();
        assert_eq!(one.phones, [phone("iPad", 2)]);
        let last = OwnChange::Remove(&[2]);
        assert_eq!(changed(last, &one, "").unwrap_err(), Unchanged::LastWay);
        // A number alone is the beginning of a record, and recovery codes are for one day.
        let mut with_number = one.clone();
        with_number.numbers.push(TelephoneNumber {
            tel: "+46701234521".into(),
            uses: vec![TelephoneUse::Sms],
        });
        let sms = "[telephone]\nsms = true\n";
        assert_eq!(
            changed(last, &with_number, sms).unwrap_err(),
            Unchanged::LastWay
        );
        let mut with_code = one.clone();
        with_code.code = Some(CodeSecret::usual([7; 20]));
        assert!(changed(last, &with_code, "").unwrap().phones.is_empty());
        // Here it is not the last; at sudo it would be, or here, where the others take codes.
        for config in [
            "[service.sudo]\nmethods = [\"approval\", \"recovery\"]\n",
            "[service.sshd]\nmethods = [\"approval\"]\n",
        ] {
            assert_eq!(
                changed(last, &with_code, config).unwrap_err(),
                Unchanged::LastWay
            );
        }
        // Where the phone opened nothing before, it opens nothing after.
        let codes = "[service.sudo]\nmethods = [\"recovery\"]\n";
        assert!(changed(last, &with_code, codes).is_ok());
        assert_eq!(
            changed(OwnChange::Remove(&[9]), &both, "").unwrap_err(),
            Unchanged::Phone
        );
    }

    #[test]
    fn a_name_is_one_that_can_be_shown_and_that_no_other_phone_has() {
        let alice = alice();
        let renamed = changed(OwnChange::Rename(&[2], "Mamma's phone"), &alice, "").unwrap();
        assert_eq!(renamed.phones[1].name, "Mamma's phone");
        assert!(changed(OwnChange::Rename(&[2], "iPad"), &alice, "").is_ok());
        let taken = changed(OwnChange::Rename(&[2], "Pixel 9"), &alice, "");
        assert_eq!(taken.unwrap_err(), Unchanged::Taken);
        for name in [
            "",
            "  ",
            "a\u{1b}[2Jb",
            "a\u{202e}b",
            "a\nb",
            &"x".repeat(65),
        ] {
            let odd = changed(OwnChange::Rename(&[2], name), &alice, "");
            assert_eq!(odd.unwrap_err(), Unchanged::Name, "{name:?}");
        }
    }

    #[test]
    fn each_change_is_of_one_thing_and_new_codes_are_all_unused() {
        let alice = alice();
        let swedish = changed(OwnChange::Speak(Language::Swedish), &alice, "").unwrap();
        assert_eq!(swedish.language, Some(Language::Swedish));
        assert_eq!(swedish.phones, alice.phones);
        let hashes = hashes_of(
            &[RecoveryCode::new([2; 10]), RecoveryCode::new([3; 10])],
            [9; 16],
        );
        let renew = OwnChange::Recovery(&hashes);
        let renewed = changed(renew, &alice, "").unwrap();
        let state = renew.applied_to_state(&State::enrolled(&alice, None));
        assert_eq!(state.recovery_left(&renewed), 2);
        assert_eq!(state.recovery_left(&alice), 0);
    }
}
