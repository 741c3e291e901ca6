//! What may become of a person: one change at a time.
//!
//! Nothing is written here, and nobody is asked: [`crate::disk::person_files`] writes what comes out.

use super::last_way::{self, Closed};
use super::{By, Person};
use crate::approval::VerifiedPasskey;
use crate::bypass::{BypassCode, SALT_LENGTH};
use crate::code::Step;
use crate::config::{Config, Unenrolled};
use crate::language::Language;
use crate::record::{CodeSecret, Phone, Record, RecoveryHashes, TelephoneNumber};
use crate::state::{Bypass, State};
use crate::time::UnixTime;

/// The most telephone numbers of one person: who needs more has another problem.
pub const MOST_NUMBERS: usize = 8;

/// One change. Phones are named by their passkey: two may have had one name.
#[derive(Clone, Copy)]
pub enum Edit<'a> {
    /// A code of a new secret, in the place of an old one; all that was counted begins anew.
    Enrol(&'a NewCode<'a>),
    /// One more phone, whose trial was right.
    AddPhone(&'a NewPhone<'a>),
    /// The phone of this credential is no longer valid.
    RemovePhone(&'a [u8]),
    /// The phone of this credential, of which nobody has heard yet, never was.
    TakeBackPhone(&'a [u8]),
    /// The phone of this credential is called so.
    RenamePhone(&'a [u8], &'a str),
    /// New recovery codes, in the place of all old ones.
    NewRecovery(&'a RecoveryHashes),
    /// Prompts in this language.
    Speak(Language),
    /// Codes can be sent to this number; one that is there already gets these uses besides its own.
    AddNumber(&'a TelephoneNumber),
    /// No code is sent to this number.
    RemoveNumber(&'a str),
    /// A bypass code, in the place of an old one.
    Grant(&'a Grant<'a>),
    /// The bypass code no longer serves.
    Withdraw,
    /// Codes are looked at again, and the phone is called again.
    Unlock,
}

/// A code of an authenticator app, and what goes with it.
pub struct NewCode<'a> {
    /// Its secret.
    pub code: &'a CodeSecret,
    /// The recovery codes that the person is shown with it.
    pub recovery: &'a RecoveryHashes,
    /// The step of the code that confirmed it: used, from the beginning.
    pub confirmed: Option<Step>,
    /// The language of the prompts, if it was said.
    pub language: Option<Language>,
}

/// A phone, and what goes with it.
pub struct NewPhone<'a> {
    /// The phone.
    pub phone: &'a Phone,
    /// Its trial.
    pub trial: &'a VerifiedPasskey,
    /// For a person who has none.
    pub recovery: Option<&'a RecoveryHashes>,
    /// The language of the prompts, if it was said.
    pub language: Option<Language>,
}

/// A bypass code, and for how long.
pub struct Grant<'a> {
    /// The code.
    pub code: &'a BypassCode,
    /// Of its hash.
    pub salt: [u8; SALT_LENGTH],
    /// Seconds from now.
    pub lasts: u64,
    /// Sign-ins.
    pub uses: u32,
}

/// Why all stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There is no record, and this is no beginning of one.
    NotEnrolled,
    /// The record has no way to sign in that could be bypassed.
    NoWay,
    /// Somewhere the person could not sign in any more but by a recovery code.
    LastWay(Closed),
    /// No phone can have this name.
    Name,
    /// Another phone of the person has this name.
    TakenName,
    /// The phone is not in the record.
    UnknownPhone,
    /// The phone is in the record already.
    KnownPhone,
    /// The number is not in the record.
    UnknownNumber,
    /// The number is in the record already, with all these uses.
    KnownNumber,
    /// There are as many numbers as there may be.
    TooManyNumbers,
}

impl Edit<'_> {
    /// The word in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enrol(_) => "enrolled",
            Self::AddPhone(_) => "phone-added",
            Self::RemovePhone(_) | Self::TakeBackPhone(_) => "phone-removed",
            Self::RenamePhone(..) => "phone-renamed",
            Self::NewRecovery(_) => "recovery-renewed",
            Self::Speak(_) => "language",
            Self::AddNumber(_) => "number-added",
            Self::RemoveNumber(_) => "number-removed",
            Self::Grant(_) => "bypass-granted",
            Self::Withdraw => "bypass-withdrawn",
            Self::Unlock => "unlocked",
        }
    }

    /// Whether the record becomes another one, or only the state.
    pub(crate) fn is_of_record(self) -> bool {
        !matches!(self, Self::Grant(_) | Self::Withdraw | Self::Unlock)
    }

    /// Whether the person can sign in by something new: what they have begun to enrol is then void.
    pub(crate) fn gives_a_way(self) -> bool {
        matches!(self, Self::Enrol(_) | Self::AddPhone(_))
    }

    /// What `person` becomes by it, now.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn applied_to(
        self,
        person: &Person,
        by: By,
        config: &Config,
        now: UnixTime,
    ) -> Result<Person, Refused> {
        let begins = match self {
            Self::Enrol(_) | Self::AddPhone(_) => true,
            // For a person who will enrol at a sign-in. Elsewhere it would be a factor that nobody has decided on, or take away the
            // leave to sign in without one.
            Self::AddNumber(_) => config.unenrolled == Unenrolled::Enroll,
            _ => false,
        };
        if person.is_new && !begins {
            return Err(Refused::NotEnrolled);
        }
        let record = self.applied_to_record(&person.record, by, config)?;
        let state = self.applied_to_state(person, &record, config, now);
        Ok(Person {
            record,
            is_new: false,
            state,
        })
    }

    /// What the record becomes by it.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn applied_to_record(
        self,
        record: &Record,
        by: By,
        config: &Config,
    ) -> Result<Record, Refused> {
        let mut next = record.clone();
        match self {
            Self::Enrol(new) => {
                next.language = new.language.or(record.language);
                next.code = Some(new.code.clone());
                next.recovery = Some(new.recovery.clone());
            }
            Self::AddPhone(new) => {
                if index_of(&new.phone.credential, record).is_ok() {
                    return Err(Refused::KnownPhone);
                }
                let name = record.free_phone_name(&new.phone.name);
                next.phones.push(Phone {
                    name,
                    ..new.phone.clone()
                });
                next.language = new.language.or(record.language);
                next.recovery = record.recovery.clone().or_else(|| new.recovery.cloned());
            }
            Self::RemovePhone(credential) => {
                next.phones.remove(index_of(credential, record)?);
                last_way::stays(record, &next, by, config).map_err(Refused::LastWay)?;
            }
            Self::TakeBackPhone(credential) => {
                next.phones.remove(index_of(credential, record)?);
            }
            Self::RenamePhone(credential, name) => {
                let index = index_of(credential, record)?;
                if !Phone::is_name(name) {
                    return Err(Refused::Name);
                }
                let is_taken =
                    |(other, phone): (usize, &Phone)| other != index && phone.name == name;
                if record.phones.iter().enumerate().any(is_taken) {
                    return Err(Refused::TakenName);
                }
                if let Some(phone) = next.phones.get_mut(index) {
                    name.clone_into(&mut phone.name);
                }
            }
            Self::NewRecovery(hashes) => next.recovery = Some(hashes.clone()),
            Self::Speak(language) => next.language = Some(language),
            Self::AddNumber(number) => add_number(&mut next, number)?,
            Self::RemoveNumber(tel) => {
                let index = next.numbers.iter().position(|there| there.tel == tel);
                next.numbers.remove(index.ok_or(Refused::UnknownNumber)?);
                last_way::stays(record, &next, by, config).map_err(Refused::LastWay)?;
            }
            Self::Grant(_) | Self::Withdraw if !record.is_enrolled() => {
                return Err(Refused::NoWay);
            }
            Self::Grant(_) | Self::Withdraw | Self::Unlock => {}
        }
        Ok(next)
    }

    /// What the state becomes by it, whose record is to be `record`.
    fn applied_to_state(
        self,
        person: &Person,
        record: &Record,
        config: &Config,
        now: UnixTime,
    ) -> State {
        let mut next = person.state.clone();
        match self {
            Self::Enrol(new) => next = State::enrolled(record, new.confirmed),
            Self::AddPhone(new) => {
                if person.is_new {
                    next = State::enrolled(record, None);
                } else if let (None, Some(recovery)) = (&person.record.recovery, new.recovery) {
                    next.open_recovery(recovery);
                }
                next.phone_enrolled(new.phone, new.trial);
            }
            Self::NewRecovery(hashes) => next.open_recovery(hashes),
            Self::Grant(grant) => {
                let Grant {
                    code,
                    salt,
                    lasts,
                    uses,
                } = grant;
                next.grant_bypass(Bypass::new(code, *salt, now, *lasts, *uses));
            }
            Self::Withdraw => {
                next.end_bypass();
            }
            Self::Unlock => next.unlock(record, config, now),
            Self::RemovePhone(_)
            | Self::TakeBackPhone(_)
            | Self::RenamePhone(..)
            | Self::Speak(_)
            | Self::AddNumber(_)
            | Self::RemoveNumber(_) => {}
        }
        next
    }
}

fn index_of(credential: &[u8], record: &Record) -> Result<usize, Refused> {
    let is_meant = |phone: &Phone| phone.credential == credential;
    let index = record.phones.iter().position(is_meant);
    index.ok_or(Refused::UnknownPhone)
}

fn add_number(record: &mut Record, added: &TelephoneNumber) -> Result<(), Refused> {
    let is_meant = |there: &&mut TelephoneNumber| there.tel == added.tel;
    let Some(there) = record.numbers.iter_mut().find(is_meant) else {
        if record.numbers.len() >= MOST_NUMBERS {
            return Err(Refused::TooManyNumbers);
        }
        record.numbers.push(added.clone());
        return Ok(());
    };
    let before = there.uses.len();
    for by in &added.uses {
        if !there.uses.contains(by) {
            there.uses.push(*by);
        }
    }
    if there.uses.len() == before {
        return Err(Refused::KnownNumber);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
