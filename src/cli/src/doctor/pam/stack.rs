//! The lines of a service, as libpam lays them out: what is included stands in its place, and the lines of a substack stand
//! one level deeper.

use super::control::Control;
use super::folder::Folder;
use super::line::{Kind, Line, Module, Says, lines};
use crate::finding::At;

/// How many levels of substacks libpam knows (`PAM_SUBSTACK_MAX_LEVEL`).
const MOST_LEVELS: usize = 16;
/// How deep files are followed that include each other. libpam has no bound of its own, and one that includes itself has no
/// end.
const DEEPEST: usize = 32;

/// The file that holds for services without one, or without a line of this kind in theirs.
pub(crate) const OTHER: &str = "other";

/// The whole way of a service's sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stack {
    pub(crate) steps: Vec<Step>,
    /// The path of the file that it begins in; `None` if there is none.
    pub(crate) file: Option<String>,
    /// Where libpam stops reading: nothing behind it is there.
    pub(crate) cut: Option<Cut>,
}

/// Why libpam stops reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) at: At,
    pub(crate) why: String,
}

/// A step of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) at: At,
    /// How many lines of the file it is.
    pub(crate) rows: usize,
    /// Of how many substacks it is a part.
    pub(crate) level: usize,
    /// The lines that lead to its file, the service's own first.
    pub(crate) through: Vec<At>,
    pub(crate) does: Does,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Does {
    /// Calls a module.
    Calls(Module),
    /// Begins a substack; counts as one line for a jump.
    Begins,
    /// Fails, which does what the control says.
    Fails {
        why: String,
        control: Control,
    },
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
    /// The `auth` lines of `service`.
    pub(crate) fn of(service: &str, folder: &Folder) -> Self {
        let mut own = None;
        for name in [service, OTHER] {
            let Some(file) = folder.files.get(name) else {
                continue;
            };
            let mut reading = Reading {
                folder,
                stack: Self {
                    file: Some(file.path.clone()),
                    ..Self::default()
                },
                through: Vec::new(),
            };
            reading.add(&file.path, &file.text, 0);
            if !reading.stack.steps.is_empty() {
                return reading.stack;
            }
            own.get_or_insert(reading.stack);
        }
        own.unwrap_or_default()
    }
}

struct Reading<'a> {
    folder: &'a Folder,
    stack: Stack,
    through: Vec<At>,
}

/// Whether a file was read to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Read {
    Whole,
    Cut,
}

impl Reading<'_> {
    fn add(&mut self, path: &str, text: &str, level: usize) -> Read {
        for line in lines(text) {
            if line.kind.is_some_and(|kind| kind != Kind::Auth) {
                continue;
            }
            let at = At {
                file: path.to_owned(),
                line: line.number,
            };
            if self.add_line(&at, line, level) == Read::Cut {
                return Read::Cut;
            }
        }
        Read::Whole
    }

    fn add_line(&mut self, at: &At, line: Line, level: usize) -> Read {
        let rows = line.rows;
        match line.says {
            Says::Module(module) => self.push(at, rows, level, Does::Calls(module)),
            Says::Nonsense { why, control } => {
                self.push(at, rows, level, Does::Fails { why, control });
            }
            Says::AtInclude(name) if self.folder.knows_at_include => {
                return self.add_all(at, &name, level);
            }
            Says::AtInclude(_) => {
                let why = "only Debian's libpam knows @include; write `auth include`".to_owned();
                self.fail(at, rows, level, why);
            }
            Says::Include(name) => self.include(at, rows, &name, level, level),
            Says::Substack(name) => {
                self.push(at, rows, level, Does::Begins);
                self.include(at, rows, &name, level, level + 1);
            }
            Says::Unended => return self.cut(at, "the file ends with a backslash".to_owned()),
        }
        Read::Whole
    }

    /// What cannot be included fails in the place of what it would have brought.
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

    /// What cannot be included by `@include` ends the reading.
    fn add_all(&mut self, at: &At, name: &str, level: usize) -> Read {
        match self.read(at, name, level) {
            Ok(read) => read,
            Err(why) => self.cut(at, why),
        }
    }

    fn read(&mut self, at: &At, name: &str, level: usize) -> Result<Read, String> {
        if self.through.len() >= DEEPEST {
            return Err(format!("{name} includes itself, or too deep"));
        }
        let Some(file) = self.folder.files.get(name) else {
            return Err(if name.is_empty() {
                "no file is named".to_owned()
            } else {
                format!("there is no file {name}")
            });
        };
        self.through.push(at.clone());
        let read = self.add(&file.path, &file.text, level);
        self.through.pop();
        Ok(read)
    }

    fn cut(&mut self, at: &At, why: String) -> Read {
        let cut = Cut {
            at: at.clone(),
            why,
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
mod tests {
    use super::{Does, Stack};
    use crate::doctor::pam::folder::{File, Folder};

    fn folder(files: &[(&str, &str)]) -> Folder {
        let file = |(name, text): &(&str, &str)| {
            let path = format!("/etc/pam.d/{name}");
            let text = (*text).to_owned();
            ((*name).to_owned(), File { path, text })
        };
        Folder {
            files: files.iter().map(file).collect(),
            knows_at_include: true,
            ..Folder::default()
        }
    }

    fn laid_out(files: &[(&str, &str)]) -> Vec<String> {
        let stack = Stack::of("x", &folder(files));
        let step = |step: &super::Step| {
            let does = match &step.does {
                Does::Calls(module) => module.path.clone(),
                Does::Begins => "begins".to_owned(),
                Does::Fails { .. } => "fails".to_owned(),
            };
            format!("{} {does}", step.level)
        };
        stack.steps.iter().map(step).collect()
    }

    #[test]
    fn what_is_included_stands_in_its_place_and_a_substack_one_level_deeper() {
        let laid = laid_out(&[
            (
                "x",
                "auth required a\nauth include y\nauth substack z\naccount required no\n@include y\n",
            ),
            ("y", "auth required b\naccount required no\n"),
            ("z", "auth required c\nauth substack y\nauth required d\n"),
        ]);
        assert_eq!(
            laid,
            ["0 a", "0 b", "0 begins", "1 c", "1 begins", "2 b", "1 d", "0 b"]
        );
    }

    #[test]
    fn a_service_without_lines_of_its_own_has_those_of_other() {
        let other = ("other", "auth required deny\n");
        assert_eq!(laid_out(&[other]), ["0 deny"]);
        assert_eq!(
            laid_out(&[("x", "account required a\n"), other]),
            ["0 deny"]
        );
        assert_eq!(laid_out(&[("x", "auth required a\n"), other]), ["0 a"]);
        assert!(laid_out(&[]).is_empty());
    }

    #[test]
    fn a_file_that_is_not_there_fails_by_include_and_ends_the_reading_by_at_include() {
        let by = |line: &str| {
            let text = format!("auth required a\n{line}\nauth required b\n");
            laid_out(&[("x", &text)])
        };
        assert_eq!(by("auth include y"), ["0 a", "0 fails", "0 b"]);
        assert_eq!(by("auth substack y"), ["0 a", "0 begins", "0 fails", "0 b"]);
        assert_eq!(by("@include y"), ["0 a"]);
    }

    #[test]
    fn files_that_include_each_other_have_an_end() {
        assert_eq!(laid_out(&[("x", "auth include x\n")]), ["0 fails"]);
        let laid = laid_out(&[("x", "auth substack x\n")]);
        assert_eq!(laid.last().unwrap(), "15 fails");
    }

    #[test]
    fn at_include_is_debians_own() {
        let mut files = folder(&[("x", "@include y\n"), ("y", "auth required a\n")]);
        files.knows_at_include = false;
        let stack = Stack::of("x", &files);
        assert!(matches!(stack.steps[0].does, Does::Fails { .. }));
    }
}
