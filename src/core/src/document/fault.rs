//! What is wrong with a document, and where.

use std::fmt;

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1, where one is to blame.
    line: Option<usize>,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Not TOML; the parser's words, which quote nothing of the text.
    Syntax(String),
    /// A key that nobody asked for, and the nearest known one.
    Unknown(String, Option<&'static str>),
    /// A key that must be there.
    Missing(String),
    /// A key whose value is not allowed, and what is.
    Value(String, String),
}

/// A key that was written and is none of ours, and the one that was probably meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slip<'f> {
    /// Its line, from 1.
    pub line: usize,
    /// As it is written, without the tables that it stands in.
    pub written: &'f str,
    /// The nearest that there is.
    pub meant: &'static str,
}

impl Fault {
    /// The line, from 1, where one is to blame.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// The misspelt key, if it is one.
    #[must_use]
    pub fn slip(&self) -> Option<Slip<'_>> {
        let Kind::Unknown(path, Some(meant)) = &self.kind else {
            return None;
        };
        Some(Slip {
            line: self.line?,
            written: path.rsplit('.').next()?,
            meant,
        })
    }

    pub(super) fn syntax(line: usize, message: &str) -> Self {
        Self {
            line: Some(line),
            kind: Kind::Syntax(message.replace('\n', "; ")),
        }
    }

    pub(super) fn unknown(line: usize, path: String, nearest: Option<&'static str>) -> Self {
        Self {
            line: Some(line),
            kind: Kind::Unknown(path, nearest),
        }
    }

    pub(super) fn missing(line: usize, path: String) -> Self {
        Self {
            line: Some(line),
            kind: Kind::Missing(path),
        }
    }

    pub(super) fn value(line: usize, path: String, rule: &str) -> Self {
        Self {
            line: Some(line),
            kind: Kind::Value(path, rule.to_owned()),
        }
    }

    /// A rule that more than one line has a part in.
    #[must_use]
    pub fn rule(key: &str, rule: String) -> Self {
        Self {
            line: None,
            kind: Kind::Value(key.to_owned(), rule),
        }
    }

    /// The same without a word that came from the document: keys are named only if they are ours.
    #[must_use]
    pub fn without_quotes(self) -> Self {
        let kind = match self.kind {
            Kind::Syntax(_) => Kind::Syntax("not TOML".to_owned()),
            Kind::Unknown(_, _) => Kind::Unknown(String::new(), None),
            ours => ours,
        };
        Self { kind, ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match &self.kind {
            Kind::Syntax(message) => f.write_str(message),
            Kind::Unknown(path, _) if path.is_empty() => f.write_str("a key that is not known"),
            Kind::Unknown(path, None) => write!(f, "unknown key `{path}`"),
            Kind::Unknown(path, Some(nearest)) => {
                write!(f, "unknown key `{path}`; did you mean `{nearest}`?")
            }
            Kind::Missing(path) => write!(f, "`{path}` is missing"),
            Kind::Value(path, rule) => write!(f, "`{path}` {rule}"),
        }
    }
}
