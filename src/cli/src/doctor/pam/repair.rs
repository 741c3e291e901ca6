//! Finds an edit of pam.d that helps a service and harms no other, by trying it on a copy.

use std::cell::Cell;

use super::edit::{Change, Edit};
use super::folder::Folder;
use super::line::{Line, Says};
use super::service::{Service, Verdict};
use crate::finding::At;

/// The health of a service: less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Health {
    /// Reasons why everybody is locked out: `auth` lines, `account` lines.
    locks: usize,
    /// Ways to skip us, or to get in without a password.
    ways_past: usize,
    /// Wrong passwords that get as far as us.
    wrong_passwords: usize,
}

impl Health {
    pub(crate) fn of(service: &Service) -> Self {
        let ways = &service.ways;
        let is_asked_first = ways.unasked && service.has_first_factor();
        let others = [ways.instead, is_asked_first, !ways.twice.is_empty()];
        Self {
            locks: [!service.ways.is_open(), service.blocked.is_some()]
                .iter()
                .filter(|is_so| **is_so)
                .count(),
            ways_past: service.passes().count() + others.iter().filter(|is_so| **is_so).count(),
            wrong_passwords: ways.after_wrong.len(),
        }
    }

    /// Whether nothing is wrong with it.
    pub(crate) fn is_sound(self) -> bool {
        self.locks == 0 && self.ways_past == 0
    }
}

/// How many services may still be examined after an edit. On a host with any number of broken lines in any number of
/// services, an editor has to do for the rest.
pub(crate) struct Tries(Cell<usize>);

impl Default for Tries {
    fn default() -> Self {
        Self(Cell::new(5000))
    }
}

impl Tries {
    fn take(&self) -> bool {
        let left = self.0.get().checked_sub(1);
        self.0.set(left.unwrap_or_default());
        left.is_some()
    }
}

/// The longest stack for which a command is looked for, in lines.
const LONGEST: usize = 100;

/// The files, their services, and the service to repair.
pub(crate) struct Repair<'a> {
    pub(crate) tries: &'a Tries,
    pub(crate) folder: &'a Folder,
    pub(crate) services: &'a [Service],
    pub(crate) service: &'a Service,
}

impl Repair<'_> {
    /// The command for the first of `candidates` that improves the service's health.
    pub(crate) fn better(&self, candidates: &[Vec<Edit>]) -> Option<String> {
        let before = Health::of(self.service);
        // Taking a factor away leaves less that can go wrong, but fixes nothing.
        let keeps = |has: fn(&Service) -> bool, after: &Service| has(after) || !has(self.service);
        let better = self.first(candidates, |after| {
            Health::of(after) < before
                && keeps(Service::has_ours, after)
                && keeps(Service::has_first_factor, after)
        });
        Edit::command(better?)
    }

    /// The command for the first of `candidates` after which the service asks and is sound.
    pub(crate) fn asking(&self, candidates: &[Vec<Edit>]) -> Option<String> {
        Edit::command(self.asking_by(candidates)?)
    }

    /// That candidate itself.
    pub(crate) fn asking_by<'c>(&self, candidates: &'c [Vec<Edit>]) -> Option<&'c [Edit]> {
        let asks = |after: &Service| after.verdict == Verdict::Asks && Health::of(after).is_sound();
        self.first(candidates, asks)
    }

    /// The command for the first of `candidates` after which the service lets people in without asking.
    pub(crate) fn not_asking(&self, candidates: &[Vec<Edit>]) -> Option<String> {
        let lets_in = |after: &Service| !after.has_ours() && after.ways.is_open();
        Edit::command(self.first(candidates, lets_in)?)
    }

    /// The first of `candidates` that is good, and that sed can make.
    fn first<'c>(
        &self,
        candidates: &'c [Vec<Edit>],
        is_good: impl Fn(&Service) -> bool,
    ) -> Option<&'c [Edit]> {
        if self.service.stack.steps.len() > LONGEST {
            return None;
        }
        candidates
            .iter()
            .filter(|edits| !edits.is_empty() && self.is_tried(edits, &is_good))
            .find(|edits| Edit::command(edits).is_some())
            .map(Vec::as_slice)
    }

    fn is_tried(&self, edits: &[Edit], is_good: impl Fn(&Service) -> bool) -> bool {
        let changed = self.folder.with(edits);
        // A service is unaffected by files that are not read for it.
        let is_touched = |service: &&Service| {
            let mut files = edits.iter().map(|edit| &edit.at.file);
            files.any(|file| service.stack.files.contains(file))
        };
        let others = self.services.iter().filter(is_touched);
        self.tries.take()
            && is_good(&Service::of(&self.service.name, &changed))
            && others
                .filter(|other| other.name != self.service.name)
                .all(|other| {
                    self.tries.take() && is_no_worse(&Service::of(&other.name, &changed), other)
                })
    }

    /// The line at `at` with another control.
    pub(crate) fn control(&self, at: &At, write: impl Fn(&str) -> String) -> Option<Edit> {
        self.written(at, |line| {
            let Says::Module(module) = &line.says else {
                return None;
            };
            let control = write(&module.word);
            let bracketed = format!("[{}]", module.word);
            if line.text.contains(&bracketed) {
                let control = if control.contains('=') {
                    format!("[{control}]")
                } else {
                    control
                };
                return Some(line.text.replacen(&bracketed, &control, 1));
            }
            Some(line.text.replacen(&module.word, &control, 1))
        })
    }

    /// The line at `at`, which includes a file, with another kind of include.
    pub(crate) fn include(&self, at: &At, how: Include) -> Option<Edit> {
        self.written(at, |line| {
            let (Says::Include(name) | Says::AtInclude(name) | Says::Substack(name)) = &line.says
            else {
                return None;
            };
            match how {
                Include::Substack => Some(format!("auth substack {name}")),
                Include::Plain => Some(format!("auth include {name}")),
            }
        })
    }

    /// The line at `at` rewritten; `None` if it spans several lines of its file.
    pub(crate) fn written(
        &self,
        at: &At,
        write: impl FnOnce(&Line) -> Option<String>,
    ) -> Option<Edit> {
        let line = self.folder.line(at)?;
        if line.rows > 1 {
            return None;
        }
        let text = write(line).filter(|text| *text != line.text)?;
        Some(Edit::new(at, Change::Write(text)))
    }

    /// The line at `at` deleted; `None` if it spans several lines of its file.
    pub(crate) fn deleted(&self, at: &At) -> Option<Edit> {
        let line = self.folder.line(at)?;
        (line.rows == 1).then(|| Edit::new(at, Change::Delete))
    }
}

/// The kind of include.
#[derive(Clone, Copy)]
pub(crate) enum Include {
    Substack,
    Plain,
}

/// Whether another service is no less healthy, and asks only if it did before.
fn is_no_worse(after: &Service, before: &Service) -> bool {
    Health::of(after) <= Health::of(before) && after.has_ours() == before.has_ours()
}

/// The command that opens a file at a line.
pub(crate) fn by_hand(at: &At) -> String {
    let file = antiphon_core::shell::word(&at.file);
    format!("${{EDITOR:-vi}} +{} {file}", at.line)
}
