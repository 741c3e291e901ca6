//! Signs a person's phones and telephone numbers for the fleet, and has them published.
//!
//! What is signed is noted in the roster first: if no relay can be reached then, the next antiphon fleet renew publishes it.

use antiphon_core::disk::Walk;
use antiphon_core::disk::roster::{Roster, Signed};
use antiphon_core::fleet::{FleetNumbers, FleetRecord, SignedDocument};
use antiphon_core::logline::LogLine;
use antiphon_core::name::UserName;
use antiphon_core::record::Record;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromFleet, ToFleet};
use nix::unistd::User;

use super::keys::next_serial;
use super::relay::{self, Unasked};
use super::signer::Signer;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::lock::patience;
use crate::screen::Screen;
use crate::{clock, log};

/// How long a record is valid, in seconds: 30 days.
const LIFETIME: u64 = 30 * 86_400;

/// Signs and publishes, on an enrolment host.
pub(crate) struct Publisher<'h> {
    pub(super) signer: Signer,
    pub(super) house: &'h House,
}

/// A record that was signed.
#[derive(Debug)]
pub(crate) struct Published {
    /// When it is no longer valid.
    pub(crate) until: UnixTime,
    /// Why it has not been published yet.
    pub(crate) waits: Option<String>,
}

/// Looks for the record of a person on this computer.
pub(super) type Look<'a> = &'a dyn Fn() -> Result<Option<Record>, Failure>;

/// What a relay made of a document.
enum Taken {
    /// It has it.
    Yes,
    /// It has a later one, with this serial, that the fleet's keys have signed.
    Behind(u32),
}

impl<'h> Publisher<'h> {
    /// `None` if this is no enrolment host.
    pub(crate) fn find(house: &'h House) -> Result<Option<Self>, Failure> {
        Ok(Signer::find()?.map(|signer| Self { signer, house }))
    }

    /// The name in the fleet of `user`; `None` for root, who is never a person of the fleet.
    pub(crate) fn name_of(&self, user: &UserName) -> Option<UserName> {
        let known = User::from_name(user.as_str()).ok().flatten();
        if user.as_str() == "root" || known.is_some_and(|known| known.uid.is_root()) {
            return None;
        }
        let fleet = self.house.config.fleet.as_ref();
        Some(fleet.map_or_else(|| user.clone(), |fleet| fleet.name_of(user)))
    }

    /// The record on this computer of a person by the name in the fleet.
    ///
    /// # Errors
    /// With both names of the person, of which the fleet could only believe one.
    pub(super) fn local(&self, user: &UserName) -> Result<Option<Record>, Failure> {
        self.only(user, |_| true)
    }

    /// The same by such names alone: a person may be called with the directory's domain here.
    fn only(
        &self,
        user: &UserName,
        is_meant: impl Fn(&UserName) -> bool,
    ) -> Result<Option<Record>, Failure> {
        let find = |user: &UserName| {
            if is_meant(user) {
                self.house.record(user)
            } else {
                Ok(None)
            }
        };
        let short = find(user)?;
        let fleet = self.house.config.fleet.as_ref();
        let domain = fleet.and_then(|fleet| fleet.strip_domain.as_ref());
        let long = domain.and_then(|domain| UserName::new(&format!("{user}@{domain}")).ok());
        let Some(long) = long else {
            return Ok(short);
        };
        match (short, find(&long)?) {
            (Some(_), Some(_)) => {
                let what = format!(
                    "{user} and {long} both have a record here, and the fleet takes them for one person; take one of them out: \
                     antiphon remove {}, or antiphon remove {}",
                    user.shell_word(),
                    long.shell_word()
                );
                Err(Failure::new(Kind::Config, what))
            }
            (short, long) => Ok(short.or(long)),
        }
    }

    /// Signs and publishes what `look` finds of `user`, by the name in the fleet; if that is no record, that there are no
    /// phones and no numbers.
    pub(crate) fn publish(&self, user: &UserName, look: Look<'_>) -> Result<Published, Failure> {
        let mut signed = self.sign(user, look, 0)?;
        let mut taken = self.send(user, &signed);
        if let Ok(Taken::Behind(theirs)) = taken {
            let last = self.roster()?.of(user)?;
            if last.is_some_and(|last| last.document != signed.document) {
                // Another command has signed here meanwhile, what it found then.
                taken = Ok(Taken::Yes);
            } else {
                // Another enrolment host has signed since, or its clock is ahead.
                signed = self.sign(user, look, theirs)?;
                taken = self.send(user, &signed);
            }
        }
        Ok(Published {
            until: signed.record.until,
            waits: match taken {
                Ok(Taken::Yes) => None,
                Ok(Taken::Behind(_)) => {
                    Some("another enrolment host signs the same person's record".to_owned())
                }
                Err(unasked) => Some(unasked.to_string()),
            },
        })
    }

    /// The roster, locked: never while a relay is waited for.
    fn roster(&self) -> Result<Roster, Failure> {
        Ok(Roster::take(&self.house.config.paths, &mut patience())?)
    }

    /// Signs what `look` finds, with a serial after that of all that is known and after `theirs`, and notes it.
    fn sign(&self, user: &UserName, look: Look<'_>, theirs: u32) -> Result<Signed, Failure> {
        let roster = self.roster()?;
        let last = roster.of(user)?.map_or(0, |signed| signed.record.serial);
        // Under the lock: of two commands, the one that signs later has looked later.
        let record = look()?;
        let now = clock::now();
        let whole = FleetNumbers {
            user: user.as_str().to_owned(),
            serial: next_serial(last.max(theirs), now)?,
            until: now.plus(LIFETIME),
            numbers: record
                .as_ref()
                .map(|record| FleetNumbers::shared(record).to_vec())
                .unwrap_or_default(),
        };
        let record = FleetRecord {
            user: whole.user.clone(),
            serial: whole.serial,
            issued: now,
            until: whole.until,
            language: record.as_ref().and_then(|record| record.language),
            phones: record.map(|record| record.phones).unwrap_or_default(),
            numbers: FleetNumbers::hidden(&whole.numbers),
        };
        let signed = Signed {
            document: self.signer.sign(&record, user)?,
            numbers: if whole.numbers.is_empty() {
                None
            } else {
                Some(self.signer.sign_numbers(&whole)?)
            },
            record,
        };
        roster.note(user, &signed)?;
        drop(roster);
        log::log_by_caller(
            LogLine::new()
                .with("fleet", "signed")
                .with("user", user.as_str())
                .with(
                    "detail",
                    &format!(
                        "phones: {}, numbers: {}, serial {}",
                        signed.record.phones.len(),
                        signed.record.numbers.len(),
                        signed.record.serial
                    ),
                ),
        );
        Ok(signed)
    }

    /// Publishes what the roster has, if the relay does not have it; why not, if it could not be.
    pub(super) fn send_again(&self, user: &UserName, signed: &Signed) -> Result<bool, Unasked> {
        if self.at_relay(user)?.as_ref() == Some(&signed.document) {
            return Ok(false);
        }
        match self.send(user, signed)? {
            Taken::Yes => Ok(true),
            Taken::Behind(serial) => Err(Unasked::Away(format!(
                "the relay has a later record, with serial {serial}; if it was signed on another enrolment host, enrol {user} there \
                 alone, else run: antiphon fleet renew {}",
                user.shell_word()
            ))),
        }
    }

    fn send(&self, user: &UserName, signed: &Signed) -> Result<Taken, Unasked> {
        let message = ToFleet::Publish {
            document: signed.document.clone(),
            numbers: signed.numbers.clone(),
        };
        match relay::ask(self.house, message)? {
            FromFleet::Published {} => Ok(Taken::Yes),
            FromFleet::Outdated { .. } => match self.at_relay(user)? {
                Some(theirs) if theirs == signed.document => Ok(Taken::Yes),
                // Its word for a serial is not believed: a signature is.
                Some(theirs) => {
                    let verified = self.signer.verified(&theirs, user).ok_or_else(|| {
                        Unasked::Away(format!(
                            "the relay has a record of {user} that no key of the fleet has signed; look at its computer"
                        ))
                    })?;
                    Ok(Taken::Behind(verified.record().serial))
                }
                None => Err(Unasked::Odd),
            },
            _ => Err(Unasked::Odd),
        }
    }

    /// What the relay has of `user`.
    fn at_relay(&self, user: &UserName) -> Result<Option<SignedDocument>, Unasked> {
        let question = ToFleet::Record {
            user: user.as_str().to_owned(),
            keys: u32::MAX,
        };
        match relay::ask(self.house, question)? {
            FromFleet::Record { record, .. } => Ok(record),
            _ => Err(Unasked::Odd),
        }
    }

    /// Whether `user` has phones in the fleet, as far as this computer has signed.
    pub(crate) fn knows(&self, user: &UserName) -> Result<bool, Failure> {
        let Some(roster) = Roster::look(&self.house.config.paths, &Walk::default())? else {
            return Ok(false);
        };
        let signed = roster.of(user)?;
        Ok(signed.is_some_and(|signed| !signed.record.phones.is_empty()))
    }

    /// The same by the name on this computer.
    pub(crate) fn is_published(&self, user: &UserName) -> Result<bool, Failure> {
        self.name_of(user)
            .map_or(Ok(false), |name| self.knows(&name))
    }

    /// Takes the phones of `gone`, whose name in the fleet is `user`, out of the fleet; `None` if there are none.
    pub(crate) fn withdraw(
        &self,
        user: &UserName,
        gone: &UserName,
    ) -> Result<Option<Published>, Failure> {
        if self.knows(user)? {
            self.publish(user, &|| self.only(user, |other| other != gone))
                .map(Some)
        } else {
            Ok(None)
        }
    }
}

/// Publishes what has changed of `user`, on an enrolment host. Whoever was never published stays this computer's alone.
pub(crate) fn tell_of_change(
    user: &UserName,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    match Publisher::find(house)? {
        Some(publisher) if publisher.is_published(user)? => tell(user, &publisher, screen),
        _ => Ok(()),
    }
}

/// Publishes what `user` has on file now, and says so.
pub(crate) fn tell(
    user: &UserName,
    publisher: &Publisher<'_>,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let fleet = publisher.signer.keys.fleet().to_owned();
    let Some(name) = publisher.name_of(user) else {
        screen.note(&format!(
            "note: root is never a person of the fleet {fleet}: the phone counts on this computer alone"
        ));
        return Ok(());
    };
    let not_signed = |failure: Failure| {
        let what = format!(
            "{user}'s record is changed on this computer, but not in the fleet {fleet}: {failure}; then run: antiphon fleet renew {}",
            user.shell_word()
        );
        Failure::new(failure.kind(), what)
    };
    let sent = publisher
        .publish(&name, &|| publisher.local(&name))
        .map_err(not_signed)?;
    if let Some(why) = sent.waits {
        let what = format!(
            "{user}'s record is changed on this computer, and signed for the fleet {fleet}, but not published: {why}; then run: \
             antiphon fleet renew"
        );
        return Err(Failure::new(Kind::Unavailable, what));
    }
    let said =
        format!("Published: every host of the fleet {fleet} knows it from the next sign-in on.");
    if screen.is_json() {
        screen.note(&said);
        return Ok(());
    }
    screen.say(&said)
}
