//! The end of an enrolment: state and record, the sign-in's outcome, and what is written down of it.

use antiphon_core::disk::enrolment::{Change, Place, Unwritten};
use antiphon_core::disk::pending_file::PendingFile;
use antiphon_core::disk::summary_file::Durable;
use antiphon_core::disk::{Folder, RecordsLock, record_file};
use antiphon_core::judge::{Subject, Verdict, judge_enrolment};
use antiphon_core::logline::LogLine;
use antiphon_core::method::Method;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::record::{Record, RecoveryHashes};
use antiphon_core::text::EnrolmentText;

use super::{Confirmation, Enrolment, Stop};
use crate::published;
use crate::shield::Shield;

/// What is to be written, and by what right.
pub(super) struct Written<'a> {
    pub(super) file: PendingFile<'a>,
    pub(super) confirmation: &'a Confirmation,
    pub(super) recovery: &'a RecoveryHashes,
    /// What the person had to show before.
    pub(super) shown_before: Option<Method>,
}

impl Enrolment<'_> {
    /// Writes the record, unless somebody was quicker; and wipes what was pending.
    pub(super) fn write(&self, written: &Written<'_>) -> Result<Outcome, Stop> {
        let Confirmation {
            code, confirmed, ..
        } = written.confirmation;
        let distrusted = |what| move |distrust| Trouble::new(what, &distrust);
        let users = Folder::open(&self.config.paths.users).map_err(distrusted("record"))?;
        let states = Folder::open(&self.config.paths.state).map_err(distrusted("state"))?;
        let shield = Shield::raise()?;
        let patience = || self.watch.patience(self.journal);
        let clock = || self.watch.now();
        let lock = RecordsLock::share(&users, &mut *patience())
            .map_err(|trouble| Trouble::new("record", &trouble))?;
        let old = record_file::load(&users, self.user)?;
        if old.as_ref().is_some_and(|record| !record.is_beginning()) {
            return Err(self.meanwhile());
        }
        // After the lock of the records, as the command does; and held until the record is there, so that nobody begins
        // again in between who is told that this one is void.
        let claim = written.file.claim(code, &mut *patience())?;
        let claim = claim.map_err(|void| self.void(&void))?;
        let now = clock()?;
        let mut record = old.clone().unwrap_or_else(|| Record::new(self.user));
        record.code = Some(code.clone());
        record.recovery = Some(written.recovery.clone());
        let place = Place {
            users: &users,
            states: &states,
            user: self.user,
            config: self.config,
            clock: &clock,
        };
        let change = Change {
            old: old.as_ref(),
            new: &record,
        };
        let subject = Subject {
            record: &record,
            config: self.config,
            service: &self.request.service,
            origin: self.request.origin(),
        };
        let judge = |state: &_, now| judge_enrolment(*confirmed, subject, state, now);
        let verdict = match place.write_judged(change, judge, &mut *patience()) {
            Ok(verdict) => verdict,
            Err(Unwritten::Changed) => return Err(self.meanwhile()),
            Err(why) => return Err(Trouble::from(why).into()),
        };
        drop(lock);
        drop(shield);
        let Verdict::Accepted(accepted) = verdict else {
            return Err(self.refused(Refusal::Unconfirmed, EnrolmentText::NotConfirmed));
        };
        let activity = &self.config.paths.activity;
        self.journal.enrolled(
            self.request,
            self.user,
            written.shown_before,
            (activity, now),
        );
        let left = accepted.recovery_left();
        let _ = published::show(activity, (self.user, &record), left, Durable::Yes);
        if let Err(trouble) = claim.remove() {
            // Void all the same: there is a record now.
            let line = LogLine::new()
                .with("pending", "left")
                .with("user", self.user.as_str())
                .with("detail", &trouble.detail);
            self.journal.warn(&line);
        }
        Ok(Outcome::Accepted(accepted))
    }

    pub(super) fn meanwhile(&self) -> Stop {
        self.refused(Refusal::EnrolledMeanwhile, EnrolmentText::Meanwhile)
    }
}
