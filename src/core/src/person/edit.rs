//! Edits to a person, one at a time.
//!
//! Nothing is written here, and nobody is asked: [`crate::disk::person_files`] writes the result.

mod account;

pub use account::{MOST_ACCOUNTS, NewAccount};

use super::last_way;
use super::refused::Refused;
use super::{By, Person};
use crate::approval::VerifiedPasskey;
use crate::bypass::{BypassCode, SALT_LENGTH};
use crate::code::Step;
use crate::config::Config;
use crate::language::Language;
use crate::record::{Account, CodeSecret, Phone, Record, RecoveryHashes, TelephoneNumber};
use crate::state::{Bypass, State};
use crate::time::UnixTime;

/// Most telephone numbers of one person.
pub const MOST_NUMBERS: usize = 8;
/// The most phones of one person: the counters of their passkeys share the state's one size.
pub const MOST_PHONES: usize = 16;

/// One change. Phones are identified by their credential ID, since two may have had the same name.
#[derive(Clone, Copy)]
pub enum Edit<'a> {
    /// Set a new secret for codes, replacing any old one; counts start again ([`State::renewed`]).
    Enrol(&'a NewCode<'a>),
    /// Take over a secret for codes from another program, for a person who has no way to sign in yet.
    Import(&'a Imported<'a>),
    /// Add a phone that has passed its trial.
    AddPhone(&'a NewPhone<'a>),
    /// Remove the phone with this credential.
    RemovePhone(&'a [u8]),
    /// Undo the addition of a phone, before anybody was told of it.
    TakeBackPhone(&'a TakeBack<'a>),
    /// Rename the phone with this credential.
    RenamePhone(&'a [u8], &'a str),
    /// Add an account at a provider.
    AddAccount(&'a NewAccount<'a>),
    /// Remove the account with this provider and subject.
    RemoveAccount(&'a Account),
    /// Rename the account with this provider and subject.
    RenameAccount(&'a Account, &'a str),
    /// Replace all recovery codes.
    NewRecovery(&'a RecoveryHashes),
    /// Set the language of the prompts.
    Speak(Language),
    /// Add a telephone number; one already there gets these uses as well.
    AddNumber(&'a TelephoneNumber),
    /// Remove a telephone number.
    RemoveNumber(&'a str),
    /// Grant a bypass code, replacing any old one.
    Grant(&'a Grant<'a>),
    /// Withdraw the bypass code.
    Withdraw,
    /// Unlock codes and end pauses of the phone.
    Unlock,
}

/// A new secret for an authenticator app, and what goes with it.
pub struct NewCode<'a> {
    /// The secret.
    pub code: &'a CodeSecret,
    /// The recovery codes shown with it.
    pub recovery: &'a RecoveryHashes,
    /// The step of the confirming code, which is used from the start.
    pub confirmed: Option<Step>,
    /// The language of the prompts, if given.
    pub language: Option<Language>,
}

/// A secret for an authenticator app that another program has checked so far. Recovery codes do not come with it.
pub struct Imported<'a> {
    /// The secret.
    pub code: &'a CodeSecret,
    /// The steps whose codes were used there, in any order.
    pub used: &'a [Step],
}

/// A new phone, and what goes with it.
pub struct NewPhone<'a> {
    /// The phone.
    pub phone: &'a Phone,
    /// Its trial.
    pub trial: &'a VerifiedPasskey,
    /// Recovery codes, for a person who has none.
    pub recovery: Option<&'a RecoveryHashes>,
    /// The language of the prompts, if given.
    pub language: Option<Language>,
}

/// A phone whose addition is undone, and the record before and after it.
pub struct TakeBack<'a> {
    /// The phone's credential.
    pub credential: &'a [u8],
    /// The record before.
    pub before: &'a Record,
    /// The record after.
    pub added: &'a Record,
}

/// A bypass code and its limits.
pub struct Grant<'a> {
    /// The code.
    pub code: &'a BypassCode,
    /// The salt of its hash.
    pub salt: [u8; SALT_LENGTH],
    /// Seconds from now.
    pub lasts: u64,
    /// How many sign-ins.
    pub uses: u32,
}

impl Edit<'_> {
    /// The word in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enrol(_) => "enrolled",
            Self::Import(_) => "imported",
            Self::AddPhone(_) => "phone-added",
            Self::RemovePhone(_) | Self::TakeBackPhone(_) => "phone-removed",
            Self::RenamePhone(..) => "phone-renamed",
            Self::AddAccount(_) => "account-added",
            Self::RemoveAccount(_) => "account-removed",
            Self::RenameAccount(..) => "account-renamed",
            Self::NewRecovery(_) => "recovery-renewed",
            Self::Speak(_) => "language",
            Self::AddNumber(_) => "number-added",
            Self::RemoveNumber(_) => "number-removed",
            Self::Grant(_) => "bypass-granted",
            Self::Withdraw => "bypass-withdrawn",
            Self::Unlock => "unlocked",
        }
    }

    /// Whether it changes the record, rather than only the state.
    pub(crate) fn is_of_record(self) -> bool {
        !matches!(self, Self::Grant(_) | Self::Withdraw | Self::Unlock)
    }

    /// Whether it adds a method, which invalidates any pending enrolment.
    pub(crate) fn gives_a_way(self) -> bool {
        matches!(
            self,
            Self::Enrol(_) | Self::Import(_) | Self::AddPhone(_) | Self::AddAccount(_)
        )
    }

    /// Applies the edit to `person`.
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
            Self::Enrol(_) | Self::Import(_) | Self::AddPhone(_) | Self::AddAccount(_) => true,
            // For a person who will enrol at a sign-in. Elsewhere it would be a factor nobody decided on, or end the
            // permission to sign in without one.
            Self::AddNumber(_) => config.enrols_somebody(now),
            _ => false,
        };
        if person.is_new && !begins {
            return Err(Refused::NotEnrolled);
        }
        if matches!(self, Self::Import(_)) && !person.is_new && !person.record.is_beginning() {
            return Err(Refused::Enrolled);
        }
        let record = self.applied_to_record(&person.record, by, config)?;
        let state = self.applied_to_state(person, &record, config, now);
        Ok(Person {
            record,
            is_new: false,
            state,
        })
    }

    /// Applies the edit to a record.
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
            Self::Import(imported) => next.code = Some(imported.code.clone()),
            Self::AddPhone(new) => {
                if index_of(&new.phone.credential, record).is_ok() {
                    return Err(Refused::KnownPhone);
                }
                if record.phones.len() >= MOST_PHONES {
                    return Err(Refused::TooManyPhones);
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
            Self::TakeBackPhone(TakeBack {
                credential,
                before,
                added,
            }) => {
                next.phones.remove(index_of(credential, record)?);
                // What came with the phone goes with it, unless it was changed meanwhile: nobody has seen those
                // recovery codes.
                if next.recovery == added.recovery {
                    next.recovery.clone_from(&before.recovery);
                }
                if next.language == added.language {
                    next.language = before.language;
                }
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
            Self::AddAccount(new) => new.add_to(&mut next, by)?,
            Self::RemoveAccount(meant) => {
                account::remove(meant, &mut next)?;
                last_way::stays(record, &next, by, config).map_err(Refused::LastWay)?;
            }
            Self::RenameAccount(meant, name) => account::rename(meant, name, &mut next)?,
            Self::NewRecovery(hashes) => next.recovery = Some(hashes.clone()),
            Self::Speak(language) => next.language = Some(language),
            Self::AddNumber(number) => add_number(&mut next, number)?,
            Self::RemoveNumber(tel) => {
                let is_meant = |there: &TelephoneNumber| there.tel.digits() == Some(tel);
                let index = next.numbers.iter().position(is_meant);
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

    /// Applies the edit to the state, given the new `record`.
    fn applied_to_state(
        self,
        person: &Person,
        record: &Record,
        config: &Config,
        now: UnixTime,
    ) -> State {
        let mut next = person.state.clone();
        match self {
            Self::Enrol(new) => next = next.renewed(record, new.confirmed),
            Self::Import(imported) => next = next.imported(record, imported.used, config, now),
            Self::AddPhone(new) => {
                if person.is_new {
                    next = next.renewed(record, None);
                } else if let (None, Some(recovery)) = (&person.record.recovery, new.recovery) {
                    next.open_recovery(recovery);
                }
                next.phone_enrolled(new.phone, new.trial);
            }
            Self::AddAccount(new) => {
                if person.is_new {
                    next = next.renewed(record, None);
                } else if let (None, Some(recovery)) = (&person.record.recovery, new.recovery) {
                    next.open_recovery(recovery);
                }
                if new.trial.is_some() {
                    next.account_tried();
                }
            }
            Self::NewRecovery(hashes) => next.open_recovery(hashes),
            Self::Grant(grant) => {
                let Grant { lasts, uses, .. } = *grant;
                next.grant_bypass(Bypass::new(grant.code, grant.salt, now, lasts, uses));
            }
            Self::Withdraw => {
                next.end_bypass();
            }
            Self::Unlock => next.unlock(record, config, now),
            Self::RemovePhone(_)
            | Self::TakeBackPhone(_)
            | Self::RenamePhone(..)
            | Self::RemoveAccount(_)
            | Self::RenameAccount(..)
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
mod import_tests;
#[cfg(test)]
mod tests;
