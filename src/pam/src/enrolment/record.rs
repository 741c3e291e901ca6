//! The end of an enrolment: state and record, the sign-in's outcome, and the log.

use antiphon_core::disk::pending_file::PendingFile;
use antiphon_core::disk::{Editing, Judged, PersonFiles, Unwritten};
use antiphon_core::judge::{Verdict, judge_enrolment};
use antiphon_core::method::Method;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::person::{By, Edit, NewCode};
use antiphon_core::record::{Record, RecoveryHashes};
use antiphon_core::text::EnrolmentText;

use super::{Confirmation, Enrolment, Stop};
use crate::factors::Factors;
use crate::shield::Shield;

/// What to write, and what entitles the person to it.
pub(super) struct Written<'a> {
    pub(super) file: PendingFile<'a>,
    pub(super) confirmation: &'a Confirmation,
    pub(super) recovery: &'a RecoveryHashes,
    /// The factor that was required first.
    pub(super) shown_before: Option<Method>,
}

impl Enrolment<'_> {
    /// Writes the record, unless another sign-in or root was faster, and wipes the pending enrolment.
    pub(super) fn write(&self, written: &Written<'_>) -> Result<Outcome, Stop> {
        let Confirmation {
            code, confirmed, ..
        } = written.confirmation;
        let shield = Shield::raise()?;
        let moment = || self.context.watch.moment();
        let patience = || self.context.watch.patience(self.context.journal);
        let files = PersonFiles::open(Editing {
            user: self.context.user,
            config: self.context.config,
            by: By::Person,
            moment: &moment,
            patience: &patience,
        })
        .map_err(Trouble::from)?;
        let old = files.record()?;
        if old.as_ref().is_some_and(|record| !record.is_beginning()) {
            return Err(self.meanwhile());
        }
        // Root may have changed them while we asked, and a code sent to the right one comes first.
        let numbers = |record: Option<&Record>| record.map(|record| record.numbers.clone());
        let asked_by = numbers(self.read.map(Factors::record));
        if numbers(old.as_ref()).unwrap_or_default() != asked_by.unwrap_or_default() {
            return Err(self.refused(Refusal::EnrolmentVoid, EnrolmentText::Void));
        }
        // After the lock of the records, like the command, and held until the record is written, so that nobody in
        // between restarts the enrolment and is told that this one is invalid.
        let claim = written.file.claim(code, &mut *patience())?;
        let claim = claim.map_err(|void| self.void(&void))?;
        let edit = Edit::Enrol(&NewCode {
            code,
            recovery: written.recovery,
            confirmed: Some(confirmed.step()),
            language: None,
        });
        let judge = |record: &_, state: &_, now| {
            judge_enrolment(*confirmed, self.context.subject(record), state, now)
        };
        let Judged { verdict, now } = match files.enrol_judged(old.as_ref(), edit, &judge) {
            Ok(judged) => judged,
            Err(Unwritten::Changed) => return Err(self.meanwhile()),
            Err(why) => return Err(Trouble::from(why).into()),
        };
        drop(files);
        drop(shield);
        let Verdict::Accepted(accepted) = verdict else {
            return Err(self.refused(Refusal::Unconfirmed, EnrolmentText::NotConfirmed));
        };
        self.context.enrolled(written.shown_before, now);
        if let Err(trouble) = claim.remove() {
            // Invalid all the same, since there is a record now.
            self.context.warn("pending", "left", &trouble.detail);
        }
        Ok(Outcome::Accepted(accepted))
    }

    pub(super) fn meanwhile(&self) -> Stop {
        self.refused(Refusal::EnrolledMeanwhile, EnrolmentText::Meanwhile)
    }
}
