//! Records what root did: one line in syslog, one event in the person's activity. Secrets are never passed to this
//! module.

use std::io::{self, Write};

use antiphon_core::activity::Event;
use antiphon_core::disk::{Distrust, Folder, activity_file};
use antiphon_core::logline::LogLine;
use antiphon_core::name::UserName;
use antiphon_log::{Facility, Line, Said, Severity, Writer};

use crate::caller::Caller;
use crate::clock;
use crate::house::House;
use crate::screen::Screen;

/// An action, in the words of the log.
#[derive(Clone, Copy, Default)]
pub(crate) struct Done<'a> {
    /// `enrolled`, `removed`, …
    pub(crate) outcome: &'a str,
    /// More about it, one word: a program that reads the log can look for it.
    pub(crate) reason: &'a str,
    /// More about it, for people.
    pub(crate) detail: &'a str,
    /// `code`, `phone`, `account`, `recovery` or empty.
    pub(crate) method: &'a str,
    /// The phone's name.
    pub(crate) phone: &'a str,
    /// The name of the account's provider.
    pub(crate) provider: &'a str,
    /// The command that did it.
    pub(crate) command: &'a str,
}

/// Records the action. If that fails, the screen says so; nothing is undone.
pub(crate) fn write_down(done: Done<'_>, user: &UserName, house: &House, screen: &mut Screen) {
    if let Err(distrust) = add_activity(done, user, house) {
        screen.note(&format!("note: the activity was not written: {distrust}"));
    }
    log_only(done, user);
}

/// Records the action in syslog only: for failures, and for people whose data has been purged.
pub(crate) fn log_only(done: Done<'_>, user: &UserName) {
    let line = LogLine::new()
        .with("outcome", done.outcome)
        .with("reason", done.reason)
        .with("method", done.method)
        .with("user", user.as_str());
    let line = by_caller(line)
        .with("phone", done.phone)
        .with("provider", done.provider);
    log_line(&line.with("detail", done.detail));
}

/// Writes a line to syslog with who does it, and where.
pub(crate) fn log_by_caller(line: LogLine) {
    log_line(&by_caller(line));
}

fn by_caller(line: LogLine) -> LogLine {
    let caller = Caller::of_process();
    line.with("by", &caller.by)
        .with("caller", caller.sudo_user.as_deref().unwrap_or_default())
        .with("tty", &terminal_name())
}

fn add_activity(done: Done<'_>, user: &UserName, house: &House) -> Result<(), Distrust> {
    let Caller { by, sudo_user } = Caller::of_process();
    let event = Event {
        time: clock::now().to_string(),
        outcome: done.outcome.to_owned(),
        reason: format!("{} {}", done.reason, done.detail).trim().to_owned(),
        method: done.method.to_owned(),
        host: house.host.clone(),
        service: format!("antiphon {}", done.command),
        remote_host: String::new(),
        terminal: terminal_name(),
        caller: sudo_user.unwrap_or(by),
        ..Event::default()
    };
    let folder = Folder::open(&house.config.paths.activity)?;
    activity_file::append(&folder, user, &event)
}

/// Writes a line to syslog. A failure undoes nothing, but is said: the line is what others see of what root did.
pub(crate) fn log_line(line: &LogLine) {
    let sent = antiphon_log::send(&Line {
        writer: Writer::Command,
        facility: Facility::LOG_AUTHPRIV,
        severity: Severity::LOG_NOTICE,
        said: Said::Fields(line),
    });
    if let Err(why) = sent {
        let line = line.as_str();
        let _ = writeln!(
            io::stderr(),
            "note: the log has not taken this line ({why}): {line}"
        );
    }
}

/// The terminal on standard input; empty if it is not one.
pub(crate) fn terminal_name() -> String {
    let name = nix::unistd::ttyname(io::stdin()).unwrap_or_default();
    let name = name.to_string_lossy();
    name.strip_prefix("/dev/").unwrap_or(&name).to_owned()
}
