//! The records of a sign-in: one line in syslog, one event in the person's activity.

use std::cell::RefCell;

use antiphon_core::activity::{Event, Unfinished};
use antiphon_core::approval::ApprovalRequest;
use antiphon_core::disk::{Walk, activity_file};
use antiphon_core::logline::LogLine;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::policy::Rule;
use antiphon_core::time::UnixTime;
use antiphon_log::{Said, Severity};

use crate::ending::Ending;
use crate::host;
use crate::log_line;
use crate::request::Request;
use crate::watch::Watch;

/// The log of one sign-in.
pub(crate) struct Journal {
    service: String,
    debug: bool,
    /// The name of the request for an approval, which the daemon logs too.
    approval: RefCell<String>,
    /// This sign-in's name in the activity while it is open; empty before the prompt.
    name: RefCell<String>,
}

impl Journal {
    pub(crate) fn new(service: &str, debug: bool) -> Self {
        Self {
            service: service.to_owned(),
            debug,
            approval: RefCell::default(),
            name: RefCell::default(),
        }
    }

    /// From now on, lines of this sign-in name this request.
    pub(crate) fn asks(&self, request: &ApprovalRequest) {
        self.approval.replace(request.name());
    }

    /// This sign-in's name in the activity from `now` on, unique among open sign-ins.
    pub(crate) fn begin(&self, now: UnixTime) -> String {
        let mut name = self.name.borrow_mut();
        if name.is_empty() {
            *name = format!("{:x}.{:x}", std::process::id(), now.0 & 0xffff);
        }
        name.clone()
    }

    /// Whether this sign-in is in the activity already.
    pub(crate) fn is_under_way(&self) -> bool {
        !self.name.borrow().is_empty()
    }

    /// Adds the name of the request for an approval.
    pub(crate) fn with_request(&self, line: LogLine) -> LogLine {
        line.with("request", &self.approval.borrow())
    }

    /// An extra line that an administrator should look at.
    pub(crate) fn warn(&self, line: &LogLine) {
        self.send(Severity::LOG_WARNING, Said::Fields(line));
    }

    /// A line about the progress of a sign-in.
    pub(crate) fn note(&self, line: &LogLine) {
        self.send(Severity::LOG_INFO, Said::Fields(line));
    }

    /// A line about a change of the person's own record.
    pub(crate) fn note_change(&self, line: &LogLine) {
        self.send(Severity::LOG_NOTICE, Said::Fields(line));
    }

    /// A debug line, if pam.d has `debug`.
    pub(crate) fn debug(&self, text: &str) {
        if self.debug {
            self.send(Severity::LOG_DEBUG, Said::Sentence(text));
        }
    }

    /// Ends a call in which PAM did not even provide a user name.
    pub(crate) fn close_unnamed(&self, trouble: Trouble) -> Outcome {
        let detail = trouble.detail.clone();
        let outcome = Outcome::Unusable(trouble);
        let line = with_outcome(LogLine::new(), &outcome).with("detail", &detail);
        self.send(Severity::LOG_ERR, Said::Fields(&line));
        outcome
    }

    /// Writes the sign-in's final event and line. Returns what the person has not been told of yet.
    pub(crate) fn close(
        &self,
        request: &Request,
        ending: &Ending,
        watch: &dyn Watch,
        walk: &Walk,
    ) -> Unfinished {
        let activity = self.add_activity(request, ending, watch, walk);
        let name = ending
            .user
            .as_ref()
            .map_or(request.asked_for.as_str(), |user| user.as_str());
        let mut line = with_outcome(LogLine::new(), &ending.outcome)
            .with("would", ending.would.as_deref().unwrap_or_default())
            .with("rehearsal", rehearsed_right(ending))
            .with("user", name);
        line = from_where(line, request, name);
        line = match &ending.outcome {
            Outcome::Accepted(accepted) => line
                .with("phone", accepted.phone())
                .with("provider", accepted.provider())
                .with("account", accepted.account()),
            Outcome::Unusable(trouble) => line.with("detail", &trouble.detail),
            Outcome::Exempt(_) => line.with("detail", &ending.would_detail),
            Outcome::Refused(refusal) => line.with("fix", &refusal.fix(name).unwrap_or_default()),
            _ => line,
        };
        line = self.with_request(line);
        let untold = match activity {
            Ok(untold) => untold,
            Err(distrust) => {
                line = line.with("activity", &distrust);
                Unfinished::default()
            }
        };
        self.send(severity_of(&ending.outcome), Said::Fields(&line));
        untold
    }

    /// Skips whatever happens before the first factor was right, with which anybody could fill a person's activity.
    fn add_activity(
        &self,
        request: &Request,
        ending: &Ending,
        watch: &dyn Watch,
        walk: &Walk,
    ) -> Result<Unfinished, String> {
        let is_before = matches!(
            ending.outcome,
            Outcome::Refused(Refusal::WrongPassword | Refusal::NoFirstFactor)
        );
        let (Some(user), Some(folder), Ok(now), false) =
            (&ending.user, &ending.activity, watch.now(), is_before)
        else {
            return Ok(Unfinished::default());
        };
        let event = Event {
            reason: reason_of(ending).to_owned(),
            ..event_of(
                request,
                now,
                ending.outcome.word(),
                method_of(&ending.outcome),
            )
        };
        walk.open(folder)
            .and_then(|folder| {
                activity_file::move_on(&folder, user, event, &self.name.borrow(), true)
            })
            .map_err(|distrust| distrust.to_string())
    }

    fn send(&self, severity: Severity, said: Said<'_>) {
        log_line::send(&self.service, severity, said);
    }
}

/// Logs where the module panicked.
pub(crate) fn log_panic(place: &str) {
    let line = LogLine::new().with("outcome", "panic").with("place", place);
    Journal::new("unknown", false).send(Severity::LOG_ERR, Said::Fields(&line));
}

fn with_outcome(line: LogLine, outcome: &Outcome) -> LogLine {
    line.with("outcome", outcome.word())
        .with("method", method_of(outcome))
        .with("reason", outcome.reason().unwrap_or_default())
}

fn method_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted(accepted) => accepted.method().word(),
        _ => "",
    }
}

/// An accepted answer in a rehearsal: somebody who had to give one must not be taken for one who had not.
fn rehearsed_right(ending: &Ending) -> &'static str {
    match ending.outcome {
        Outcome::Accepted(_) if ending.is_rehearsal => "right",
        _ => "",
    }
}

/// The reason in the activity. Who was not asked in a rehearsal was merely observed: only of the others is the owner told.
fn reason_of(ending: &Ending) -> &'static str {
    match &ending.outcome {
        Outcome::Exempt(exempt) if exempt.rule() == Rule::Rehearsed && !ending.is_rehearsal => {
            Rule::Observed.word()
        }
        outcome => outcome.reason().unwrap_or_default(),
    }
}

fn severity_of(outcome: &Outcome) -> Severity {
    match outcome {
        Outcome::Accepted(_) | Outcome::Exempt(_) => Severity::LOG_INFO,
        Outcome::Refused(_) | Outcome::Cancelled => Severity::LOG_NOTICE,
        Outcome::Locked(_) => Severity::LOG_WARNING,
        Outcome::Unusable(_) => Severity::LOG_ERR,
    }
}

/// Adds the caller only if a person called su or sudo for another.
pub(crate) fn from_where(line: LogLine, request: &Request, name: &str) -> LogLine {
    let line = line
        .with("rhost", &request.remote_host)
        .with("tty", &request.terminal);
    let caller = request.caller.as_str();
    if caller == "root" || caller == name {
        line
    } else {
        line.with("caller", caller)
    }
}

/// An event of this sign-in, with time, host and origin.
pub(crate) fn event_of(request: &Request, now: UnixTime, outcome: &str, method: &str) -> Event {
    Event {
        time: now.to_string(),
        outcome: outcome.to_owned(),
        method: method.to_owned(),
        host: host::name(),
        service: request.service.clone(),
        remote_host: request.remote_host.clone(),
        terminal: request.terminal.clone(),
        caller: request.caller.clone(),
        ..Event::default()
    }
}
