//! Writes a new phone: state, record, and only then the daemon's own note of it. If any of these fails, all is as before.

use antiphon_core::approval::VerifiedPasskey;
use antiphon_core::disk::{Changed, Distrust, Unwritten};
use antiphon_core::draft::RecoverySet;
use antiphon_core::enrolment::Fault;
use antiphon_core::name::UserName;
use antiphon_core::person::{Edit, NewPhone, Refused};
use antiphon_core::record::Phone;
use antiphon_core::text::Language;

use super::ticket::OpenTicket;
use super::unfinished::Unfinished;
use crate::enroll::recovery_set;
use crate::failure::Failure;
use crate::folders;
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::lock::files;

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
    /// Why what the person sees of it was not written.
    pub(crate) unseen: Option<Distrust>,
}

impl Addition<'_> {
    /// Writes it, and has the daemon keep the phone.
    pub(crate) fn write(
        self,
        ticket: &mut OpenTicket,
        house: &House,
        interrupts: &Interrupts,
    ) -> Result<Added, Unfinished> {
        folders::make_ready(&house.config.paths)?;
        let files = files(self.user, house, false).map_err(Failure::from)?;
        let by_now = files.record().map_err(Failure::from)?;
        let recovery = match by_now.and_then(|record| record.recovery) {
            Some(_) => None,
            None => Some(recovery_set()?),
        };
        let new = NewPhone {
            phone: &self.phone,
            trial: self.trial,
            recovery: recovery.as_ref().map(|set| &set.hashes),
            language: self.language,
        };
        let mut changed = match files.change(Edit::AddPhone(&new)) {
            Err(Unwritten::Refused(Refused::KnownPhone)) => {
                return Err(Unfinished::Passkey(Fault::Known));
            }
            written => written.map_err(Failure::from)?,
        };
        // Nobody waits for the daemon: it may be slow, or lie.
        drop(files);
        if let Err(why) = ticket.keep(interrupts) {
            self.take_back(&changed, house)?;
            return Err(why);
        }
        // The latest stands last.
        let phone = changed.after.record.phones.pop().unwrap_or(self.phone);
        Ok(Added {
            phone,
            recovery,
            unseen: changed.unseen,
        })
    }

    fn take_back(&self, changed: &Changed, house: &House) -> Result<(), Failure> {
        let taken = files(self.user, house, true)
            .and_then(|files| files.take_back(&self.phone.credential, changed));
        taken.map_err(|why| {
            let failure = Failure::from(why);
            let user = self.user.shell_word();
            let what = format!(
                "the phone was written down but the daemon does not know it, and that could not be undone \
                 ({failure}); look at: antiphon status {user}"
            );
            Failure::new(failure.kind(), what)
        })
    }
}
