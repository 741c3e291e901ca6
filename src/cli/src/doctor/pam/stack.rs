//! The lines of a service as libpam assembles them: includes are expanded in place, and the lines of a substack are
//! one level deeper.

use std::collections::BTreeSet;

use super::control::Control;
use super::folder::{File, Folder};
use super::line::{Kind, Line, Module, Says};
use crate::finding::At;

/// libpam's limit on nested substacks (`PAM_SUBSTACK_MAX_LEVEL`).
const MOST_LEVELS: usize = 16;
/// The most lines to follow: files that include each other twice would double them at each level.
const MOST_LINES: usize = 500;
/// The file for services that have none, or no line of this kind in theirs.
pub(crate) const OTHER: &str = "other";

/// All lines of one kind of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stack {
    pub(crate) steps: Vec<Step>,
    /// The path of its first file; `None` if there is none.
    pub(crate) file: Option<String>,
    /// Where libpam gives up on the service: its programs then cannot use PAM at all.
    pub(crate) cut: Option<Cut>,
    /// The paths of all files read for it.
    pub(crate) files: BTreeSet<String>,
    /// Why it could not be followed to the end, if so.
    pub(crate) unknown: Option<String>,
}

/// Why libpam gives up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cut {
    pub(crate) at: At,
    pub(crate) why: String,
}

/// One line of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) at: At,
    /// How many lines of the file it spans.
    pub(crate) rows: usize,
    /// The number of enclosing substacks.
    pub(crate) level: usize,
    /// The includes that lead to its file, outermost first.
    pub(crate) through: Vec<At>,
    pub(crate) does: Does,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Does {
    /// Calls a module.
    Calls(Module),
    /// Begins a substack, which a jump counts as one line.
    Begins,
    /// Always fails; the control says what follows.
    Fails { why: String, control: Control },
}

impl Step {
    /// The module that it calls.
    pub(crate) fn module(&self) -> Option<&Module> {
        match &self.does {
            Does::Calls(module) => Some(module),
            Does::Begins | Does::Fails { .. } => None,
        }
    }
}

impl Stack {
    /// The lines of `kind` of `service`.
    pub(crate) fn of(service: &str, kind: Kind, folder: &Folder) -> Self {
        let mut own: Option<Self> = None;
        for name in [service, OTHER] {
            if let Some(why) = folder.unread.get(name) {
                own.get_or_insert_default().unknown = Some(why.clone());
                break;
            }
            let Some(file) = folder.files.get(name) else {
                continue;
            };
            let mut reading = Reading {
                folder,
                kind,
                stack: Self {
                    file: Some(file.path.clone()),
                    ..Self::default()
                },
                through: Vec::new(),
                lines: 0,
            };
            reading.add(file, 0);
            let stack = own.get_or_insert_default();
            let read = reading.stack;
            // libpam reads `other` for every service, so an error there breaks all of them.
            stack.cut = stack.cut.take().or(read.cut);
            stack.unknown = stack.unknown.take().or(read.unknown);
            stack.files.extend(read.files);
            if stack.steps.is_empty() {
                (stack.steps, stack.file) = (read.steps, read.file);
            }
        }
        own.unwrap_or_default()
    }
}

struct Reading<'a> {
    folder: &'a Folder,
    kind: Kind,
    stack: Stack,
    through: Vec<At>,
    /// How many were followed.
    lines: usize,
}

/// Whether a file was read to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    Whole,
    Cut,
}

impl Reading<'_> {
    fn add(&mut self, file: &File, level: usize) -> Read {
        self.stack.files.insert(file.path.clone());
        for line in file.lines() {
            if line.kind.is_some_and(|kind| kind != self.kind) {
                continue;
            }
            let at = At {
                file: file.path.clone(),
                line: line.number,
            };
            self.lines += 1;
            if self.lines > MOST_LINES {
                self.give_up(format!("{at}: the way has more than {MOST_LINES} lines"));
                return Read::Cut;
            }
            if self.add_line(&at, line, level) == Read::Cut {
                return Read::Cut;
            }
        }
        Read::Whole
    }

    fn add_line(&mut self, at: &At, line: &Line, level: usize) -> Read {
        let rows = line.rows;
        match &line.says {
            Says::Module(module) => self.push(at, rows, level, Does::Calls(module.clone())),
            Says::Nonsense { why, control } => {
                let (why, control) = (why.clone(), control.clone());
                self.push(at, rows, level, Does::Fails { why, control });
            }
            Says::AtInclude(name) if self.folder.knows_at_include && name.is_empty() => {
                return self.cut(at, "no file is named, and libpam crashes");
            }
            Says::AtInclude(name) if self.folder.knows_at_include => {
                return self.add_all(at, name, level);
            }
            Says::AtInclude(_) => {
                let why = "only Debian's libpam knows @include; write `auth include`".to_owned();
                self.fail(at, rows, level, why);
            }
            Says::Include(name) => self.include(at, rows, name, level, level),
            Says::Substack(name) => {
                self.push(at, rows, level, Does::Begins);
                self.include(at, rows, name, level, level + 1);
            }
            Says::Fatal(why) => return self.cut(at, why),
        }
        Read::Whole
    }

    /// An include that fails becomes a failing line.
    fn include(&mut self, at: &At, rows: usize, name: &str, level: usize, inner: usize) {
        if inner >= MOST_LEVELS {
            return self.fail(at, rows, level, "there are too many substacks".to_owned());
        }
        match self.read(at, name, inner) {
            Ok(Read::Whole) => {}
            Ok(Read::Cut) => self.fail(at, rows, level, format!("{name} is not read to its end")),
            Err(why) => self.fail(at, rows, level, why),
        }
    }

    /// An `@include` that fails makes libpam give up.
    fn add_all(&mut self, at: &At, name: &str, level: usize) -> Read {
        match self.read(at, name, level) {
            Ok(read) => read,
            Err(why) => self.cut(at, &why),
        }
    }

    fn read(&mut self, at: &At, name: &str, level: usize) -> Result<Read, String> {
        if let Some(why) = self.folder.unread.get(name) {
            self.give_up(why.clone());
        }
        let Some(file) = self.folder.files.get(name) else {
            return Err(format!("there is no file {name}"));
        };
        // libpam recurses until it can open no more files and fails, or until it crashes.
        let is_open = self.through.iter().any(|open| open.file == file.path);
        if is_open || at.file == file.path {
            return Err(format!("{name} includes itself"));
        }
        self.through.push(at.clone());
        let read = self.add(file, level);
        self.through.pop();
        Ok(read)
    }

    fn give_up(&mut self, why: String) {
        self.stack.unknown.get_or_insert(why);
    }

    fn cut(&mut self, at: &At, why: &str) -> Read {
        let cut = Cut {
            at: at.clone(),
            why: why.to_owned(),
        };
        self.stack.cut.get_or_insert(cut);
        Read::Cut
    }

    fn fail(&mut self, at: &At, rows: usize, level: usize, why: String) {
        let control = Control::bad();
        self.push(at, rows, level, Does::Fails { why, control });
    }

    fn push(&mut self, at: &At, rows: usize, level: usize, does: Does) {
        self.stack.steps.push(Step {
            at: at.clone(),
            rows,
            level,
            through: self.through.clone(),
            does,
        });
    }
}

#[cfg(test)]
#[path = "stack_tests.rs"]
mod tests;
