//! Writes a new phone: state, record, and only then the daemon's own note of it. If any of these fails, all is as before.

use antiphon_core::approval::VerifiedPasskey;
use antiphon_core::disk::{RecordsLock, StateFile, record_file};
use antiphon_core::draft::RecoverySet;
use antiphon_core::enrolment::Fault;
use antiphon_core::name::UserName;
use antiphon_core::record::{Phone, Record};
use antiphon_core::state::State;
use antiphon_core::text::Language;

use super::ticket::OpenTicket;
use super::unfinished::Unfinished;
use crate::enroll::recovery_set;
use crate::failure::{Failure, Kind};
use crate::folders::{self, Folders};
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::lock::{open_state, patience};

/// What is to be written.
pub(crate) struct Addition<'a> {
    pub(crate) user: &'a UserName,
    pub(crate) phone: Phone,
    pub(crate) trial: &'a VerifiedPasskey,
    pub(crate) language: Option<Language>,
}

/// What was written.
pub(crate) struct Added {
    /// Under the name that it has in the record.
    pub(crate) phone: Phone,
    /// Recovery codes, if the record had none.
    pub(crate) recovery: Option<RecoverySet>,
}

impl Addition<'_> {
    /// Writes it, and has the daemon keep the phone.
    pub(crate) fn write(
        mut self,
        ticket: &mut OpenTicket,
        house: &House,
        interrupts: &Interrupts,
    ) -> Result<Added, Unfinished> {
        let folders = folders::make_ready(&house.config.paths)?;
        let lock = RecordsLock::take(&folders.users, &mut patience()).map_err(Failure::from)?;
        // Looked at again under the lock: another command may have changed it while the phone was waited for.
        let old = record_file::load(&folders.users, self.user).map_err(Failure::from)?;
        let mut record = old.clone().unwrap_or_else(|| Record::new(self.user));
        if record
            .phones
            .iter()
            .any(|known| known.credential == self.phone.credential)
        {
            return Err(Unfinished::Passkey(Fault::Known));
        }
        self.phone.name = record.free_phone_name(&self.phone.name);
        record.phones.push(self.phone.clone());
        record.language = self.language.or(record.language);
        let recovery = match record.recovery {
            Some(_) => None,
            None => Some(recovery_set()?),
        };
        if let Some(recovery) = &recovery {
            record.recovery = Some(recovery.hashes.clone());
        }
        let had_state = StateFile::look(&folders.states, self.user, &mut patience())
            .map_err(Failure::from)?
            .is_some();
        let place = Place {
            user: self.user,
            house,
            folders: &folders,
        };
        let written = self
            .write_state(&place, old.as_ref(), &record, recovery.as_ref())
            .and_then(|()| place.store(&record));
        if let Err(why) = written {
            place.put_back(old.as_ref(), had_state)?;
            return Err(why.into());
        }
        // Nobody waits for the daemon: it may be slow, or lie.
        drop(lock);
        if let Err(why) = ticket.keep(interrupts) {
            let _lock =
                RecordsLock::take(&folders.users, &mut patience()).map_err(Failure::from)?;
            // What another command has changed meanwhile stays: of a record that was there, only the phone goes.
            let by_now = record_file::load(&folders.users, self.user).map_err(Failure::from)?;
            let without = old.and(by_now).map(|mut record| {
                record
                    .phones
                    .retain(|known| known.credential != self.phone.credential);
                record
            });
            place.put_back(without.as_ref(), had_state)?;
            return Err(why);
        }
        folders::forget_pending(&house.config.paths, self.user);
        Ok(Added {
            phone: self.phone,
            recovery,
        })
    }

    fn write_state(
        &self,
        place: &Place<'_>,
        old: Option<&Record>,
        record: &Record,
        recovery: Option<&RecoverySet>,
    ) -> Result<(), Failure> {
        let mut file = place.open_state(old.unwrap_or(record))?;
        let mut next = match old {
            Some(_) => file.state().clone(),
            None => State::enrolled(record, None),
        };
        if let Some(recovery) = recovery {
            next.open_recovery(&recovery.hashes);
        }
        next.phone_enrolled(&self.phone, self.trial);
        file.write(next)
            .map_err(|trouble| Failure::new(Kind::CannotCreate, trouble))
    }
}

struct Place<'a> {
    user: &'a UserName,
    house: &'a House,
    folders: &'a Folders,
}

impl Place<'_> {
    fn open_state(&self, record: &Record) -> Result<StateFile, Failure> {
        let states = &self.folders.states;
        Ok(open_state(states, self.user, record, &self.house.config)?.file)
    }

    fn store(&self, record: &Record) -> Result<(), Failure> {
        record_file::store(&self.folders.users, self.user, record)
            .map_err(|distrust| Failure::new(Kind::CannotCreate, distrust))
    }

    /// The record: while it names the phone, the phone can sign in. The state goes on as it is, with what was used
    /// meanwhile: of a phone that the record does not name it forgets the counter by itself.
    fn put_back(&self, old: Option<&Record>, had_state: bool) -> Result<(), Failure> {
        let put_back = match old {
            Some(old) => self.store(old),
            None => record_file::remove(&self.folders.users, self.user)
                .and_then(|_| {
                    if had_state {
                        return Ok(false);
                    }
                    StateFile::remove(&self.folders.states, self.user)
                })
                .map(|_| ())
                .map_err(Failure::from),
        };
        put_back.map_err(|failure| {
            let user = self.user.shell_word();
            let what = format!(
                "the phone was written down but the daemon does not know it, and that could not be undone \
                 ({failure}); look at: antiphon status {user}"
            );
            Failure::new(failure.kind(), what)
        })
    }
}
