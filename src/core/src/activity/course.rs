//! How a sign-in's event changes on file while the sign-in goes on.
//!
//! Computes changes to the end of the file: lines overwritten in place at the same length, and one line appended.
//! Sign-in lines are padded with spaces for that. Two sign-ins at the same instant may lose a count.

use memchr::{memchr_iter, memmem, memrchr};

use super::{ACCEPTED, ANSWERED, ASKED, CALLED, CANCELLED, Event, SENT};
use crate::origin::with_caller;

/// Spare bytes at the end of an event's line, for later changes.
const ROOM: usize = 160;
/// Few lines are shorter, in bytes.
const SHORT_LINE: usize = 256;
/// The most open sign-ins listed in one event.
const MOST_OPEN: usize = 8;
/// The most origins that a person is told of.
const MOST_ORIGINS: usize = 3;
/// Where the time is in a line that starts with `{"time":"`; the outcome follows.
const TIME: std::ops::Range<usize> = 9..29;
/// What is between them.
const BEFORE_OUTCOME: &[u8] = b"\",\"outcome\":\"";
/// What is before the names of open sign-ins, the last field. Quotes inside a value are escaped, so it is nowhere else.
const OPEN: &[u8] = b",\"open\":\"";
/// What is before the count of an event that happened more than once.
const COUNT: &[u8] = b",\"count\":";

/// A change to a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// Overwrite with these bytes at this offset, counted from the start of the given end of the file.
    pub(crate) over: Vec<(usize, Vec<u8>)>,
    /// Append this.
    pub(crate) added: Option<Vec<u8>>,
}

/// The sign-ins since the last accepted one that passed their first factor and did not finish: they may have been
/// somebody else's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unfinished {
    /// How many.
    pub count: u32,
    /// Their latest origins, at most three; safe to show.
    pub from: Vec<String>,
}

impl Unfinished {
    fn add(&mut self, event: &Event, times: u32, user: &str) {
        self.count = self.count.saturating_add(times);
        let place = if event.remote_host.is_empty() {
            &event.terminal
        } else {
            &event.remote_host
        };
        let from = with_caller(place, &event.caller, user);
        if !from.is_empty() {
            self.from.retain(|known| *known != from);
            self.from.push(from);
        }
        if self.from.len() > MOST_ORIGINS {
            self.from.remove(0);
        }
    }
}

/// The end of a file, as whole lines.
pub(crate) struct Course<'a> {
    lines: Vec<Line<'a>>,
    /// The last line, if it is blank.
    spare: Option<Line<'a>>,
}

struct Line<'a> {
    offset: usize,
    text: &'a [u8],
}

/// When a line was written; within one second, the later line in the file is the later one.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct When<'a> {
    time: &'a [u8],
    offset: usize,
}

impl Line<'_> {
    fn event(&self) -> Option<Event> {
        Event::read_lines(std::str::from_utf8(self.text).ok()?).next()
    }

    fn when(&self) -> When<'_> {
        When {
            time: self.text.get(TIME).unwrap_or_default(),
            offset: self.offset,
        }
    }

    fn has(&self, outcome: &str) -> bool {
        let from_outcome = self.text.get(TIME.end..).unwrap_or_default();
        let rest = from_outcome.strip_prefix(BEFORE_OUTCOME);
        let rest = rest.and_then(|rest| rest.strip_prefix(outcome.as_bytes()));
        rest.is_some_and(|rest| rest.starts_with(b"\""))
    }

    /// Whether the sign-in called `name` is open and counted here. Found without parsing, since it is the last field and
    /// has no quotes.
    fn is_of(&self, name: &str) -> bool {
        if name.is_empty() || self.has(ACCEPTED) {
            return false;
        }
        let text = self.text.trim_ascii_end();
        let text = text.strip_suffix(b"\"}").unwrap_or_default();
        let value = memrchr(b'"', text).map(|quote| text.split_at(quote + 1));
        value.is_some_and(|(before, names)| {
            let mut names = names.split(|byte| *byte == b' ');
            before.ends_with(OPEN) && names.any(|open| open == name.as_bytes())
        })
    }

    /// Whether more than one is counted here.
    fn is_shared(&self) -> bool {
        memmem::find(self.text, COUNT).is_some()
    }

    /// Length in bytes, with the newline.
    fn length(&self) -> usize {
        self.text.len() + 1
    }

    /// The same line with `event` in it; `None` if it does not fit.
    fn saying(&self, event: &Event) -> Option<(usize, Vec<u8>)> {
        let line = event.to_line().ok()?;
        Some((self.offset, filled_up(line, self.length())?))
    }

    fn blank(&self) -> (usize, Vec<u8>) {
        let line = filled_up(String::new(), self.length());
        (self.offset, line.unwrap_or_default())
    }
}

impl<'a> Course<'a> {
    /// `end` is the end of a file; `is_whole` says that it is the whole file, so that its first line is complete.
    pub(crate) fn new(end: &'a [u8], is_whole: bool) -> Self {
        let mut lines = Vec::with_capacity(end.len() / SHORT_LINE);
        let mut last = None;
        let mut offset = 0;
        for feed in memchr_iter(b'\n', end) {
            let text = end.get(offset..feed).unwrap_or_default();
            if text.starts_with(b"{") && (is_whole || offset > 0) {
                lines.push(Line { offset, text });
            }
            last = Some(Line { offset, text });
            offset = feed + 1;
        }
        let spare = last.filter(|line| line.offset > 0 && line.text.trim_ascii().is_empty());
        Self { lines, spare }
    }

    /// Makes `event` the event of the sign-in called `name`; `over` says that it is the last.
    pub(crate) fn move_on(&self, mut event: Event, name: &str, over: bool) -> Change {
        let mut change = Change::default();
        let own = self.lines.iter().rev().find(|line| line.is_of(name));
        let free = own.filter(|line| !line.is_shared());
        if let Some(line) = own.filter(|line| line.is_shared())
            && let Some(before) = line.event()
        {
            change.over.extend(line.saying(&without(before, name)));
        }
        if !over {
            name.clone_into(&mut event.open);
        }
        if let Some((line, before)) = self.alike(&event)
            && free.is_none_or(|free| free.offset != line.offset)
            && let Some(folded) = line.saying(&folded(before, &event))
        {
            change.over.push(folded);
            change.over.extend(free.map(Line::blank));
            return change;
        }
        match free.map(|line| (line, line.saying(&event))) {
            Some((_, Some(said))) => change.over.push(said),
            found => {
                // Sign-ins of which each blanks its own line when it is counted in another one must not fill the file. Only
                // for what another line will follow: two at once may take the same.
                let spare = self.spare.as_ref().filter(|_| !over && found.is_none());
                change.over.extend(found.map(|(line, _)| line.blank()));
                match spare.and_then(|spare| spare.saying(&event)) {
                    Some(said) => change.over.push(said),
                    None => change.added = padded(&event),
                }
            }
        }
        change
    }

    /// Adds `event`, or counts it in an earlier identical one.
    pub(crate) fn add(&self, event: &Event) -> Change {
        let folded = self
            .alike(event)
            .and_then(|(line, before)| line.saying(&folded(before, event)));
        let mut change = Change::default();
        match folded {
            Some(folded) => change.over.push(folded),
            None => change.added = padded(event),
        }
        change
    }

    /// The latest line that `event` folds into, among those since the last accepted sign-in: the person was told of
    /// earlier ones then.
    fn alike(&self, event: &Event) -> Option<(&Line<'a>, Event)> {
        if !folds(event) {
            return None;
        }
        let since = self.last_accepted(&event.time);
        self.lines
            .iter()
            .rev()
            .filter(|line| line.has(&event.outcome) && line.when() > since)
            .find_map(|line| Some((line, line.event()?)).filter(|(_, known)| is_like(known, event)))
    }

    /// What the person has not been told of yet, at this time; `name` is the current sign-in.
    pub(crate) fn untold(&self, user: &str, name: &str, time: &str) -> Unfinished {
        let since = self.last_accepted(time);
        let mut lines: Vec<_> = self.lines.iter().collect();
        // A line that was counted in keeps its place in the file.
        lines.sort_by_key(|line| line.when());
        let mut untold = Unfinished::default();
        for line in lines.into_iter().filter(|line| line.when() > since) {
            let is_own = line.is_of(name);
            if is_own && !line.is_shared() {
                continue;
            }
            let Some(event) = line.event().filter(Event::is_unfinished) else {
                continue;
            };
            // Whoever pressed Ctrl-C at their own sudo knows.
            let by_oneself = event.outcome == CANCELLED && event.caller == user;
            let times = event.times() - u32::from(is_own);
            if !by_oneself && times > 0 {
                untold.add(&event, times, user);
            }
        }
        untold
    }

    /// When the last sign-in was accepted. One after `time`, the present, was accepted by a clock that ran ahead, and would
    /// hide whatever is before it.
    fn last_accepted(&self, time: &str) -> When<'_> {
        let accepted = self.lines.iter().filter(|line| line.has(ACCEPTED));
        let known = accepted.map(Line::when);
        let past = known.filter(|when| when.time <= time.as_bytes());
        past.max().unwrap_or_default()
    }
}

/// Events that a stranger can repeat at will.
fn folds(event: &Event) -> bool {
    [ASKED, CALLED, CANCELLED, ANSWERED, SENT].contains(&event.outcome.as_str())
        || event.is_rehearsed()
}

fn is_like(one: &Event, other: &Event) -> bool {
    one.facts() == other.safe(super::LONGEST_FIELD).facts()
}

/// `before` with `event` counted in.
fn folded(before: Event, event: &Event) -> Event {
    let mut open: Vec<&str> = before
        .open
        .split(' ')
        .chain([event.open.as_str()])
        .collect();
    open.retain(|name| !name.is_empty());
    let surplus = open.len().saturating_sub(MOST_OPEN);
    let open = open.split_off(surplus).join(" ");
    Event {
        count: before.times().saturating_add(1),
        since: if before.since.is_empty() {
            before.time
        } else {
            before.since
        },
        open,
        ..event.clone()
    }
}

/// The event without the sign-in called `name`.
fn without(mut event: Event, name: &str) -> Event {
    event.count = event.times() - 1;
    let names = event.open.split(' ').filter(|open| *open != name);
    event.open = names.collect::<Vec<_>>().join(" ");
    event
}

fn padded(event: &Event) -> Option<Vec<u8>> {
    let line = event.to_line().ok()?;
    let length = line.len() + ROOM;
    filled_up(line, length)
}

/// `line` with spaces before its newline, `length` bytes in all; `None` if it does not fit.
fn filled_up(mut line: String, length: usize) -> Option<Vec<u8>> {
    line.truncate(line.trim_end().len());
    let spaces = length.checked_sub(line.len() + 1)?;
    line.push_str(&" ".repeat(spaces));
    line.push('\n');
    Some(line.into_bytes())
}

#[cfg(test)]
mod tests;
