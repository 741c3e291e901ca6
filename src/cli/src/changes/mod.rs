//! Changes of root's files that stay only if somebody confirms them.
//!
//! A [`Change`] says what stands in each file before and after. [`carry_out`] writes it down in [`open`]'s file, has a
//! [`guard`] wait in the background, puts the files into their places ([`place`]) and asks ([`answer`]). Whatever
//! happens to the command, one of these ends the change: the answer, the guard when the time is over, or
//! `antiphon-revert.service` at the next start of the computer; each by [`take_back`] or [`Changes::close`], under one
//! lock. There is one open change at a time.

mod answer;
mod bytes;
mod guard;
mod open;
mod place;
mod take_back;

use std::time::{Duration, Instant};

use antiphon_core::logline::LogLine;
use antiphon_core::visible::visible;

pub(crate) use bytes::Bytes;
pub(crate) use guard::run as guard;
pub(crate) use open::{Change, Changed, Changes, Difference, FOLDER};
pub(crate) use place::{LARGEST, read};
pub(crate) use take_back::{Became, Taken, take_back};

use crate::failure::{Failure, Kind};
use crate::log;
use crate::screen::Screen;
use answer::{Answer, Question};

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
            make(&changes, change)?;
            log_change("changed", change, "for-good");
            return changes.close(change).map(|()| Outcome::Kept);
        }
    };
    // Before anything is changed: it finds nothing to do if nothing comes of it.
    let guard = guard::start(&change.id, time)?;
    let until = Instant::now() + time;
    let made = make(&changes, change);
    // Not held while somebody is asked: the guard needs it.
    drop(changes);
    if made.is_ok() {
        log_change("changed", change, &format!("until {}", change.until));
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
    changes.close(&change)?;
    log_change("kept", &change, "");
    drop(changes);
    guard::end(&change.id);
    Ok(Some(change))
}

/// Ends the change as was answered, unless it has been taken back already.
fn end(change: &Change, answer: Answer) -> Result<Outcome, Failure> {
    let changes = Changes::lock()?;
    if changes.current()?.is_none_or(|open| open.id != change.id) {
        if change.stands() {
            // Confirmed from elsewhere.
            return Ok(Outcome::Kept);
        }
        let why = "the change was taken back already; to make it again, run the command again";
        return Err(Failure::new(Kind::TryAgain, why));
    }
    let why = match answer {
        Answer::Yes => {
            changes.close(change)?;
            log_change("kept", change, "");
            return Ok(Outcome::Kept);
        }
        Answer::No => Why::Asked,
        Answer::Late => Why::Late,
    };
    let taken = take_back(&changes, change)?;
    log_taken(change, &taken, why);
    Ok(Outcome::TakenBack(taken, why))
}

/// Writes the change down and makes it; if that fails, takes it back.
fn make(changes: &Changes, change: &Change) -> Result<(), Failure> {
    changes.open(change)?;
    put_in_place(change).map_err(|failure| match take_back(changes, change) {
        Ok(_) => Failure::new(
            failure.kind(),
            format!("{failure}; everything is as before"),
        ),
        Err(worse) => Failure::new(Kind::Io, format!("{failure}; and then {worse}")),
    })
}

/// An open change that has had its time, or never came to be, is ended; one that waits for its answer is respected.
fn make_room(changes: &Changes, screen: &mut Screen) -> Result<(), Failure> {
    let Some(open) = changes.current()? else {
        return Ok(());
    };
    if crate::clock::now() <= open.until && open.is_begun() {
        let until = screen.zone().show(&open.until.to_string());
        let what = format!(
            "a change by {} still waits to be confirmed, until {until}; answer there, or confirm it: antiphon confirm, or take \
             it back: antiphon revert",
            visible(&open.command, 200)
        );
        return Err(Failure::new(Kind::TryAgain, what));
    }
    let taken = take_back(changes, &open)?;
    log_taken(&open, &taken, Why::Late);
    for taken in &taken {
        screen.note(&format!("note: left by {}: {taken}", open.command));
    }
    Ok(())
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

/// One line in syslog.
fn log_change(outcome: &str, change: &Change, reason: &str) {
    let line = LogLine::new()
        .with("outcome", outcome)
        .with("reason", reason)
        .with("command", &change.command)
        .with("change", &change.id);
    log::log_by_caller(line);
}

/// One line in syslog for the change, and one for each file that could not be as before.
pub(crate) fn log_taken(change: &Change, taken: &[Taken], why: Why) {
    log_change("taken-back", change, why.word());
    for left in taken.iter().filter(|taken| taken.became.is_odd()) {
        let line = LogLine::new()
            .with("outcome", "edited-meanwhile")
            .with("change", &change.id)
            .with("detail", &left.to_string());
        log::log_by_caller(line);
    }
}
