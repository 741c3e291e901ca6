//! Changes of root's files that stay only if somebody confirms them.
//!
//! A [`Change`] says what stands in each file before and after. [`carry_out`] writes it down in [`open`]'s file, has a
//! [`guard`] wait in the background, puts the files into their places ([`place`]) and asks ([`answer`]). Whatever
//! happens to the command, one of these ends the change: the answer, the guard when the time is over, or
//! `antiphon-revert.service` at the next start of the computer; each by [`take_back`] or [`Changes::close`], under one
//! lock. There is one open change at a time. One that is to stay without a question is open only while its files are
//! written: whoever ends it keeps it if all of them were, and else takes it back. What cannot be taken back because somebody
//! has edited the same lines, or what depends on them, stays open until somebody has looked at it.

mod answer;
mod bytes;
mod guard;
mod lines;
mod open;
mod place;
mod sound;
mod take_back;

use std::time::{Duration, Instant};

use antiphon_core::logline::LogLine;
use antiphon_core::shell;
use antiphon_core::visible::visible;

pub(crate) use bytes::Bytes;
pub(crate) use guard::{run as guard, try_again};
pub(crate) use lines::{Difference, differences};
pub(crate) use open::{Change, Changed, Changes, Ends, FOLDER};
pub(crate) use place::{LARGEST, read};
pub(crate) use take_back::{Became, Taken, left};

use crate::failure::{Failure, Kind};
use crate::log;
use crate::screen::Screen;
use answer::{Answer, Question};
use take_back::take_back;

/// How long a change stays without being confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stays {
    /// For ever.
    ForGood,
    /// So long, unless somebody confirms it: here, where it is asked.
    For(Duration),
    /// So long, unless somebody confirms it by [`confirm`].
    ForLater(Duration),
}

/// What became of a change.
#[derive(Debug)]
pub(crate) enum Outcome {
    Kept,
    /// Until somebody confirms it, or its time is over.
    Waits,
    TakenBack(Vec<Taken>, Why),
}

/// Why a change was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The person said so, or left.
    Asked,
    /// Nobody confirmed it in time.
    Late,
    /// By `antiphon revert`, also when the computer starts.
    Reverted,
}

impl Why {
    /// In the words of the log.
    fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Late => "not-confirmed",
            Self::Reverted => "reverted",
        }
    }
}

/// Makes `change`, and asks whether it stays; `try_it` says how to see whether it works.
///
/// # Errors
/// Everything is as before, but for [`Kind::Io`], which says what is not.
pub(crate) fn carry_out(
    change: &Change,
    stays: Stays,
    try_it: &str,
    screen: &mut Screen,
) -> Result<Outcome, Failure> {
    let changes = Changes::lock()?;
    make_room(&changes, screen)?;
    let time = match stays {
        Stays::For(time) | Stays::ForLater(time) => time,
        Stays::ForGood => {
            let change = Change {
                ends: Ends::Made,
                ..change.clone()
            };
            make(&changes, &change)?;
            log_change(
                LogLine::new()
                    .with("outcome", "changed")
                    .with("reason", "for-good"),
                &change,
            );
            return match changes.close(&change) {
                Ok(()) => Ok(Outcome::Kept),
                Err(failure) => Err(Failure::new(
                    Kind::Io,
                    format!(
                        "the change is made and stays, but {failure}; when that is fixed, run: antiphon confirm"
                    ),
                )),
            };
        }
    };
    // Before anything is changed: it finds nothing to do if nothing comes of it.
    let guard = guard::start(&change.id, time)?;
    let until = Instant::now() + time;
    let made = make(&changes, change);
    // Not held while somebody is asked: the guard needs it.
    drop(changes);
    if made.is_ok() {
        let until = format!("until {}", change.until);
        log_change(
            LogLine::new()
                .with("outcome", "changed")
                .with("detail", &until),
            change,
        );
    }
    let outcome = made.and_then(|()| {
        for missing in &guard.missing {
            screen.note(&format!("note: {missing}"));
        }
        if let Stays::ForLater(_) = stays {
            return Ok(Outcome::Waits);
        }
        let question = Question {
            until,
            try_it,
            shown: &change.until.to_string(),
            or_else: if guard.missing.is_empty() {
                " or the computer restarts"
            } else {
                ""
            },
        };
        end(change, answer::ask(&question, screen))
    });
    // After a failure it tries again.
    if matches!(outcome, Ok(Outcome::Kept | Outcome::TakenBack(..))) {
        guard.end();
    }
    outcome
}

/// The open change stays; `None` if there is none.
///
/// # Errors
/// It is still open.
pub(crate) fn confirm() -> Result<Option<Change>, Failure> {
    let Some(changes) = Changes::lock_if_there()? else {
        return Ok(None);
    };
    let Some(change) = changes.current()? else {
        return Ok(None);
    };
    if change.ends == Ends::LookedAt {
        return Err(to_look_at(&change));
    }
    can_stay(&change)?;
    keep(&changes, &change)?;
    drop(changes);
    guard::end(&change.id);
    Ok(Some(change))
}

/// Nobody may hear that a change stays which is not there.
fn can_stay(change: &Change) -> Result<(), Failure> {
    if change.can_stay() {
        return Ok(());
    }
    let what = format!(
        "{} was stopped before all of the change was made, or a file of it is as before again; take it back: antiphon revert",
        visible(&change.command, 200)
    );
    Err(Failure::new(Kind::TryAgain, what))
}

fn keep(changes: &Changes, change: &Change) -> Result<(), Failure> {
    changes.close(change).map_err(|failure| {
        let what = match change.ends {
            Ends::Made => "the change stays, but that is not written down",
            _ => "the change is not confirmed, and will be taken back",
        };
        Failure::new(
            Kind::Io,
            format!("{failure}; {what}; when that is fixed, run: antiphon confirm"),
        )
    })?;
    log_change(LogLine::new().with("outcome", "kept"), change);
    Ok(())
}

/// Ends the change as was answered, unless it has been taken back already.
fn end(change: &Change, answer: Answer) -> Result<Outcome, Failure> {
    let changes = Changes::lock()?;
    let Some(open) = changes.current()?.filter(|open| open.id == change.id) else {
        if change.stands() {
            // Confirmed from elsewhere.
            return Ok(Outcome::Kept);
        }
        let why = if change.is_begun() {
            // Confirmed, and then edited; or taken back, but for what somebody has edited.
            "the change was ended from elsewhere, and its files are not as it has made them; see antiphon doctor"
        } else {
            "the change was taken back already; to make it again, run the command again"
        };
        return Err(Failure::new(Kind::TryAgain, why));
    };
    if open.ends == Ends::LookedAt {
        return Err(to_look_at(&open));
    }
    let why = match answer {
        Answer::Yes => {
            can_stay(&open)?;
            keep(&changes, change)?;
            return Ok(Outcome::Kept);
        }
        Answer::No => Why::Asked,
        Answer::Late => Why::Late,
    };
    let taken = take_back(&changes, change)?;
    log_taken(change, &taken, why);
    Ok(Outcome::TakenBack(taken, why))
}

/// Ends a change that nobody waits for any more: takes it back, or leaves it if it was to stay and was made (`None`).
///
/// # Errors
/// It is still open.
pub(crate) fn end_open(
    changes: &Changes,
    change: &Change,
    why: Why,
) -> Result<Option<Vec<Taken>>, Failure> {
    if change.is_made_for_good() {
        keep(changes, change)?;
        return Ok(None);
    }
    let taken = take_back(changes, change)?;
    log_taken(change, &taken, why);
    Ok(Some(taken))
}

/// Ends a change whose files somebody has looked at: they stay as they are.
///
/// # Errors
/// Nobody has to look at anything, or it is still open.
pub(crate) fn leave(changes: &Changes, change: &Change) -> Result<(), Failure> {
    if change.ends != Ends::LookedAt {
        let what =
            "no file of the change was left to be looked at; to take it back, run: antiphon revert";
        return Err(Failure::new(Kind::Usage, what));
    }
    changes.close(change)?;
    log_change(
        LogLine::new()
            .with("outcome", "left")
            .with("reason", "looked-at"),
        change,
    );
    Ok(())
}

/// `change` was taken back but for files that somebody has to look at first.
fn to_look_at(change: &Change) -> Failure {
    let files: Vec<String> = change
        .files
        .iter()
        .map(|file| shell::word(&file.path))
        .collect();
    let what = format!(
        "a change by {} could not be taken back in {}, which somebody else has edited; see what is to be done with: antiphon doctor",
        visible(&change.command, 200),
        files.join(" and ")
    );
    Failure::new(Kind::Config, what)
}

/// Writes the change down and makes it; if that fails, takes it back.
fn make(changes: &Changes, change: &Change) -> Result<(), Failure> {
    changes.open(change)?;
    let made = put_in_place(change).and_then(|()| changes.note_made(change));
    made.map_err(|failure| match take_back(changes, change) {
        Ok(taken) if left(&taken).is_empty() => Failure::new(
            failure.kind(),
            format!("{failure}; everything is as before"),
        ),
        Ok(_) => Failure::new(
            Kind::Io,
            format!("{failure}; and then {}", to_look_at(change)),
        ),
        Err(worse) => Failure::new(Kind::Io, format!("{failure}; and then {worse}")),
    })
}

/// An open change that has had its time, or never came to be, is ended; one that waits for somebody is respected.
fn make_room(changes: &Changes, screen: &mut Screen) -> Result<(), Failure> {
    let Some(open) = changes.current()? else {
        return Ok(());
    };
    if open.ends == Ends::Confirmed && crate::clock::now() <= open.until && open.is_begun() {
        let until = screen.zone().show(&open.until.to_string());
        let what = format!(
            "a change by {} still waits to be confirmed, until {until}; answer there, or confirm it: antiphon confirm, or take \
             it back: antiphon revert",
            visible(&open.command, 200)
        );
        return Err(Failure::new(Kind::TryAgain, what));
    }
    let taken = end_open(changes, &open, Why::Late)?.unwrap_or_default();
    for taken in &taken {
        screen.note(&format!("note: left by {}: {taken}", open.command));
    }
    match changes.current()? {
        Some(rest) => Err(to_look_at(&rest)),
        None => Ok(()),
    }
}

fn put_in_place(change: &Change) -> Result<(), Failure> {
    for file in &change.files {
        place::keep(file)?;
    }
    for file in &change.files {
        place::put(&file.path, file.after.as_ref())?;
    }
    Ok(())
}

/// One line in the log: what happened, and to which change.
fn log_change(line: LogLine, change: &Change) {
    let line = line
        .with("command", &change.command)
        .with("change", &change.id);
    log::log_by_caller(line);
}

/// One line in syslog for the change, and one for each file that could not be as before.
fn log_taken(change: &Change, taken: &[Taken], why: Why) {
    log_change(
        LogLine::new()
            .with("outcome", "taken-back")
            .with("reason", why.word()),
        change,
    );
    for file in taken {
        let line = LogLine::new();
        let line = match file.became {
            Became::AsBefore => continue,
            Became::Merged => line.with("outcome", "edited-meanwhile"),
            Became::Left => line
                .with("outcome", "not-taken-back")
                .with("fix", "antiphon doctor"),
        };
        let line = line
            .with("change", &change.id)
            .with("detail", &file.to_string());
        log::log_by_caller(line);
    }
}
