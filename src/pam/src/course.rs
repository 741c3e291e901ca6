//! The progress of a sign-in, recorded as it happens: a line in syslog and the event in the person's activity.
//!
//! It starts once the first factor was right. When a client hangs up, sshd kills us without warning, and the attempt
//! must leave a trace all the same.

use antiphon_core::activity::{ANSWERED, ASKED, CALLED, Event, SENT, VERIFIED};
use antiphon_core::disk::{Distrust, Walk, activity_file};
use antiphon_core::logline::LogLine;
use antiphon_core::method::Method;
use antiphon_core::record::Account;
use antiphon_core::time::UnixTime;

use crate::context::Context;
use crate::journal::{event_of, from_where};

/// Which part of the record a change was made to, for the log.
#[derive(Clone, Copy)]
pub(crate) enum Touched<'a> {
    /// None that has a name.
    Nothing,
    /// The phone with this name.
    Phone(&'a str),
    /// An account, and its name after the change.
    Account { account: &'a Account, name: &'a str },
}

impl Context<'_> {
    /// The prompt was shown, and asks for `method`.
    pub(crate) fn asked(&self, method: &str) {
        if !self.journal.is_under_way() {
            self.go_on(ASKED, "");
        }
        self.journal.note(&self.whole_line("asked", method));
    }

    /// The phone was called.
    pub(crate) fn called(&self) {
        self.go_on(CALLED, Method::Approval.word());
        self.journal.note(&self.about_phone("called"));
    }

    /// An account at this provider was asked.
    pub(crate) fn called_account(&self, provider: &str) {
        let line = self.whole_line("account", "called");
        self.journal.note(&line.with("provider", provider));
    }

    /// A wrong answer was counted. For a code from another time, `skew` is how many seconds its clock is ahead of ours.
    pub(crate) fn answered_wrong(&self, method: Method, skew: Option<i64>) {
        let mut line = LogLine::new()
            .with("answer", "wrong")
            .with("method", method.word());
        if let Some(seconds) = skew {
            let detail = if seconds < 0 {
                "a right code of the past: the clock of the person's app is behind this computer's"
            } else {
                "a right code of the future: the clock of the person's app is ahead of this computer's"
            };
            line = line
                .with("skew", &format!("{seconds:+}s"))
                .with("detail", detail);
        }
        self.journal.warn(&self.of(line));
        self.happened(ANSWERED, "wrong", method);
    }

    /// A code was sent, or sending failed.
    pub(crate) fn sent(&self, method: Method) {
        self.happened(SENT, "", method);
    }

    /// The person is enrolling: `step` is `begun`, `restarted`, `resumed` or `wrong-code`; `before` is the origin of
    /// the sitting that held the enrolment before, or empty.
    pub(crate) fn enrolling(&self, step: &str, before: &str) {
        let line = LogLine::new()
            .with("enrolment", step)
            .with("before", before);
        self.journal.note(&self.of(line));
        let outcome = format!("enrolment-{step}");
        self.happened(&outcome, "", Method::Enrolment);
    }

    /// A factor was verified, but the sign-in does not go on at once.
    pub(crate) fn verified(&self, method: Method) {
        self.go_on(VERIFIED, method.word());
        self.journal
            .note(&self.whole_line("verified", method.word()));
    }

    /// The person has enrolled, after proving themselves by `shown_before`, if it was required.
    pub(crate) fn enrolled(&self, shown_before: Option<Method>, now: UnixTime) {
        let line = LogLine::new()
            .with("enrolled", "code")
            .with("after", shown_before.map_or("", Method::word))
            .with("user", self.user.as_str());
        let event = event_of(self.request, now, "enrolled", "code");
        self.write_down(line, &event);
    }

    /// The person changed their own record: `what`, after which factor, and which phone or account of theirs, if any.
    pub(crate) fn changed(&self, what: &str, factor: Method, of: Touched<'_>) {
        let Ok(now) = self.watch.now() else { return };
        let event = Event {
            reason: what.to_owned(),
            ..event_of(self.request, now, "changed", factor.word())
        };
        let line = LogLine::new()
            .with("changed", what)
            .with("by", "user")
            .with("method", factor.word());
        let line = match of {
            Touched::Nothing | Touched::Account { .. } => line,
            Touched::Phone(name) => line.with("phone", name),
        };
        let line = line.with("user", self.user.as_str());
        let line = match of {
            Touched::Nothing | Touched::Phone(_) => line,
            Touched::Account { account, name } => line
                .with("provider", &account.provider)
                .with("account", &account.subject.id)
                .with("name", name),
        };
        self.write_down(line, &event);
    }

    /// Written to syslog and the activity, before the sign-in's own line.
    fn write_down(&self, line: LogLine, event: &Event) {
        let mut line = from_where(line, self.request, self.user.as_str());
        // Opened anew, since a sitting can be long.
        let written = Walk::default()
            .open(&self.config.paths.activity)
            .and_then(|folder| activity_file::append(&folder, self.user, event));
        if let Err(distrust) = written {
            line = line.with("activity", &distrust.to_string());
        }
        self.journal.note_change(&line);
    }

    /// Updates this sign-in's event.
    fn go_on(&self, outcome: &str, method: &str) {
        let Ok(now) = self.watch.now() else { return };
        let event = event_of(self.request, now, outcome, method);
        let name = self.journal.begin(now);
        let written = self
            .walk
            .open(&self.config.paths.activity)
            .and_then(|folder| {
                activity_file::move_on(&folder, self.user, event, &name, false).map(drop)
            });
        self.complain(written);
    }

    /// Adds a separate event.
    fn happened(&self, outcome: &str, reason: &str, method: Method) {
        let Ok(now) = self.watch.now() else { return };
        let event = Event {
            reason: reason.to_owned(),
            ..event_of(self.request, now, outcome, method.word())
        };
        let written = self
            .walk
            .open(&self.config.paths.activity)
            .and_then(|folder| activity_file::append(&folder, self.user, &event));
        self.complain(written);
    }

    /// Does not stop the sign-in, whose own line will report it again.
    fn complain(&self, written: Result<(), Distrust>) {
        if let Err(distrust) = written {
            self.journal
                .debug(&format!("the activity was not written: {distrust}"));
        }
    }

    /// A line about the phone.
    pub(crate) fn about_phone(&self, word: &str) -> LogLine {
        self.whole_line("phone", word)
    }

    fn whole_line(&self, key: &str, word: &str) -> LogLine {
        self.of(LogLine::new().with(key, word))
    }

    fn of(&self, line: LogLine) -> LogLine {
        let user = self.user.as_str();
        let line = from_where(line.with("user", user), self.request, user);
        self.journal.with_request(line)
    }
}
