//! `antiphon log`: what the module, the command and the daemon have logged, from wherever this computer keeps it.
//!
//! [`journal`] and [`files`] read [`Entry`]s, oldest first; [`line`] takes out those that are ours. Both sources hold what
//! every local user may send to the log, so everything here is untrusted: it is bounded, and made safe before it is shown.

mod entry;
mod files;
mod journal;
mod line;
mod lines;
mod stamp;
mod when;

use std::collections::HashSet;

use antiphon_core::time::UnixTime;

use crate::arguments::ReadLog;
use crate::clock;
use crate::failure::Failure;
use crate::person;
use crate::screen::Screen;
use entry::Entry;
use line::Line;
pub(crate) use when::When;

/// How far back to look unless told, in seconds.
const LATELY: u64 = 24 * 60 * 60;

/// What is asked of a source.
struct Span {
    since: UnixTime,
    /// `None` if there is no end.
    until: Option<UnixTime>,
    /// Whether to wait for more.
    follows: bool,
}

impl Span {
    fn has(&self, time: UnixTime) -> bool {
        self.since <= time && self.until.is_none_or(|until| time <= until)
    }
}

/// Where entries go, one by one.
type Take<'a> = &'a mut dyn FnMut(Entry) -> Result<(), Failure>;

/// Shows the lines of the time that is asked for, newest last.
pub(crate) fn run(wanted: &ReadLog, screen: &mut Screen) -> Result<(), Failure> {
    let now = clock::now();
    let instant = |when: &Option<When>| when.map(|when| when.instant(now, screen.zone()));
    let until = instant(&wanted.until);
    let end = until.unwrap_or(now);
    let since = instant(&wanted.since).unwrap_or(UnixTime(end.0.saturating_sub(LATELY)));
    let span = Span {
        since,
        until,
        follows: wanted.follow,
    };
    let mut selection = Selection::new(wanted.whose.user.as_deref());
    let mut is_empty = true;
    let mut take = |entry: Entry| {
        let Some(line) = Line::of(&entry) else {
            return Ok(());
        };
        if !selection.has(&line) {
            return Ok(());
        }
        is_empty = false;
        if screen.is_json() {
            screen.object(&line)
        } else {
            line.show(screen)
        }
    };
    if journal::is_kept() {
        journal::read(&span, &mut take)?;
    } else {
        files::read(&span, &mut take)?;
    }
    if is_empty && !screen.is_json() {
        let since = screen.zone().show(&since.to_string());
        screen.line(&format!("Nothing was logged since {since}."))?;
    }
    Ok(())
}

/// The lines of one person, or of everybody.
struct Selection {
    /// The names that the person goes by; `None` for everybody.
    names: Option<Vec<String>>,
    /// The phone's requests for this person, about which the daemon has further lines without a name.
    requests: HashSet<String>,
}

impl Selection {
    fn new(typed: Option<&str>) -> Self {
        let names = typed.map(|typed| {
            let known = person::canonical(typed).ok();
            let known = known.map(|user| user.as_str().to_owned());
            // Lines outlive accounts, so a name that nobody has any more is not refused.
            known.into_iter().chain([typed.to_owned()]).collect()
        });
        Self {
            names,
            requests: HashSet::new(),
        }
    }

    fn has(&mut self, line: &Line) -> bool {
        let Some(names) = &self.names else {
            return true;
        };
        let request = line.value("request");
        match line.value("user") {
            Some(user) => {
                let has = names.iter().any(|name| name == user);
                if has && let Some(request) = request {
                    self.requests.insert(request.to_owned());
                }
                has
            }
            None => request.is_some_and(|request| self.requests.contains(request)),
        }
    }
}
