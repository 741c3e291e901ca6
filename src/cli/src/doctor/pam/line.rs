//! The lines of a file in pam.d, as libpam parses them (pam.d(5), `_pam_assemble_line` and `_pam_parse_conf_file`).

use super::control::Control;
use super::module::Role;

/// What separates words. A carriage return does not: at the end of a line it becomes part of the last word.
const BLANKS: [char; 2] = [' ', '\t'];

/// The type of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Auth,
    Account,
    Password,
    Session,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Says {
    /// Calls a module.
    Module(Module),
    /// `include FILE`: inserts its lines of this type.
    Include(String),
    /// `@include FILE`: inserts all its lines. Debian's own.
    AtInclude(String),
    /// `substack FILE`: runs its lines as a stack of their own, which `done`, `die` and jumps do not leave.
    Substack(String),
    /// An invalid line: it always fails, and its control says what follows.
    Nonsense { why: String, control: Control },
    /// A line that makes libpam give up on the service, and why.
    Fatal(&'static str),
}

/// A call of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Module {
    /// As written: a name or an absolute path.
    pub(crate) path: String,
    /// What it is for.
    pub(crate) role: Role,
    /// The words after it.
    pub(crate) arguments: Vec<String>,
    /// What its return values lead to.
    pub(crate) control: Control,
    /// The control as written, without brackets.
    pub(crate) word: String,
    /// Why the control is invalid, if so: every return value is then a failure.
    pub(crate) slip: Option<String>,
    /// `-auth`: libpam does not log that its file is missing.
    pub(crate) is_silent: bool,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the file, from 1.
    pub(crate) number: usize,
    /// How many lines of the file it spans.
    pub(crate) rows: usize,
    /// `None` if it concerns all types.
    pub(crate) kind: Option<Kind>,
    pub(crate) says: Says,
    /// As written, without its comment.
    pub(crate) text: String,
}

/// The lines of `text` without blank ones and comments.
pub(crate) fn lines(text: &str) -> Vec<Line> {
    joined(text).into_iter().filter_map(Joined::read).collect()
}

/// Lines joined by backslashes.
#[derive(Default)]
struct Joined {
    number: usize,
    rows: usize,
    text: String,
    is_open: bool,
}

fn joined(text: &str) -> Vec<Joined> {
    let mut all: Vec<Joined> = Vec::new();
    for (number, row) in (1..).zip(text.split('\n')) {
        // A C string ends there.
        let row = row.split('\0').next().unwrap_or_default();
        let bare = row.trim_start_matches(BLANKS);
        let is_continued = all.last().is_some_and(|line| line.is_open);
        if is_continued && let Some(line) = all.last_mut() {
            line.rows = number - line.number + 1;
        }
        // Even within a continued line.
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        if !is_continued {
            all.push(Joined {
                number,
                rows: 1,
                ..Joined::default()
            });
        }
        let Some(line) = all.last_mut() else { continue };
        let (bare, has_comment) = match bare.split_once('#') {
            Some((bare, _)) => (bare, true),
            None => (bare, false),
        };
        let bare = bare.trim_end_matches(BLANKS);
        let goes_on = bare.strip_suffix('\\').filter(|_| !has_comment);
        line.text.push_str(goes_on.unwrap_or(bare));
        line.is_open = goes_on.is_some();
        if line.is_open {
            line.text.push(' ');
        }
    }
    all
}

impl Joined {
    fn read(self) -> Option<Line> {
        let mut words = words(&self.text).into_iter();
        let first = words.next()?;
        let (kind, says) = if self.is_open {
            (None, Says::Fatal("the file ends with a backslash"))
        } else if first.eq_ignore_ascii_case("@include") {
            (None, Says::AtInclude(words.next().unwrap_or_default()))
        } else {
            let (is_silent, word) = match first.strip_prefix('-') {
                Some(word) => (true, word),
                None => (false, first.as_str()),
            };
            let kind = Kind::of(word);
            let says = says(words, is_silent);
            match kind {
                _ if matches!(says, Says::Fatal(_)) => (None, says),
                Some(kind) => (Some(kind), says),
                // libpam treats it as `auth`.
                None => (Some(Kind::Auth), says.spoilt(&first)),
            }
        };
        Some(Line {
            number: self.number,
            rows: self.rows,
            kind,
            says,
            text: self.text,
        })
    }
}

/// Parses what follows the type.
fn says(mut words: impl Iterator<Item = String>, is_silent: bool) -> Says {
    let Some(word) = words.next() else {
        return Says::Nonsense {
            why: "there is no control, as `required`".to_owned(),
            control: Control::bad(),
        };
    };
    let target = words.next();
    let of_file = ["include", "substack"].map(|known| word.eq_ignore_ascii_case(known));
    match (of_file, target.as_ref()) {
        ([true, _] | [_, true], None) => {
            return Says::Fatal("no file is named, and libpam crashes");
        }
        ([true, _], Some(name)) => return Says::Include(name.clone()),
        ([_, true], Some(name)) => return Says::Substack(name.clone()),
        _ => {}
    }
    let (control, slip) = match Control::read(&word) {
        Ok(control) => (control, None),
        Err(why) => (Control::bad(), Some(why)),
    };
    match target {
        Some(path) => Says::Module(Module {
            role: Role::of(&path),
            path,
            arguments: words.collect(),
            control,
            word,
            slip,
            is_silent,
        }),
        None => Says::Nonsense {
            why: "no module is named".to_owned(),
            control,
        },
    }
}

impl Says {
    /// The same in a line of an invalid type.
    fn spoilt(self, kind: &str) -> Self {
        let control = match self {
            Self::Module(Module { control, .. }) | Self::Nonsense { control, .. } => control,
            _ => Control::bad(),
        };
        Self::Nonsense {
            why: format!("{kind:?} is none of auth, account, password and session"),
            control,
        }
    }
}

impl Kind {
    fn of(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "auth" => Self::Auth,
            "account" => Self::Account,
            "password" => Self::Password,
            "session" => Self::Session,
            _ => return None,
        })
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Account => "account",
            Self::Password => "password",
            Self::Session => "session",
        }
    }
}

/// Splits into words. Text in brackets is one word, without the brackets; `\]` in it is a bracket.
fn words(line: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = line.trim_start_matches(BLANKS);
    while !rest.is_empty() {
        let after = if let Some(inside) = rest.strip_prefix('[') {
            let mut word = String::new();
            let mut letters = inside.chars();
            while let Some(letter) = letters.next() {
                match letter {
                    ']' => break,
                    '\\' if letters.as_str().starts_with(']') => {
                        letters.next();
                        word.push(']');
                    }
                    other => word.push(other),
                }
            }
            all.push(word);
            letters.as_str()
        } else {
            let end = rest.find(BLANKS).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            all.push(word.to_owned());
            after
        };
        rest = after.trim_start_matches(BLANKS);
    }
    all
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
